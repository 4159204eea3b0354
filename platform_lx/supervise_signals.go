//go:build linux

package lx

import (
	"os"
	"os/signal"
	"reflect"

	"golang.org/x/sys/unix"

	"dockerinit/core/supervise"
)

// ears take signals and hand them on.
type ears struct {
	events  chan<- supervise.Event
	cases   []reflect.SelectCase // a channel for each signal, and quit
	numbers []unix.Signal
	quit    chan struct{}
	left    chan []supervise.Event // what was taken and not handed on, when it has quit
}

// listen begins to take signals; first is handed on before them. Each signal has a
// channel of its own with room for one, so that a storm of one takes the place of
// no other, and all merge as in a kernel.
func listen(events chan<- supervise.Event, first []supervise.Event) *ears {
	e := &ears{events: events, quit: make(chan struct{}), left: make(chan []supervise.Event, 1)}
	for n := unix.Signal(1); n <= 64; n++ {
		if heard(n) {
			c := make(chan os.Signal, 1)
			signal.Notify(c, n)
			e.cases = append(e.cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)})
			e.numbers = append(e.numbers, n)
		}
	}
	e.cases = append(e.cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(e.quit)})
	go e.take(first)
	return e
}

func (e *ears) take(events []supervise.Event) {
	for {
		for i, event := range events {
			select {
			case e.events <- event:
			case <-e.quit:
				e.left <- events[i:]
				return
			}
		}
		first, _, _ := reflect.Select(e.cases)
		if events = e.taken(first); first == len(e.numbers) {
			e.left <- events
			return
		}
	}
}

// taken is the signal of the case, and all others that have come, the lowest
// number first, as a kernel hands them out.
func (e *ears) taken(first int) (events []supervise.Event) {
	for i, n := range e.numbers {
		came := i == first
		select {
		case <-e.cases[i].Chan.Interface().(chan os.Signal):
			came = true
		default:
		}
		if came {
			events = append(events, supervise.Event{Signal: n})
		}
	}
	return events
}

// close takes no more signals and returns what was taken and not handed on.
// Where signals are blocked from the start, what comes now stays in the kernel.
func (e *ears) close() []supervise.Event {
	for i := range e.numbers {
		signal.Stop(e.cases[i].Chan.Interface().(chan os.Signal))
	}
	close(e.quit)
	return append(<-e.left, e.taken(-1)...)
}
