//go:build linux

package lx

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"dockerinit/core/exit"
	"dockerinit/platform_fake/need"
)

// A failure is a zone that the real dockerinit cannot boot on this kernel, and
// what it says of that.
type failure struct {
	name     string
	code     exit.Code
	step     string
	internal string // of its internal_metadata; a command is there without
	more     string // further members of its payload
	prepare  func(t *testing.T, z *bootZone)
	want     string
}

// inAMoment stands for a time that comes while the zone waits for it.
const inAMoment = "IN A MOMENT"

const drivenBy = `"docker:logdriver": "syslog", "docker:logconfig": "{}"`

var failures = []failure{
	{name: "the command is no program", code: exit.Exec, step: "validate",
		internal: `"docker:cmd": ` + list("/tmp/text"), prepare: file("tmp/text", "no program\n", 0o755), want: `"/tmp/text": `},
	{name: "the log driver cannot be started", code: exit.Exec, step: "logger", internal: drivenBy,
		prepare: func(t *testing.T, z *bootZone) {
			z.driver("")
			must(t, os.Remove(z.root+"/native/lib/sdc/docker/logger"))
		}, want: "/native/lib/sdc/docker/logger"},
	{name: "U5 the group is unknown", code: exit.NoSuchGroup, step: "validate", internal: `"docker:user": "0:nobdy"`, want: `docker:user "0:nobdy": `},
	{name: "more groups than the kernel takes", code: exit.Initgroups, step: "exec", internal: `"docker:group_add": ` + numbers(65537), want: "invalid argument"},
	{name: "X1 no command", code: exit.NoCommand, step: "validate", internal: `"docker:cmd": "[]"`, want: "docker:cmd: "},
	{name: "X4 the command is nowhere", code: exit.NotFoundInPath, step: "validate", internal: `"docker:cmd": ` + list("no such program"), want: `"no such program"`},
	{name: "no console of any kind", code: exit.OpenConsole, step: "console", prepare: without("dev/zfd"), want: "neither /dev/zfd nor "},
	{name: "what is no JSON", code: exit.ParseJSON, step: "validate", internal: `"docker:env": "A=b"`, want: "docker:env: "},
	{name: "a directory has the marker's name", code: exit.Rename, step: "provisioned",
		prepare: func(t *testing.T, z *bootZone) { must(t, os.MkdirAll(z.root+"/var/svc/provision_success/x", 0o755)) }, want: "/var/svc"},
	{name: "X3 the command's file is not there", code: exit.StatCommand, step: "validate", internal: `"docker:cmd": ` + list("/no/such"), want: `"/no/such": `},
	{name: "X3 the command is a directory", code: exit.CommandIsDir, step: "validate", internal: `"docker:cmd": ` + list("/tmp"), want: `"/tmp": is a directory`},
	{name: "X7 the user may not execute the command", code: exit.NotExecutable, step: "validate",
		internal: `"docker:user": "web", "docker:cmd": ` + list("/tmp/own"), prepare: file("tmp/own", "#!/bin/sh\n", 0o700), want: `"/tmp/own": `},
	{name: "U5 the user is unknown", code: exit.NoSuchUser, step: "validate", internal: `"docker:user": "nobdy"`, want: `docker:user "nobdy": `},
	{name: "the NIC is not there", code: exit.PlumbInterface, step: "nics", more: `, "nics": [` + nic(0, `"ips": ["10.0.0.5/24"]`) + `]`, want: "eth0: no such interface"},
	{name: "no IPv6 on the link", code: exit.UpIPv6, step: "nics", more: `, "nics": [` + nic(0, `"ips": ["fd00::5/64"]`) + `]`,
		prepare: links("link add eth0 mtu 1000 type veth peer name far\n"), want: "eth0: "},
	{name: "something stands below /dev/fd", code: exit.MountDevFd, step: "mounts", more: `, "brand": "joyent-minimal"`,
		prepare: func(t *testing.T, z *bootZone) { must(t, os.MkdirAll(z.root+"/dev/fd/0", 0o755)) }, want: "/dev/fd"},
	{name: "A4 docker:wait_for_attach is no time", code: exit.AttachNoTimestamp, step: "validate", internal: `"docker:wait_for_attach": "soon"`, want: `docker:wait_for_attach "soon": `},
	{name: "nobody attaches", code: exit.AttachTimedOut, step: "attach",
		internal: `"docker:wait_for_attach": "` + inAMoment + `"`, want: "nobody attached within "},
	{name: "W3 a file is in the directory's way", code: exit.Mkdir, step: "workdir", internal: `"docker:workdir": "/tmp/file/in"`, prepare: file("tmp/file", "", 0o644), want: "/tmp/file"},
	{name: "S-11 a stream is a file", code: exit.StatZfd, step: "console", prepare: func(t *testing.T, z *bootZone) {
		must(t, os.Remove(z.root+"/dev/zfd/1"))
		z.write("dev/zfd/1", "")
	}, want: "/dev/zfd/1: a regular file"},
	{name: "a driver for which there is no copy", code: exit.IoctlZfd, step: "logger", internal: drivenBy, want: "/dev/zfd/3: a Linux program cannot have the console copied"},
	{name: "S-11 /dev/shm is a link", code: exit.MountDevShm, step: "mounts", prepare: func(t *testing.T, z *bootZone) { must(t, os.Symlink("/tmp", z.root+"/dev/shm")) }, want: "/dev/shm is a link to /tmp"},
	{name: "a volume that is none", code: exit.InvalidVolumes, step: "validate", internal: `"docker:nfsvolumes": "[{}]"`, want: "docker:nfsvolumes: "},
	{name: "a volume cannot be mounted", code: exit.MountVolume, step: "volumes", internal: `"docker:nfsvolumes": "[{\"nfsvolume\": \"127.0.0.1:/none\", \"mountpoint\": \"/data\"}]"`, want: "mount 127.0.0.1:/none on /data: "},
	{name: "a value that its key does not take", code: exit.InvalidValue, step: "validate", internal: `"docker:umask": "8"`, want: `docker:umask "8": `},
	{name: "a limit above the kernel's", code: exit.Limits, step: "exec", internal: `"docker:ulimits": "[{\"Name\":\"nofile\",\"Soft\":1099511627776,\"Hard\":1099511627776}]"`, want: "limit nofile"},
	{name: "options of a tmpfs that the kernel refuses", code: exit.MountTmpfs, step: "mounts", internal: `"docker:tmpfs": "{\"/run\": \"mode=7777777777777\"}"`, want: "mount tmpfs on /run"},
	{name: "the log driver ends", code: exit.LoggerEnded, step: "exec", internal: drivenBy + `, "docker:cmd": ` + list("sleep", "30"),
		prepare: func(_ *testing.T, z *bootZone) { z.driver("exit 3\n") }, want: "the log driver"},
}

