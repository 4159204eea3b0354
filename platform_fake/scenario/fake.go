package scenario

import (
	"bytes"
	"os"
	"sync"
	"testing"

	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	fake "dockerinit/platform_fake"
)

// New is the scenario's zone in memory, with an image of its own that goes when
// the test ends.
func (s Scenario) New(t testing.TB) *fake.Zone {
	t.Helper()
	return s.At(t, s.Root(t))
}

// Root is the image alone: what the host leaves in every root, with the
// scenario's own over it. It goes when the test ends.
func (s Scenario) Root(t testing.TB) string {
	t.Helper()
	root, err := fake.TemporaryRoot()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	if err := write(root, append([]File{app}, s.Image...)); err != nil {
		t.Fatal(err)
	}
	return root
}

// At is the scenario's zone on a root that is there already, as it stands.
func (s Scenario) At(t testing.TB, root string) *fake.Zone {
	t.Helper()
	p, err := s.VM()
	if err != nil {
		t.Fatal(err)
	}
	z := fake.New(p, root)
	t.Cleanup(func() { z.Close() })
	z.Metadata.Server.V1Only = s.V1Only
	if s.Host != nil {
		s.Host(z.Store)
	}
	return z
}

// Boot boots the zone once. What the zone writes to the host has been done when
// it returns.
func Boot(t testing.TB, z *fake.Zone, o core.Options) Result {
	t.Helper()
	var text buffer
	log := bootlog.New(bootlog.NewText(&text))
	z.Log = log.Logger
	err := core.Init(t.Context(), z.Platform(), log, o)
	r := Result{Err: err, State: z.State(), Log: text.String(), Root: z.Root}
	if p, ok := z.Processes.(*fake.Recorder); ok {
		r.Command, _ = p.Command()
		r.Started = p.Started()
	}
	return r
}

// Exec runs one more command in the zone.
func Exec(t testing.TB, z *fake.Zone, request core.ExecRequest) Result {
	t.Helper()
	var text buffer
	log := bootlog.New(bootlog.NewText(&text))
	z.Log = log.Logger
	err := core.Exec(t.Context(), z.Platform(), log, request)
	r := Result{Err: err, State: z.State(), Log: text.String(), Root: z.Root}
	if p, ok := z.Processes.(*fake.Recorder); ok {
		r.Command, _ = p.Command()
	}
	return r
}

// Code is the code that the boot ended with, 0 where it became the command.
func (r Result) Code() exit.Code { return exit.CodeOf(r.Err) }

// A buffer may be written by many.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
