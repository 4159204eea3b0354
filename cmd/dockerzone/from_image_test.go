package main_test

import (
	"encoding/json"
	"strings"
	"testing"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
)

func fromImage(t *testing.T, stdin string, args ...string) cmdtest.Result {
	t.Helper()
	cmd := dockerzone(append([]string{"from-image"}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	r := cmdtest.Run(t, cmd)
	if r.Status != 0 {
		t.Fatalf("status %d\n%s", r.Status, r.Stderr)
	}
	return r
}

// What an image says arrives in the zone as it was, through the payload, the host
// and the zone's own decoding.
func TestFromImageRoundTrip(t *testing.T) {
	t.Parallel()
	const config = `{"os": "linux", "architecture": "amd64", "config": {
		"User": "web:logs", "Env": ["PATH=/bin", "A=<b> & \"c\"\nd", "EMPTY="],
		"Entrypoint": ["/entry", "--x=é\u001b"], "Cmd": ["a b", ""], "WorkingDir": "/srv/ü",
		"StopSignal": "SIGQUIT", "Healthcheck": {"Test": ["CMD-SHELL", "curl -f \"x\""], "Interval": 3000000000, "Retries": 2}}}`
	for form, image := range map[string]string{
		"a configuration": config,
		"docker inspect's": `[{"Id": "x", "Os": "linux", "Architecture": "amd64", "Config": ` + config[strings.Index(config, `{
		"User`):len(config)-1] + `}]`,
	} {
		r := fromImage(t, image, "-")
		p, err := host.Read(strings.NewReader(r.Stdout))
		if err != nil {
			t.Fatalf("%s: %v\n%s", form, err, r.Stdout)
		}
		store := host.NewStore(p)
		values := map[string]string{}
		for _, k := range zone.Keys() {
			if v, ok, err := store.Get(k.Name); err == nil && ok {
				values[k.Name] = v
			}
		}
		z, err := zone.Decode(zone.Init, values)
		if err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		got, err := json.Marshal([]any{z.User, z.Env, z.Entrypoint, z.Cmd, z.Workdir, z.Supervise.StopSignal, z.Supervise.Health.Test, z.Supervise.Health.Interval, z.Supervise.Health.Retries})
		if err != nil {
			t.Fatal(err)
		}
		const want = `["web:logs",["PATH=/bin","A=\u003cb\u003e \u0026 \"c\"\nd","EMPTY="],["/entry","--x=é\u001b"],["a b",""],"/srv/ü","QUIT",["/bin/sh","-c","curl -f \"x\""],3000000000,2]`
		if string(got) != want {
			t.Errorf("%s\n got %s\nwant %s", form, got, want)
		}
	}
}

// No key says what an image's own shell is: it is written into the test.
func TestFromImageHealthCheckWithAShell(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ behaviour, config, want string }{
		{"the image's shell", `"Shell": ["/bin/bash", "-ec"], "Healthcheck": {"Test": ["CMD-SHELL", "a && b"], "Interval": 3000000000123}`,
			`{"Interval":3000000000123,"Test":["CMD","/bin/bash","-ec","a && b"]}`},
		{"a command needs none", `"Shell": ["/bin/bash", "-ec"], "Healthcheck": {"Test": ["CMD", "a"]}`, `{"Test": ["CMD", "a"]}`},
		{"none of its own", `"Healthcheck": {"Test": ["CMD-SHELL", "a"]}`, `{"Test": ["CMD-SHELL", "a"]}`},
		{"no check", `"Shell": ["/bin/bash", "-ec"], "Healthcheck": null`, ""},
	} {
		r := fromImage(t, `{"config": {"Cmd": ["true"], `+tt.config+`}}`, "-")
		var got struct {
			Internal map[string]string `json:"internal_metadata"`
		}
		if err := json.Unmarshal([]byte(r.Stdout), &got); err != nil {
			t.Fatal(err)
		}
		if text := got.Internal["docker:healthcheck"]; text != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.behaviour, text, tt.want)
		}
	}
}

func TestFromImageInto(t *testing.T) {
	t.Parallel()
	into := cmdtest.Payload(t, map[string]any{"alias": "web0", "max_physical_memory": 12345678901},
		map[string]any{"docker:env": `["OLD=1"]`, "docker:user": "old", "docker:tty": true})
	r := fromImage(t, `{"config": {"Cmd": ["true"], "User": ""}}`, "--into", into, "-")
	var got map[string]any
	if err := json.Unmarshal([]byte(r.Stdout), &got); err != nil {
		t.Fatal(err)
	}
	internal, _ := json.Marshal(got["internal_metadata"])
	if want := `{"docker:cmd":"[\"true\"]","docker:tty":true}`; string(internal) != want || got["alias"] != "web0" || !strings.Contains(r.Stdout, "12345678901") {
		t.Errorf("got %s in\n%s\nwant %s", internal, r.Stdout, want)
	}
}

// What it prints is what plan and run take.
func TestFromImageIsAPayload(t *testing.T) {
	t.Parallel()
	r := fromImage(t, `{"os": "windows", "architecture": "arm64", "config": {"Cmd": ["/bin/true"]}}`, "-")
	for _, want := range []string{"the image is for windows", "the image is for arm64: SmartOS runs programs of amd64"} {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("no %q in\n%s", want, r.Stderr)
		}
	}
	cmd := dockerzone("plan")
	cmd.Stdin = strings.NewReader(r.Stdout)
	if r := cmdtest.Run(t, cmd); r.Status != 0 || !strings.Contains(r.Stdout, "It would boot") {
		t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
}
