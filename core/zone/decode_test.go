package zone

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/hashicorp/go-multierror"

	"dockerinit/core/exit"
)

// least is a zone with nothing odd about it and nothing in it.
func least() map[string]string {
	return map[string]string{
		"sdc:brand":                          "lx",
		"sdc:internal_metadata_namespaces.0": "docker",
		"sdc:nics":                           "[]",
		"docker:cmd":                         `["true"]`,
	}
}

// typical is what a zone that people run has.
func typical() map[string]string {
	return map[string]string{
		"sdc:brand":                          "lx",
		"sdc:internal_metadata_namespaces.0": "docker",
		"sdc:nics": `[{"interface":"eth0","mac":"90:b8:d0:aa:bb:cc","vlan_id":0,"nic_tag":"external",
			"gateway":"10.0.0.1","gateways":["10.0.0.1"],"netmask":"255.255.255.0","ip":"10.0.0.5",
			"ips":["10.0.0.5/24","fd00::5/64"],"network_uuid":"298ec546-4b2c-41b4-ba58-6034b1fa8e02","primary":true},
			{"interface":"eth1","mac":"90:b8:d0:aa:bb:cd","nic_tag":"internal","ip":"dhcp","ips":["dhcp"]}]`,
		"sdc:routes":         `[{"linklocal":false,"dst":"10.2.2.0/24","gateway":"10.0.0.9"},{"linklocal":true,"dst":"10.3.0.1","gateway":"10.0.0.5"}]`,
		"docker:noipmgmtd":   "true",
		"sdc:hostname":       "web0",
		"docker:user":        "www-data",
		"docker:workdir":     "/srv",
		"docker:linkEnv":     `["DB_PORT=tcp://10.0.0.7:5432"]`,
		"docker:env":         `["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","LANG=C.UTF-8","A=1","B=2","C=3"]`,
		"docker:entrypoint":  `["/docker-entrypoint.sh"]`,
		"docker:cmd":         `["nginx","-g","daemon off;"]`,
		"docker:tty":         "true",
		"docker:open_stdin":  "true",
		"docker:logdriver":   "syslog",
		"docker:logconfig":   `{"syslog-address":"tcp://10.0.0.8:514","mode":"non-blocking"}`,
		"docker:id":          strings.Repeat("a1", 32),
		"sdc:alias":          "web",
		"docker:imageid":     strings.Repeat("b2", 32),
		"docker:imagename":   "nginx:latest",
		"docker:stopsignal":  "SIGQUIT",
		"docker:stoptimeout": "30",
		"docker:init":        "true",
		"docker:ulimits":     `[{"Name":"nofile","Soft":1024,"Hard":4096}]`,
		"docker:tmpfs":       `{"/run":"size=64m,mode=755"}`,
	}
}

// told is what a person is told: problems with their codes, then warnings.
func told(z *Zone, err error) string {
	var lines []string
	for _, e := range exit.Each(err) {
		lines = append(lines, fmt.Sprintf("%d %s", exit.CodeOf(e), e))
	}
	for _, w := range z.Warnings {
		lines = append(lines, "warning: "+w)
	}
	return strings.Join(lines, "\n")
}

// A row gives one key a value in a zone with nothing odd about it. want is what
// show makes of the zone, then what a person is told.
type row struct{ name, value, want string }

func decodeRows(t *testing.T, key string, show func(*Zone) string, rows []row) {
	t.Helper()
	decodeRowsIn(t, nil, key, show, rows)
}

func decodeRowsIn(t *testing.T, also map[string]string, key string, show func(*Zone) string, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(key+"/"+r.name, func(t *testing.T) {
			values := least()
			maps.Copy(values, also)
			values[key] = r.value
			z, err := Decode(Init|Host, values)
			got := trimLines(show(z) + "\n" + told(z, err))
			want := trimLines(r.want)
			if got != want {
				t.Errorf("%s = %.200s\n got %s\nwant %s", key, r.value, got, want)
			}
		})
	}
}

// trimLines lets the table's texts be indented with the table.
func trimLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}

