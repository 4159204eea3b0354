//go:build linux && amd64

package abi

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/core/zone"
	fake "dockerinit/platform_fake"
	"dockerinit/platform_fake/scenario"
)

// The table of all platforms, in both brands: what it has of LX zones also in
// native ones.
func TestScenarios(t *testing.T) {
	for _, s := range scenario.All() {
		s = inOtherWords(t, s)
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			checkScenario(t, s)
		})
		if native, can := inNativeZone(s); can {
			t.Run("joyent-minimal/"+s.Name, func(t *testing.T) {
				t.Parallel()
				checkScenario(t, native)
			})
		}
	}
}

// inNativeZone is a scenario of an LX zone in a native one, unless it is about what
// only the other has. The usual NIC has another name there.
func inNativeZone(s scenario.Scenario) (scenario.Scenario, bool) {
	for _, word := range []string{"shmsize", "mtab", "/native/usr"} {
		if strings.Contains(s.Name+s.Want+s.Warns+s.Payload, word) {
			return s, false
		}
	}
	usual := strings.ReplaceAll(s.Want, "mount tmpfs on /dev/shm (mode=1777)\n", "")
	if s.Brand != "" || strings.Contains(usual, "/dev/shm") || s.Host != nil && strings.Contains(s.Want, "eth") {
		return s, false
	}
	s.Brand = zone.JoyentMinimal
	words := []string{"mount tmpfs on /dev/shm (mode=1777)", "mount fd on /dev/fd", "nic lo ", "nic lo0 ", "/native/lib", "/lib"}
	if !strings.Contains(s.Payload, `"nics"`) {
		words = append(words, "eth0", "net0")
	}
	other := strings.NewReplacer(words...)
	s.Want, s.Warns = other.Replace(s.Want), other.Replace(s.Warns)
	return s, true
}

// inOtherWords is the scenario with what is different here.
func inOtherWords(t *testing.T, s scenario.Scenario) scenario.Scenario {
	t.Helper()
	for _, d := range different[s.Name] {
		if !strings.Contains(s.Want+s.Warns, d.other) {
			t.Errorf("%q is no longer in what is wanted", d.other)
		}
		s.Want, s.Warns = strings.ReplaceAll(s.Want, d.other, d.here), strings.ReplaceAll(s.Warns, d.other, d.here)
	}
	return s
}

// different is what a kernel has in other words than the fake.
var different = map[string][]struct{ other, here string }{
	"S-9: links in a circle are fatal": {{"too many levels of symbolic links",
		"number of symbolic links encountered during path name traversal exceeds MAXSYMLINKS"}},
	// It names a directory without the links that led there, and sorts groups.
	"S-9: a link that leads out of the image leads to its root": {{"in /app/data", "in /srv/data"}},
	"a working directory through a link is made where it leads": {{"in /app/data", "in /srv/data"}},
	"U13: group_add takes names and numbers, each once":         {{"100,4711,5", "5,100,4711"}},
	// The kernel says no more than its errno or libipadm's status.
	"a route with an unreachable gateway is a warning": {{"gateway 172.16.0.1 is on no link: ", ""}},
	"an address that the host does not allow is fatal, and all NICs are tried": {
		{"address 10.0.0.77/24: not among the allowed-ips of eth0: operation not permitted", "10.0.0.77/24: ipadm_create_addr: not permitted (IPADM_EPERM)"},
		{`"eth9": the host made no link of that name: no such device or address`, "IPv4: ipadm_create_if: the link could not be opened (IPADM_DLPI_FAILURE)"},
		{"nic eth0 mtu 1500 down", "nic eth0 mtu 1500"}, // its IPv6 side is up
	},
	// The interface of an agent's route is found by its gateway; a lease is the
	// interface's own, and the static addresses are on logical ones; a link-local
	// address has RFC 4291's whole prefix.
	"dhcp": {{"via 198.18.1.1", "via 198.18.1.1 dev eth0"}},
	"docker:noipmgmtd: an agent that holds a lease stays": {{"via 198.18.1.1", "via 198.18.1.1 dev eth0"}},
	"addrconf": {{"fe80::92b8:d0ff:fe00:5/64", "fe80::92b8:d0ff:fe00:5/10"}},
	"dhcp and addrconf beside a static address": {{"via 198.18.1.1", "via 198.18.1.1 dev eth0"},
		{"10.0.0.5/24 198.18.1.10/24 fe80::92b8:d0ff:fe00:5/64", "198.18.1.10/24 10.0.0.5/24 fe80::92b8:d0ff:fe00:5/10"}},
	"an NFS server that no route leads to is fatal, and all volumes are tried": {
		{"server 192.0.2.9: network is unreachable", "nfs mount: 192.0.2.9: network is unreachable (status 32)"}},
}

// checkScenario boots the zone and compares what has come of it.
func checkScenario(t *testing.T, s scenario.Scenario) {
	t.Helper()
	s.Need(t)
	z := newZone(t, s)
	if strings.Contains(s.Payload, `"docker:tty": true`) {
		z.terminal()
	} else {
		z.streams()
	}
	e := z.boot()
	if e.log == "" { // it is kept in memory, and the console tells what is wrong
		s.Warns = ""
		s.Want = regexp.MustCompile(`(?m)^error .*\n`).ReplaceAllString(s.Want, "")
		e.log = regexp.MustCompile(`(?m)^dockerinit: (FATAL .*)$`).ReplaceAllString(e.out[2], "2000-01-01T00:00:00.000Z $1")
	}
	r := z.result(s, e)
	if !strings.Contains(s.Want, "\nnic ") { // it ends while ipmgmtd starts, which is waited for with the first NIC
		r.State = strings.ReplaceAll(r.State, "daemons ipmgmtd\n", "")
		s.Want = strings.ReplaceAll(s.Want, "daemons ipmgmtd\n", "")
	}
	s.Check(t, r)
	if t.Failed() {
		t.Logf("status %d, console %v\n%s\n%s", e.status, e.out, e.log, e.model)
	}
}

