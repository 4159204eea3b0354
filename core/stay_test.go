package core_test

import (
	"bytes"
	"strings"
	"testing"

	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/platform_fake/scenario"
)

// Who stays, by what the platform can.
func TestWhoStays(t *testing.T) {
	const none = "docker:init: on this platform dockerinit does not stay as PID 1: the command takes its place"
	for _, tt := range []struct {
		behaviour, payload string
		change             func(*core.Platform)
		command, warning   string
	}{
		{"a platform that cannot says so", `"docker:init": true`, func(p *core.Platform) { p.Staying = nil }, "in /\n", none},
		{"with a log driver the kernel's contracts do", `"docker:logdriver": "syslog", "docker:logconfig": {}`, func(*core.Platform) {}, "in /\n", ""},
		{"without contracts dockerinit does", `"docker:logdriver": "syslog", "docker:logconfig": {}`, func(p *core.Platform) { p.Contracts = false }, "in / as a child\n", ""},
		{"without a log driver there is no need", ``, func(p *core.Platform) { p.Contracts = false }, "in /\n", ""},
	} {
		t.Run(tt.behaviour, func(t *testing.T) {
			z := scenario.Scenario{Payload: `{"internal_metadata": {` + tt.payload + `}}`}.New(t)
			var log bytes.Buffer
			p := z.Platform()
			tt.change(&p)
			if err := core.Init(t.Context(), p, bootlog.New(bootlog.NewText(&log)), core.Options{}); err != nil {
				t.Fatal(err)
			}
			if state := z.State(); !strings.Contains(state, `command ["/bin/app"] as 0:0 `+tt.command) || strings.Contains(log.String(), " WARN ") != (tt.warning != "") || !strings.Contains(log.String(), tt.warning) {
				t.Errorf("\n%s\n%s", state, &log)
			}
		})
	}
}
