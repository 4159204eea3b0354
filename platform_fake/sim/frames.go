//go:build linux

package sim

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// A kind says what a frame between a client and the keeper carries.
type kind byte

const (
	frameRequest kind = 'r' // client: Request as JSON, the first
	frameRefused kind = 'x' // keeper: why the request is refused; the last
	frameReady   kind = 'y' // keeper: it is granted
	frameInput   kind = 'i' // client: of stdin; an empty one is its end
	frameTaken   kind = 't' // keeper: the input has been taken; only then more is sent
	frameSize    kind = 'w' // client: rows and columns, 16 bits each
	frameSignal  kind = 's' // client: a Signal as JSON
	frameDetach  kind = 'd' // client: it leaves, the zone stays
	frameOutput  kind = 'o' // keeper: of stdout
	frameErrors  kind = 'e' // keeper: of stderr
	frameEnd     kind = 'q' // keeper: End as JSON; the last
)

// frameLimit is how much one frame carries at most; output comes in smaller ones.
const frameLimit = 1 << 20

// A wire sends and receives frames: a byte for the kind, four for the length.
type wire struct {
	conn io.ReadWriteCloser
	mu   sync.Mutex // of writing
}

func (w *wire) send(k kind, payload []byte) error {
	head := binary.BigEndian.AppendUint32([]byte{byte(k)}, uint32(len(payload)))
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.conn.Write(append(head, payload...))
	return err
}

func (w *wire) sendJSON(k kind, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return w.send(k, text)
}

func (w *wire) receive() (kind, []byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(w.conn, head[:]); err != nil {
		return 0, nil, err
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size > frameLimit {
		return 0, nil, fmt.Errorf("a frame of %d bytes", size)
	}
	payload := make([]byte, size)
	_, err := io.ReadFull(w.conn, payload)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return kind(head[0]), payload, err
}

// inputs passes a client's input on, apart from what else the client asks for: who
// does not read it shall not keep a signal waiting. It ends with the channel.
func (w *wire) inputs(take func([]byte)) chan<- []byte {
	c := make(chan []byte, 1) // the client sends no more before it is told
	go func() {
		for p := range c {
			take(p)
			_ = w.send(frameTaken, nil)
		}
	}()
	return c
}

// A Request is what a client wants of the keeper.
type Request struct {
	Op   string // "console", "exec", "self", "switch" or "network"
	Exec Exec   // with exec, self and switch
}

// An Exec is a command to be run: in the zone by dockerexec, or this program itself
// there, or any in the switch's network namespace.
type Exec struct {
	Args     []string // of self with its name
	Terminal bool
	Term     string // TERM of the client's terminal
	Rows     uint16
	Columns  uint16
}

// An End is how a zone or a command came to its end.
type End struct {
	Status   int      // of a process that exited
	Signal   int      // that ended it, else 0
	TimedOut bool     // --timeout ended the zone
	Log      string   // the boot log
	Failure  string   // __dockerinit_failure, as JSON
	Kept     string   // the directory that --keep left
	Trouble  string   // what of the simulation itself went wrong
	Unlogged []string // what of the output a log driver has not got
}

// Code is the status as Docker has it.
func (e End) Code() int {
	if e.Signal != 0 {
		return 128 + e.Signal
	}
	return e.Status
}
