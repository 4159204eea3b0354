package host

import (
	"fmt"
	"strings"
	"testing"
)

// zoneJSON is a zone in which every rule of the agent has something to say.
const zoneJSON = `{
  "brand": "lx", "uuid": "b9e3c5d1-0000-4000-8000-00000000000a", "docker": true, "hostname": "web0",
  "tmpfs": 0, "quota": 10, "ratio": -1.5, "big": 1e3, "huge": 1e21, "tiny": 1.5e-7, "whole": 2.0,
  "empty_list": [], "one_number": [5], "one_digit_text": ["7"], "one_hex": ["0x1f"], "two_numbers": [1, 2],
  "one_word": ["a"], "one_true": [true], "nested": [[3]], "an_object": {"a": 1}, "list_of_objects": [{}],
  "resolvers": ["8.8.8.8", "8.8.4.4"],
  "nics": [
    {"interface": "eth0", "mac": "90:b8:d0:aa:bb:cc", "vlan_id": 0, "nic_tag": "external", "primary": true,
     "ips": ["10.0.0.5/24", "fd00::5/64"], "gateways": ["10.0.0.1"]},
    {"interface": "eth1", "mac": "00:0b:d0:00:00:01", "ips": ["dhcp"]},
    {"interface": "eth2", "mac": "90:b8:d0:aa:bb:ce", "ips": ["addrconf"]}
  ],
  "routes": {
    "10.2.2.0/24": "10.2.1.1",
    "10.3.0.1": "nics[0]",
    "10.4.0.0/16": "macs[90:b8:d0:AA:bb:cc]",
    "10.5.0.0/16": "nics[1]", "10.6.0.0/16": "nics[2]", "10.7.0.0/16": "nics[9]",
    "10.8.0.0/16": "macs[no]", "10.9.0.0/16": "macs[0:b:d0:0:0:1]"
  },
  "tags": {"docker:label:a.b:c": "v", "count": 3, "": "nameless"},
  "internal_metadata_namespaces": ["other"],
  "internal_metadata": {
    "docker:cmd": "[\"sleep\"]", "docker:tty": true, "docker:restartcount": 0, "docker:user": "",
    "other:x": "y", "root_pw": "secret", "hidden": "h", "with.dot": "unreachable",
    "sdc:volumes": "[{}]", "operator-script": "#!/bin/sh"
  },
  "customer_metadata": {
    "mine": "m", "docker:tty": "shadow", "user_pw": "shadow", "operator-script": "customer's",
    "free:form": "f", "flag": false, "n": 12
  }
}`

