package payload_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dockerinit/cmd/internal/payload"
	"dockerinit/core"
	"dockerinit/core/exit"
	"dockerinit/core/metadata"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
)

func problems(p *host.Payload) []payload.Problem {
	values, refused := payload.Values(p)
	z, wrong := zone.Decode(zone.Init|zone.Host, values)
	plan := core.NewPlan(z, nil, nil)
	return payload.Problems(p, z, slices.Concat(exit.Each(refused), exit.Each(wrong), exit.Each(plan.Err)), plan.Warnings)
}

func TestAMistakeIsToldOnce(t *testing.T) {
	for _, tt := range []struct {
		name, payload string
		want          string // a line a problem: E or W, path, code, text, hint
		unseen        string // the paths of what a boot would not tell
	}{
		{"what host and zone find at one place has the host's words and the zone's code",
			`"nics":[{"interface":"eth0","ips":["10.0.0.5"]}]`,
			`E nics[0].ips[0] 64 "10.0.0.5": an address without prefix (meant: 10.0.0.5/24)`, ""},
		{"the older form of a gateway is the same place",
			`"nics":[{"interface":"eth0","ips":["10.0.0.5/24"],"gateway":"10.0.0.300"}]`,
			`E nics[0].gateway 0 "10.0.0.300": not an address`, ""},
		{"the older form of an address too",
			`"nics":[{"interface":"eth0","ip":"10.0.0.300","netmask":"255.255.255.0"}]`,
			`E nics[0].ip 64 "10.0.0.300": not an address`, ""},
		{"a route is where the operator wrote it",
			`"routes":{"10.1.0.0/16":"nics[3]","10.2.0.0/40":"10.0.0.1"}`,
			`E routes["10.2.0.0/40"] 0 "10.2.0.0/40": not an address or network (10.2.0.0/16, or an address alone)` + "\n" +
				`W routes["10.1.0.0/16"] 0 "nics[3]": there is no such NIC; the zone never hears of this route`, `routes["10.1.0.0/16"]`},
		{"what both find odd is odd once",
			`"routes":{"10.1.0.0/16":"10.0.0.1","10.2.1.0/16":"10.0.0.1"}`,
			`W routes["10.2.1.0/16"] 0 "10.2.1.0/16": has bits beyond its prefix (meant: 10.2.0.0/16)`, ""},
		{"what the host finds odd explains what the zone finds wrong",
			`"internal_metadata":{"docker:env":true,"docker:cmd":"[\"x\"]"}`,
			`E internal_metadata["docker:env"] 20 a boolean; expected is JSON array of NAME=value (a string that contains JSON, such as "[\"a\",\"b\"]")`, ""},
		{"a warning on an element is at the element",
			`"internal_metadata":{"docker:env":"[\"A=b\",\"C\"]","docker:cmd":"[\"x\"]"}`,
			`W internal_metadata["docker:env"][1] 0 element 2: an entry without "=" removes a variable, and there is none of that name`, ""},
		{"what the host refuses ends the boot",
			`"internal_metadata":{"docker:env":["A=b"],"docker:cmd":"[\"x\"]"}`,
			`E internal_metadata["docker:env"] 8 an array, where vmadm takes a string (a string that contains JSON, such as "[\"a\",\"b\"]")`, ""},
		{"a command that is refused is not missing too",
			`"internal_metadata":{"docker:cmd":["x"]}`,
			`E internal_metadata["docker:cmd"] 8 an array, where vmadm takes a string (a string that contains JSON, such as "[\"a\",\"b\"]")`, ""},
		{"a near miss says what was meant",
			`"internal_metadata":{"docker:workingdir":"/srv","docker:comd":"[]","docker:cmd":"[\"x\"]"}`,
			`W internal_metadata["docker:comd"] 0 no key that means something to a docker zone (meant: docker:cmd)` + "\n" +
				`W internal_metadata["docker:workingdir"] 0 "/srv": not a key of docker zones; taken for docker:workdir (meant: docker:workdir)`,
			`internal_metadata["docker:comd"]`},
		{"the namespace is missed once",
			`"docker":false`,
			`E docker 0 not true, and internal_metadata_namespaces lacks "docker": the zone would not see any docker: key of internal_metadata ("docker": true)` + "\n" +
				`E internal_metadata["docker:cmd"] 13 there is no command, and none in docker:entrypoint; one of them is expected`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := `{"brand":"lx","docker":true,"internal_metadata":{"docker:cmd":"[\"x\"]"},` + tt.payload + `}`
			for _, name := range []string{"docker", "internal_metadata"} { // given again, it takes the place of ours
				if strings.Contains(tt.payload, `"`+name+`":`) {
					text = strings.Replace(text, map[string]string{
						"docker": `"docker":true,`, "internal_metadata": `"internal_metadata":{"docker:cmd":"[\"x\"]"},`}[name], "", 1)
				}
			}
			p, err := host.Read(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, found := range problems(p) {
				severity := "E"
				if found.Warning {
					severity = "W"
				}
				line := fmt.Sprintf("%s %s %d %s", severity, found.Path, found.Code, found.Text)
				if found.Hint != "" {
					line += " (" + found.Hint + ")"
				}
				got = append(got, line)
			}
			if all := strings.Join(got, "\n"); all != tt.want {
				t.Errorf("\ngot\n%s\nwant\n%s", all, tt.want)
			}
			var unseen []string
			for _, found := range payload.Unseen(p) {
				unseen = append(unseen, found.Path)
			}
			if all := strings.Join(unseen, " "); all != tt.unseen {
				t.Errorf("unseen: got %s, want %s", all, tt.unseen)
			}
		})
	}
}

func TestAValueThatNoZoneTakes(t *testing.T) {
	text := `{"brand":"lx","docker":true,"internal_metadata":{"docker:cmd":"[\"x\"]","docker:user":"` + strings.Repeat("x", metadata.MaxValue+1) + `"}}`
	p, err := host.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{internal_metadata["docker:user"] 8 the value is larger than 16 MiB  false}]`
	if got := fmt.Sprint(problems(p)); got != want {
		t.Errorf("got %.200s, want %s", got, want)
	}
}

// Whatever is a payload has problems that can be told: each has its text, and
// errors come first.
func FuzzProblems(f *testing.F) {
	for _, pattern := range []string{"../../../platform_fake/examples/*.json", "../../dockerzone/testdata/payloads/*.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text))
		}
	}
	f.Add(`{"brand":"lx","docker":true,"internal_metadata":{"docker:workingdir":1}}`)
	f.Add(`{"routes":{"":"nics[0]"},"nics":[{"ips":[null]},[]],"internal_metadata":{"docker:cmd":"[","":""}}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := host.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		odd := false
		for _, found := range problems(p) {
			if found.Text == "" {
				t.Errorf("a problem without text at %s", found.Path)
			}
			if odd && !found.Warning {
				t.Error("an error after a warning")
			}
			odd = found.Warning
		}
		payload.Unseen(p)
	})
}
