package metadata

import (
	"bytes"
	"fmt"
	"strings"
)

// The lines of version 1, and those that open a conversation in either version.
const (
	lineInvalid     = "invalid command"
	lineNegotiate   = "NEGOTIATE V2"
	lineNegotiated  = "V2_OK"
	lineEnd         = "."
	negotiateTarget = "V2"
)

// AppendV1Reply appends the answer of version 1 that a value is found: its
// lines, each that begins with a dot with one more, and a lone dot.
func AppendV1Reply(dst []byte, value string) []byte {
	dst = append(dst, wordSuccess+"\n"...)
	for more := true; more; {
		var line string
		line, value, more = strings.Cut(value, "\n")
		if strings.HasPrefix(line, ".") {
			dst = append(dst, '.')
		}
		dst = append(dst, line...)
		dst = append(dst, '\n')
	}
	return append(dst, lineEnd+"\n"...)
}

// A v1Reply puts one answer of version 1 together, line by line.
type v1Reply struct {
	word    string // once it is known: SUCCESS, NOTFOUND or FAILURE
	value   []byte
	lines   int
	tooLong bool // the value is more than MaxValue, and no longer kept
}

// add takes the next line; done tells that it was the answer's last.
func (r *v1Reply) add(line []byte) (done bool, err error) {
	if r.word == "" {
		switch string(line) {
		case wordSuccess:
			r.word = wordSuccess
			return false, nil
		case wordNotFound:
			r.word = wordNotFound
			return true, nil
		case wordFailure:
			r.word = wordFailure
			return true, nil
		}
		return false, fmt.Errorf("a line of %d bytes is no answer of version 1", len(line))
	}
	if string(line) == lineEnd {
		return true, nil
	}
	r.append(bytes.TrimPrefix(line, []byte(".")))
	return false, nil
}

// truncated takes a line of which only the beginning is there.
func (r *v1Reply) truncated() { r.tooLong, r.value = true, nil }

func (r *v1Reply) append(line []byte) {
	if r.tooLong || len(r.value)+len(line)+1 > MaxValue+1 {
		r.truncated()
		return
	}
	if r.lines > 0 {
		r.value = append(r.value, '\n')
	}
	r.value = append(r.value, line...)
	r.lines++
}

// v1Safe tells whether a key survives in a line of version 1, whose words are
// parted by white space and trimmed.
func v1Safe(key string) bool {
	return key != "" && key[0] != ' ' && key[len(key)-1] != ' '
}
