package bootlog

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Escape makes text safe to show in one line of a log or a terminal: what could
// end the line, move a cursor or turn the direction of reading round becomes an
// escape as Go writes it. Printable text stays as it is.
func Escape(text string) string {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return string(AppendEscaped(nil, text))
		}
	}
	return text
}

// AppendEscaped appends Escape(text) to line.
func AppendEscaped(line []byte, text string) []byte {
	for i := 0; i < len(text); {
		if c := text[i]; c >= ' ' && c <= '~' {
			line = append(line, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			line = append(line, `\x`...)
			line = append(line, hex[text[i]>>4], hex[text[i]&15])
		case strconv.IsPrint(r):
			line = append(line, text[i:i+size]...)
		default:
			quoted := strconv.AppendQuoteRuneToASCII(nil, r)
			line = append(line, quoted[1:len(quoted)-1]...)
		}
		i += size
	}
	return line
}

const hex = "0123456789abcdef"

// What Clip leaves of a text: its beginning, and its end, where the cause is. A
// text that is just too long is left alone, as is one that has been clipped.
const (
	clipHead  = 3000
	clipTail  = 1000
	clipMercy = 64
)

// Clip takes the middle out of a text that is longer than a line should be: a
// path from outside may have megabytes.
func Clip(text string) string {
	if len(text) <= clipHead+clipTail+clipMercy {
		return text
	}
	head, tail := clipHead, len(text)-clipTail
	for head > clipHead-utf8.UTFMax && !utf8.RuneStart(text[head]) {
		head--
	}
	for tail < len(text)-clipTail+utf8.UTFMax && !utf8.RuneStart(text[tail]) {
		tail++
	}
	return fmt.Sprintf("%s… %d bytes …%s", text[:head], tail-head, text[tail:])
}
