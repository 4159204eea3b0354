package metadata

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// A session is one connection of a Client, from its reset to its end.
type session struct {
	c     *Client
	conn  Conn
	lines lineReader
	wake  chan struct{} // there is something to write
	ended chan struct{}

	// Only the reader's.
	reset bool // the host has answered our line end
	reply v1Reply

	// Guarded by Client.mu.
	v1     bool
	ready  bool // the version is agreed on
	useful bool // an answer came, or the host was heard of for the first time
	due    bool // the read deadline is to be set anew
	out    []byte
	unsent []*request
	order  []*request // version 1 has no ids: its answers come in this order
}

// errVersion1 ends a connection on which version 2 was tried in vain.
var errVersion1 = errors.New("the host speaks version 1 of the protocol only")

// converse connects, asks what is pending, and returns when the connection is
// lost. useful tells that it was worth it.
func (c *Client) converse() (useful bool, err error) {
	conn, err := c.dial(c.ctx)
	if err != nil {
		return false, err
	}
	s := &session{c: c, conn: conn, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	s.lines = lineReader{r: s, max: maxLine}
	// An error means that the connection is gone, which reading tells as well.
	_ = conn.SetReadDeadline(time.Now().Add(openWait))

	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return false, conn.Close()
	}
	if err := s.open(); err != nil {
		c.mu.Unlock()
		return false, errors.Join(err, conn.Close())
	}
	c.session = s
	c.mu.Unlock()

	var writing sync.WaitGroup
	writing.Go(s.write)
	err = s.read()

	c.mu.Lock()
	c.session = nil
	useful = s.useful
	c.mu.Unlock()
	close(s.ended)
	conn.Close() // nothing that matters was written and not answered
	writing.Wait()
	return useful, err
}

// An Asked is a Conn on which a client's first question has been written already:
// Asked tells its text, and the id of its first request.
type Asked interface {
	Asked() (question string, firstID uint32)
}

// open queues the reset, the negotiation, and all that is pending. The reset's
// line end closes the half line that a previous user of a serial line may have
// left behind.
func (s *session) open() error {
	var question string
	if asked, ok := s.conn.(Asked); ok {
		question, s.c.nextID = asked.Asked()
	}
	s.v1 = s.c.v1
	if s.v1 {
		s.out = append(s.out, '\n')
	} else {
		size := len("\n" + lineNegotiate + "\n")
		for _, r := range s.c.pending {
			size += r.v2Size()
		}
		s.out = append(make([]byte, 0, size), "\n"+lineNegotiate+"\n"...)
	}
	s.send(s.c.pending, false)
	if len(s.out) < len(question) || string(s.out[:len(question)]) != question {
		return errors.New("the host was asked for other keys on this connection")
	}
	s.out = s.out[len(question):]
	return nil
}

// send queues requests, which are the last of the pending ones. c.mu is held.
func (s *session) send(requests []*request, idle bool) {
	var refused []*request
	for _, r := range requests {
		if !s.v1 {
			putHex(r.id[:], s.c.nextID)
			s.c.nextID++
			s.out = r.appendV2(s.out)
		} else if r.err = r.checkV1(); r.err == nil {
			s.out = r.appendV1(s.out)
			s.order = append(s.order, r)
		} else {
			refused = append(refused, r)
			continue
		}
		s.unsent = append(s.unsent, r)
	}
	for _, r := range refused {
		s.c.dropPending(func(p *request) bool { return p == r }, r.err)
	}
	if idle && s.ready {
		_ = s.conn.SetReadDeadline(time.Now().Add(s.c.answerTime()))
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// write writes what is queued until the connection ends. It is a goroutine of
// its own, so that the peer may answer while it is still being asked.
func (s *session) write() {
	var spare []byte
	for {
		select {
		case <-s.wake:
		case <-s.ended:
			return
		}
		s.c.mu.Lock()
		buf, requests := s.out, s.unsent
		s.out, s.unsent = spare[:0], nil
		s.c.mu.Unlock()

		if len(buf) > 0 {
			_ = s.conn.SetWriteDeadline(time.Now().Add(answerWait))
			if _, err := s.conn.Write(buf); err != nil {
				s.conn.Close() // the reader finds out, and tells
				return
			}
		}
		if spare = buf; cap(spare) > keptBuffer {
			spare = nil
		}
		s.c.mu.Lock()
		for _, r := range requests {
			r.wrote()
		}
		s.c.mu.Unlock()
	}
}

// read takes line after line until the connection is of no more use, and says
// why.
func (s *session) read() error {
	for {
		line, err := s.lines.next()
		if err != nil && !errors.Is(err, errLineTooLong) {
			return s.lost(err)
		}
		if err := s.take(line, err != nil); err != nil {
			return err
		}
	}
}

// Read is the connection's, with a deadline for the next answer. It makes no
// difference in how many pieces that comes, or what else comes meanwhile.
func (s *session) Read(p []byte) (int, error) {
	s.c.mu.Lock()
	if s.due {
		s.due = false
		var deadline time.Time
		if len(s.c.pending) > 0 {
			deadline = time.Now().Add(s.c.answerTime())
		}
		_ = s.conn.SetReadDeadline(deadline)
	}
	s.c.mu.Unlock()
	return s.conn.Read(p)
}

// lost puts the end of a connection in words.
func (s *session) lost(err error) error {
	s.c.mu.Lock()
	ready, wait := s.ready, s.c.answerTime()
	s.c.mu.Unlock()
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded) && !ready:
		return fmt.Errorf("nobody answered on the metadata connection within %v", openWait)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("no answer came on the metadata connection within %v", wait)
	case errors.Is(err, io.EOF):
		return errors.New("the metadata connection was closed by the host")
	}
	return fmt.Errorf("the metadata connection broke: %w", err)
}
