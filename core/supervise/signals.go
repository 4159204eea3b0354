package supervise

import (
	"os"
	"os/signal"
	"reflect"
	"syscall"
)

// ears take signals and hand them on.
type ears struct {
	events  chan<- Event
	cases   []reflect.SelectCase // a channel for each signal, and quit
	numbers []syscall.Signal
	quit    chan struct{}
	left    chan []Event // what was taken and not handed on, when it has quit
}

// listen begins to take signals; first is handed on before them. Each signal has a
// channel of its own with room for one, so that a storm of one takes the place of
// no other, and all merge as in a kernel.
func listen(events chan<- Event, numbers []syscall.Signal, first []Event) *ears {
	e := &ears{events: events, numbers: numbers, quit: make(chan struct{}), left: make(chan []Event, 1)}
	for _, n := range numbers {
		c := make(chan os.Signal, 1)
		signal.Notify(c, n)
		e.cases = append(e.cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)})
	}
	e.cases = append(e.cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(e.quit)})
	go e.take(first)
	return e
}

func (e *ears) take(events []Event) {
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
func (e *ears) taken(first int) (events []Event) {
	for i, n := range e.numbers {
		came := i == first
		select {
		case <-e.cases[i].Chan.Interface().(chan os.Signal):
			came = true
		default:
		}
		if came {
			events = append(events, Event{Signal: n})
		}
	}
	return events
}

// close takes no more signals and returns what was taken and not handed on.
// Where signals are blocked from the start, what comes now stays in the kernel.
func (e *ears) close() []Event {
	for i := range e.numbers {
		signal.Stop(e.cases[i].Chan.Interface().(chan os.Signal))
	}
	close(e.quit)
	return append(<-e.left, e.taken(-1)...)
}
