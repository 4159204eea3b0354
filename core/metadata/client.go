package metadata

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"

	"github.com/hashicorp/go-multierror"
)

// How long a Client keeps trying until the host answers for the first time. The
// host's agent may start later than a zone; whoever runs a command in a zone
// that is up does not wait for that.
const (
	InitContact = 10 * time.Minute
	ExecContact = 10 * time.Second
)

// The bounds of a conversation.
const (
	openWait   = 6 * time.Second  // from the reset to the version
	answerWait = 45 * time.Second // for the next answer, after that: a change is an update of the whole VM
	postWait   = time.Second      // for a posted change to be written
)

// A Client asks the host. It may be used by many goroutines at once. It connects
// when it is first asked something, and again when the connection is lost and
// somebody waits for an answer.
type Client struct {
	dial    Dial
	log     *bootlog.Logger
	contact time.Duration
	wake    chan struct{} // there is something to ask
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
	dropped int // lines that were of no use; only run's

	mu        sync.Mutex
	closed    bool
	started   bool
	contacted bool // the host has said which version it speaks
	v1        bool // the host speaks version 1 only
	lastErr   error
	nextID    uint32
	pending   []*request // not answered yet, in the order they were asked
	session   *session   // the connection, nil while there is none
}

// New makes a client that tries for as long as contact to reach the host for the
// first time.
func New(dial Dial, log *bootlog.Logger, contact time.Duration) *Client {
	ctx, cancel := context.WithCancel(context.Background())
	return &Client{
		dial: dial, log: log, contact: contact, ctx: ctx, cancel: cancel,
		wake:   make(chan struct{}, 1),
		nextID: rand.Uint32(),
	}
}

// A KeyError is why the host, or this end, refused what was asked of a key.
type KeyError struct {
	Key     string
	Message string
}

func (e *KeyError) Error() string { return fmt.Sprintf("metadata key %q: %s", e.Key, e.Message) }

var errClosed = errors.New("metadata: the connection was closed by this end")

// Get asks for all keys in one round trip. An absent key is absent from the map;
// one that is refused is named in the error, and the others are in the map all
// the same.
func (c *Client) Get(ctx context.Context, keys ...string) (map[string]string, error) {
	return c.Ask(ctx, keys...)()
}

// Ask begins a Get, whose answer is to be waited for once.
func (c *Client) Ask(ctx context.Context, keys ...string) (answer func() (map[string]string, error)) {
	requests := make([]request, len(keys))
	for i, key := range keys {
		requests[i] = request{word: wordGet, key: key}
	}
	call := c.begin(requests)
	return func() (map[string]string, error) {
		err := c.await(ctx, call)
		values := make(map[string]string, len(keys))
		for i := range requests {
			if r := &requests[i]; r.answered && r.found {
				values[r.key] = r.value
			}
		}
		return values, err
	}
}

// Keys lists the keys that the host shows.
func (c *Client) Keys(ctx context.Context) ([]string, error) {
	requests := []request{{word: wordKeys}}
	if err := c.ask(ctx, requests); err != nil || requests[0].value == "" {
		return nil, err
	}
	return strings.Split(requests[0].value, "\n"), nil
}

// Put writes a key of the zone's customer metadata, and waits until the host has
// done it.
func (c *Client) Put(ctx context.Context, key, value string) error {
	return c.ask(ctx, []request{{word: wordPut, key: key, put: value}})
}

// Delete removes a key of the zone's customer metadata, and waits until the host
// has done it. The host does not tell whether the key was there.
func (c *Client) Delete(ctx context.Context, key string) error {
	return c.ask(ctx, []request{{word: wordDelete, key: key}})
}

// Post writes the changes and does not wait until the host has done them: it
// does what it was sent before the connection closed. Where there is no
// connection Post waits a second for one. A refusal is logged.
func (c *Client) Post(changes ...Change) {
	if len(changes) == 0 {
		return
	}
	requests := make([]request, len(changes))
	for i, change := range changes {
		requests[i] = request{word: wordPut, key: change.Key, put: change.Value}
		if change.Delete {
			requests[i] = request{word: wordDelete, key: change.Key}
		}
	}
	call := &call{post: true, sent: make(chan struct{}), unsent: len(changes), done: make(chan struct{})}
	c.start(call, requests)
	select {
	case <-call.sent:
	case <-call.done:
	case <-time.After(postWait):
		c.log.Warn("metadata: a change is not written yet: no connection to the host", bootlog.Value("keys", call.names()))
	}
}

