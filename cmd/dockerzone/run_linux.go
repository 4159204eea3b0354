//go:build linux

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"dockerinit/cmd/internal/oci"
	"dockerinit/core"
	"dockerinit/core/image"
	"dockerinit/platform_fake/host"
	"dockerinit/platform_fake/sim"
)

const runUsage = `Usage: dockerzone run [FLAG…] PAYLOAD [-- CMD [ARG…]]
       dockerzone run [FLAG…] --image IMAGE [PAYLOAD] [-- CMD [ARG…]]

Boots the zone of a payload on this machine, as root or as an ordinary user: the
real dockerinit for LX zones is its first process, in namespaces of its own, with
the host's metadata socket, zfd devices for its console, and its NICs, whose
gateways answer. Your terminal, or your stdin and stdout, is the zone's console.
Nothing of it is left when it ends, however it ends.

As root, boot only what you trust: the zone's root is then root of this machine,
and namespaces alone do not hold it. An ordinary user's zone can do no more than
that user.

PAYLOAD is the JSON that vmadm create takes and vmadm get prints; - is standard
input. CMD replaces the command of the payload and of its image, and the
entrypoint.

  --rootfs DIR       the image's root; what the zone writes is thrown away.
                     Without it the zone has this machine's own programs, and
                     sees no home directories
  --image IMAGE      boot this image: an archive of docker save or of an OCI
                     layout, a layout's directory, or a reference into a registry,
                     which is asked with the credentials of docker login. What the
                     payload does not say comes from the image's configuration.
                     Without PAYLOAD the zone has the addresses ` + imageIPv4 + `
                     and ` + imageIPv6 + `
  --platform P       where the image is there for several: OS/ARCH
  --tag NAME         which image of an archive or a layout that has several
  --write            let the zone write to the --rootfs directory itself
  --keep             keep what the zone has written, and say where
  --tty              give the command a terminal, whatever docker:tty says
  --no-zfd           give the zone no zfd devices, as a host without zlog-mode does:
                     its console is then /dev/console, a terminal
  --log              show the boot log at the end, on standard error
  --timeout D        end the zone after D, as 30s or 5m
  --lease D          how long an address from DHCP is the zone's; default: 1h
  --dockerinit FILE  the program to boot with; default: the one beside dockerzone

At a terminal, Ctrl-P Ctrl-Q leaves the zone running: dockerzone attach shows it
again. Without one, the first interrupt asks the zone's first process to stop, and
docker:stoptimeout later it is killed; the second one kills it at once.

At the end the zone's exit_status, as vmadm get shows it, is on standard error,
and why the boot failed where it did.

Exit status:
  that of the zone's first process; 128+N where signal N ended it
  2    the zone could not be made, or --timeout ended it
  3    wrong usage

The files of an image are unpacked into a directory below TMPDIR, with their
capabilities, and their owners as far as this user may have them, and removed with
the zone.

Examples:
  dockerzone run platform_fake/examples/hello.json
  dockerzone run --image nginx.tar
  dockerzone run --tty --rootfs debian zone.json -- /bin/bash
`

// A zoneRun is what the command line of run asks for.
type zoneRun struct {
	config   sim.Config
	payload  string // its name; empty: none is given
	image    string
	choice   oci.Options // of one image among several
	command  []string
	tty, log bool
}

func runRun(args []string, std stdio) int {
	r, status, ok := parseRun(args, std)
	if !ok {
		return status
	}
	defer r.removeImage()
	if err := r.prepare(std); err != nil {
		return failed(std, "run", err)
	}
	client, err := sim.Start(r.config)
	if err != nil {
		return failed(std, "run", err)
	}
	defer client.Close()
	name := zoneName(r.config.Payload)
	end, detached, err := converse(client, std, console{stops: true, raw: r.config.NoZFD || isTTY(r.config.Payload), detaches: true})
	switch {
	case err != nil:
		return failed(std, "run", err)
	case detached:
		r.config.Image = nil // the zone runs on with it
		return tellDetached(name, "run", std)
	}
	if r.log {
		fmt.Fprint(std.err, end.Log)
	}
	code := tellZoneEnd(end, std)
	if end.Failure != "" && r.payload != "" && r.payload != "-" {
		r.tellPlan(std)
	}
	return code
}

