package main_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/platform_fake/need"
)

const secret = "canary"

// S-15, S-16: whatever a tenant has said, or the one who runs the command, the
// host finds the end of the log where it is, and no secret in it.
func TestNoTextForgesALine(t *testing.T) {
	flags, root := zone(t)
	for name, text := range cmdtest.Forgeries(secret) {
		nowhere := "25"
		if len(text) > 4096 {
			nowhere = "3" // no file can be called so
		}
		quoted := func(texts ...string) string {
			all, err := json.Marshal(texts)
			if err != nil {
				t.Fatal(err)
			}
			return string(all)
		}
		for _, tt := range []struct {
			where    string
			internal map[string]any // nil: the zone is in order
			args     []string
			secret   bool   // the text is one that is never logged
			code     string // "": the command runs
		}{
			{"docker:env", map[string]any{"docker:env": quoted("A=" + text)}, []string{"true"}, true, ""},
			{"the name of a variable", map[string]any{"docker:env": quoted(text + "=x")}, []string{"true"}, true, ""},
			{"what is no variable", map[string]any{"docker:env": quoted("=" + text)}, []string{"true"}, true, "64"},
			{"docker:linkEnv", map[string]any{"docker:linkEnv": quoted("A=" + text)}, []string{"true"}, true, ""},
			{"what is no JSON", map[string]any{"docker:env": text}, []string{"true"}, true, "20"},
			{"docker:user", map[string]any{"docker:user": text}, []string{"true"}, false, "64"},
			{"docker:workdir", map[string]any{"docker:workdir": "/" + text}, []string{"true"}, false, "64"},
			{"docker:umask", map[string]any{"docker:umask": text}, []string{"true"}, false, "64"},
			{"docker:group_add", map[string]any{"docker:group_add": quoted(text)}, []string{"true"}, false, "64"},
			{"docker:ulimits", map[string]any{"docker:ulimits": `[{"Name":` + strings.Trim(quoted(text), "[]") + `}]`}, []string{"true"}, false, "64"},
			{"sdc:hostname", map[string]any{}, []string{"true"}, false, ""},
			{"PATH", map[string]any{"docker:env": quoted("PATH=" + text)}, []string{"no-such"}, true, "17"},
			{"--user", nil, []string{"--user", text, "true"}, false, "29"},
			{"--workdir", nil, []string{"--workdir", text, "true"}, false, "64"},
			{"--env", nil, []string{"--env", "A=" + text, "true"}, true, ""},
			{"--env without a name", nil, []string{"--env", "=" + text, "true"}, true, "64"},
			{"a flag", nil, []string{"--" + text}, false, "64"},
			{"the command", nil, []string{"/" + text}, false, nowhere},
			{"a command without a slash", nil, []string{strings.ReplaceAll(text, "/", "")}, false, "17"},
			{"an argument", nil, []string{"true", text}, true, ""},
		} {
			t.Run(name+"/"+tt.where, func(t *testing.T) {
				t.Parallel()
				flags := flags
				if tt.internal != nil {
					var properties map[string]any
					if tt.where == "sdc:hostname" {
						properties = map[string]any{"hostname": text}
					}
					flags = []string{"--payload", cmdtest.Payload(t, properties, tt.internal), "--root", root}
				}
				r, h := run(t, dockerexec(flags, tt.args...))
				if h.Code != tt.code || h.Exec != (tt.code == "") || r.Stdout != "" || h.User != "" {
					t.Errorf("FATAL %q, want %q; stdout %q\n%s", h.Code, tt.code, r.Stdout, h)
				}
				if tt.secret && strings.Contains(r.Stderr, secret) {
					t.Errorf("a secret is logged:\n%s", h)
				}
				if i := strings.IndexFunc(r.Stderr, func(c rune) bool { return c != '\n' && (c < ' ' || c >= 0x7f && c < 0xa0) }); i >= 0 || !utf8.ValidString(r.Stderr) {
					t.Errorf("what a terminal obeys, at byte %d of %q", i, r.Stderr)
				}
			})
		}
	}
}

// Nor does anything in the image.
func TestNoFileForgesALine(t *testing.T) {
	for name, text := range cmdtest.Forgeries(secret) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flags, root := zone(t)
			for _, file := range []string{"/etc/passwd", "/etc/group"} {
				content, err := os.ReadFile(root + file)
				if err == nil {
					err = os.WriteFile(root+file, append([]byte(text+":x:y:z:\n"+strings.ReplaceAll(text, "\n", ":")+"\n"), content...), 0o644)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if _, h := run(t, dockerexec(flags, "true")); !h.Exec {
				t.Errorf("it does not run: %s", h)
			}
		})
	}
}

// P5, S-22: what the caller has left open is not the command's.
func TestDescriptorsAboveTwoAreClosed(t *testing.T) {
	need.System(t, "linux")
	flags, _ := zone(t)
	cmd := dockerexec(flags, "sh", "-c", "ls /proc/$$/fd")
	for range 30 {
		f, err := os.Open("/dev/null")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	if r, h := run(t, cmd); r.Stdout != "0\n1\n2\n" {
		t.Errorf("open are %q\n%s", r.Stdout, h)
	}
}
