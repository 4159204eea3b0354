package metadata

import (
	"bytes"
	"hash/crc32"
	"strings"
)

// parseRequest reads what follows V2 in a line, as leniently and as strictly as
// the agent: anything may stand before the numbers, but the CRC is compared as
// text.
func parseRequest(wrapped []byte) (Frame, bool) {
	length, crc, body, ok := findNumbers(wrapped)
	if !ok {
		return Frame{}, false
	}
	var sum [8]byte
	putHex(sum[:], crc32.ChecksumIEEE(body))
	if size, ok := parseDecimal(length); !ok || size != len(body) || string(sum[:]) != string(crc) {
		return Frame{}, false
	}
	f, err := parseBody(body)
	return f, err == nil
}

// findNumbers finds the first place where a decimal number, a hexadecimal one
// and something more follow each other.
func findNumbers(text []byte) (length, crc, body []byte, ok bool) {
	for i := 0; i < len(text); {
		if !isDecimal(text[i]) {
			i++
			continue
		}
		end := i
		for end < len(text) && isDecimal(text[end]) {
			end++
		}
		if end < len(text) && text[end] == ' ' {
			crc, body, ok = bytes.Cut(text[end+1:], space)
			if ok && isID(crc) && len(body) > 0 {
				return text[i:end], crc, body, true
			}
		}
		i = end
	}
	return nil, nil, nil, false
}

func isDecimal(c byte) bool { return '0' <= c && c <= '9' }

// parsePutArgument reads the two words of a PUT. An empty value leaves one word
// only, which the agent refuses.
func parsePutArgument(argument string) (key, value string, ok bool) {
	words := strings.Fields(argument)
	if len(words) != 2 {
		return "", "", false
	}
	key, err1 := decode([]byte(words[0]))
	value, err2 := decode([]byte(words[1]))
	return key, value, err1 == nil && err2 == nil
}