// tellPlan tells who knows all that is wrong, where dockerinit has not said it: it
// sees what the host makes of a payload, and ends with the first mistake.
func (r *zoneRun) tellPlan(std stdio) {
	if p, err := host.Read(strings.NewReader(r.config.Payload)); err == nil && !planOf(p.AsDocker(), nil).Boots {
		tell(std, "run", "dockerzone plan "+r.payload+" tells all that is wrong with the payload")
	}
}

func parseRun(args []string, std stdio) (r zoneRun, status int, ok bool) {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	c := &r.config
	flags.StringVar(&c.Root, "rootfs", "", "")
	flags.StringVar(&r.image, "image", "", "")
	flags.StringVar(&r.choice.Platform, "platform", "", "")
	flags.StringVar(&r.choice.Tag, "tag", "", "")
	flags.BoolVar(&c.Write, "write", false, "")
	flags.BoolVar(&c.Keep, "keep", false, "")
	flags.DurationVar(&c.Timeout, "timeout", 0, "")
	flags.DurationVar(&c.Lease, "lease", 0, "")
	flags.StringVar(&c.Dockerinit, "dockerinit", beside("dockerinit"), "")
	flags.BoolVar(&c.NoZFD, "no-zfd", false, "")
	flags.BoolVar(&r.tty, "tty", false, "")
	flags.BoolVar(&r.log, "log", false, "")
	args, r.command = cutCommand(args)
	if status, ok := parseFlags(flags, args, runUsage, std); !ok {
		return r, status, false
	}
	r.payload = flags.Arg(0)
	c.Dockerexec = filepath.Join(filepath.Dir(c.Dockerinit), "dockerexec")
	text := ""
	switch {
	case flags.NArg() == 0 && r.image == "":
		text = "a payload is missing, or --image IMAGE"
	case flags.NArg() > 1:
		text = fmt.Sprintf("unexpected argument %q: the command comes after --", flags.Arg(1))
	case meantAsImage(r.payload):
		text = r.payload + ": an image, not a payload: --image is for it"
	case r.image == "" && r.choice != oci.Options{}:
		text = "--platform and --tag are for --image"
	case r.image != "" && c.Root != "":
		text = "the files are those of --image or of --rootfs, not both"
	case c.Write && c.Root == "":
		text = "--write is for a --rootfs directory"
	case c.Write && c.Keep:
		text = "--keep is for what is thrown away, which --write is not"
	case c.Timeout < 0:
		text = "--timeout: a time is not negative"
	case c.Lease < 0 || c.Lease%time.Second != 0:
		text = "--lease: whole seconds are expected"
	default:
		return r, exitOK, true
	}
	return r, misused(std, "run", text), false
}

// prepare reads the payload and unpacks the image.
func (r *zoneRun) prepare(std stdio) (err error) {
	var zone map[string]any
	if r.payload != "" {
		if zone, err = readObject(r.payload, std.in); err != nil {
			return err
		}
	}
	if r.image == "" {
		return r.finish(zone)
	}
	dir, config, err := imageFor(r.image, r.choice, std)
	if err != nil {
		return err
	}
	r.config.Image, r.config.Root = dir, dir.Root()
	if zone != nil {
		underPayload(internalOf(zone), config)
		return r.finish(zone)
	}
	zone = imageZone(r.image, config)
	underPayload(internalOf(zone), config)
	if err = r.finish(zone); err == nil {
		tellImageZone(zoneName(r.config.Payload), config, std)
	}
	return err
}

func (r *zoneRun) removeImage() {
	if r.config.Image != nil {
		_ = r.config.Image.Remove() // else the next run does it
	}
}

// imageFor is unpackImage, until somebody interrupts it.
func imageFor(source string, o oci.Options, std stdio) (*sim.Image, oci.Config, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	asked := o.Platform != ""
	o.Platform = cmp.Or(o.Platform, thisPlatform)
	dir, config, err := unpackImage(ctx, source, o, asked, std)
	if ctx.Err() != nil && err != nil {
		err = fmt.Errorf("%s: interrupted", source)
	}
	return dir, config, err
}