// Codes that come on LX and are reached there by other tests, and those that do not.
var (
	reachedElsewhere = map[exit.Code]string{
		exit.MetadataInit:   "TestDockerexecAndATroubledHost",
		exit.RaiseInterface: "TestBootOnAnLXKernel",
		exit.IpmgmtdExit:    "TestBootOnAnLXKernel",
		exit.IpmgmtdDied:    "TestBootOnAnLXKernel",
		exit.IpmgmtdCrashed: "TestBootOnAnLXKernel",
		exit.OpenZfd:        "TestWaitForTheConsole",
		exit.Credentials:    "TestRootThatCanBeRegained",
	}
	notOnLX = map[exit.Code]string{
		exit.Chdir:          "the directory is there by then: core, a refusal; dockerexec: cmd/dockerzone",
		exit.Unexpected:     "a defect: core",
		exit.Fork:           "the kernel has no process to give: core, a refusal",
		exit.InvalidBrand:   "the host's word: core, a scenario",
		exit.MetadataFailed: "the host's word: core, a scenario",
		exit.NoBrand:        "the host's word: core, a scenario",
		exit.Open:           "a zone without a root, or /dev/null: core",
		exit.Setgid:         "comes where the groups were taken: core, a refusal",
		exit.Setuid:         "comes where the group was taken: core, a refusal",
		exit.IpadmDoor:      "a kernel without netlink and without native tools: core, a refusal",
		exit.FdopenLog:      "never comes",
		exit.Close:          "a kernel that closes nothing: core, a refusal",
		exit.AttachGettime:  "never comes",
		exit.MetadataTooOld: "a boot warns of it: core",
		exit.NoMemory:       "never comes",
		exit.Dup2:           "a process without room for one descriptor more: core, a refusal",
		exit.Contract:       "illumos alone",
		exit.UnknownVolume:  "never comes",
	}
)

