package shim

import (
	"os"
	"strings"
	"time"

	"dockerinit/core/exit"
	"dockerinit/core/process"
)

const (
	heardMost  = 4096                   // what Docker keeps of a health check. moby: daemon/health.go
	heardLater = 100 * time.Millisecond // for words that are under way when it ends
)

// A Heard is a child that was not waited for, and what it says.
type Heard struct {
	Pid    int
	words  *os.File
	said   chan string
	failed chan error // why it has not become the command
}

// Hear starts the command in a child, reads what that says, and waits for
// nothing: not for the child to become the command either, which may take as
// long as a file system likes. One that cannot become it ends with the status of
// that failure. It is for the caller to see that end, and to call End then.
func (s Self) Hear(cmd process.Command, words []string) (*Heard, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, exit.Fork.Errorf("start %q: %w", cmd.Args[0], err)
	}
	cmd.Stdio = process.Stdio{Out: w, Err: w}
	pid, asked, answered, err := s.fork(cmd)
	_ = w.Close()
	if err != nil {
		_ = r.Close()
		return nil, exit.Fork.Errorf("start %q: %w", cmd.Args[0], err)
	}
	h := &Heard{Pid: pid, words: r, said: make(chan string, 1), failed: make(chan error, 1)}
	go func() {
		_, err := converse(request{cmd, len(cmd.Files), words}, asked, answered, func(string) {})
		_ = asked.Close()
		_ = answered.Close()
		h.failed <- err
	}()
	go func() {
		h.said <- listen(r)
		_ = r.Close()
	}()
	return h, nil
}

// End returns what it has said, or why it has not become the command. What it has
// left behind may hold its output for ever, and is not listened to any more.
func (h *Heard) End() string {
	_ = h.words.SetReadDeadline(time.Now().Add(heardLater))
	said := <-h.said
	select {
	case err := <-h.failed:
		if err != nil {
			return strings.TrimSpace(said + "\n" + err.Error())
		}
	case <-time.After(heardLater): // what it has left behind has the answer's pipe
	}
	return said
}

// listen reads to the end, also what is not kept: nobody shall wait for us.
func listen(r *os.File) string {
	var said []byte
	buf := make([]byte, 512)
	more := ""
	for {
		n, err := r.Read(buf)
		keep := min(n, heardMost-len(said))
		if said = append(said, buf[:keep]...); keep < n {
			more = "..."
		}
		if err != nil {
			return strings.TrimSpace(string(said)) + more
		}
	}
}
