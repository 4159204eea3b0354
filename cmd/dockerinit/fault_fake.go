//go:build fake || !(illumos || linux)

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"dockerinit/core"
)

// A fault is one --fault STEP[/N]=ERROR: the step's N-th action, or all of its
// actions, are not done and fail with the error.
type fault struct {
	text string
	step string
	n    int // from 1; 0: all
	err  error
	hit  bool
}

// errnos are the names of errors that a kernel gives and --fault takes. Any
// other text is an error with that text.
var errnos = map[string]syscall.Errno{
	"EACCES": syscall.EACCES, "EAGAIN": syscall.EAGAIN, "EBUSY": syscall.EBUSY,
	"ECONNREFUSED": syscall.ECONNREFUSED, "EEXIST": syscall.EEXIST, "EINVAL": syscall.EINVAL,
	"EIO": syscall.EIO, "EMFILE": syscall.EMFILE, "ENETUNREACH": syscall.ENETUNREACH,
	"ENODEV": syscall.ENODEV, "ENOENT": syscall.ENOENT, "ENOMEM": syscall.ENOMEM,
	"ENOSPC": syscall.ENOSPC, "ENXIO": syscall.ENXIO, "EPERM": syscall.EPERM,
	"EROFS": syscall.EROFS, "ETIMEDOUT": syscall.ETIMEDOUT,
}

func parseFault(text string) (*fault, error) {
	where, what, ok := strings.Cut(text, "=")
	if !ok || what == "" {
		return nil, errors.New("want STEP=ERROR or STEP/N=ERROR")
	}
	f := &fault{text: text}
	step, number, numbered := strings.Cut(where, "/")
	f.step = step
	if !slices.Contains(core.StepNames(), step) {
		return nil, fmt.Errorf("there is no step %q; the steps are %s", step, strings.Join(core.StepNames(), ", "))
	}
	if numbered {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is no number of an action, which count from 1", number)
		}
		f.n = n
	}
	f.err = errors.New(what)
	if errno, ok := errnos[what]; ok {
		f.err = errno
	}
	return f, nil
}

// faults are what --fault was given; it is a flag.Value and amends a boot.
type faults []*fault

func (all *faults) String() string { return "" }

func (all *faults) Set(text string) error {
	f, err := parseFault(text)
	if err == nil {
		*all = append(*all, f)
	}
	return err
}

func (all *faults) amend(step string, actions []core.Action) []core.Action {
	for _, f := range *all {
		for i := range actions {
			if f.step != step || (f.n != 0 && f.n != i+1) {
				continue
			}
			f.hit = true
			actions[i].Last = false
			actions[i].Do = func(context.Context) error { return fmt.Errorf("%w (a fault that was asked for)", f.err) }
		}
	}
	return actions
}

// missed are the faults that met no action.
func (all *faults) missed() (texts []string) {
	for _, f := range *all {
		if !f.hit {
			texts = append(texts, f.text)
		}
	}
	return texts
}
