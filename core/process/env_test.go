package process

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dockerinit/core/exit"
)

func TestEnvironment(t *testing.T) {
	const path = "PATH=" + defaultPath
	for _, test := range []struct {
		name string
		from EnvSources
		want string // one variable a line, then the warnings and errors
	}{
		{"E1: the defaults", EnvSources{Home: "/root", Hostname: "web0"}, path + "\nHOME=/root\nHOSTNAME=web0\nTERM=xterm"},
		{"E1: a host name that is not known", EnvSources{Home: "/root"}, path + "\nHOME=/root\nTERM=xterm"},
		{"E1: links, then the container's", EnvSources{Home: "/", Link: []string{"A=link", "B=link"}, Env: []string{"C=env", "B=env"}}, path + "\nHOME=/\nTERM=xterm\nA=link\nB=env\nC=env"},
		{"E2: a default is replaced in its place", EnvSources{Home: "/", Hostname: "h", Env: []string{"PATH=/bin", "TERM=vt100", "HOSTNAME=x", "HOME=/h"}}, "PATH=/bin\nHOME=/h\nHOSTNAME=x\nTERM=vt100"},
		{"E2: the last one wins, in the first one's place", EnvSources{Home: "/", Env: []string{"A=1", "B=2", "A=3", "A=4"}}, path + "\nHOME=/\nTERM=xterm\nA=4\nB=2"},
		{"E2: without = it is removed", EnvSources{Home: "/", Hostname: "h", Link: []string{"A=1"}, Env: []string{"PATH", "HOSTNAME", "TERM", "A"}}, "HOME=/"},
		{"E2: and can come back, at the end", EnvSources{Home: "/", Env: []string{"A=1", "B=2", "A", "A=3"}}, path + "\nHOME=/\nTERM=xterm\nB=2\nA=3"},
		{"E2: removing what is not there", EnvSources{Home: "/", Env: []string{"hunter2"}}, path + "\nHOME=/\nTERM=xterm\n" +
			`warning: docker:env: element 1: an entry without "=" removes a variable, and there is none of that name`},
		{"E2: names are told apart by case", EnvSources{Home: "/", Env: []string{"path=x"}}, path + "\nHOME=/\nTERM=xterm\npath=x"},
		{"E3: no name", EnvSources{Home: "/", Link: []string{"=s3cret"}, Env: []string{"A=1", ""}}, path + "\nHOME=/\nTERM=xterm\nA=1\n" +
			"error: docker:linkEnv: element 1: a variable without a name\nerror: docker:env: element 2: a variable without a name"},
		{"E3: S-14: a NUL byte", EnvSources{Home: "/", Env: []string{"A=s3cret\x00", "B\x00=s3cret", "s3cret\x00"}}, path + "\nHOME=/\nTERM=xterm\n" +
			`error: docker:env: element 1: "A": a NUL byte in it` + "\n" + `error: docker:env: element 2: "B\x00": a NUL byte in it` + "\nerror: docker:env: element 3: a NUL byte in it"},
		{"E4: an empty HOME is the user's", EnvSources{Home: "/home/bob", Env: []string{"HOME="}}, path + "\nHOME=/home/bob\nTERM=xterm"},
		{"E4: a removed HOME is the user's", EnvSources{Home: "/home/bob", Env: []string{"HOME"}}, path + "\nTERM=xterm\nHOME=/home/bob"},
		{"E4: without a user's home it is the root", EnvSources{}, path + "\nHOME=/\nTERM=xterm"},
		{"E5: any byte but NUL", EnvSources{Home: "/", Env: []string{"A==b=\tc\xff", "B="}}, path + "\nHOME=/\nTERM=xterm\nA==b=\tc\xff\nB="},
		{"E8: the caller's TERM, and --env on top", EnvSources{Home: "/", Hostname: "h", Env: []string{"A=1", "B=2"}, Term: "tmux", Exec: []string{"A=3", "B", "C=4"}}, path + "\nHOME=/\nHOSTNAME=h\nTERM=tmux\nA=3\nC=4"},
		{"E8: the container's own TERM stays", EnvSources{Home: "/", Env: []string{"TERM=dumb"}, Term: "tmux"}, path + "\nHOME=/\nTERM=dumb"},
		{"E8: a mistake in --env", EnvSources{Home: "/", Exec: []string{"=x"}}, path + "\nHOME=/\nTERM=xterm\nerror: --env: element 1: a variable without a name"},
	} {
		t.Run(test.name, func(t *testing.T) {
			env, warnings, err := Environment(test.from)
			for _, w := range warnings {
				env = append(env, "warning: "+w)
			}
			for _, e := range exit.Each(err) {
				env = append(env, "error: "+e.Error())
				if code := exit.CodeOf(e); code != exit.InvalidValue {
					t.Errorf("code %d", code)
				}
			}
			if got := strings.Join(env, "\n"); got != test.want {
				t.Errorf("\ngot\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// E7, E6 and W7: nothing comes from this process, and nobody's name goes in.
func TestEnvironmentE7NothingLeaks(t *testing.T) {
	for _, name := range []string{"GODEBUG", "DOCKERLOG_CONFIG", "SMF_FMRI", "USER", "LOGNAME", "SHELL", "PWD", "LD_PRELOAD"} {
		t.Setenv(name, "")
	}
	env, _, err := Environment(EnvSources{Home: "/"})
	if want := []string{"PATH=" + defaultPath, "HOME=/", "TERM=xterm"}; err != nil || !slices.Equal(env, want) {
		t.Errorf("\ngot  %q, %v\nwant %q", env, err, want)
	}
}

// E5: a value is passed on as it is, however odd.
func TestEnvironmentE5Newlines(t *testing.T) {
	entry := "A=one\n2026-11-23T00:00:00.000Z EXEC\n"
	env, _, err := Environment(EnvSources{Home: "/", Env: []string{entry}})
	if err != nil || !slices.Contains(env, entry) {
		t.Errorf("got %q, %v", env, err)
	}
}

// The sources are somebody else's lists.
func TestEnvironmentLeavesItsSourcesAlone(t *testing.T) {
	list := []string{"A=1", "A=2", "PATH", "B=3", "B"}
	before := slices.Clone(list)
	if _, _, err := Environment(EnvSources{Env: list, Link: list, Exec: list}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(list, before) {
		t.Errorf("got %q, want %q", list, before)
	}
}

// C10: a look through all entries for each would take 10 s and more. It takes
// some 30 ms, so that the limit holds on a busy machine too.
func TestEnvironmentC10ManyEntries(t *testing.T) {
	list := manyVariables(100_000)
	begun := time.Now()
	if _, _, err := Environment(EnvSources{Env: list}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("100,000 entries take %v", took)
	}
}

func manyVariables(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("VARIABLE_%d=x", i*7%(n/2+1)))
	}
	return list
}

func BenchmarkEnvironment(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			list := manyVariables(n)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := Environment(EnvSources{Env: list}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// FuzzEnvironment: the result has each name once and no entry without one, and
// a HOME; the last entry of a name is the one that counts; no value is told.
func FuzzEnvironment(f *testing.F) {
	f.Add("A=1\nB=2\nA=3", "C=4\nA")
	f.Add("=x\n\nHOME=", "HOME")
	f.Add("PATH=\x00", "TERM==")
	f.Fuzz(func(t *testing.T, one, two string) {
		const canary = "s3cret-canary"
		if strings.Contains(one+two, canary) {
			return
		}
		link, list := splitEntries(one, canary), splitEntries(two, canary)
		env, warnings, err := Environment(EnvSources{Home: "/h", Link: link, Env: list})
		got := map[string]string{}
		for _, entry := range env {
			name, value, ok := strings.Cut(entry, "=")
			if !ok || name == "" || strings.Contains(entry, "\x00") {
				t.Fatalf("%q is no variable", entry)
			}
			if _, twice := got[name]; twice {
				t.Fatalf("%q is there twice", name)
			}
			got[name] = value
		}
		want := map[string]string{"PATH": defaultPath, "HOME": "/h", "TERM": "xterm"}
		for _, entry := range slices.Concat(link, list) {
			name, value, ok := strings.Cut(entry, "=")
			if name == "" || strings.Contains(entry, "\x00") {
				continue
			}
			if delete(want, name); ok {
				want[name] = value
			}
		}
		if want["HOME"] == "" {
			want["HOME"] = "/h"
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("\ngot  %q\nwant %q", got, want)
		}
		if said := fmt.Sprint(warnings, err); strings.Contains(said, canary) {
			t.Errorf("a value is told: %s", said)
		}
	})
}

// splitEntries makes entries of lines, and ends each value that is not empty
// with the canary.
func splitEntries(lines, canary string) (list []string) {
	for entry := range strings.SplitSeq(lines, "\n") {
		if _, value, _ := strings.Cut(entry, "="); value != "" {
			entry += canary
		}
		list = append(list, entry)
	}
	return list
}
