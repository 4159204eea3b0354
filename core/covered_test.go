package core_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"dockerinit/core"
	"dockerinit/core/exit"
	"dockerinit/core/zone"
	fake "dockerinit/platform_fake"
	"dockerinit/platform_fake/scenario"
)

// A System whose mounts hide what the image has below them.
type covering struct {
	core.System
	root string
	with map[string]string // what is there instead: a file's name and content
}

func (c covering) Mount(ctx context.Context, m zone.Mount) error {
	if err := c.System.Mount(ctx, m); err != nil || m.Target != "/data" {
		return err
	}
	dir := filepath.Join(c.root, m.Target)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for name, content := range c.with {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// What the image has where something is mounted is not what the kernel will
// find there.
func TestACommandThatAMountCovers(t *testing.T) {
	const (
		nfs   = `"docker:nfsvolumes": [{"nfsvolume": "10.0.0.9:/a", "mountpoint": "/data"}]`
		tmpfs = `"docker:tmpfs": {"/data": ""}`
	)
	for _, c := range []struct {
		behaviour, metadata string
		with                map[string]string
		want                string // the path
		code                exit.Code
	}{
		{"a volume that has none", nfs + `, "docker:cmd": ["/data/tool"]`, nil, "", exit.StatCommand},
		{"a volume that has another", nfs + `, "docker:cmd": ["/data/tool"]`, map[string]string{"tool": scenario.Program()}, "/data/tool", 0},
		{"a volume that has one which cannot be executed", nfs + `, "docker:cmd": ["/data/tool"]`, map[string]string{"tool": ""}, "", exit.Exec},
		{"a tmpfs", tmpfs + `, "docker:cmd": ["/data/tool"]`, nil, "", exit.StatCommand},
		{"the next directory of PATH", nfs + `, "docker:cmd": ["tool"], "docker:env": ["PATH=/data:/bin"]`, nil, "/bin/tool", 0},
		{"an earlier directory of PATH", nfs + `, "docker:cmd": ["app"], "docker:env": ["PATH=/data:/bin"]`, map[string]string{"app": scenario.Program()}, "/data/app", 0},
	} {
		t.Run(c.behaviour, func(t *testing.T) {
			program := scenario.Program()
			z := scenario.Scenario{
				Payload: `{"internal_metadata": {` + c.metadata + `}}`,
				Image:   []scenario.File{{Name: "data/tool", Content: program, Mode: 0o755}, {Name: "bin/tool", Content: program, Mode: 0o755}},
			}.New(t)
			p := z.Platform()
			p.System = covering{p.System, z.Root, c.with}
			err := core.Init(t.Context(), p, newLog(), core.Options{})
			command, became := z.Processes.(*fake.Recorder).Command()
			if command.Path != c.want || exit.CodeOf(err) != c.code || became != (err == nil) {
				t.Errorf("got %q, code %d (%v), want %q, code %d", command.Path, exit.CodeOf(err), err, c.want, c.code)
			}
		})
	}
}
