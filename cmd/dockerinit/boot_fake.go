//go:build fake || !(illumos || linux)

package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"dockerinit/cmd/internal/payload"
	"dockerinit/cmd/internal/version"
	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/platform_fake"
	"dockerinit/platform_fake/host"
)

// A boot is one run of the fake, as the command line asks for it.
type boot struct {
	self                fake.Self
	payload             string
	root                string
	logFile, recordFile string
	faults              faults
}

// run boots the payload, and returns the status to end with. err is what keeps
// it from its work, not what makes the boot fail: that has been shown.
func (r *boot) run() (status int, err error) {
	p, err := payload.Read(r.payload, os.Stdin)
	if err != nil {
		return statusError, err
	}
	show := progress()
	handlers := []bootlog.Handler{show}
	logFile, err := create(r.logFile)
	if err != nil {
		return statusError, err
	}
	logged := &writer{f: logFile}
	if logFile != nil {
		defer logFile.Close()
		handlers = append(handlers, bootlog.NewText(logged))
	}
	recordFile, err := create(r.recordFile)
	if err != nil {
		return statusError, err
	}
	recorder := bootlog.NewRecorder(version.Version)
	if recordFile != nil {
		defer recordFile.Close()
		handlers = append(handlers, recorder)
	}

	signals := catch()
	defer signals.stop()
	root, remove, err := r.openRoot()
	if err != nil {
		return statusError, err
	}
	status, err = r.boot(p, root, show, bootlog.New(handlers...), signals)
	if recordFile != nil {
		err = errors.Join(err, writeRecord(recordFile, recorder.Record()))
	}
	if err = errors.Join(err, logged.err, remove()); err != nil {
		status = statusError
	}
	return status, err
}

func (r *boot) boot(p *host.Payload, root string, show bootlog.Handler, log *bootlog.Log, signals *signals) (status int, err error) {
	zone := fake.New(p, root)
	zone.Programs, zone.Log = "/", log.Logger
	zone.Console = &console{log: log.Logger}
	command := &resident{
		zone: zone, signals: signals, begun: time.Now(), show: show,
		Processes: fake.Processes{Self: r.self, Root: root, Borrowed: true},
	}
	zone.Processes = command
	zone.Staying = newStaying(command)

	say("Booting %s (%s) in %s\n", cmp.Or(p.Hostname(), "a zone without name"), cmp.Or(p.Brand(), "no brand"), root)
	tellUnseen(show, p)
	booted := core.Init(signals.context, zone.Platform(), log, core.Options{
		Version: version.Version, Amend: r.faults.amend, Ended: func(e process.Exit) { command.ended = e },
	})
	switch caught := signals.caught(); {
	case caught != 0 && booted != nil:
		say("\nSignal %d (%v) ended the boot.", caught, caught)
		status = exit.Signaled(int(caught))
	case booted != nil:
		tellFailure(booted)
		status = exit.StatusOf(booted)
	default:
		command.tellEnd()
		status = command.ended.Code()
	}
	for _, text := range r.faults.missed() {
		say("--fault %s met no action.", text)
	}
	return status, zone.Close()
}

// openRoot is the image's root, and what removes it where it is a temporary one.
func (r *boot) openRoot() (root string, remove func() error, err error) {
	if r.root == "" {
		root, err := fake.TemporaryRoot()
		return root, func() error { return removeAll(root) }, err
	}
	info, err := os.Stat(r.root)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("--root %s: not a directory", r.root)
	}
	if err == nil {
		root, err = filepath.Abs(r.root)
	}
	return root, func() error { return nil }, err
}

// removeAll removes also what a command has made unwritable for its owner.
func removeAll(dir string) error {
	if os.RemoveAll(dir) == nil {
		return nil
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			_ = os.Chmod(path, 0o700) // what cannot be removed for it is told below
		}
		return nil
	})
	return os.RemoveAll(dir)
}

// create makes a file of the command line, nil where none is asked for.
func create(name string) (*os.File, error) {
	if name == "" {
		return nil, nil
	}
	return os.Create(name)
}

// A writer remembers that it could not write: a logger does not ask.
type writer struct {
	f   *os.File
	err error
}

func (w *writer) Write(p []byte) (n int, err error) {
	if n, err = w.f.Write(p); err != nil {
		w.err = err
	}
	return n, err
}

func writeRecord(f *os.File, record bootlog.Record) error {
	out := json.NewEncoder(f)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(record)
}
