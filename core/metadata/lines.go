package metadata

import (
	"bytes"
	"errors"
	"io"
)

// errLineTooLong comes with the beginning of the line. The rest of it is read
// and thrown away by the next call.
var errLineTooLong = errors.New("it is longer than any answer may be")

const (
	firstBuffer = 16 << 10
	keptBuffer  = 256 << 10 // a buffer that grew beyond is given back
	growth      = 8         // memory is taken in proportion to what has come
)

// A lineReader cuts a stream into lines, at a cost linear in their length and
// with memory bounded by max.
type lineReader struct {
	r    io.Reader
	max  int
	buf  []byte
	from int // the unread bytes are buf[from:to]
	to   int
	seen int // in buf[from:seen] there is no line end
	skip bool
}

// next is the next line without its line end, valid up to the next call. A last
// line without one is lost: half a line is nothing that anyone said.
func (l *lineReader) next() ([]byte, error) {
	for {
		if i := bytes.IndexByte(l.buf[l.seen:l.to], '\n'); i >= 0 {
			line := l.buf[l.from : l.seen+i]
			l.from = l.seen + i + 1
			l.seen = l.from
			if l.skip {
				l.skip = false
				continue
			}
			if len(line) > l.max {
				return line[:min(len(line), 256)], errLineTooLong
			}
			return line, nil
		}
		l.seen = l.to
		if l.skip {
			l.from = l.to
		} else if l.to-l.from > l.max {
			l.skip = true
			prefix := l.buf[l.from:min(l.to, l.from+256)]
			l.from = l.to
			return prefix, errLineTooLong
		}
		l.makeRoom()
		n, err := l.r.Read(l.buf[l.to:])
		l.to += n
		if n == 0 && err != nil {
			return nil, err
		}
	}
}

// buffered tells whether next can return without reading.
func (l *lineReader) buffered() bool {
	return bytes.IndexByte(l.buf[l.seen:l.to], '\n') >= 0
}

func (l *lineReader) makeRoom() {
	unread := l.to - l.from
	switch {
	case l.buf == nil, unread == 0 && len(l.buf) > keptBuffer:
		l.buf = make([]byte, firstBuffer)
	case unread == 0:
	case l.to < len(l.buf):
		return
	case l.from > 0:
		copy(l.buf, l.buf[l.from:l.to])
	default:
		// A frame says how long it will be, so that the last step is no larger
		// than it has to be.
		size := min(growth*len(l.buf), l.max+firstBuffer)
		if fields := bytes.SplitN(l.buf[:min(unread, 32)], space, 3); len(fields) == 3 && string(fields[0]) == "V2" {
			if n, ok := parseDecimal(fields[1]); ok && n+64 > unread {
				size = min(size, n+64)
			}
		}
		grown := make([]byte, size)
		copy(grown, l.buf[l.from:l.to])
		l.buf = grown
	}
	l.from, l.to, l.seen = 0, unread, unread
}
