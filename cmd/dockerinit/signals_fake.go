//go:build fake || !(illumos || linux)

package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

type number = syscall.Signal

// signals are those that this process gets while it stays: before there is a
// command the first one ends the boot, afterwards they are the command's.
type signals struct {
	context context.Context // of the boot
	cancel  context.CancelFunc

	arrived chan os.Signal
	done    chan struct{}
	loop    sync.WaitGroup

	mu    sync.Mutex
	pid   int      // the command's; 0 before there is one, held while there is none yet or no more
	kept  []number // that came while it was held
	ended number   // what ended the boot
}

const held = -1

// taken are the signals that it gets, the lowest number first.
var taken = []number{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGTERM}

// catch begins to take signals.
func catch() *signals {
	s := &signals{arrived: make(chan os.Signal, 8), done: make(chan struct{})}
	s.context, s.cancel = context.WithCancel(context.Background())
	// Whoever reads our output may leave: the zone is cleaned up all the same.
	signal.Ignore(syscall.SIGPIPE)
	for _, n := range taken {
		signal.Notify(s.arrived, n)
	}
	s.loop.Go(func() {
		for {
			select {
			case got := <-s.arrived:
				if n, ok := got.(number); ok {
					s.take(n)
				}
			case <-s.done:
				return
			}
		}
	})
	return s
}

func (s *signals) take(n number) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.pid == 0:
		s.ended = n
		s.cancel()
		signal.Stop(s.arrived) // whoever cannot wait for that sends it again
	case s.pid == held:
		s.kept = append(s.kept, n)
	default:
		s.send(n)
	}
}

func (s *signals) send(n number) {
	if !fromTerminal(n) {
		_ = syscall.Kill(s.pid, n) // it may have ended by itself
	}
}

// fromTerminal tells whether a terminal sent the signal to the command too, in
// the one group that both are in.
func fromTerminal(n number) bool {
	if n != syscall.SIGINT && n != syscall.SIGQUIT {
		return false
	}
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	_ = tty.Close()
	return true
}

// hold keeps what comes while the command is being started. It is an error if the
// boot is to end instead.
func (s *signals) hold() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pid = held
	return s.context.Err()
}

// release gives up the signals to somebody who takes them by now, with those that
// were kept.
func (s *signals) release() {
	signal.Stop(s.arrived)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.kept {
		_ = syscall.Kill(os.Getpid(), n)
	}
	s.kept = nil
}

// forwardTo makes signals the command's, first those that were kept.
func (s *signals) forwardTo(pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pid = pid
	for _, n := range s.kept {
		s.send(n)
	}
	s.kept = nil
}

// caught is the signal that ended the boot, 0 where none did.
func (s *signals) caught() number {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

func (s *signals) stop() {
	signal.Stop(s.arrived)
	close(s.done)
	s.loop.Wait()
	s.cancel()
}
