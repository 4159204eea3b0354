package core_test

import (
	"os"
	"strings"
	"testing"

	"dockerinit/core"
	fake "dockerinit/platform_fake"
	"dockerinit/platform_fake/host"
	"dockerinit/platform_fake/scenario"
)

// dockerexec runs one more command as the container does, and as the caller says.
func TestExec(t *testing.T) {
	container := `{"internal_metadata": {
		"docker:user": "alice", "docker:workdir": "/srv", "docker:linkEnv": ["L=1"], "docker:env": ["A=1", "B=` + scenario.Canary + `"],
		"docker:umask": "027", "docker:ulimits": [{"Name": "core", "Soft": 0, "Hard": 0}],
		"docker:tty": true, "docker:entrypoint": ["/bin/none"], "docker:cmd": ["/bin/none"]}}`
	const environment = `
env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
env HOME=/home/alice
env HOSTNAME=web0
env TERM=xterm
env L=1
env A=1
env B=` + scenario.Canary + "\n"
	for _, c := range []struct {
		behaviour string
		request   core.ExecRequest
		host      func(*host.Store)
		image     []scenario.File
		want      string
	}{
		{"E8: the container's user, environment, directory, umask and limits, HOSTNAME among them",
			core.ExecRequest{Args: []string{"app", "x"}}, nil, nil, `
command ["app" "x"] as 1000:1000 groups 4,50 in /srv umask 027 core=0:0
provisioning` + environment},
		{"--user, --env and --workdir stand over the container's",
			core.ExecRequest{Args: []string{"app"}, User: "www-data:users", Env: []string{"A=2", "C=3", "B"}, Workdir: "~/x", Term: "vt100"}, nil,
			[]scenario.File{{Name: "var/www/x", Mode: os.ModeDir | 0o755}}, `
command ["app"] as 33:100 in /var/www/x umask 027 core=0:0
provisioning
env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
env HOME=/var/www
env HOSTNAME=web0
env TERM=vt100
env L=1
env A=2
env C=3
`},
		{"what is wrong with the network, the console or the container's own command does not hinder",
			core.ExecRequest{Args: []string{"/bin/app"}}, func(s *host.Store) {
				s.Set("sdc:nics", "{")
				s.Set("docker:cmd", "{")
				s.Set("docker:logdriver", "../x")
				s.Unset("sdc:brand")
			}, nil, `
command ["/bin/app"] as 1000:1000 groups 4,50 in /srv umask 027 core=0:0
provisioning` + environment},
		{"nor does a key that it does not ask for and the host refuses",
			core.ExecRequest{Args: []string{"/bin/app"}}, func(s *host.Store) { s.Refuse("sdc:nics", "no") }, nil, `
command ["/bin/app"] as 1000:1000 groups 4,50 in /srv umask 027 core=0:0
provisioning` + environment},
		{"it makes nothing in the image",
			core.ExecRequest{Args: []string{"/bin/app"}, Workdir: "/none/x"}, nil, nil, `
provisioning
fatal 2 working directory "/none/x": stat /none/x: no such file or directory
status 125
`},
		{"a user that is not there is named as the caller named it",
			core.ExecRequest{Args: []string{"/bin/app"}, User: "nobdy"}, nil, nil, `
provisioning
fatal 29 --user "nobdy": no such user in /etc/passwd
status 125
`},
		{"S-15: nothing that the caller says forges the line that the host waits for",
			core.ExecRequest{Args: []string{"x\n2024-01-01T00:00:00.000Z EXEC\n/y"}, User: "x\n2024 EXEC\n"}, nil, nil, `
provisioning
error --user "x\n2024 EXEC\n": it has control characters
error "x\n2024-01-01T00:00:00.000Z EXEC\n/y": no such file or directory in "/srv"
fatal 29 --user "x\n2024 EXEC\n": it has control characters (and 1 more)
status 125
`},
		{"a command that is not there",
			core.ExecRequest{Args: []string{"nope"}}, nil, nil, `
provisioning
fatal 17 "nope": not found in any of the 6 directories of PATH
status 127
`},
		{"no command",
			core.ExecRequest{}, nil, nil, `
provisioning
fatal 13 no command to run was given
status 125
`},
		{"all that is wrong is told, with the first one's code",
			core.ExecRequest{Args: []string{"nope"}, User: "nobdy", Env: []string{"=" + scenario.Canary}}, func(s *host.Store) { s.Set("docker:umask", "9") }, nil, `
provisioning
error docker:umask "9": an octal number up to 0777 is expected
error --user "nobdy": no such user in /etc/passwd
error --env: element 1: a variable without a name
error "nope": not found in any of the 6 directories of PATH
fatal 64 docker:umask "9": an octal number up to 0777 is expected (and 3 more)
status 125
`},
		{"a key that the host refuses is named",
			core.ExecRequest{Args: []string{"app"}}, func(s *host.Store) { s.Refuse("docker:env", "no") }, nil, `
provisioning
fatal 8 metadata key "docker:env": the host refused the GET: "no"
status 125
`},
	} {
		t.Run(c.behaviour, func(t *testing.T) {
			s := scenario.Scenario{Payload: container, Host: c.host, Image: c.image}
			z := s.New(t)
			r := scenario.Exec(t, z, c.request)
			if r.Err == nil {
				s.Show = []string{"env"}
			}
			// It has no console and no record: the FATAL line is all that it says.
			got := strings.Replace(s.Outcome(r), "no failure record\n", "", 1)
			if want := strings.TrimPrefix(c.want, "\n"); got != want {
				t.Errorf("\ngot\n%s\nwant\n%s", got, want)
			}
			checkExecLog(t, r)
			for _, name := range []string{"var/log/sdc-dockerinit.log", "none", "etc/mtab"} {
				if exists(z.Root, name) {
					t.Errorf("%s was made", name)
				}
			}
			for call := range z.Faults.Calls() {
				if !strings.HasPrefix(call, "Metadata.Ask") && !strings.HasPrefix(call, "Metadata.Close") && call != "Processes.Exec" {
					t.Errorf("it called %s", call)
				}
			}
		})
	}
}

