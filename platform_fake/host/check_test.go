package host

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	for _, test := range []struct{ name, payload, want string }{
		{"nothing is wrong", `{"brand":"lx","docker":true,"nics":[{"mac":"90:b8:d0:aa:bb:cc","ips":["10.0.0.5/24","dhcp","addrconf","fd00::1/64"],"gateways":["10.0.0.1"],"mtu":1500,"primary":true}],
			"routes":{"10.2.0.0/16":"10.0.0.9","10.3.0.1":"nics[0]","10.4.0.0/16":"macs[90:b8:d0:aa:bb:cc]"},
			"internal_metadata":{"docker:cmd":"[]","docker:tty":true,"docker:restartcount":0,"docker:label:x":"y"},
			"customer_metadata":{"a":"b","n":1,"t":true},"tags":{"x":1},"resolvers":["8.8.8.8"],"whatever":{"is":["kept"]}}`, ""},
		{"no brand", `{"docker":true}`,
			"ERROR brand: missing; vmadm creates no zone without it (lx or joyent-minimal)"},
		{"no docker zone", `{"brand":"lx"}`,
			`ERROR docker: not true, and internal_metadata_namespaces lacks "docker": the zone would not see any docker: key of internal_metadata ("docker": true)`},
		{"a namespace without the flag", `{"brand":"lx","internal_metadata_namespaces":["docker"]}`,
			`WARN docker: not true: vmadm sets neither init_name nor docker:id, and the kernel starts init again when it ends ("docker": true)`},
		{"another init", `{"brand":"lx","docker":true,"init_name":"/sbin/init"}`,
			`WARN init_name: "/sbin/init": another program than dockerinit (/native/usr/vm/sbin/dockerinit)`},
		{"restart_init", `{"brand":"lx","docker":true,"restart_init":true}`,
			"WARN restart_init: true; vmadm makes it false for a docker zone (false)"},
		{"properties of another type", `{"brand":7,"docker":"true","nics":{},"resolvers":["8.8.8.8",8],"internal_metadata_namespaces":["docker"]}`, `
ERROR brand: a number, where a string is expected
ERROR docker: a string, where a boolean is expected
ERROR nics: an object, where an array is expected
ERROR resolvers[1]: a number, where a string is expected
WARN docker: not true: vmadm sets neither init_name nor docker:id, and the kernel starts init again when it ends ("docker": true)`},
		{"null", `{"brand":"lx","docker":true,"comment":null}`,
			"ERROR comment: null, which the metadata agent does not survive (leave it out)"},
		{"a property nearly right", `{"brand":"lx","docker":true,"internal-metadata":{},"route":{}}`, `
WARN ["internal-metadata"]: not a property that vmadm knows (meant: internal_metadata)
WARN route: not a property that vmadm knows (meant: routes)`},
		{"the same name twice", "{\"brand\":\"lx\",\"docker\":true,\"internal_metadata\":{\n  \"docker:user\":\"a\",\n  \"docker:user\":\"b\"}}",
			`ERROR internal_metadata["docker:user"]: the same name again at line 3, column 3 (vmadm takes the last one; leave one of them)`},

		{"metadata that is JSON", `{"brand":"lx","docker":true,"internal_metadata":{"docker:cmd":["/bin/sh"],"docker:logconfig":{"x":"y"},"docker:user":null}}`, `
ERROR internal_metadata["docker:cmd"]: an array, where vmadm takes a string (a string that contains JSON, such as "[\"a\",\"b\"]")
ERROR internal_metadata["docker:logconfig"]: an object, where vmadm takes a string (a string that contains JSON, such as "[\"a\",\"b\"]")
ERROR internal_metadata["docker:user"]: null, where vmadm takes a string (leave the key out)`},
		{"a boolean where text is expected", `{"brand":"lx","docker":true,"internal_metadata":{"docker:user":true}}`,
			`WARN internal_metadata["docker:user"]: a boolean; the zone gets the text "true" (a string: user[:group], each a name or a number; or leave the key out)`},
		{"T3 a text that is false to the zone alone", `{"brand":"lx","docker":true,"internal_metadata":{"docker:tty":"false"}}`,
			`WARN internal_metadata["docker:tty"]: the host takes every text for true and makes a terminal, the zone only "true": nobody would see the output (the boolean false, or no such key)`},
		{"tags and customer metadata are flat too", `{"brand":"lx","docker":true,"tags":{"a":{}},"customer_metadata":{"b":[]}}`, `
ERROR customer_metadata.b: an array, where vmadm takes a string (a string that contains JSON, such as "[\"a\",\"b\"]")
ERROR tags.a: an object, where vmadm takes a string (a string that contains JSON, such as "[\"a\",\"b\"]")`},
		{"a number beyond JavaScript", `{"brand":"lx","docker":true,"tags":{"a":1e999}}`,
			"ERROR tags.a: a number beyond what JavaScript can hold"},
		{"keys nearly right", `{"brand":"lx","docker":true,"internal_metadata":{"docker:Cmd":"[]","docker:command":"[]","docker:hostname":"web0","Docker:env":"[]","docker:entry_point":"[]","docker:frobnicate":"x"}}`, `
WARN internal_metadata["docker:Cmd"]: no key that means something to a docker zone (meant: docker:cmd)
WARN internal_metadata["docker:command"]: no key that means something to a docker zone (meant: docker:cmd)
WARN internal_metadata["docker:hostname"]: no key that means something to a docker zone (meant: hostname)
WARN internal_metadata["Docker:env"]: no key that means something to a docker zone (meant: docker:env)
WARN internal_metadata["docker:entry_point"]: no key that means something to a docker zone (meant: docker:entrypoint)
WARN internal_metadata["docker:frobnicate"]: no key that means something to a docker zone`},
		{"keys where the zone does not look", `{"brand":"lx","docker":true,"customer_metadata":{"docker:cmd":"[]","x_pw":"1","sdc:nics":"[]"}}`, `
WARN customer_metadata["docker:cmd"]: the zone looks for it in internal_metadata alone (move it to internal_metadata)
WARN customer_metadata.x_pw: the zone looks for it in internal_metadata alone (move it to internal_metadata)
WARN customer_metadata["sdc:nics"]: keys of sdc: are answered from the zone's properties`},
		{"S-21 docker keys that the zone could change", `{"brand":"lx","customer_metadata":{"docker:cmd":"[]"}}`, `
ERROR docker: not true, and internal_metadata_namespaces lacks "docker": the zone would not see any docker: key of internal_metadata ("docker": true)
WARN customer_metadata["docker:cmd"]: the zone itself could change it (move it to internal_metadata)`},

		{"an old ip that is asked for", `{"brand":"lx","docker":true,"nics":[{"ip":"dhcp"},{"ip":"addrconf"}]}`, ""},
		{"an address without prefix", `{"brand":"lx","docker":true,"nics":[{"ips":["10.0.0.5","fd00::5"]},{"netmask":"255.255.240.0","ips":["10.0.0.6"]}]}`, `
ERROR nics[0].ips[0]: "10.0.0.5": an address without prefix (meant: 10.0.0.5/24)
ERROR nics[0].ips[1]: "fd00::5": an address without prefix (meant: fd00::5/64)
ERROR nics[1].ips[0]: "10.0.0.6": an address without prefix (meant: 10.0.0.6/20)`},
		{"addresses that are none", `{"brand":"lx","docker":true,"nics":[{"ips":["10.0.0.300/24","10.0.0.1/7",5],"gateways":["x","fd00::1"],"mac":"90:b8"}]}`, `
ERROR nics[0].mac: "90:b8": not a MAC address (six bytes in hexadecimal: 90:b8:d0:aa:bb:cc)
ERROR nics[0].ips[0]: "10.0.0.300/24": not an address with prefix (dhcp, addrconf, A.B.C.D/24 or an IPv6 address with prefix)
ERROR nics[0].ips[1]: "10.0.0.1/7": the prefix of an IPv4 address is from 8 to 32
ERROR nics[0].ips[2]: a number, where a string is expected
ERROR nics[0].gateways[0]: "x": not an address
WARN nics[0].gateways[1]: "fd00::1": today's vmadm takes only IPv4 gateways; the zone would use it`},
		{"a NIC's fields of another type", `{"brand":"lx","docker":true,"nics":[5,{"ips":"10.0.0.5/24","gateways":{},"mtu":"1500","mac":7,"primary":"true"},{"mtu":100},{"mtu":9001}]}`, `
ERROR nics[0]: a number, where an object is expected
ERROR nics[1].primary: a string, where a boolean is expected (true, or leave it out)
ERROR nics[1].mac: a number, where a string is expected
ERROR nics[1].mtu: a string, where a number is expected (a number without quotes)
ERROR nics[1].ips: a string, where an array of strings is expected (an array with this one element)
ERROR nics[1].gateways: an object, where an array of strings is expected
ERROR nics[2].mtu: 100: not from 576 to 9000
ERROR nics[3].mtu: 9001: not from 576 to 9000`},
		{"two primary NICs", `{"brand":"lx","docker":true,"nics":[{"primary":true},{},{"primary":true}]}`,
			"ERROR nics[2].primary: true, as for nics[0] already; one NIC is the primary one"},
		{"the fields of old", `{"brand":"lx","docker":true,"nics":[{"ip":"10.0.0.5"},{"ip":"x","netmask":"255.255.255.0"},{"ip":"10.0.0.5","ips":["10.0.0.6/24"]},{"ip":"10.0.0.7","netmask":"255.0.255.0"}]}`, `
ERROR nics[0].netmask: "": not the netmask of an ip (such as 255.255.255.0; or ips with a prefix)
ERROR nics[1].ip: "x": not an address
WARN nics[2].ip: "10.0.0.5", but ips says "10.0.0.6", which counts
ERROR nics[3].netmask: "255.0.255.0": not the netmask of an ip (such as 255.255.255.0; or ips with a prefix)`},

		{"1.6 destinations", `{"brand":"lx","docker":true,"routes":{"10.0.0.0/7":"10.0.0.1","x":"10.0.0.1","0.0.0.0/0":"10.0.0.1","fd00::/8":"10.0.0.1","10.1.2.3/16":"10.0.0.1","10.1.1.1":"10.0.0.1"}}`, `
ERROR routes["10.0.0.0/7"]: "10.0.0.0/7": the prefix of a destination is from 8 to 32
ERROR routes.x: "x": not an address or network (10.2.0.0/16, or an address alone)
ERROR routes["0.0.0.0/0"]: a default route, which vmadm does not take here (gateways of the primary NIC)
WARN routes["fd00::/8"]: today's vmadm takes only IPv4 destinations; the zone would use it
WARN routes["10.1.2.3/16"]: "10.1.2.3/16": has bits beyond its prefix (meant: 10.1.0.0/16)`},
		{"1.6 gateways", `{"brand":"lx","docker":true,"nics":[{"mac":"90:b8:d0:aa:bb:cc","ips":["dhcp"]}],"routes":{"10.1.0.0/16":"x","10.2.0.0/16":5,"10.3.0.0/16":"nics[3]","10.4.0.0/16":"nics[0]","10.5.0.0/16":"macs[zz]","10.6.0.0/16":"macs[90:b8:d0:aa:bb:cd]","10.7.0.0/16":"fd00::1"}}`, `
ERROR routes["10.1.0.0/16"]: "x": not a gateway (an IPv4 address, nics[0] or macs[90:b8:d0:aa:bb:cc])
ERROR routes["10.2.0.0/16"]: a number, where a string is expected
WARN routes["10.3.0.0/16"]: "nics[3]": there is no such NIC; the zone never hears of this route
WARN routes["10.4.0.0/16"]: "nics[0]": that NIC has no IPv4 address of its own; the zone never hears of this route
ERROR routes["10.5.0.0/16"]: "zz": not a MAC address
WARN routes["10.6.0.0/16"]: "macs[90:b8:d0:aa:bb:cd]": there is no such NIC; the zone never hears of this route
WARN routes["10.7.0.0/16"]: "fd00::1": today's vmadm takes only IPv4 gateways; the zone would use it`},
		{"S-43 nothing can move a terminal's cursor", `{"brand":"lx","docker":true,"internal_metadata":{"docker:\u001b[2J":"x"},"routes":{"\n":"\u202e"}}`, `
ERROR routes["\n"]: "\n": not an address or network (10.2.0.0/16, or an address alone)
ERROR routes["\n"]: "\u202e": not a gateway (an IPv4 address, nics[0] or macs[90:b8:d0:aa:bb:cc])
WARN internal_metadata["docker:\x1b[2J"]: no key that means something to a docker zone`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := told(read(t, test.payload).Check())
			if want := strings.TrimPrefix(test.want, "\n"); got != want {
				t.Errorf("\ngot\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func told(problems []Problem) string {
	var lines []string
	for _, p := range problems {
		word := "ERROR "
		if p.Warning {
			word = "WARN "
		}
		lines = append(lines, word+p.String())
	}
	return strings.Join(lines, "\n")
}

func TestPathIsWhereAnAnswerComesFrom(t *testing.T) {
	p := read(t, zoneJSON)
	for key, want := range map[string]string{
		"sdc:nics":                           "nics",
		"sdc:hostname":                       "hostname",
		"sdc:routes":                         "routes",
		"sdc:nics.1.mac":                     "nics[1].mac",
		"sdc:resolvers.0":                    "resolvers[0]",
		"sdc:tags.docker:label:a":            `tags["docker:label:a"]`,
		"sdc:customer_metadata.mine":         "customer_metadata.mine",
		"sdc:internal_metadata.a:b":          `internal_metadata["a:b"]`,
		"sdc:volumes":                        `internal_metadata["sdc:volumes"]`,
		"sdc:operator-script":                `internal_metadata["operator-script"]`,
		"sdc:no.such.thing":                  `["no.such.thing"]`,
		"docker:cmd":                         `internal_metadata["docker:cmd"]`,
		"root_pw":                            "internal_metadata.root_pw",
		"__dockerinit_failure":               "customer_metadata.__dockerinit_failure",
		"free:form":                          `customer_metadata["free:form"]`,
		"sdc:internal_metadata_namespaces.0": "internal_metadata_namespaces[0]",
	} {
		if got := p.Path(key); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", key, got, want)
		}
	}
}

func TestAtIsWhereTheOperatorWroteIt(t *testing.T) {
	p := read(t, `{"brand":"joyent-minimal","nics":[{"interface":"net1","ips":["10.0.0.1/24"]},{"interface":"net0"}],
		"routes":{"10.1.0.0/16":"nics[7]","10.2.0.0/16":"10.0.0.9"},"internal_metadata_namespaces":["docker"]}`)
	for _, test := range []struct{ key, inner, want string }{
		{"sdc:nics", "", "nics"},
		{"sdc:nics", "[1].ips[0]", "nics[0].ips[0]"},
		{"sdc:nics", "[0].mac", "nics[1].mac"},
		{"sdc:nics", "[5]", "nics[5]"},
		{"sdc:nics", ".x", "nics.x"},
		{"sdc:routes", "[0].gateway", `routes["10.2.0.0/16"]`},
		{"sdc:routes", "[1].dst", "routes[1].dst"},
		{"docker:env", "[3]", `internal_metadata["docker:env"][3]`},
		{"docker:user", "", `internal_metadata["docker:user"]`},
	} {
		if got := p.At(test.key, test.inner); got != test.want {
			t.Errorf("%s %s\ngot  %s\nwant %s", test.key, test.inner, got, test.want)
		}
	}
}