func TestEachCodeIsReachedOnLX(t *testing.T) {
	for _, row := range exit.Table {
		var all []string
		for _, f := range failures {
			if f.code == row.Code {
				all = append(all, f.name)
			}
		}
		if test, ok := reachedElsewhere[row.Code]; ok {
			all = append(all, test)
		}
		why, not := notOnLX[row.Code]
		if not == (len(all) > 0) {
			t.Errorf("%d (%s): reached by %q, and the reason why it is not is %q", row.Code, row.Name, all, why)
		}
	}
}

func TestBootThatFails(t *testing.T) {
	for _, f := range failures {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			_, err := dockerinit() // building it takes time
			must(t, err)
			internal := strings.ReplaceAll(f.internal, inAMoment, fmt.Sprint(time.Now().Add(10*time.Second).UnixMilli()))
			if !strings.Contains(internal, `"docker:cmd"`) {
				internal = strings.TrimSuffix(`"docker:cmd": `+list("true")+", "+internal, ", ")
			}
			z := newBootZone(t, internal, f.more)
			z.streams("")
			if f.prepare != nil {
				f.prepare(t, z)
			}
			e := z.boot("")
			row, _ := f.code.Row()
			if f.step == "logger" {
				row.Status = exit.StatusFailed // 126 is about the command
			}
			fatal := fmt.Sprintf("FATAL (code: %d): ", f.code)
			if e.status != row.Status || e.out != "" || !strings.Contains(e.log, " "+fatal) || !strings.Contains(e.log, f.want) {
				t.Errorf("status %d, want %d; stdout %q; the log, with %s…%s…\n%s", e.status, row.Status, e.out, fatal, f.want, e.log)
			}
			_, said, _ := strings.Cut(e.log, " "+fatal)
			said, _, _ = strings.Cut(said, "\n") // a late word of the host may follow
			if want := "dockerinit: " + fatal + said + "\n"; z.out[2] != nil && e.err != want {
				t.Errorf("on the console\n%swant, as in the log,\n%s", e.err, want)
			}
			var told struct {
				Step string
				Code exit.Code
			}
			record := z.told("__dockerinit_failure")
			must(t, json.Unmarshal([]byte(record), &told))
			if told.Step != f.step || told.Code != f.code {
				t.Errorf("the host was told %s, want step %s, code %d", record, f.step, f.code)
			}
			// After that nothing but the exec can fail.
			if marked := z.files("var/svc") == "provision_success"; f.step != "provisioned" && marked != (f.step == "exec") {
				t.Errorf("in var/svc are %s", z.files("var/svc"))
			}
		})
	}
}

func file(name, content string, mode os.FileMode) func(*testing.T, *bootZone) {
	return func(t *testing.T, z *bootZone) {
		z.write(name, content)
		must(t, os.Chmod(z.root+"/"+name, mode))
	}
}

func without(dir string) func(*testing.T, *bootZone) {
	return func(t *testing.T, z *bootZone) {
		must(t, os.RemoveAll(z.root+"/"+dir))
		z.out, z.speaks = nil, true
	}
}

func links(batch string) func(*testing.T, *bootZone) {
	return func(t *testing.T, z *bootZone) {
		need.Program(t, "ip", "iproute2")
		z.env = append(z.env, "LX_TEST_LINKS="+batch, "PATH="+os.Getenv("PATH"))
	}
}

// numbers are so many groups, as JSON within JSON.
func numbers(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint(100000 + i)
	}
	return list(all...)
}
