package fake

import (
	"context"
	"os"

	"dockerinit/core"
	"dockerinit/core/metadata"
	"dockerinit/core/process"
	"dockerinit/core/zone"
)

// Wrap is the platform with these faults in every call of its interfaces.
func (f *Faults) Wrap(p core.Platform) core.Platform {
	p.Metadata = faultyMetadata{p.Metadata, f}
	p.Network = faultyNetwork{p.Network, f}
	p.Console = faultyConsole{p.Console, f}
	p.Processes = faultyProcesses{p.Processes, f}
	p.System = faultySystem{p.System, f}
	return p
}

type faultyMetadata struct {
	core.Metadata
	faults *Faults
}

// Ask is late where the fault is a delay, and its caller is not.
func (m faultyMetadata) Ask(ctx context.Context, keys ...string) func() (map[string]string, error) {
	var values map[string]string
	var err error
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		if err = m.faults.strike(ctx, "Metadata.Ask"); err == nil {
			values, err = m.Metadata.Ask(ctx, keys...)()
		}
	}()
	return func() (map[string]string, error) {
		<-answered
		return values, err
	}
}

func (m faultyMetadata) Put(ctx context.Context, key, value string) error {
	if err := m.faults.strike(ctx, "Metadata.Put"); err != nil {
		return err
	}
	return m.Metadata.Put(ctx, key, value)
}

func (m faultyMetadata) Delete(ctx context.Context, key string) error {
	if err := m.faults.strike(ctx, "Metadata.Delete"); err != nil {
		return err
	}
	return m.Metadata.Delete(ctx, key)
}

// Post has nobody to tell: a fault loses the changes.
func (m faultyMetadata) Post(changes ...metadata.Change) {
	if m.faults.strike(context.Background(), "Metadata.Post") == nil {
		m.Metadata.Post(changes...)
	}
}

// Close closes even where it fails: nothing shall stay behind.
func (m faultyMetadata) Close() error {
	err := m.Metadata.Close()
	if fault := m.faults.strike(context.Background(), "Metadata.Close"); fault != nil {
		return fault
	}
	return err
}

type faultyNetwork struct {
	core.Network
	faults *Faults
}

func (n faultyNetwork) Up(ctx context.Context, want zone.Network) error {
	if err := n.faults.strike(ctx, "Network.Up"); err != nil {
		return err
	}
	return n.Network.Up(ctx, want)
}

func (n faultyNetwork) Configure(ctx context.Context, nic zone.NIC) error {
	if err := n.faults.strike(ctx, "Network.Configure"); err != nil {
		return err
	}
	return n.Network.Configure(ctx, nic)
}

func (n faultyNetwork) AddRoute(ctx context.Context, route zone.Route) error {
	if err := n.faults.strike(ctx, "Network.AddRoute"); err != nil {
		return err
	}
	return n.Network.AddRoute(ctx, route)
}

func (n faultyNetwork) Close(ctx context.Context) error {
	if err := n.faults.strike(ctx, "Network.Close"); err != nil {
		return err
	}
	return n.Network.Close(ctx)
}

type faultyConsole struct {
	core.Console
	faults *Faults
}

func (c faultyConsole) Open(ctx context.Context, want zone.Console) (process.Stdio, error) {
	if err := c.faults.strike(ctx, "Console.Open"); err != nil {
		return process.Stdio{}, err
	}
	return c.Console.Open(ctx, want)
}

func (c faultyConsole) Tee(ctx context.Context, want zone.Console) (stdout, stderr *os.File, err error) {
	if err := c.faults.strike(ctx, "Console.Tee"); err != nil {
		return nil, nil, err
	}
	return c.Console.Tee(ctx, want)
}

// Say has nobody to tell: a fault loses the line.
func (c faultyConsole) Say(text string) {
	if c.faults.strike(context.Background(), "Console.Say") == nil {
		c.Console.Say(text)
	}
}

type faultyProcesses struct {
	core.Processes
	faults *Faults
}

func (p faultyProcesses) Exec(cmd process.Command) error {
	if err := p.faults.strike(context.Background(), "Processes.Exec"); err != nil {
		return err
	}
	return p.Processes.Exec(cmd)
}

func (p faultyProcesses) Start(ctx context.Context, cmd process.Command) (pid int, err error) {
	if err := p.faults.strike(ctx, "Processes.Start"); err != nil {
		return 0, err
	}
	return p.Processes.Start(ctx, cmd)
}

func (p faultyProcesses) Wait(ctx context.Context, pid int) (process.Exit, error) {
	if err := p.faults.strike(ctx, "Processes.Wait"); err != nil {
		return process.Exit{}, err
	}
	return p.Processes.Wait(ctx, pid)
}

type faultySystem struct {
	core.System
	faults *Faults
}

func (s faultySystem) Mount(ctx context.Context, m zone.Mount) error {
	if err := s.faults.strike(ctx, "System.Mount"); err != nil {
		return err
	}
	return s.System.Mount(ctx, m)
}

func (s faultySystem) SetHostname(ctx context.Context, name string) error {
	if err := s.faults.strike(ctx, "System.SetHostname"); err != nil {
		return err
	}
	return s.System.SetHostname(ctx, name)
}
