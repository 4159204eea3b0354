//go:build linux

package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/core/bootlog"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
	"dockerinit/platform_fake/sim/lan"
)

// A keeper plays the host of one zone.
type keeper struct {
	config Config
	store  *host.Store
	zone   *zone.Zone
	wrong  error // what dockerinit will refuse the payload for
	brand  brand
	root   root
	dev    string
	cons   *console

	init  *os.Process
	ended chan struct{} // closed when the zone has
	end   End

	mu       sync.Mutex
	detached bool // the zone stays when dockerzone run ends
	clients  sync.WaitGroup
}

// keep is the keeper's life. Its parent, dockerzone run, is the first client, on
// the descriptor that the configuration comes on.
func keep() error {
	syscall.Umask(0o022) // the host's, whatever the caller's is: the zone's users read its files
	k := &keeper{ended: make(chan struct{})}
	parent, err := readConfig(&k.config)
	if err != nil {
		return err
	}
	syscall.CloseOnExec(configFD)
	syscall.CloseOnExec(lockFD)
	if image := k.config.Image; image != nil {
		syscall.CloseOnExec(imageFD)
		defer os.RemoveAll(image.Dir)
	}
	w := &wire{conn: parent}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := k.live(ctx, w); err != nil {
		_ = w.send(frameRefused, []byte(err.Error())) // it is the parent's to print
	}
	return nil
}

// live boots the zone and serves its clients, until it has ended and everybody has
// been told.
func (k *keeper) live(ctx context.Context, parent *wire) error {
	if err := k.boot(ctx); err != nil {
		return err
	}
	l, me, err := k.open()
	if err != nil {
		return err
	}
	defer func() {
		l.Close()
		_ = unix.Unmount(k.config.Work, unix.MNT_DETACH) // what is mounted on cannot be removed
		me.sweep()
	}()
	if err := k.start(ctx); err != nil {
		return err
	}
	k.announced(l, parent)
	return nil
}

// open makes the socket and writes down that it is there: before anything is in the
// zone, so that whatever happens to the keeper its traces are found.
func (k *keeper) open() (net.Listener, Zone, error) {
	me := Zone{Socket: k.config.Socket, Work: k.config.Work}
	me.UUID, _, _ = k.store.Get("sdc:uuid")
	me.Alias, _, _ = k.store.Get("sdc:alias")
	me.Hostname, _, _ = k.store.Get("sdc:hostname")
	l, err := net.Listen("unix", k.config.Socket)
	if err != nil {
		return nil, me, err
	}
	if err := me.announce(); err != nil {
		l.Close()
		me.sweep()
		return nil, me, err
	}
	return l, me, nil
}

// announced serves the parent and the others.
func (k *keeper) announced(l net.Listener, parent *wire) {
	k.clients.Go(func() {
		k.serve(parent)
		k.leave() // also where it was gone before it asked for anything
	})
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		select { // the console is the parent's first
		case <-k.cons.seen:
		case <-k.ended:
			return
		}
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			k.clients.Go(func() { k.serve(&wire{conn: conn}) })
		}
	}()
	<-k.ended
	l.Close()
	<-accepted
	// A client that does not read shall not keep the rest from being cleaned up.
	told := make(chan struct{})
	go func() { k.clients.Wait(); close(told) }()
	select {
	case <-told:
	case <-time.After(5 * time.Second):
	}
}

// leave ends the zone when its operator goes without having detached.
func (k *keeper) leave() {
	k.mu.Lock()
	stays := k.detached
	k.mu.Unlock()
	if !stays {
		k.cons.look()
		_ = k.init.Kill()
		<-k.ended
	}
}

// boot makes all of the zone but its first process.
func (k *keeper) boot(ctx context.Context) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("keep the mounts apart: %w", err)
	}
	// Its own processes are what the keeper has to find there.
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	return foreign(k.lay(ctx))
}

// lay lays out the zone's root and devices, and serves its metadata.
func (k *keeper) lay(ctx context.Context) error {
	payload, err := host.Read(strings.NewReader(k.config.Payload))
	if err != nil {
		return err
	}
	k.store = host.NewStore(payload)
	values := map[string]string{}
	for _, key := range zone.Keys() {
		if text, ok, err := k.store.Get(key.Name); err == nil && ok {
			values[key.Name] = text
		}
	}
	// What is wrong with the payload is for dockerinit to say.
	k.zone, _ = zone.Decode(zone.Init|zone.Host, values)
	_, k.wrong = zone.Decode(zone.Init, values)
	k.brand = brandOf(k.zone.Brand)
	if k.root, err = newRoot(k.config); err != nil {
		return err
	}
	if k.dev, err = k.root.devices(k.brand); err != nil {
		return err
	}
	if k.cons, err = newConsole(k.dev, k.zone, !k.config.NoZFD); err != nil {
		return err
	}
	if err := k.root.programs(k.config, k.brand); err != nil {
		return err
	}
	if _, err := k.root.control(ctx, k.brand, k.store); err != nil {
		return err
	}
	return k.root.hostFiles(k.config, k.brand, k.zone, values["sdc:uuid"])
}