func TestTypicalZoneIsUnderstood(t *testing.T) {
	z, err := Decode(Init|Host, typical())
	if got := told(z, err); got != "" {
		t.Fatal(got)
	}
	got := fmt.Sprintln(z.Brand, z.Hostname, z.User, z.Workdir, z.Env[1], z.LinkEnv, z.Entrypoint, z.Cmd,
		z.Console, z.Logger.Driver, z.Console.DropCopies, z.Limits, z.Tmpfs, z.Network.StopDaemons, z.Umask,
		z.Supervise.Stay, z.Supervise.StopSignal, z.Supervise.StopTimeout)
	want := "lx web0 www-data /srv LANG=C.UTF-8 [DB_PORT=tcp://10.0.0.7:5432] [/docker-entrypoint.sh] [nginx -g daemon off;] " +
		"{true true true} syslog true [{nofile 1024 4096}] [{/run size=64m,mode=755}] true 18 true SIGQUIT 30s\n"
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestEveryKeyAbsentOrEmptyIsNoProblemButForBrandAndAttach(t *testing.T) {
	for _, key := range Names(Init | Exec | Host) {
		absent := typical()
		delete(absent, key)
		empty := typical()
		empty[key] = ""
		for what, values := range map[string]map[string]string{"absent": absent, "empty": empty} {
			z, err := Decode(Init|Exec|Host, values)
			want := ""
			switch {
			case key == "sdc:brand":
				want = "12 sdc:brand: absent; lx or joyent-minimal is expected"
			case key == "docker:wait_for_attach" && what == "empty":
				want = "43 docker:wait_for_attach: empty; not a time in milliseconds since 1970"
			case key == "sdc:internal_metadata_namespaces.0":
				want = "warning: sdc:internal_metadata_namespaces: docker is not among them: the container's own processes can write its docker:* keys, docker:user too"
			case key == "sdc:nics":
				want = "warning: sdc:nics: absent; the zone has no network but loopback\nwarning: sdc:routes: route 2: gateway \"10.0.0.5\": a linklocal route names an address of the zone's own, and no NIC has this one"
			case key == "docker:logconfig":
				want = "warning: docker:logconfig: absent; the logger ends at once without, and the zone with it"
			case key == "docker:init":
				want = "warning: docker:init: not true, and so without effect: docker:stopsignal, docker:stoptimeout"
			}
			if got := told(z, err); got != want {
				t.Errorf("%s %s:\n got %s\nwant %s", key, what, got, want)
			}
		}
	}
}

// wrongAll has something wrong with every key that can be wrong.
func wrongAll() map[string]string {
	return map[string]string{
		"sdc:brand": "kvm", "sdc:nics": `[{"interface":"eth0","ips":["10.0.0.300/24"],"mtu":null}]`, "sdc:routes": `{}`,
		"docker:nfsvolumes": `[{"nfsvolume":"a"}]`, "docker:tmpfs": `[]`, "docker:shmsize": "64m",
		"docker:user": "a\nb", "docker:group_add": `[5]`, "docker:workdir": "a\x00", "docker:linkEnv": `["=x"]`,
		"docker:env": `["A=\u0000"]`, "docker:umask": "8", "docker:ulimits": `[{}]`, "docker:entrypoint": `{}`, "docker:cmd": `"x"`,
		"docker:logdriver": "../x", "docker:wait_for_attach": "12x", "docker:stopsignal": "SIGNOT", "docker:stoptimeout": "x",
		"docker:healthcheck": `{"Test":5}`, "docker:init_grace": "-1", "docker:init_restart": "sometimes",
		"docker:restartpolicy": "on-failure:x", "docker:restartcount": "x", "docker:restartdelay": "x", "sdc:resolvers": `["x"]`,
		"docker:dnssearch": `["a b"]`, "sdc:dns_domain": "a b", "docker:extraHosts": `["x"]`, "docker:hostsFile": "etc/hosts",
		"docker:hostnameFile": "x", "docker:resolvConfFile": "x", "docker:hostvolumes": `[]`, "docker:volumesfrom": `{}`,
		"docker:tcp_unpublished_ports": `["80"]`, "docker:udp_unpublished_ports": `[70000]`, "docker:tcp_all_ports": `x`,
		"docker:udp_all_ports": `[null]`, "sdc:tmpfs": "x", "sdc:volumes": "x",
	}
}

func TestAllThatIsWrongIsToldInTheOrderOfTheTable(t *testing.T) {
	values := wrongAll()
	_, err := Decode(Init|Host, values)
	many, ok := errors.AsType[*multierror.Error](err)
	if !ok {
		t.Fatalf("%T is no *multierror.Error", err)
	}
	var got, want []string
	for _, e := range many.Errors {
		problem, ok := errors.AsType[*Problem](e)
		if !ok {
			t.Fatalf("%v is no *Problem", e)
		}
		if !strings.HasPrefix(e.Error(), problem.Key+":") && !strings.HasPrefix(e.Error(), problem.Key+" ") {
			t.Errorf("%q does not begin with its key %s", e, problem.Key)
		}
		if len(got) == 0 || got[len(got)-1] != problem.Key {
			got = append(got, problem.Key)
		}
	}
	for _, key := range Keys() {
		if _, there := values[key.Name]; there {
			want = append(want, key.Name)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
	if code := exit.CodeOf(err); code != exit.InvalidBrand {
		t.Errorf("the code is %d, not that of the first problem", code)
	}
}

func TestReaderIsNotStoppedByKeysThatItDoesNotRead(t *testing.T) {
	values := wrongAll()
	for _, key := range Names(Exec) {
		delete(values, key)
	}
	z, err := Decode(Exec, values)
	if got := told(z, err); got != "" {
		t.Error(got)
	}
	for _, key := range []string{"sdc:nics", "sdc:brand", "docker:cmd", "sdc:resolvers"} {
		for _, name := range Names(Exec) {
			if name == key {
				t.Errorf("dockerexec asks for %s", key)
			}
		}
	}
	for _, name := range Names(Init) {
		if name == "sdc:resolvers" || name == "docker:restartpolicy" || name == "sdc:uuid" {
			t.Errorf("dockerinit asks for %s", name)
		}
	}
}

func TestZoneIsAsCompleteAsPossibleInSpiteOfProblems(t *testing.T) {
	values := typical()
	values["sdc:nics"] = `[{"interface":"eth0","ips":["10.0.0.5/24","10.0.0.300/24"],"primary":true,"gateways":["10.0.0.1"]}]`
	z, err := Decode(Init, values)
	if err == nil || z.User != "www-data" || len(z.Network.NICs) != 1 || z.Network.NICs[0].String() != "eth0 10.0.0.5/24" || len(z.Network.Ordered()) != 3 {
		t.Errorf("%v\n%+v", err, z)
	}
}

func TestAMillionMistakesAreTwentyLinesAndACount(t *testing.T) {
	values := least()
	values["docker:cmd"] = "[" + strings.Repeat("1,", 999_999) + "1]"
	_, err := Decode(Init, values)
	all := exit.Each(err)
	if len(all) != 21 || all[20].Error() != "docker:cmd: and 999980 more" {
		t.Errorf("%d lines, the last is %v", len(all), all[len(all)-1])
	}
}

func TestDecodingTwiceGivesTheSame(t *testing.T) {
	for _, values := range []map[string]string{typical(), wrongAll()} {
		first, err1 := Decode(Init|Host, values)
		for range 20 {
			second, err2 := Decode(Init|Host, values)
			if fmt.Sprintf("%+v", *first) != fmt.Sprintf("%+v", *second) {
				t.Fatalf("\n%+v\n%+v", first, second)
			}
			if told(first, err1) != told(second, err2) {
				t.Fatalf("\n%s\n%s", told(first, err1), told(second, err2))
			}
		}
	}
}

// S-16: whatever is wrong with a secret, its content is never told.
func TestS16SecretsAreNeverTold(t *testing.T) {
	const canary = "hunter2canary"
	shapes := []string{
		canary, `"` + canary + `"`, `["` + canary + `"`, `["` + canary + `",]`, `["` + canary + `" 1]`, `["NAME=` + canary + `\u0000"]`,
		`["=` + canary + `"]`, `[{"` + canary + `":"` + canary + `"}]`, `{"` + canary + `":"` + canary + `","` + canary + `":""}`,
		`{"` + canary + `":5}`, `{"` + canary + `":[[[` + strings.Repeat("[", 80) + `]}`, `{"mode":"` + canary + `"}`,
		`{"Mode":"` + canary + `"}`, `["` + canary + `\ud800"]`, `["` + canary + "\xff\"]", `["` + canary + "\n\"]",
		`["` + canary + `\q"]`, `["` + canary + `"] ` + canary, "\ufeff[\"" + canary + "\"]", `{"` + canary + `\u0000":"` + canary + `\u0000"}`,
	}
	for _, key := range Keys() {
		if !key.Secret {
			continue
		}
		for _, shape := range shapes {
			values := typical()
			values[key.Name] = shape
			z, err := Decode(Init|Exec|Host, values)
			if text := told(z, err); strings.Contains(text, canary) {
				t.Errorf("%s = %s\ntold %s", key.Name, shape, text)
			}
			for _, e := range exit.Each(err) {
				if p, _ := errors.AsType[*Problem](e); strings.Contains(p.Path, canary) {
					t.Errorf("%s = %s\npath %s", key.Name, shape, p.Path)
				}
			}
		}
	}
	for _, hidden := range []bool{false, true} {
		d := decoder{zone: &Zone{}}
		d.begin(&Key{Name: "docker:x", Secret: hidden})
		d.bad(spot{}, canary, "no")
		d.warn(spot{}, canary, "odd")
		if text := told(d.zone, d.problems); strings.Contains(text, canary) == hidden {
			t.Errorf("secret %v: %s", hidden, text)
		}
	}
	for _, name := range []string{"docker:env", "docker:linkEnv", "docker:logconfig"} {
		if key, _ := Find(name); !key.Secret {
			t.Errorf("%s is no secret", name)
		}
	}
}

func TestProblemsCarryTheirPath(t *testing.T) {
	tests := []struct{ key, value, path string }{
		{"sdc:nics", `[{},{"interface":"eth1","ip":"10.0.0.300"}]`, "[0].interface [1].ip"},
		{"sdc:nics", `[{"interface":"eth0","ips":["10.0.0.5/24","x"]}]`, "[0].ips[1]"},
		{"sdc:nics", `[{"interface":"eth0","ips":["10.0.0.5/24","\ud800"]}]`, "[0].ips[1]"},
		{"docker:cmd", `["a",5]`, "[1]"},
		{"docker:tmpfs", `{"/a b":5,"/run":"x"}`, `["/a b"] ["/run"]`},
		{"docker:healthcheck", `{"Test":["CMD",5]}`, ".Test[1]"},
		{"docker:umask", "9", ""},
		{"docker:env", `[{"a":{"b":nul}}]`, "[0].*.*"},
	}
	for _, tt := range tests {
		values := least()
		values[tt.key] = tt.value
		_, err := Decode(Init, values)
		var paths []string
		for _, e := range exit.Each(err) {
			p, _ := errors.AsType[*Problem](e)
			paths = append(paths, p.Path)
		}
		if got := strings.Join(paths, " "); got != tt.path || err == nil {
			t.Errorf("%s = %s\n got %s\nwant %s", tt.key, tt.value, got, tt.path)
		}
	}
}

func TestNoValueCanBreakALine(t *testing.T) {
	for _, key := range Names(Init | Host) {
		for _, evil := range []string{"\n2024-01-01T00:00:00.000Z EXEC\n", "\x1b[2J", "\u202e\u0085", "[\"\\u001b[2J\\n\"]", `{"\n\u001b":"\n\u001b"}`, `[{"interface":"\n","Ips":0}]`} {
			values := least()
			values[key] = evil
			z, err := Decode(Init|Host, values)
			for line := range strings.SplitSeq(told(z, err), "\n") {
				for _, r := range line {
					if !unicode.IsPrint(r) {
						t.Errorf("%s = %q tells %q", key, evil, line)
					}
				}
			}
			if n := strings.Count(told(z, err), "\n") + 1; err != nil && n != len(exit.Each(err))+len(z.Warnings) {
				t.Errorf("%s = %q tells %d lines", key, evil, n)
			}
		}
	}
}

func TestTableOfKeys(t *testing.T) {
	seen := map[string]bool{}
	for _, key := range Keys() {
		if seen[key.Name] {
			t.Errorf("%s stands there twice", key.Name)
		}
		seen[key.Name] = true
		if key.Format == "" || key.Meaning == "" {
			t.Errorf("%s has no format or no meaning", key.Name)
		}
		if key.Readers&(Init|Exec) != 0 && key.decode == nil && !strings.HasPrefix(key.Name, "sdc:internal_metadata_namespaces.") {
			t.Errorf("%s is read and not decoded", key.Name)
		}
		if key.Readers&Exec != 0 && key.Readers&Init == 0 {
			t.Errorf("%s is read by dockerexec and not by dockerinit", key.Name)
		}
	}
	if all, own := Names(Exec), ProcessKeys.Names(Exec); !slices.Equal(all, own) || len(own) != len(ProcessKeys) {
		t.Errorf("dockerexec reads %q of its own table, which has %d rows, and is to read %q", own, len(ProcessKeys), all)
	}
	if _, ok := Find("docker:nonsense"); ok {
		t.Error("docker:nonsense is found")
	}
}

func BenchmarkDecode(b *testing.B) {
	values := typical()
	b.ReportMetric(float64(len(values)), "keys")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(Init, values); err != nil {
			b.Fatal(err)
		}
	}
}
