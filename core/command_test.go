package core_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dockerinit/core"
	"dockerinit/core/zone"
	fake "dockerinit/platform_fake"
	"dockerinit/platform_fake/scenario"
)

// A System whose volumes have something on them.
type filling struct {
	core.System
	root string
	with map[string]string // a file's name and content
}

func (f filling) Mount(ctx context.Context, m zone.Mount) error {
	if err := f.System.Mount(ctx, m); err != nil || m.Type != "nfs" {
		return err
	}
	for name, content := range f.with {
		if err := os.WriteFile(filepath.Join(f.root, m.Target, name), []byte(content), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// What only a volume has is found when the volume is there, by every way to
// write it, and judged as anything else.
func TestACommandOnAVolume(t *testing.T) {
	for _, c := range []struct {
		behaviour, metadata string
		with                map[string]string
		want                string
	}{
		{"by its path", `"docker:cmd": ["/data/tool"]`, map[string]string{"tool": scenario.Program()}, "/data/tool"},
		{"relative to a working directory on the volume", `"docker:cmd": ["./tool"], "docker:workdir": "/data"`, map[string]string{"tool": scenario.Program()}, "./tool"},
		{"in PATH", `"docker:cmd": ["tool"], "docker:env": ["PATH=/bin:/data"]`, map[string]string{"tool": scenario.Program()}, "/data/tool"},
		{"it is not there either", `"docker:cmd": ["/data/tool"]`, nil, `code 25`},
		{"it is there and empty", `"docker:cmd": ["/data/tool"]`, map[string]string{"tool": ""}, `code 3`},
	} {
		t.Run(c.behaviour, func(t *testing.T) {
			z := scenario.Scenario{Payload: `{"internal_metadata": {"docker:nfsvolumes": [{"nfsvolume": "10.0.0.9:/a", "mountpoint": "/data"}], ` + c.metadata + `}}`}.New(t)
			p := z.Platform()
			p.System = filling{p.System, z.Root, c.with}
			log := newLog()
			err := core.Init(t.Context(), p, log, core.Options{})
			command, became := z.Processes.(*fake.Recorder).Command()
			got := command.Path
			if err != nil {
				got = "code " + strings.Split(strings.SplitN(z.State(), "(code: ", 2)[1], ")")[0]
			}
			if got != c.want || became != (err == nil) {
				t.Errorf("got %s (%v), want %s", got, err, c.want)
			}
			if became == exists(z.Root, marker) {
				t.Errorf("became the command: %v, and the marker is there: %v", became, !became)
			}
		})
	}
}