// internalOf is the internal_metadata of a payload, made where there is none.
func internalOf(zone map[string]any) map[string]any {
	internal, _ := zone["internal_metadata"].(map[string]any)
	if internal == nil {
		internal = map[string]any{}
		zone["internal_metadata"] = internal
	}
	return internal
}

// finish makes the zone's payload, with what the command line changes of it, and
// tells what would keep the zone from booting here.
func (r *zoneRun) finish(zone map[string]any) error {
	c, internal := &r.config, internalOf(zone)
	if len(r.command) > 0 {
		internal["docker:entrypoint"], internal["docker:cmd"] = "[]", strings.TrimSpace(encoded(r.command, ""))
	}
	if r.tty {
		internal["docker:tty"] = true
	}
	c.Payload = indented(zone)
	p, err := host.Read(strings.NewReader(c.Payload))
	if err != nil {
		return err
	}
	dir := "/"
	if c.Root != "" {
		if c.Root, err = filepath.Abs(c.Root); err != nil {
			return err
		}
		dir = c.Root
	}
	root, err := image.Open(dir)
	if err != nil {
		return fmt.Errorf("--rootfs: %w", err)
	}
	defer root.Close()
	return idsFit(planOf(p, root), sim.Mapping().Has)
}

// idsFit is an error where the zone needs an id that it cannot have here.
func idsFit(r report, has func(uint32) bool) error {
	if !r.User.Resolved {
		return nil // for dockerinit to say
	}
	for _, id := range append([]uint32{r.User.UID, r.User.GID}, r.User.Groups...) {
		if !has(id) {
			return fmt.Errorf("the zone's user is %s, and of an ordinary user's namespace %d is no id: run it as root, or %s", r.User, id, rangeRemedy)
		}
	}
	return nil
}

// tellZoneEnd tells how the zone ended, and gives the status to end with.
func tellZoneEnd(end sim.End, std stdio) int {
	if end.Trouble != "" {
		tell(std, "run", end.Trouble)
	}
	var f core.Failure
	failed := end.Failure != "" && json.Unmarshal([]byte(end.Failure), &f) == nil
	for _, text := range end.Unlogged {
		if f.Step != "logger" { // there never was one
			tell(std, "run", text)
		}
	}
	if end.Kept != "" {
		tell(std, "run", "what the zone has written is in "+end.Kept)
	}
	switch {
	case end.TimedOut:
		tell(std, "run", "--timeout ended the zone")
		return exitError
	case end.Signal != 0:
		tell(std, "run", fmt.Sprintf("exit_status -%d", end.Signal))
	default:
		tell(std, "run", fmt.Sprintf("exit_status %d", end.Status))
	}
	if failed {
		tell(std, "run", fmt.Sprintf("FATAL (code: %d): %s; dockerzone explain %d tells more", f.Code, f.Text, f.Code))
	}
	return end.Code()
}

// tellDetached tells how to come back.
func tellDetached(name, subcommand string, std stdio) int {
	tell(std, subcommand, "the zone runs on; dockerzone attach "+name+" shows it again")
	return exitOK
}

// zoneName is what a person calls the zone.
func zoneName(payload string) string {
	p, err := host.Read(strings.NewReader(payload))
	if err != nil {
		return "ZONE"
	}
	store := host.NewStore(p)
	for _, key := range []string{"sdc:alias", "sdc:hostname", "sdc:uuid"} {
		if name, ok, err := store.Get(key); ok && err == nil && name != "" {
			return name
		}
	}
	return "ZONE"
}

// isTTY tells whether the zone's console is a terminal.
func isTTY(payload string) bool {
	p, err := host.Read(strings.NewReader(payload))
	return err == nil && planOf(p, nil).Stdio.TTY
}

// cutCommand takes what follows "--" off.
func cutCommand(args []string) (before, command []string) {
	for i, a := range args {
		if a == "--" {
			return args[:i], args[i+1:]
		}
	}
	return args, nil
}

// beside is a program in the same directory as this one.
func beside(name string) string {
	self, err := os.Executable()
	if err != nil {
		return name
	}
	return filepath.Join(filepath.Dir(self), name)
}
