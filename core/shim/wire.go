package shim

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"syscall"

	"dockerinit/core/exit"
	"dockerinit/core/process"
)

// A request is what the shim is told. The command's stdio and files are not in
// it: they come by inheritance, and files is how many there are.
type request struct {
	cmd   process.Command
	files int
	words []string // the platform's own
}

// Both sides are the same program, so what is on the pipes is not versioned. It
// is numbers (unsigned varints) and texts (length and bytes), in a fixed order.

func (r request) append(b []byte) []byte {
	c := r.cmd
	b = appendText(b, c.Path)
	b = appendTexts(b, c.Args)
	b = appendTexts(b, c.Env)
	b = appendText(b, c.Dir)
	b = appendNumbers(b, uint64(c.Credentials.UID), uint64(c.Credentials.GID), uint64(len(c.Credentials.Groups)))
	for _, g := range c.Credentials.Groups {
		b = appendNumbers(b, uint64(g))
	}
	b = appendNumbers(b, number(c.Terminal), number(c.Session), uint64(c.Umask), uint64(len(c.Limits)))
	for _, l := range c.Limits {
		b = appendNumbers(appendText(b, l.Name), l.Soft, l.Hard)
	}
	b = appendNumbers(b, uint64(r.files))
	return appendTexts(b, r.words)
}

func parseRequest(b []byte) (r request, err error) {
	p := parser{rest: b}
	c := &r.cmd
	c.Path, c.Args, c.Env, c.Dir = p.text(), p.texts(), p.texts(), p.text()
	c.Credentials.UID, c.Credentials.GID = uint32(p.number(math.MaxUint32)), uint32(p.number(math.MaxUint32))
	for range p.count() {
		c.Credentials.Groups = append(c.Credentials.Groups, uint32(p.number(math.MaxUint32)))
	}
	c.Terminal, c.Session, c.Umask = p.number(1) == 1, p.number(1) == 1, uint32(p.number(math.MaxUint32))
	for range p.count() {
		c.Limits = append(c.Limits, process.Limit{Name: p.text(), Soft: p.number(math.MaxUint64), Hard: p.number(math.MaxUint64)})
	}
	r.files = int(p.number(math.MaxInt16))
	r.words = p.texts()
	return r, p.end()
}

// A reply is one word of the shim: a note, a failure, or, where it is neither,
// that it is about to execute.
type reply struct {
	note   string
	failed *failure
}

const (
	wordNote = iota
	wordFailed
	wordExecutes
)

func (r reply) append(b []byte) []byte {
	switch f := r.failed; {
	case f != nil:
		b = appendNumbers(b, wordFailed, uint64(f.code), uint64(f.status), uint64(f.errno))
		return appendText(b, f.text)
	case r.note != "":
		return appendText(appendNumbers(b, wordNote), r.note)
	}
	return appendNumbers(b, wordExecutes)
}

func parseReply(b []byte) (r reply, err error) {
	p := parser{rest: b}
	switch p.number(wordExecutes) {
	case wordNote:
		r.note = p.text()
	case wordFailed:
		r.failed = &failure{code: exit.Code(p.number(math.MaxUint8)), status: int(p.number(math.MaxUint8)),
			errno: syscall.Errno(p.number(math.MaxUint32)), text: p.text()}
	}
	return r, p.end()
}

// maxFrame is far more than a kernel takes of arguments and environment.
const maxFrame = 256 << 20

// writeFrame writes a request or a reply with its size before it, at once.
func writeFrame(w io.Writer, body []byte) error {
	_, err := w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...))
	return err
}

// readFrame reads one. io.EOF is an end where none has begun.
func readFrame(r io.Reader) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > maxFrame {
		return nil, fmt.Errorf("%d bytes at once", n)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, errCutShort
	}
	return body, nil
}

func appendNumbers(b []byte, all ...uint64) []byte {
	for _, n := range all {
		b = binary.AppendUvarint(b, n)
	}
	return b
}

func appendText(b []byte, text string) []byte {
	return append(appendNumbers(b, uint64(len(text))), text...)
}

func appendTexts(b []byte, texts []string) []byte {
	b = appendNumbers(b, uint64(len(texts)))
	for _, text := range texts {
		b = appendText(b, text)
	}
	return b
}

func number(yes bool) uint64 {
	if yes {
		return 1
	}
	return 0
}

// A parser reads what was appended. After an error everything it reads is zero.
type parser struct {
	rest []byte
	err  error
}

var errCutShort = errors.New("cut short")

func (p *parser) number(most uint64) uint64 {
	n, size := binary.Uvarint(p.rest)
	switch {
	case p.err != nil:
		return 0
	case size <= 0:
		p.err = errCutShort
	case n > most:
		p.err = fmt.Errorf("the number %d where %d is the most", n, most)
	default:
		p.rest = p.rest[size:]
		return n
	}
	return 0
}

// count is of things that have a byte each at least, so no more than are left.
func (p *parser) count() int { return int(p.number(uint64(len(p.rest)))) }

func (p *parser) text() string {
	n := p.count()
	if n > len(p.rest) { // what is left shrank by the count itself
		p.err = errCutShort
		return ""
	}
	text := string(p.rest[:n])
	p.rest = p.rest[n:]
	return text
}

func (p *parser) texts() (all []string) {
	for range p.count() {
		if all = append(all, p.text()); p.err != nil {
			return nil
		}
	}
	return all
}

func (p *parser) end() error {
	if p.err == nil && len(p.rest) > 0 {
		p.err = fmt.Errorf("%d bytes too many", len(p.rest))
	}
	return p.err
}