func TestGET(t *testing.T) {
	store := NewStore(read(t, zoneJSON))
	for _, test := range []struct{ name, key, want string }{
		{"1.1 resolvers are JSON text", "sdc:resolvers", `SUCCESS ["8.8.8.8","8.8.4.4"]`},
		{"1.1 tmpfs is JSON text", "sdc:tmpfs", "SUCCESS 0"},
		{"1.1 operator-script is internal", "sdc:operator-script", "SUCCESS #!/bin/sh"},
		{"1.1 volumes are internal, verbatim", "sdc:volumes", "SUCCESS [{}]"},
		{"1.1 a tag's name may have dots and colons", "sdc:tags.docker:label:a.b:c", "SUCCESS v"},
		{"1.1 a tag's name may be empty", "sdc:tags.", "SUCCESS nameless"},
		{"1.1 _pw is internal", "root_pw", "SUCCESS secret"},
		{"1.1 a customer's _pw is unreachable", "user_pw", "NOTFOUND"},
		{"1.1 a key in an internal namespace", "docker:cmd", `SUCCESS ["sleep"]`},
		{"1.1 every internal namespace counts", "other:x", "SUCCESS y"},
		{"1.1 a customer's docker: key is unreachable", "docker:tty", "SUCCESS true"},
		{"1.1 everything else is the customer's", "mine", "SUCCESS m"},
		{"1.1 a prefix that is no internal namespace", "free:form", "SUCCESS f"},
		{"1.1 a namespace's name without colon", "docker", "NOTFOUND"},
		{"1.1 operator-script itself is the customer's", "operator-script", "SUCCESS customer's"},
		{"1.1 internal keys are no customer keys", "hidden", "NOTFOUND"},
		{"1.1 empty key", "", "NOTFOUND"},

		{"1.2 map.KEY of customer_metadata", "sdc:customer_metadata.mine", "SUCCESS m"},
		{"1.2 map.KEY of internal_metadata hides nothing", "sdc:internal_metadata.hidden", "SUCCESS h"},
		{"1.2 a customer's docker: key can be seen", "sdc:customer_metadata.docker:tty", "SUCCESS shadow"},
		{"1.2 a key with a dot cannot be reached", "sdc:internal_metadata.with.dot", "NOTFOUND"},
		{"1.2 a route without dots only", "sdc:routes.10.3.0.1", "NOTFOUND"},
		{"1.2 array.N of namespaces", "sdc:internal_metadata_namespaces.0", "SUCCESS other"},
		{"1.2 docker is put at the end of the namespaces", "sdc:internal_metadata_namespaces.1", "SUCCESS docker"},
		{"1.2 array.N beyond the end", "sdc:internal_metadata_namespaces.2", "NOTFOUND"},
		{"1.2 array.N of resolvers", "sdc:resolvers.1", "SUCCESS 8.8.4.4"},
		{"1.2 array.N that is no number", "sdc:resolvers.x", "NOTFOUND"},
		{"1.2 array.N of other properties", "sdc:one_number.0", "NOTFOUND"},
		{"1.2 array.N.FIELD", "sdc:nics.0.mac", "SUCCESS 90:b8:d0:aa:bb:cc"},
		{"1.2 array.N.FIELD beyond the end", "sdc:nics.7.mac", "NOTFOUND"},
		{"1.2 array.N.FIELD of an absent property", "sdc:disks.0.path", "NOTFOUND"},
		{"1.2 nics.N is not a form", "sdc:nics.0", "NOTFOUND"},
		{"1.2 any other property by its name", "sdc:hostname", "SUCCESS web0"},
		{"1.2 unknown property", "sdc:nothing", "NOTFOUND"},
		{"1.2 no property", "sdc:", "NOTFOUND"},

		{"1.3 string", "sdc:brand", "SUCCESS lx"},
		{"1.3 empty string", "docker:user", "SUCCESS"},
		{"1.3 number zero", "docker:restartcount", "SUCCESS 0"},
		{"1.3 number", "sdc:quota", "SUCCESS 10"},
		{"1.3 negative fraction", "sdc:ratio", "SUCCESS -1.5"},
		{"1.3 number with exponent", "sdc:big", "SUCCESS 1000"},
		{"1.3 number beyond decimals", "sdc:huge", "SUCCESS 1e+21"},
		{"1.3 small number", "sdc:tiny", "SUCCESS 1.5e-7"},
		{"1.3 fraction that is none", "sdc:whole", "SUCCESS 2"},
		{"1.3 a customer's number", "n", "SUCCESS 12"},
		{"1.3 a tag's number", "sdc:tags.count", "SUCCESS 3"},
		{"1.3 true", "sdc:docker", "SUCCESS true"},
		{"1.3 false", "sdc:restart_init", "SUCCESS false"},
		{"1.3 a customer's false", "flag", "SUCCESS false"},
		{"1.3 number in a NIC", "sdc:nics.0.vlan_id", "SUCCESS 0"},
		{"1.3 boolean in a NIC", "sdc:nics.0.primary", "SUCCESS true"},
		{"1.3 absent", "sdc:nics.1.primary", "NOTFOUND"},
		{"1.3 object", "sdc:tags", "FAILURE"},
		{"1.3 other object", "sdc:an_object", "FAILURE"},
		{"1.3 array of words", "sdc:internal_metadata_namespaces", "FAILURE"},
		{"1.3 array in a NIC", "sdc:nics.0.ips", "FAILURE"},
		{"1.3 array of two numbers", "sdc:two_numbers", "FAILURE"},
		{"1.3 array of one word", "sdc:one_word", "FAILURE"},
		{"1.3 array of true", "sdc:one_true", "FAILURE"},
		{"1.3 array of an object", "sdc:list_of_objects", "FAILURE"},
		{"1.3 array of one number", "sdc:one_number", "SUCCESS 5"},
		{"1.3 array of digits", "sdc:one_digit_text", "SUCCESS 7"},
		{"1.3 array of hexadecimal digits", "sdc:one_hex", "SUCCESS 0x1f"},
		{"1.3 array in an array", "sdc:nested", "SUCCESS 3"},
		{"1.3 empty array", "sdc:empty_list", "SUCCESS"},

		{"1.6 routes in the map's order, those without an address left out", "sdc:routes", `SUCCESS [` +
			`{"linklocal":false,"dst":"10.2.2.0/24","gateway":"10.2.1.1"},` +
			`{"linklocal":true,"dst":"10.3.0.1","gateway":"10.0.0.5"},` +
			`{"linklocal":true,"dst":"10.4.0.0/16","gateway":"10.0.0.5"}]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := ask(store, test.key); got != test.want {
				t.Errorf("GET %s\ngot  %s\nwant %s", test.key, got, test.want)
			}
		})
	}
}

func TestBareZone(t *testing.T) {
	if got, want := ask(NewStore(read(t, `{"tmpfs":"5"}`)), "sdc:tmpfs"), `SUCCESS "5"`; got != want {
		t.Errorf("a text as JSON: got %s, want %s", got, want)
	}
	store := NewStore(read(t, `{"brand":"joyent-minimal"}`))
	for key, want := range map[string]string{
		"sdc:nics": "SUCCESS []", "sdc:routes": "SUCCESS []", "sdc:resolvers": "SUCCESS []",
		"sdc:tmpfs": "NOTFOUND", "sdc:hostname": "NOTFOUND", "sdc:alias": "NOTFOUND", "docker:id": "NOTFOUND",
		"sdc:dns_domain": "SUCCESS local",
	} {
		if got := ask(store, key); got != want {
			t.Errorf("GET %s: got %s, want %s", key, got, want)
		}
	}
}

func TestJavaScriptNumbers(t *testing.T) {
	for s, want := range map[string]bool{
		"": true, " ": true, "1": true, "-1.5e3": true, ".5": true, "5.": true, "0x1F": true, "0b101": true,
		"0x10000000000000000ff": true, "Infinity": true, "1e999": true,
		"1_000": false, "0x": false, "0xg": false, "inf": false, "NaN": false, "0x1p4": false, "1,2": false, "1 2": false,
	} {
		if got := isJavaScriptNumber(s); got != want {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
}

func TestStringsAsJavaScriptWritesThem(t *testing.T) {
	got := textValue("\x00\x1b\b\t\n\f\r\"\\/<\u007f\u2028é").json()
	want := `"\u0000\u001b\b\t\n\f\r\"\\/<` + "\u007f\u2028é" + `"`
	if got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
}

func read(t testing.TB, payload string) *Payload {
	t.Helper()
	p, err := Read(strings.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ask is the answer to GET as the protocol has it, in words.
func ask(s *Store, key string) string {
	text, ok, err := s.Get(key)
	switch {
	case err != nil:
		return strings.TrimSpace("FAILURE " + err.Error())
	case !ok:
		return "NOTFOUND"
	default:
		return strings.TrimSpace(fmt.Sprintf("SUCCESS %s", text))
	}
}