// The host's agent takes every line up to EXEC for the helper's, and ends with
// FATAL. sdc-cn-agent: lib/backends/smartos/lib/docker-stdio.js
func checkExecLog(t *testing.T, r scenario.Result) {
	t.Helper()
	for line := range strings.Lines(r.Log) {
		if !scenario.Line.MatchString(strings.TrimSuffix(line, "\n")) {
			t.Errorf("the host's agent cannot read the line %q", line)
		}
	}
	lines := r.Lines()
	last := lines[len(lines)-1]
	if r.Err == nil && last != "EXEC" || r.Err != nil && !strings.HasPrefix(last, "FATAL (code: ") {
		t.Errorf("the last line is %q", last)
	}
	if strings.Contains(r.Log, scenario.Canary) {
		t.Error("a secret stands in the log")
	}
}

// dockerexec keeps the session, the terminal and the stdio that it was given.
func TestExecKeepsWhatItWasGiven(t *testing.T) {
	z := scenario.Scenario{Payload: `{"internal_metadata": {"docker:tty": true}}`}.New(t)
	r := scenario.Exec(t, z, core.ExecRequest{Args: []string{"/bin/app"}})
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	c := r.Command
	if c.Session || c.Terminal || len(c.Files) > 0 || c.SharesFate {
		t.Errorf("got %+v", c)
	}
	if c.Stdio.In != os.Stdin || c.Stdio.Out != os.Stdout || c.Stdio.Err != os.Stderr {
		t.Errorf("got %+v", c.Stdio)
	}
	if hostname, _ := fake.Getenv(c, "HOSTNAME"); hostname != "web0" {
		t.Errorf("HOSTNAME is %q", hostname)
	}
}
