package core_test

import (
	"strings"
	"testing"

	"dockerinit/core"
	"dockerinit/core/exit"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
	"dockerinit/platform_fake/scenario"
)

// everything is a zone with every key that a boot asks for.
const everything = `{
	"internal_metadata_namespaces": ["docker", "b", "c", "d", "e", "f", "g", "h"],
	"routes": {"192.0.2.0/24": "10.0.0.254"},
	"customer_metadata": {"__dockerinit_failure": "{}", "__dockerinit_restart_count": "1", "__dockerinit_last_exit": "137", "__dockerinit_health": "healthy"},
	"internal_metadata": {
		"docker:noipmgmtd": true,
		"docker:nfsvolumes": [{"nfsvolume": "10.0.0.9:/a", "mountpoint": "/a"}],
		"docker:tmpfs": {"/run": "size=1m"}, "docker:shmsize": 1048576,
		"docker:user": "alice", "docker:group_add": ["users"],
		"docker:workdir": "/srv", "docker:workingdir": "/srv",
		"docker:linkEnv": ["L=1"], "docker:env": ["E=1"], "docker:umask": "027",
		"docker:ulimits": [{"Name": "nofile", "Soft": 10, "Hard": 10}],
		"docker:entrypoint": ["/bin/app"], "docker:cmd": ["x"],
		"docker:tty": true, "docker:open_stdin": true,
		"docker:logdriver": "gelf", "docker:logconfig": {"gelf-address": "udp://10.0.0.9:1"},
		"docker:imageid": "sha256:1", "docker:imagename": "web",
		"docker:wait_for_attach": "1700000060000",
		"docker:stopsignal": "INT", "docker:stoptimeout": 5,
		"docker:healthcheck": {"Test": ["CMD", "true"]},
		"docker:init_group": true, "docker:init_grace": 1, "docker:init_restart": "on-failure", "docker:init": true
	}}`

// Any key may be absent or empty, on both brands: the boot says what that means
// where it matters, and goes on where it can.
func TestEachKeyAbsentOnce(t *testing.T) {
	for _, brand := range []zone.Brand{zone.LX, zone.JoyentMinimal} {
		for _, key := range zone.Names(zone.Init) {
			for _, how := range []string{"absent", "empty"} {
				t.Run(string(brand)+"/"+key+"/"+how, func(t *testing.T) {
					z := scenario.Scenario{Brand: brand, Payload: everything, Host: func(s *host.Store) {
						if s.Unset(key); how == "empty" {
							s.Set(key, "")
						}
					}}.New(t)
					r := scenario.Boot(t, z, core.Options{})
					want := absent[key]
					if how == "empty" && empty[key] != (outcome{}) {
						want = empty[key]
					}
					if r.Code() != want.code {
						t.Errorf("ended with %d, want %d:\n%s", r.Code(), want.code, r.Log)
					}
					if !strings.Contains(r.Log, want.says) {
						t.Errorf("the log does not say %q:\n%s", want.says, r.Log)
					}
					if (r.Err == nil) != strings.Contains(r.State, "command ") {
						t.Errorf("the zone is\n%s", r.State)
					}
				})
			}
		}
	}
}

type outcome struct {
	code exit.Code
	says string
}

// absent and empty are what is not "the default, and the boot goes on".
var (
	absent = map[string]outcome{
		"sdc:brand":                          {exit.NoBrand, "sdc:brand: absent; lx or joyent-minimal is expected"},
		"sdc:internal_metadata_namespaces.0": {0, "WARN validate: sdc:internal_metadata_namespaces: docker is not among them"},
		"sdc:nics":                           {exit.MountVolume, "WARN validate: sdc:nics: absent; the zone has no network but loopback"},
		"docker:logconfig":                   {0, "WARN validate: docker:logconfig: absent; the logger ends at once without"},
		"docker:entrypoint":                  {exit.NotFoundInPath, `"x": not found in any of the 6 directories of PATH`},
	}
	empty = map[string]outcome{
		"docker:wait_for_attach": {exit.AttachNoTimestamp, "docker:wait_for_attach: empty; not a time in milliseconds since 1970"},
	}
)

// What nothing says is the zone's command, alone.
func TestNoCommandInEitherKey(t *testing.T) {
	z := scenario.Scenario{Host: func(s *host.Store) { s.Unset("docker:entrypoint"); s.Unset("docker:cmd") }}.New(t)
	if r := scenario.Boot(t, z, core.Options{}); r.Code() != exit.NoCommand {
		t.Errorf("got %v", r.Err)
	}
}
