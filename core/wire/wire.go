// Package wire is how one run of this program tells another what it knows: a
// shim its command, and one that stays as PID 1 what it stays for. Both sides
// are the same program, so nothing is versioned. It is numbers (unsigned varints)
// and texts (length and bytes), in a fixed order.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"dockerinit/core/process"
)

// Numbers appends numbers. Rows of it would be ten kilobytes, inlined.
//
//go:noinline
func Numbers(b []byte, all ...uint64) []byte {
	for _, n := range all {
		b = binary.AppendUvarint(b, n)
	}
	return b
}

// Bool appends 1 for true, 0 for false.
func Bool(b []byte, yes bool) []byte {
	if yes {
		return append(b, 1)
	}
	return append(b, 0)
}

// Text appends a text of any bytes.
func Text(b []byte, text string) []byte {
	return append(Numbers(b, uint64(len(text))), text...)
}

// Texts appends a list of texts.
func Texts(b []byte, texts []string) []byte {
	b = Numbers(b, uint64(len(texts)))
	for _, text := range texts {
		b = Text(b, text)
	}
	return b
}

// Command appends a command but for its files, which are inherited, and for
// SharesFate, which is its starter's business.
func Command(b []byte, c process.Command) []byte {
	b = Text(b, c.Path)
	b = Texts(b, c.Args)
	b = Texts(b, c.Env)
	b = Text(b, c.Dir)
	b = Numbers(b, uint64(c.Credentials.UID), uint64(c.Credentials.GID), uint64(len(c.Credentials.Groups)))
	for _, g := range c.Credentials.Groups {
		b = Numbers(b, uint64(g))
	}
	b = Bool(Bool(b, c.Terminal), c.Session)
	b = Numbers(b, uint64(c.Umask), uint64(len(c.Limits)))
	for _, l := range c.Limits {
		b = Numbers(Text(b, l.Name), l.Soft, l.Hard)
	}
	return b
}

// A Parser reads what was appended. After an error everything it reads is zero.
type Parser struct {
	Rest []byte
	err  error
}

// ErrCutShort is the error where something is missing at the end.
var ErrCutShort = errors.New("cut short")

// Number is a number that is no more than most.
func (p *Parser) Number(most uint64) uint64 {
	n, size := binary.Uvarint(p.Rest)
	switch {
	case p.err != nil:
		return 0
	case size <= 0:
		p.err = ErrCutShort
	case n > most:
		p.err = fmt.Errorf("the number %d where %d is the most", n, most)
	default:
		p.Rest = p.Rest[size:]
		return n
	}
	return 0
}

// Count is a number of things that have a byte each at least, so no more than are
// left.
func (p *Parser) Count() int { return int(p.Number(uint64(len(p.Rest)))) }

// Bool is what Bool appended.
func (p *Parser) Bool() bool { return p.Number(1) == 1 }

// Text is what Text appended.
func (p *Parser) Text() string {
	n := p.Count()
	if n > len(p.Rest) { // what is left shrank by the count itself
		p.err = ErrCutShort
		return ""
	}
	text := string(p.Rest[:n])
	p.Rest = p.Rest[n:]
	return text
}

// Texts is what Texts appended.
func (p *Parser) Texts() (all []string) {
	for range p.Count() {
		if all = append(all, p.Text()); p.err != nil {
			return nil
		}
	}
	return all
}

// Command is what Command appended.
func (p *Parser) Command() (c process.Command) {
	c.Path, c.Args, c.Env, c.Dir = p.Text(), p.Texts(), p.Texts(), p.Text()
	c.Credentials.UID, c.Credentials.GID = uint32(p.Number(math.MaxUint32)), uint32(p.Number(math.MaxUint32))
	for range p.Count() {
		c.Credentials.Groups = append(c.Credentials.Groups, uint32(p.Number(math.MaxUint32)))
	}
	c.Terminal, c.Session, c.Umask = p.Bool(), p.Bool(), uint32(p.Number(math.MaxUint32))
	for range p.Count() {
		c.Limits = append(c.Limits, process.Limit{Name: p.Text(), Soft: p.Number(math.MaxUint64), Hard: p.Number(math.MaxUint64)})
	}
	return c
}

// End is the first error, or that something is left.
func (p *Parser) End() error {
	if p.err == nil && len(p.Rest) > 0 {
		p.err = fmt.Errorf("%d bytes too many", len(p.Rest))
	}
	return p.err
}
