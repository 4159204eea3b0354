package fake

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"dockerinit/core"
	"dockerinit/core/metadata"
	"dockerinit/core/process"
	"dockerinit/core/zone"
)

func TestAFaultStrikesTheCallItIsFor(t *testing.T) {
	z := New(example(t, "hello"), temporaryRoot(t))
	defer z.Close()
	z.Faults.Fail("System.SetHostname", 2, syscall.EPERM)
	system := z.Platform().System
	for i, want := range []error{nil, syscall.EPERM, nil} {
		name := fmt.Sprint("name", i)
		if err := system.SetHostname(t.Context(), name); !errors.Is(err, want) {
			t.Errorf("call %d: got %v, want %v", i+1, err, want)
		}
		if done := strings.Contains(z.State(), "hostname "+name); done != (want == nil) {
			t.Errorf("call %d: the zone has become\n%s", i+1, z.State())
		}
	}
	z.Faults.Fail("System.SetHostname", 0, syscall.EIO)
	for range 2 {
		if err := system.SetHostname(t.Context(), "other"); !errors.Is(err, syscall.EIO) {
			t.Errorf("each time: got %v", err)
		}
	}
}

// Every call of every interface can be broken, and does nothing then.
func TestEveryCallCanFail(t *testing.T) {
	ctx := t.Context()
	calls := map[string]func(core.Platform) error{
		"Metadata.Ask":       func(p core.Platform) error { _, err := p.Metadata.Ask(ctx, "sdc:brand")(); return err },
		"Metadata.Put":       func(p core.Platform) error { return p.Metadata.Put(ctx, "k", "v") },
		"Metadata.Delete":    func(p core.Platform) error { return p.Metadata.Delete(ctx, "greeting-language") },
		"Metadata.Post":      func(p core.Platform) error { p.Metadata.Post(metadata.Change{Key: "k", Value: "v"}); return nil },
		"Metadata.Close":     func(p core.Platform) error { return p.Metadata.Close() },
		"Network.Up":         func(p core.Platform) error { return p.Network.Up(ctx, zone.Network{}) },
		"Network.Configure":  func(p core.Platform) error { return p.Network.Configure(ctx, zone.Lo(zone.LX)) },
		"Network.AddRoute":   func(p core.Platform) error { return p.Network.AddRoute(ctx, zone.Route{}) },
		"Network.Close":      func(p core.Platform) error { return p.Network.Close(ctx) },
		"Console.Open":       func(p core.Platform) error { _, err := p.Console.Open(ctx, zone.Console{}); return err },
		"Console.Tee":        func(p core.Platform) error { _, _, err := p.Console.Tee(ctx, zone.Console{}); return err },
		"Console.Say":        func(p core.Platform) error { p.Console.Say("words"); return nil },
		"Processes.Exec":     func(p core.Platform) error { return p.Processes.Exec(process.Command{}) },
		"Processes.Start":    func(p core.Platform) error { _, err := p.Processes.Start(ctx, process.Command{}); return err },
		"Processes.Wait":     func(p core.Platform) error { _, err := p.Processes.Wait(ctx, 1); return err },
		"System.Mount":       func(p core.Platform) error { return p.System.Mount(ctx, zone.Mount{}) },
		"System.SetHostname": func(p core.Platform) error { return p.System.SetHostname(ctx, "name") },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			z := New(example(t, "hello"), temporaryRoot(t))
			before := z.State()
			z.Faults.Fail(name, 1, syscall.ENOMEM)
			p := z.Platform()
			silent := name == "Metadata.Post" || name == "Console.Say"
			if err := call(p); !silent && !errors.Is(err, syscall.ENOMEM) {
				t.Errorf("got %v", err)
			}
			if got := z.Faults.Calls(); got[name] != 1 || len(got) != 1 {
				t.Errorf("calls: %v", got)
			}
			if err := p.Metadata.Close(); err != nil {
				t.Error(err)
			}
			if err := z.Close(); err != nil {
				t.Error(err)
			}
			if after := z.State(); after != before {
				t.Errorf("it has become\n%s", after)
			}
		})
	}
}

func TestHangAndDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &Faults{}
		f.Hang("a", 1)
		f.Delay("a", 2, 3*time.Second)
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := f.strike(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != 5*time.Second {
			t.Errorf("hang: %v after %v", err, time.Since(begun))
		}
		begun = time.Now()
		if err := f.strike(t.Context(), "a"); err != nil || time.Since(begun) != 3*time.Second {
			t.Errorf("delay: %v after %v", err, time.Since(begun))
		}
		begun = time.Now()
		if err := f.strike(t.Context(), "a"); err != nil || time.Since(begun) != 0 {
			t.Errorf("neither: %v after %v", err, time.Since(begun))
		}
	})
}

func TestParseFault(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"an error by its name", "routes/2=ENETUNREACH", "routes 2 " + syscall.ENETUNREACH.Error() + " false 0s"},
		{"each time", "Network.AddRoute=EIO", "Network.AddRoute 0 " + syscall.EIO.Error() + " false 0s"},
		{"an error by its text", "nics/1=the cable is out", "nics 1 the cable is out false 0s"},
		{"a text with an equals sign", "nics=a=b", "nics 0 a=b false 0s"},
		{"hang", "mounts=hang", "mounts 0 <nil> true 0s"},
		{"a delay", "mounts/3=1.5s", "mounts 3 <nil> false 1.5s"},
		{"no error", "mounts", `fault "mounts": want PLACE[/N]=ERROR, as in "routes/2=ENETUNREACH"`},
		{"an empty error", "mounts=", `fault "mounts=": want PLACE[/N]=ERROR, as in "routes/2=ENETUNREACH"`},
		{"no place", "=EIO", `fault "=EIO": names no place`},
		{"no place but a number", "/1=EIO", `fault "/1=EIO": names no place`},
		{"a number that is none", "nics/x=EIO", `fault "nics/x=EIO": "x": not a number from 1`},
		{"number zero", "nics/0=EIO", `fault "nics/0=EIO": "0": not a number from 1`},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := ParseFault(test.text)
			got := fmt.Sprint(f.Place, " ", f.N, " ", f.Err, " ", f.Hang, " ", f.Delay)
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("\ngot  %s\nwant %s", got, test.want)
			}
		})
	}
	if _, err := ParseFault("nics=EWHATEVER"); err == nil || !strings.Contains(err.Error(), `"EWHATEVER": not one of E2BIG EACCES`) {
		t.Errorf("unknown name: %v", err)
	}
}
