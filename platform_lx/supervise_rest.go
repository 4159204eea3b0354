//go:build linux

package lx

import (
	"errors"
	"time"

	"dockerinit/core/supervise"
	"dockerinit/platform_lx/resident"
)

var errUnable = errors.New("this kernel cannot wait for signals as the resident part does")

// Rest leaves the process to the resident part.
func (s *staying) Rest(r supervise.Rest) error {
	switch {
	case !resident.There():
		return errors.ErrUnsupported
	case s.returned != nil && s.returned.Unable:
		return errUnable
	}
	return s.Still(func() error { return resident.Become(task(r)) })
}

func task(r supervise.Rest) resident.Task {
	t := resident.Task{
		Target: r.Pid, Stop: r.Stop, Pids: append([]int{r.Pid}, r.Fate...),
		Within: r.Within, State: r.State, Files: r.Files, Log: r.Files[0],
	}
	if r.Group {
		t.Target = -r.Pid
	}
	for _, n := range signals(forwarded) {
		t.All.Add(n)
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