// start starts the zone's first process in namespaces of its own.
func (k *keeper) start(ctx context.Context) error {
	c := initConfig{Root: k.root.dir, Init: k.brand.programs + "/dockerinit"}
	var err error
	if c.Proc, err = k.root.mkdir("/proc"); err != nil {
		return err
	}
	if c.Sys, err = k.root.mkdir("/sys"); err != nil {
		return err
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Args, cmd.Env = []string{zoneName}, []string{}
	w, err := withWire(cmd)
	if err != nil {
		return err
	}
	defer w.conn.Close()
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC,
	}
	err = cmd.Start()
	closeFiles(cmd.ExtraFiles)
	if err != nil {
		return fmt.Errorf("make the zone's namespaces: %w", err)
	}
	k.init = cmd.Process
	err = w.sendJSON(frameRequest, c)
	if err == nil {
		err = w.confirmed()
	}
	if err == nil {
		err = k.network(ctx)
	}
	if err == nil {
		if err = w.send(frameReady, nil); err == nil {
			err = w.executed()
		}
	}
	if err != nil {
		_ = cmd.Process.Kill()
		_, _ = cmd.Process.Wait()
		return err
	}
	go k.await(cmd)
	return nil
}

// network gives the zone its network: what is on the link of its NICs.
func (k *keeper) network(ctx context.Context) error {
	if k.wrong != nil {
		return nil // dockerinit never comes to it, and says why
	}
	ns, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", k.init.Pid))
	if err != nil {
		return err
	}
	defer ns.Close()
	// It ends with the keeper, and its links with the switch's namespace.
	_, err = lan.Open(ctx, bootlog.NewLogger(), ns, k.zone.Network.NICs, k.zone.Network.Routes, lan.Options{Lease: k.config.Lease})
	return err
}

// confirmed waits for the word that all is well so far.
func (w *wire) confirmed() error {
	switch kind, text, err := w.receive(); {
	case err != nil:
		return err
	case kind == frameRefused:
		return errors.New(string(text))
	}
	return nil
}

// executed waits until the process at the other end has executed another program,
// which closes the connection.
func (w *wire) executed() error {
	switch _, text, err := w.receive(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	default:
		return errors.New(string(text))
	}
}

// await waits for the zone's end and finds out how it ended.
func (k *keeper) await(cmd *exec.Cmd) {
	var late <-chan time.Time
	if k.config.Timeout > 0 {
		late = time.After(k.config.Timeout)
	}
	done := make(chan struct{})
	go func() { _ = cmd.Wait(); close(done) }() // its status is looked at below
	select {
	case <-done:
	case <-late:
		k.end.TimedOut = true
		_ = cmd.Process.Kill()
		<-done
	}
	k.end.Unlogged = k.cons.drain()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		k.end.Signal = int(status.Signal())
	} else {
		k.end.Status = cmd.ProcessState.ExitCode()
	}
	if log, err := k.root.image.ReadFile("/var/log/sdc-dockerinit.log", 256<<10); err == nil {
		k.end.Log = string(log)
	}
	if k.end.Status != 0 {
		k.end.Failure = k.told("__dockerinit_failure")
	}
	if k.config.Keep && k.root.upper != "" {
		k.end.Kept, k.end.Trouble = k.keepRoot()
	}
	close(k.ended)
}

// told is what the zone has told the host as its last word, which may still be on
// its way.
func (k *keeper) told(key string) string {
	for range 20 {
		if text, ok, err := k.store.Get(key); ok && err == nil {
			return text
		}
		time.Sleep(5 * time.Millisecond)
	}
	return ""
}

// keepRoot copies what the zone has written to where it stays.
func (k *keeper) keepRoot() (dir, trouble string) {
	dir = k.config.Work + keptSuffix
	out, err := exec.Command("cp", "-a", k.root.upper, dir).CombinedOutput()
	if err != nil {
		first, _, _ := strings.Cut(string(out), "\n")
		trouble = fmt.Sprintf("not all that the zone has written is kept: %v: %s", err, first)
		if _, err := os.Lstat(dir); err != nil {
			dir = ""
		}
	}
	return dir, trouble
}

// withWire gives the command its end of a connection, as descriptor configFD.
func withWire(cmd *exec.Cmd) (*wire, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	cmd.ExtraFiles = []*os.File{os.NewFile(uintptr(fds[1]), "theirs")}
	return &wire{conn: os.NewFile(uintptr(fds[0]), "ours")}, nil
}

func closeFiles(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
