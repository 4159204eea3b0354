//go:build linux

package main_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/platform_fake/need"
	"dockerinit/platform_fake/sim"
)

// hosting boots a zone and makes this process its host, which runs commands in it
// as zlogin does.
func hosting(t *testing.T, internal map[string]any) sim.Zone {
	t.Helper()
	cmd := booting(t, root, zonePayload(t, with(shell("echo up; exec sleep 60"), internal)))
	for _, variable := range cmd.Env[len(os.Environ()):] {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	p := cmdtest.Start(t, cmd)
	p.Await("up\n")
	t.Cleanup(func() { stop(p); p.Wait() })
	z, err := sim.Find("z0")
	must(t, err)
	return z
}

// hosted runs dockerexec in the zone, and is the host's agent at its streams. At a
// terminal stdout is in the agent's User, with a terminal's line ends.
func hosted(t *testing.T, z sim.Zone, e sim.Exec) (stdout string, end sim.End, agent *cmdtest.Agent) {
	t.Helper()
	client, err := z.Dial(sim.Request{Op: "exec", Exec: e})
	must(t, err)
	defer client.Close()
	var out, errs strings.Builder
	end, err = client.Watch(func(p []byte) { out.Write(p) }, func(p []byte) { errs.Write(p) })
	must(t, err)
	if e.Terminal {
		return "", end, cmdtest.Hear(t, out.String()+errs.String())
	}
	return out.String(), end, cmdtest.Hear(t, errs.String())
}

// The real dockerexec in a zone, as the host's agent has it: over pipes and at a
// terminal.
func TestTheHostRunsDockerexec(t *testing.T) {
	need.Program(t, "sh", "dash")
	const secret = "canary"
	var env []string
	forgeries := cmdtest.Forgeries(secret)
	names := slices.Sorted(maps.Keys(forgeries))
	for i, name := range names {
		forgeries[name] = strings.ToValidUTF8(forgeries[name], "\ufffd") // a payload is JSON
		env = append(env, fmt.Sprintf("F%d=%s", i, forgeries[name]))
	}
	text, err := json.Marshal(env)
	must(t, err)
	z := hosting(t, map[string]any{"docker:env": string(text), "docker:linkEnv": string(text), "docker:workdir": "/usr"})

	script := func(text string) []string { return []string{"sh", "-c", text} }
	type test struct {
		name         string
		args         []string
		status       int
		stdout, user string // user: of stderr, what is the command's
		code         string
	}
	tests := []test{
		{"its status is the command's", script("exit 42"), 42, "", "", ""},
		{"and its streams", script("echo out; echo err >&2"), 0, "out\n", "err\n", ""},
		{"128+N where a signal ended it", script("kill -TERM $$"), 143, "", "", ""},
		{"P5 it has three descriptors", script("ls -1 /proc/$$/fd"), 0, "0\n1\n2\n", "", ""},
		{"P7 it keeps the session", script(`set -- $(cut -d ')' -f 2 /proc/$$/stat); [ $4 = $$ ] && pwd`), 0, "/usr\n", "", ""},
		{"127 not in PATH", []string{"no-such"}, 127, "", "", "17"},
		{"127 no such file", []string{"/no/such"}, 127, "", "", "25"},
		{"126 a directory", []string{"/usr"}, 126, "", "", "26"},
		{"126 not executable", []string{"/etc/passwd"}, 126, "", "", "27"},
		{"125 no such user", []string{"--user", "nobdy", "true"}, 125, "", "", "29"},
		{"125 no such group", []string{"--user", "0:nobdy", "true"}, 125, "", "", "5"},
		{"125 no such directory", []string{"--workdir", "/no/such", "true"}, 125, "", "", "2"},
		{"125 no command", []string{"--"}, 125, "", "", "13"},
		{"125 a wrong flag", []string{"--usr", "x", "true"}, 125, "", "", "64"},
	}
	for i, name := range names {
		forged := forgeries[name]
		tests = append(tests,
			test{"the environment has " + name, script(fmt.Sprintf(`printf %%s "$F%d"`, i)), 0, forged, "", ""},
			test{"a user is " + name, []string{"--user", forged, "true"}, 125, "", "", "29"},
			test{"a variable is " + name, []string{"--env", "F=" + forged, "true"}, 0, "", "", ""},
			test{"what is no variable is " + name, []string{"--env", "=" + forged, "true"}, 125, "", "", "64"},
			test{"a command is " + name, []string{strings.ReplaceAll(forged, "/", "")}, 127, "", "", "17"},
		)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			stdout, end, agent := hosted(t, z, sim.Exec{Args: tt.args})
			if end.Code() != tt.status || stdout != tt.stdout || agent.User != tt.user || agent.Code != tt.code {
				t.Errorf("over pipes: status %d, want %d; stdout %q, want %q\n%s", end.Code(), tt.status, stdout, tt.stdout, agent)
			}
			if strings.Contains(tt.name, "variable") && strings.Contains(agent.Log, secret) {
				t.Errorf("S-16 a secret is logged: %s", agent)
			}
			_, end, agent = hosted(t, z, sim.Exec{Args: tt.args, Terminal: true})
			// What goes through a terminal may come out as something else.
			if want := strings.ReplaceAll(tt.stdout+tt.user, "\n", "\r\n"); end.Code() != tt.status || agent.Code != tt.code || agent.Exec != (tt.code == "") || !strings.Contains(tt.name, "environment") && agent.User != want {
				t.Errorf("at a terminal: status %d, want %d; want for the user %q\n%s", end.Code(), tt.status, want, agent)
			}
		})
	}

	t.Run("TERM is that of the caller's terminal", func(t *testing.T) {
		for _, term := range append([]string{"vt220", ""}, slices.Collect(maps.Values(forgeries))...) {
			_, end, agent := hosted(t, z, sim.Exec{Args: script(`printf %s "$TERM"`), Terminal: true, Term: term})
			if end.Code() != 0 || strings.Contains(agent.Log, secret) || term == "vt220" && agent.User != term || term == "" && agent.User != "xterm" {
				t.Errorf("TERM=%q: status %d\n%s", term, end.Code(), agent)
			}
		}
		if stdout, _, agent := hosted(t, z, sim.Exec{Args: script(`echo "$TERM"`), Term: "vt220"}); stdout != "xterm\n" {
			t.Errorf("without a terminal TERM is %q\n%s", stdout, agent)
		}
	})
}

