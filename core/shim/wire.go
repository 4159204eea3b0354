package shim

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"syscall"

	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/wire"
)

// A request is what the shim is told. The command's stdio and files are not in
// it: they come by inheritance, and files is how many there are.
type request struct {
	cmd   process.Command
	files int
	words []string // the platform's own
}

func (r request) append(b []byte) []byte {
	b = wire.Command(b, r.cmd)
	b = wire.Numbers(b, uint64(r.files))
	return wire.Texts(b, r.words)
}

func parseRequest(b []byte) (r request, err error) {
	p := wire.Parser{Rest: b}
	r.cmd = p.Command()
	r.files = int(p.Number(math.MaxInt16))
	r.words = p.Texts()
	return r, p.End()
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
		b = wire.Numbers(b, wordFailed, uint64(f.code), uint64(f.status), uint64(f.errno))
		return wire.Text(b, f.text)
	case r.note != "":
		return wire.Text(wire.Numbers(b, wordNote), r.note)
	}
	return wire.Numbers(b, wordExecutes)
}

func parseReply(b []byte) (r reply, err error) {
	p := wire.Parser{Rest: b}
	switch p.Number(wordExecutes) {
	case wordNote:
		r.note = p.Text()
	case wordFailed:
		r.failed = &failure{code: exit.Code(p.Number(math.MaxUint8)), status: int(p.Number(math.MaxUint8)),
			errno: syscall.Errno(p.Number(math.MaxUint32)), text: p.Text()}
	}
	return r, p.End()
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
		return nil, wire.ErrCutShort
	}
	return body, nil
}
