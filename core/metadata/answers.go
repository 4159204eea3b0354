package metadata

import (
	"errors"
	"slices"
	"time"

	"dockerinit/core/bootlog"
)

// take handles a line; of one that is too long it gets the beginning.
func (s *session) take(line []byte, tooLong bool) error {
	switch {
	case !s.ready:
		return s.negotiate(string(line[:min(len(line), 32)]))
	case s.v1:
		return s.takeV1(line, tooLong)
	case tooLong:
		if !s.answer(frameID(line), wordFailure, "", true) {
			s.drop(len(line), errLineTooLong)
		}
		return nil
	}
	f, err := ParseFrame(line)
	if err == nil && !s.answer(f.ID, f.Word, f.Payload, false) {
		err = errors.New("nothing was asked under its id")
	}
	if err != nil {
		s.drop(len(line), err)
	}
	return nil
}

// negotiate takes a line before the version is agreed on. Whatever comes before
// the answer to the reset was meant for somebody else.
func (s *session) negotiate(line string) error {
	switch {
	case line == lineNegotiated && !s.v1:
		s.agreed()
	case line == lineInvalid && !s.reset:
		s.reset = true
		if s.v1 {
			s.agreed()
		}
	case (line == lineInvalid || line == wordFailure) && !s.v1 && s.reset:
		s.c.mu.Lock()
		s.c.v1 = true
		s.useful = !s.c.contacted
		s.c.mu.Unlock()
		s.agreed()
		return errVersion1
	default:
		s.drop(len(line), errors.New("it is no answer to the reset and the negotiation"))
	}
	return nil
}

// agreed is the moment from which the host is known to be there.
func (s *session) agreed() {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.ready, s.due = true, true
	s.c.lastErr = nil
	if !s.c.contacted {
		s.c.contacted = true
		now := time.Now()
		for _, r := range s.c.pending {
			r.call.progress = now
		}
	}
}

// answer gives an answer to the request that has the id, if there is one.
func (s *session) answer(id, word, payload string, tooLarge bool) bool {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	for _, r := range s.c.pending {
		if string(r.id[:]) == id {
			s.settle(r, word, payload, tooLarge)
			return true
		}
	}
	return false
}

// settle ends a pending request. c.mu is held.
func (s *session) settle(r *request, word, payload string, tooLarge bool) {
	i := slices.Index(s.c.pending, r)
	if i < 0 {
		return // its caller has stopped waiting
	}
	s.c.pending = slices.Delete(s.c.pending, i, i+1)
	s.useful, s.due = true, true
	if tooLarge {
		s.c.finish(r, r.refused(errTooLarge))
		return
	}
	s.c.finish(r, r.answer(word, payload))
}

// takeV1 handles a line of an answer in version 1.
func (s *session) takeV1(line []byte, tooLong bool) error {
	s.c.mu.Lock()
	var r *request
	if len(s.order) > 0 {
		r = s.order[0]
	}
	s.c.mu.Unlock()
	if r == nil {
		s.drop(len(line), errors.New("nothing was asked"))
		return nil
	}
	if tooLong && s.reply.word != "" {
		s.reply.truncated()
		return nil
	}
	done, err := s.reply.add(line)
	if err != nil || !done {
		return err
	}
	reply := s.reply
	s.reply = v1Reply{}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.order = s.order[1:]
	s.settle(r, reply.word, string(reply.value), reply.tooLong)
	return nil
}

// drop notes a line that was of no use: its length and what is wrong, for it may
// hold a secret. A host gone wild does not fill the log, however often it hangs
// up.
func (s *session) drop(size int, reason error) {
	s.c.mu.Lock()
	closed := s.c.closed
	s.c.mu.Unlock()
	if closed {
		return // the answer to a change that was posted and not waited for
	}
	const shown = 10
	if s.c.dropped++; s.c.dropped < shown {
		s.c.log.Warn("metadata: dropped a line from the host", bootlog.Value("bytes", size), bootlog.Error(reason))
	} else if s.c.dropped == shown {
		s.c.log.Warn("metadata: dropped a line from the host; further ones are not shown", bootlog.Value("bytes", size), bootlog.Error(reason))
	}
}
