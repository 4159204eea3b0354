package metadata

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// A Store is what a Server answers from. An error's text is what the zone is
// told with FAILURE; it may be empty.
type Store interface {
	Get(key string) (value string, ok bool, err error)
	Put(key, value string) error
	Delete(key string) error
	Keys() ([]string, error)
}

// A Server answers as the host's metadata agent does, down to what it drops.
// smartos-live: src/vm/lib/metadata/agent.js
type Server struct {
	Store Store
	// V1Only makes it a host of the time before version 2.
	V1Only bool
	// UpdateTime is how long a PUT or DELETE takes. The agent needs some hundred
	// milliseconds, and answers what comes later in the meantime.
	UpdateTime time.Duration
	// Watch is told of each request when its answer is known, by many goroutines
	// at once where there are many connections.
	Watch func(Request)
}

// A Request is what Watch is told.
type Request struct {
	Command string // as the zone wrote it; empty where nothing was understood
	Key     string
	Outcome string // SUCCESS, NOTFOUND, FAILURE, "invalid command", V2_OK, or "dropped"
	Size    int    // of the value that was sent or written
}

const (
	lineDropped = "dropped"
	flushAt     = 64 << 10
	maxRequest  = 32 << 20 // room for a PUT of MaxValue, which is in base64 twice
)

// Serve talks on one connection until the other end closes it or ctx ends, and
// closes it. It returns when all updates that were asked for are done.
func (s *Server) Serve(ctx context.Context, conn io.ReadWriteCloser) error {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	v := &serving{Server: s, ctx: ctx, conn: conn, lines: lineReader{r: conn, max: maxRequest}}
	err := v.serve()
	v.updates.Wait()
	stop()
	conn.Close()
	if errors.Is(err, io.EOF) {
		err = v.broken
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// serving is one connection of a Server.
type serving struct {
	*Server
	ctx     context.Context
	conn    io.ReadWriteCloser
	lines   lineReader
	out     []byte // answers that are not written yet
	broken  error  // why answers cannot be written any more
	later   []func()
	updates sync.WaitGroup
	writing sync.Mutex
	last    chan struct{} // closed when the last update so far is done
}

// serve handles all lines that came together in one turn, as the agent does:
// their answers leave in the order of the requests, except those to updates,
// which are only begun then.
func (v *serving) serve() error {
	for {
		line, err := v.lines.next()
		switch {
		case errors.Is(err, errLineTooLong):
			v.tell(Request{Outcome: lineDropped})
		case err != nil:
			return err
		default:
			v.handle(bytes.TrimRight(line, " \t\r\v\f"))
		}
		if len(v.out) < flushAt && v.lines.buffered() {
			continue
		}
		// Whoever closes without waiting for the answer has asked all the same.
		if v.broken == nil {
			v.broken = v.write(v.out)
		}
		v.out = v.out[:0]
		if cap(v.out) > keptBuffer {
			v.out = nil
		}
		for _, begin := range v.later {
			begin()
		}
		v.later = v.later[:0]
	}
}

func (v *serving) write(answers []byte) error {
	if len(answers) == 0 {
		return nil
	}
	v.writing.Lock()
	defer v.writing.Unlock()
	_, err := v.conn.Write(answers)
	return err
}

func (v *serving) tell(r Request) {
	if v.Watch != nil {
		v.Watch(r)
	}
}

// handle takes a line without its trailing white space.
func (v *serving) handle(line []byte) {
	command, argument, _ := bytes.Cut(line, space)
	argument = bytes.TrimLeft(argument, " \t")
	r := Request{Command: string(command), Key: string(argument)}
	switch {
	case len(line) == 0,
		len(argument) == 0 && (r.Command == wordGet || r.Command == "NEGOTIATE"):
		r.Outcome = lineInvalid
		v.out = append(v.out, lineInvalid+"\n"...)
	case r.Command == "V2" && !v.V1Only:
		v.handleV2(argument)
		return
	case r.Command == "NEGOTIATE" && r.Key == negotiateTarget && !v.V1Only:
		r.Outcome = lineNegotiated
		v.out = append(v.out, lineNegotiated+"\n"...)
	case r.Command == wordGet, r.Command == wordKeys:
		var value string
		r.Outcome, value = v.look(r.Command, r.Key)
		r.Size = len(value)
		if r.Outcome == wordSuccess {
			v.out = AppendV1Reply(v.out, value)
			break
		}
		r.Size = 0
		v.out = append(append(v.out, r.Outcome...), '\n')
	default:
		r.Outcome = wordFailure
		v.out = append(v.out, wordFailure+"\n"...)
	}
	v.tell(r)
}

// look answers a GET or KEYS: the word, and the value or why there is none.
func (v *serving) look(command, key string) (word, payload string) {
	if command == wordKeys {
		keys, err := v.Store.Keys()
		if err != nil {
			return wordFailure, err.Error()
		}
		return wordSuccess, joinLines(keys)
	}
	value, ok, err := v.Store.Get(key)
	switch {
	case err != nil:
		return wordFailure, err.Error()
	case !ok:
		return wordNotFound, ""
	}
	return wordSuccess, value
}

func joinLines(lines []string) string {
	var all []byte
	for i, line := range lines {
		if i > 0 {
			all = append(all, '\n')
		}
		all = append(all, line...)
	}
	return string(all)
}

// handleV2 takes what follows the word V2.
func (v *serving) handleV2(wrapped []byte) {
	f, ok := parseRequest(wrapped)
	if !ok {
		v.tell(Request{Command: "V2", Outcome: lineDropped})
		return
	}
	r := Request{Command: f.Word, Key: f.Payload}
	answer := func(word, payload string) {
		v.out = AppendFrame(v.out, f.ID, word, payload)
		r.Outcome = word
		if word == wordSuccess {
			r.Size = len(payload)
		}
		v.tell(r)
	}
	switch f.Word {
	case wordGet, wordDelete:
		if f.Payload == "" {
			answer(wordFailure, "Invalid "+f.Word+" Request")
		} else if f.Word == wordGet {
			answer(v.look(wordGet, f.Payload))
		} else {
			v.update(f.ID, r, func() error { return v.Store.Delete(f.Payload) })
		}
	case wordKeys:
		answer(v.look(wordKeys, ""))
	case wordPut:
		key, value, ok := parsePutArgument(f.Payload)
		if !ok {
			answer(wordFailure, "Invalid PUT Request")
			return
		}
		r.Key, r.Size = key, len(value)
		v.update(f.ID, r, func() error { return v.Store.Put(key, value) })
	default:
		answer(wordFailure, "Unknown command "+f.Word)
	}
}

// update begins a change when the present turn is over. Changes of one
// connection are done one after another, and each is answered when it is done.
func (v *serving) update(id string, r Request, do func() error) {
	v.later = append(v.later, func() {
		before, done := v.last, make(chan struct{})
		v.last = done
		v.updates.Go(func() {
			defer close(done)
			if before != nil {
				<-before
			}
			if v.UpdateTime > 0 && sleep(v.ctx, v.UpdateTime) != nil {
				return
			}
			word, payload := wordSuccess, "OK"
			if err := do(); err != nil {
				word, payload = wordFailure, err.Error()
			}
			r.Outcome = word
			v.tell(r)
			_ = v.write(AppendFrame(nil, id, word, payload)) // it is done even if nobody hears of it
		})
	})
}
