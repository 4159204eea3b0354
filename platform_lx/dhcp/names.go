package dhcp

import (
	"errors"
	"strings"
)

// readNames reads domain names as DNS has them: what a name ends with may stand in
// one before it, and is only pointed at. Of a list that makes no sense it returns
// what stood before that. RFC 3397, RFC 1035, 4.1.4
func readNames(list []byte) (names []string, err error) {
	for at := 0; at < len(list); {
		name, next, err := readName(list, at)
		if err != nil {
			return names, err
		}
		names, at = append(names, name), next
	}
	return names, nil
}

// readName reads the name at a place, and returns what comes after it.
func readName(list []byte, at int) (name string, next int, err error) {
	var labels []string
	size, begun := 0, at
	for {
		if at >= len(list) {
			return "", 0, errNameCut
		}
		n := int(list[at])
		switch {
		case n == 0:
			return strings.Join(labels, "."), max(next, at+1), nil
		case n >= 0xc0:
			if at+1 >= len(list) {
				return "", 0, errNameCut
			}
			next = max(next, at+2)
			// Each begins before the last one, so that there is an end.
			if at = n&0x3f<<8 | int(list[at+1]); at >= begun {
				return "", 0, errors.New("a name that goes on in what does not stand before it")
			}
			begun = at
		case n > 63:
			return "", 0, errors.New("a label that is neither text nor a pointer")
		case at+1+n > len(list):
			return "", 0, errNameCut
		default:
			if size += 1 + n; size > 254 { // and the end: RFC 1035, 2.3.4
				return "", 0, errors.New("a name of more than 255 bytes")
			}
			labels = append(labels, string(list[at+1:at+1+n]))
			at += 1 + n
		}
	}
}

var errNameCut = errors.New("it ends within a name")