// result is what has come of the boot as the table has it: the state in the
// words of the fake, taken from the model of the kernel and from what was really
// executed, printed and written.
func (z *bootedZone) result(s scenario.Scenario, e ended) scenario.Result {
	r := scenario.Result{Log: e.log, Root: z.root}
	var became, teed, terminal bool
	var child string
	var console []string
	var streams strings.Builder
	for line := range strings.Lines(e.model) {
		line = strings.TrimSuffix(line, "\n")
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case word == "hostname":
			r.State += line + "\n"
		case word == "mount":
			r.State += mountLine(rest) + "\n"
		case line == "zfd 0 opened to read and write":
			terminal = true
			console = append(console, "console a terminal")
		case line == "zfd 0 opened to read" && !terminal:
			streams.WriteString(", stdin open")
		case line == "zfd 1 opened to write" && !terminal:
			console = append(console, "console three streams")
		case word == "zfd" && strings.Contains(line, " copies "):
			teed = true
		}
	}
	r.State += networkAsTold(e.model, s.Brand)
	for _, x := range e.execs {
		switch {
		case strings.HasSuffix(x.path, "/logger"):
			r.Started = append(r.Started, x.command())
		case x.path == "/bin/app" && x.pid() != 1: // docker:init
			child = " as a child"
			fallthrough
		case x.pid() == 1:
			became = true
			r.Command = x.command()
			for _, m := range regexp.MustCompile(`"Name": "(\w+)"`).FindAllStringSubmatch(s.Payload, -1) {
				r.Command.Limits = append(r.Command.Limits, x.limits[m[1]])
			}
		}
	}
	if len(console) > 0 {
		r.State += console[0] + streams.String()
		if terminal && strings.Contains(s.Payload, `"docker:open_stdin": true`) { // a terminal is one in any case
			r.State += ", stdin open"
		}
		if teed {
			r.State += ", teed"
		}
		r.State += "\n"
	}
	for line := range strings.Lines(e.out[2] + e.out[0]) {
		r.State += fmt.Sprintf("said %q\n", strings.TrimRight(line, "\r\n"))
	}
	for _, c := range r.Started {
		r.State += "started " + fake.Describe(c) + "\n"
	}
	if became {
		r.State += "command " + fake.Describe(r.Command) + child + "\n"
	}
	r.State += fake.Left(z.root, z.store)
	if m := regexp.MustCompile(` FATAL \(code: (\d+)\): `).FindStringSubmatch(e.log); m != nil {
		code, _ := strconv.Atoi(m[1])
		r.Err = &exit.Error{Code: exit.Code(code), Status: e.status, Err: exit.Code(code)}
	}
	return r
}

// mountLine is "shm on /dev/shm type tmpfs (mode=1777)" in the words of the table.
func mountLine(text string) string {
	m := regexp.MustCompile(`^(\S+) on (\S+) type (\S+)(?: \((.*)\))?$`).FindStringSubmatch(text)
	if m == nil {
		return "mount? " + text
	}
	what, options := m[3], strings.Split(m[4], ",")
	if what == "nfs" {
		what, options = m[1], options[2:] // vers=3,sec=sys
	}
	for i, o := range options {
		if o == "nodevices" {
			options[i] = "nodev"
		}
	}
	line := fmt.Sprintf("mount %s on %s", what, m[2])
	// The platform's own word for a tmpfs, which comes last.
	if all := strings.TrimSuffix(strings.Join(options, ","), ",mode=1777"); all != "" {
		line += " (" + all + ")"
	}
	return line
}

func (x executed) pid() int {
	number, _, _ := strings.Cut(x.lines["pid"], " ")
	n, _ := strconv.Atoi(number)
	return n
}

// command is what was executed as its caller has meant it.
func (x executed) command() process.Command {
	c := process.Command{Path: x.path, Args: x.args, Env: x.env, Dir: x.dir}
	numbers := func(word string) (all []uint32) {
		for _, text := range strings.Fields(x.lines[word]) {
			n, _ := strconv.ParseUint(text, 10, 32)
			all = append(all, uint32(n))
		}
		return all
	}
	c.Credentials = process.Credentials{UID: numbers("user")[0], GID: numbers("group")[0], Groups: numbers("groups")}
	if gid := c.Credentials.GID; !slices.Contains(c.Credentials.Groups, gid) {
		c.Credentials.Groups = append([]uint32{gid}, c.Credentials.Groups...)
	}
	c.Terminal = strings.Contains(x.lines["session"], "terminal own")
	mask, _ := strconv.ParseUint(x.lines["umask"], 8, 32)
	c.Umask = uint32(mask)
	for fd := 3; x.fds[fd] != ""; fd++ {
		c.Files = append(c.Files, nil)
	}
	c.SharesFate = x.pid() != 1 && strings.HasSuffix(x.lines["pid"], "contract 1")
	return c
}
