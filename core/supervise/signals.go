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
	numbers []syscall.Signal
	cases   []reflect.SelectCase // a channel for each signal, and quit
	quit    chan struct{}
	left    chan []Event // what was taken and not handed on, when it has quit
}

// listen begins to take signals; first is handed on before them. Each signal has a
// channel of its own with room for one, so that a storm of one takes the place of
// no other, and all merge as in a kernel.
//
// To open them all takes Go's runtime a millisecond. Where they wait in the kernel
// meanwhile, as blocked ones do, nobody else waits for that.
func listen(events chan<- Event, numbers []syscall.Signal, blocked bool, first []Event) *ears {
	e := &ears{events: events, numbers: numbers, quit: make(chan struct{}), left: make(chan []Event, 1)}
	if !blocked {
		e.open()
	}
	go e.take(first)
	return e
}

func (e *ears) open() {
	for _, n := range e.numbers {
		c := make(chan os.Signal, 1)
		signal.Notify(c, n)
		e.cases = append(e.cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)})
	}
	e.cases = append(e.cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(e.quit)})
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
		if e.cases == nil {
			e.open()
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
		if _, came := e.cases[i].Chan.TryRecv(); came || i == first {
			events = append(events, Event{Signal: n})
		}
	}
	return events
}

// close takes no more signals and returns what was taken and not handed on.
// Blocked ones that come now stay in the kernel.
func (e *ears) close() (unheard []Event) {
	close(e.quit)
	unheard = <-e.left
	if e.cases == nil {
		return unheard
	}
	for i := range e.numbers {
		signal.Stop(e.cases[i].Chan.Interface().(chan os.Signal))
	}
	return append(unheard, e.taken(-1)...)
}