// Close ends the connection, and whatever still waits for an answer.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closed = true
	c.cancel()
	c.failAll(errClosed)
	if c.session != nil {
		c.session.conn.Close()
	}
	c.mu.Unlock()
	c.running.Wait()
	return nil
}

// ask puts the requests to the host and waits for all the answers.
func (c *Client) ask(ctx context.Context, requests []request) error {
	return c.await(ctx, c.begin(requests))
}

func (c *Client) begin(requests []request) *call {
	call := &call{done: make(chan struct{})}
	if len(requests) == 0 {
		close(call.done)
		return call
	}
	c.start(call, requests)
	return call
}

// start queues the requests that can be asked at all.
func (c *Client) start(call *call, requests []request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	call.progress = time.Now()
	call.requests = requests
	call.left = len(requests)
	idle := len(c.pending) == 0
	first := len(c.pending)
	for i := range requests {
		r := &requests[i]
		r.call = call
		if err := r.check(); err != nil {
			c.finish(r, err)
		} else if c.closed {
			c.finish(r, errClosed)
		} else {
			c.pending = append(c.pending, r)
		}
	}
	if len(c.pending) == first {
		return
	}
	if c.session != nil {
		c.session.send(c.pending[first:], idle)
		return
	}
	if !c.started {
		c.started = true
		c.running.Go(c.run)
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// withdraw ends a call that is not answered, with what is known of the reason.
func (c *Client) withdraw(call *call, cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	code, what := exit.MetadataFailed, "metadata: the host stopped answering"
	if !c.contacted {
		code, what = exit.MetadataInit, "metadata: the host cannot be reached"
	}
	err := code.Errorf("%s: %w", what, cause)
	if c.lastErr != nil {
		err = code.Errorf("%s: %w: %w", what, cause, c.lastErr)
	}
	c.dropPending(func(r *request) bool { return r.call == call }, err)
}

// dropPending ends the requests that which picks.
func (c *Client) dropPending(which func(*request) bool, err error) {
	kept := make([]*request, 0, len(c.pending))
	var dropped []*request
	for _, r := range c.pending {
		if which(r) {
			dropped = append(dropped, r)
		} else {
			kept = append(kept, r)
		}
	}
	c.pending = kept
	for _, r := range dropped {
		c.finish(r, err)
	}
}

func (c *Client) failAll(err error) {
	c.dropPending(func(*request) bool { return true }, err)
}

// finish is the end of a request, good or bad. c.mu is held.
func (c *Client) finish(r *request, err error) {
	call := r.call
	r.answered, r.err = err == nil, err
	call.progress = time.Now()
	if call.left--; call.left == 0 {
		close(call.done)
	}
	if call.post && err != nil && !(errors.Is(err, errClosed) && r.written) {
		c.log.Warn("metadata: "+r.word+" was posted and not done", bootlog.Value("key", r.key), bootlog.Error(err))
	}
	r.wrote()
}

// A call is what one caller waits for.
type call struct {
	requests []request
	left     int           // how many are not finished
	progress time.Time     // when the last one was, or the host was first heard of
	done     chan struct{} // closed when none is left
	post     bool          // nobody waits
	sent     chan struct{} // closed when all is written, where someone wants to know
	unsent   int           // how many are not written yet
}

// err gathers what went wrong, in the order of the requests. One cause that
// ended several of them is told once.
func (call *call) err() error {
	var all *multierror.Error
	var last error
	for i := range call.requests {
		if err := call.requests[i].err; err != nil && !errors.Is(err, last) {
			all, last = multierror.Append(all, err), err
		}
	}
	if all == nil {
		return nil
	}
	if len(all.Errors) == 1 {
		return all.Errors[0]
	}
	return all
}

func (call *call) names() []string {
	names := make([]string, len(call.requests))
	for i := range call.requests {
		names[i] = call.requests[i].key
	}
	return names
}
