package core_test

import (
	"encoding/json"
	"io/fs"
	"strconv"
	"strings"
	"testing"
	"time"

	"dockerinit/core"
	"dockerinit/core/exit"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
	"dockerinit/platform_fake/scenario"
)

// hostile are things that an image may have; a fuzzer picks any of them.
var hostile = []scenario.File{
	{Name: "etc/passwd", Mode: fs.ModeNamedPipe | 0o644},
	{Name: "etc/group", Mode: fs.ModeDir | 0o755},
	{Name: "etc/mtab", Mode: fs.ModeDir | 0o755},
	{Name: "var/log", Mode: fs.ModeSymlink | 0o777, Content: "/srv"},
	{Name: "var/svc/provision_success", Mode: fs.ModeSymlink | 0o777, Content: "/etc/passwd"},
	{Name: "srv", Mode: fs.ModeSymlink | 0o777, Content: "srv"},
	{Name: "bin/app", Mode: 0o755, Content: "#!/bin/app\r\n"},
	{Name: "dev/shm", Mode: fs.ModeSymlink | 0o777, Content: "../../etc"},
}

// FuzzBoot boots a zone with one key as it likes, over a payload as it likes, of
// an image that is as hostile as it likes. Whatever that is, the boot ends with
// the command or with a code, and its log can be read.
func FuzzBoot(f *testing.F) {
	names := zone.Names(zone.Init)
	for i := range names {
		for j := range 3 { // each fragment for some keys
			f.Add(i%2 == 0, uint8(i), fragments[(3*i+j)%len(fragments)], `{}`, uint8(0))
		}
		f.Add(true, uint8(i), scenario.Canary, everything, uint8(1<<(i%8)))
	}
	for _, s := range scenario.All() {
		if s.Payload != "" && len(s.Payload) < 4<<10 {
			f.Add(s.Brand == zone.JoyentMinimal, uint8(255), "", s.Payload, uint8(0))
		}
	}
	f.Fuzz(func(t *testing.T, minimal bool, key uint8, value, payload string, image uint8) {
		s := scenario.Scenario{Payload: payload}
		if minimal {
			s.Brand = zone.JoyentMinimal
		}
		if !json.Valid([]byte(payload)) {
			return
		}
		if _, err := s.VM(); err != nil {
			return // the host would not have it
		}
		for i, file := range hostile {
			if image&(1<<i) != 0 {
				s.Image = append(s.Image, file)
			}
		}
		secret := strings.Contains(value, scenario.Canary) && !strings.Contains(payload, scenario.Canary)
		s.Host = func(store *host.Store) {
			if int(key) < len(names) {
				row, _ := zone.Find(names[key])
				secret = secret && row.Secret
				store.Set(names[key], value)
			}
			if v, ok, _ := store.Get(attachKey); ok {
				if ms, err := strconv.ParseInt(v, 10, 64); err == nil && time.UnixMilli(ms).After(time.Now()) {
					store.Unset(attachKey) // nobody is going to attach
				}
			}
		}
		z := s.New(t)
		hangs := time.AfterFunc(20*time.Second, func() { panic("the boot hangs") })
		defer hangs.Stop()
		r := scenario.Boot(t, z, core.Options{})
		checkEnding(t, r)
		if secret && strings.Contains(r.Log+r.State, scenario.Canary) {
			t.Errorf("a secret was told:\n%s\n%s", r.Log, r.State)
		}
	})
}

// fragments are values that are odd for most keys.
var fragments = []string{
	"", "true", "lx", "0", "-1", "null", "[]", "{}", `[""]`, `["A=1"]`, `["/bin/app"]`, `[{}]`, `{"a":"b"}`,
	"a\nb", "\x00", "\xff", "1e999", `["\ud800"]`, `[` + "\n" + `2024-01-01T00:00:00.000Z EXEC]`, scenario.Canary, `["` + scenario.Canary + `"]`,
}

// checkEnding: whatever a boot met, it ends in one of two ways, and says so.
func checkEnding(t *testing.T, r scenario.Result) {
	t.Helper()
	became := strings.Contains(r.State, "\ncommand ") || strings.HasPrefix(r.State, "command ")
	if became != (r.Err == nil) {
		t.Errorf("%v, and the zone is\n%s", r.Err, r.State)
	}
	if _, known := r.Code().Row(); r.Err != nil && (!known || r.Code() == exit.Unexpected) {
		t.Errorf("ended with %d: %v", r.Code(), r.Err)
	}
	ends := 0
	for line := range strings.Lines(r.Log) {
		line = strings.TrimSuffix(line, "\n")
		if !scenario.Line.MatchString(line) || controls.MatchString(line) {
			t.Errorf("the host's agent cannot read the line %q", line)
		}
	}
	for _, line := range r.Lines() {
		if strings.HasPrefix(line, "EXEC ") || strings.HasPrefix(line, "FATAL (code: ") {
			ends++
		}
	}
	if ends != 1 {
		t.Errorf("%d lines end the boot:\n%s", ends, r.Log)
	}
}