// What docker exec runs is what the container's own command is, but for the session.
func TestDockerexecIsAsTheContainer(t *testing.T) {
	const look = `id; umask; ulimit -n; ulimit -c; pwd; env | grep -v -e ^_= -e ^OLDPWD= -e ^SHLVL= | sort; grep -e ^Sig[BI] -e ^Cap /proc/self/status`
	z := hosting(t, map[string]any{
		"docker:user": "4711:4712", "docker:group_add": `["4713", "4714"]`, "docker:umask": "027", "docker:workdir": "/usr/lib", "docker:env": `["A=b c", "PATH=/usr/bin:/bin"]`,
		"docker:ulimits": `[{"Name": "nofile", "Soft": 64, "Hard": 128}, {"Name": "core", "Soft": 0, "Hard": 0}]`,
		"docker:cmd":     `["/bin/sh", "-c", "exec 3>/tmp/seen; { ` + strings.ReplaceAll(look, `"`, `\"`) + `; } >&3; exec 3>&-; echo up; exec sleep 60"]`,
	})
	stdout, end, agent := hosted(t, z, sim.Exec{Args: []string{"sh", "-c", "cat /tmp/seen; echo; " + look}})
	container, exec, _ := strings.Cut(stdout, "\n\n")
	if end.Code() != 0 || container+"\n" != exec || !strings.HasPrefix(exec, "uid=4711 gid=4712 groups=4712,4713,4714\n0027\n64\n0\n/usr/lib\nA=b c\n") {
		t.Errorf("status %d; the container is\n%s\nand a command in it\n%s\n%s", end.Code(), container, exec, agent)
	}
}
