//go:build linux

package lx

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/supervise"
	"dockerinit/platform_lx/resident"
)

var errUnable = errors.New("this kernel cannot wait for signals as the resident part does")

// Rest leaves the process to the resident part.
func (s *staying) Rest(r supervise.Rest) error {
	switch {
	case !resident.There():
		return errors.New("it was not entered through the resident part (linker flag -E)")
	case s.returned != nil && s.returned.Unable:
		return errUnable
	}
	unheard := s.signals.close()
	s.mu.Lock() // nobody reaps until this process is another, or it is not
	defer s.mu.Unlock()
	var err error
	if len(unheard) == 0 && s.reaped == 0 {
		err = resident.Become(s.task(r))
	}
	s.signals = listen(s.events, unheard)
	return err
}

func (s *staying) task(r supervise.Rest) resident.Task {
	t := resident.Task{
		Target: r.Pid, Stop: r.Stop, Pids: append([]int{r.Pid}, r.Fate...),
		Within: r.Within, State: r.State, Files: r.Files, Log: r.Files[0],
	}
	if r.Group {
		t.Target = -r.Pid
	}
	for n := unix.Signal(1); n <= 64; n++ {
		if forwarded(n) {
			t.All.Add(n)
		}
	}
	for _, n := range r.Due {
		t.Wake.Add(n)
	}
	return t
}

// Rested is what this run was handed over.
func (s *staying) Rested() (before supervise.Rest, ago time.Duration, ok bool) {
	if s.returned == nil {
		return before, 0, false
	}
	return supervise.Rest{State: s.returned.State, Files: s.returned.Files}, s.returned.Lasted, true
}
