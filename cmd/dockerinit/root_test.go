package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/core"
	"dockerinit/platform_fake/need"
)

// image makes a root with two users, which everybody may write to.
func image(t *testing.T) (dir string) {
	t.Helper()
	dir = cmdtest.Folder(t)
	for _, folder := range []string{"dev/shm", "etc", "proc", "var/log", "var/svc"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{"etc", "var/log", "var/svc"} {
		if err := os.Chmod(filepath.Join(dir, folder), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range map[string]string{
		"etc/passwd":           "root:x:0:0::/root:/bin/sh\nweb:x:33:33::/srv:/bin/sh\n",
		"etc/group":            "web:x:33:\nmore:x:50:web\n",
		"var/svc/provisioning": "",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRootIsTheImages(t *testing.T) {
	root := image(t)
	internal := cmdtest.Shell(`pwd; echo kept >file`)
	internal["docker:workdir"] = "/data/deep"
	payload := cmdtest.Payload(t, nil, internal)
	relative, err := filepath.Rel(mustGetwd(t), root)
	if err != nil {
		t.Fatal(err)
	}
	// The second boot finds what the first one made, and is none the worse for it.
	for i, dir := range []string{root, relative} {
		r := cmdtest.Run(t, fake(t, "--payload", payload, "--root", dir))
		if r.Status != 0 || r.Stdout != root+"/data/deep\n" || strings.Contains(r.Stderr, "  ! ") {
			t.Errorf("boot %d: status %d, stdout %q, stderr\n%s", i+1, r.Status, r.Stdout, r.Stderr)
		}
	}
	for name, there := range map[string]bool{
		"data/deep/file": true, "var/log/sdc-dockerinit.log": true, "var/svc/provision_success": true, "var/svc/provisioning": false,
	} {
		if _, err := os.Lstat(filepath.Join(root, name)); (err == nil) != there {
			t.Errorf("%s: %v", name, err)
		}
	}
	log, err := os.ReadFile(filepath.Join(root, "var/log/sdc-dockerinit.log"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	if last := lines[len(lines)-1]; !regexp.MustCompile(`^\d+-\d+-\d+T\d+:\d+:\d+\.\d+Z EXEC "/bin/sh"`).MatchString(last) ||
		strings.Count(string(log), " EXEC ") != 1 {
		t.Errorf("the log does not end with its one EXEC:\n%s", log)
	}
}

func mustGetwd(t *testing.T) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir, err = filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRootThatCannotBeWritten(t *testing.T) {
	need.Root(t)
	root := image(t)
	for _, dir := range []string{".", "var/log", "var/svc", "etc"} {
		if err := os.Chmod(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	internal := cmdtest.Shell("true")
	internal["docker:workdir"] = "/data"
	r := cmdtest.Run(t, cmdtest.Ordinary(fake(t, "--payload", cmdtest.Payload(t, nil, internal), "--root", root)))
	if r.Status != 125 || !strings.Contains(r.Stderr, "code 49: workdir: working directory /data: ") ||
		!strings.Contains(r.Stderr, "write /var/log/sdc-dockerinit.log: the log is kept in memory") {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}

func TestUserIsAppliedByRoot(t *testing.T) {
	need.Root(t)
	internal := cmdtest.Shell(`id -u; id -g; id -G; umask`)
	internal["docker:user"] = "web"
	r := cmdtest.Run(t, fake(t, "--payload", cmdtest.Payload(t, nil, internal), "--root", image(t)))
	if r.Status != 0 || r.Stdout != "33\n33\n33 50\n0022\n" || !strings.Contains(r.Stderr, "web (33:33 groups 50)\n") {
		t.Errorf("status %d, stdout\n%s\nstderr\n%s", r.Status, r.Stdout, r.Stderr)
	}
	if strings.Contains(r.Stderr, "without root's rights") {
		t.Errorf("the user is said not to be applied:\n%s", r.Stderr)
	}
}

func TestUserIsShownToAnOrdinaryUser(t *testing.T) {
	internal := cmdtest.Shell(`id -u`)
	internal["docker:user"] = "web"
	r := cmdtest.Run(t, cmdtest.Ordinary(fake(t, "--payload", cmdtest.Payload(t, nil, internal), "--root", image(t))))
	if r.Status != 0 || strings.TrimSpace(r.Stdout) == "33" || strings.Count(r.Stderr, "without root's rights the command runs as ") != 1 ||
		!strings.Contains(r.Stderr, "web (33:33 groups 50)\n") {
		t.Errorf("status %d, stdout %q, stderr\n%s", r.Status, r.Stdout, r.Stderr)
	}
}

// What a command leaves in the temporary root goes with it.
func TestTemporaryRootGoesWhateverIsInIt(t *testing.T) {
	script := `mkdir -p a/b && echo x >a/b/c && chmod 0 a/b && chmod 0 a`
	internal := cmdtest.Shell(script)
	internal["docker:workdir"] = "/srv"
	r := cmdtest.Run(t, cmdtest.Ordinary(fake(t, "--payload", cmdtest.Payload(t, nil, internal))))
	if r.Status != 0 {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}

func TestLogAndRecord(t *testing.T) {
	folder := cmdtest.Folder(t)
	log, record := filepath.Join(folder, "log"), filepath.Join(folder, "record")
	internal := cmdtest.Shell("true")
	internal["docker:env"] = `["PASSWORD=canary"]`
	for _, tt := range []struct {
		fault, outcome, last string
		status               int
	}{
		{"routes/1=ENETUNREACH", "exec", " EXEC \"/bin/sh\" with 2 arguments as ", 0},
		{"nics=EPERM", "failed", " FATAL (code: ", 125},
	} {
		cmd := fake(t, "--payload", cmdtest.Payload(t, nil, internal), "--log", log, "--record", record, "--fault", tt.fault)
		if r := cmdtest.Run(t, cmd); r.Status != tt.status {
			t.Fatalf("status %d, want %d\n%s", r.Status, tt.status, r.Stderr)
		}
		var told struct {
			Version, Outcome string
			Code             int
			Took             int64 `json:"took_ns"`
			Events           []struct{ Level, Step, What string }
		}
		text, err := os.ReadFile(record)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &told); err != nil {
			t.Fatal(err)
		}
		if told.Outcome != tt.outcome || told.Took <= 0 || len(told.Events) < 5 || told.Events[0].Step != "log" || (told.Code != 0) != (tt.status != 0) {
			t.Errorf("%s: the record is\n%s", tt.fault, text)
		}
		lines, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Split(strings.TrimSpace(string(lines)), "\n")
		if !strings.Contains(all[len(all)-1], tt.last) {
			t.Errorf("%s: the log ends with %s", tt.fault, all[len(all)-1])
		}
		if strings.Contains(string(lines)+string(text), "canary") {
			t.Errorf("a value of the environment is in the log or the record")
		}
	}
}

func TestFilesThatCannotBeWrittenAreTold(t *testing.T) {
	need.System(t, "linux")
	for _, flag := range []string{"--log", "--record"} {
		r := cmdtest.Run(t, fake(t, "--payload", cmdtest.Payload(t, nil, nil), flag, "/dev/full"))
		if r.Status != 2 || r.Stdout != "from the command\n" || !strings.Contains(r.Stderr, "/dev/full: no space left on device") {
			t.Errorf("%s: status %d, stdout %q\n%s", flag, r.Status, r.Stdout, r.Stderr)
		}
	}
}

func TestFaults(t *testing.T) {
	internal := cmdtest.Shell("true")
	internal["docker:workdir"] = "/srv/x"
	payload := cmdtest.Payload(t, map[string]any{
		"nics":   []any{map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:01", "ips": []string{"10.0.0.5/24"}, "gateways": []string{"10.0.0.1"}, "primary": true}},
		"routes": map[string]string{"10.9.0.0/16": "10.0.0.2"},
	}, internal)
	// Of these steps a zone of this kind has no action.
	absent := []string{"daemons", "logger", "volumes", "command", "routes/9"}
	warnings := []string{"log/2", "mounts/1", "hostname", "routes", "routes/1", "routes/2"}
	wheres := []string{"log/1", "log/2", "mounts/1", "mounts/2", "nics/1", "nics/2", "routes/1", "routes/2", "routes/9"}
	for _, step := range core.StepNames() {
		if step != "mounts" && step != "log" && step != "daemons" {
			wheres = append(wheres, step)
		}
	}
	for _, where := range wheres {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			r := cmdtest.Run(t, fake(t, "--payload", payload, "--fault", where+"=the disk is on fire"))
			missed := fmt.Sprintf("--fault %s=the disk is on fire met no action.", where)
			met := "the disk is on fire (a fault that was asked for)"
			want, shown, not := 125, met, missed
			switch {
			case slices.Contains(absent, where):
				want, shown, not = 0, missed, met
			case slices.Contains(warnings, where):
				want = 0
			case where == "exec":
				want = 126 // as when the kernel refuses it
			}
			if r.Status != want || !strings.Contains(r.Stderr, shown) || strings.Contains(r.Stderr, not) ||
				strings.Contains(r.Stderr, "✗ failed") != (want != 0) {
				t.Errorf("status %d, want %d\n%s", r.Status, want, r.Stderr)
			}
		})
	}
}
