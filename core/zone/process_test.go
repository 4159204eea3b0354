package zone

import (
	"fmt"
	"strings"
	"testing"
)

func TestBrand(t *testing.T) {
	decodeRows(t, "sdc:brand", func(z *Zone) string { return string(z.Brand) }, []row{
		{"lx", "lx", "lx"},
		{"native", "joyent-minimal", "joyent-minimal"},
		{"absent", "", "12 sdc:brand: absent; lx or joyent-minimal is expected"},
		{"another", "bhyve", `7 sdc:brand "bhyve": lx or joyent-minimal is expected`},
		{"wrong case", "LX", `7 sdc:brand "LX": lx or joyent-minimal is expected`},
		{"line feed", "lx\n", `7 sdc:brand "lx\n": lx or joyent-minimal is expected`},
	})
}

// S-21: docker:* is the operator's only where docker is among the namespaces.
func TestS21DockerMustBeAmongTheNamespaces(t *testing.T) {
	const loud = "warning: sdc:internal_metadata_namespaces: docker is not among them: the container's own processes can write its docker:* keys, docker:user too"
	for i := range 8 {
		values := least()
		delete(values, "sdc:internal_metadata_namespaces.0")
		values[fmt.Sprintf("sdc:internal_metadata_namespaces.%d", i)] = "docker"
		z, err := Decode(Init, values)
		if got := told(z, err); got != "" {
			t.Errorf("docker at %d: %s", i, got)
		}
	}
	decodeRows(t, "sdc:internal_metadata_namespaces.0", func(*Zone) string { return "" }, []row{
		{"another", "triton", loud},
		{"wrong case", "Docker", loud},
		{"absent", "", loud},
	})
}

// S-14: a host name is 1 to 253 bytes of a safe set. The host does not look at
// it, and another one is no reason not to boot.
func TestS14Hostname(t *testing.T) {
	label := strings.Repeat("a", 63)
	decodeRows(t, "sdc:hostname", func(z *Zone) string { return z.Hostname }, []row{
		{"short", "web0", "web0"},
		{"qualified", "Web-0.example.com.", "Web-0.example.com."},
		{"underscore, as compose makes them", "my_web_1", "my_web_1"},
		{"253 bytes", strings.Repeat(label[:62]+".", 4) + "a", strings.Repeat(label[:62]+".", 4) + "a\n" +
			`warning: sdc:hostname "` + label[:62] + `.a"… (253 bytes): Linux programs have room for 64 bytes`},
		{"254 bytes", strings.Repeat("ab", 127), `warning: sdc:hostname "` + strings.Repeat("ab", 32) + `"… (254 bytes): longer than 253 bytes; the zone keeps its own name`},
		{"long part", label + "a", label + `a` + "\n" + `warning: sdc:hostname "` + label + `a": a part has more than 63 bytes, which no name server takes`},
		{"line feed", "web\n0", `warning: sdc:hostname "web\n0": letters, digits, _ - and . are expected; the zone keeps its own name`},
		{"NUL", "web\x00", `warning: sdc:hostname "web\x00": letters, digits, _ - and . are expected; the zone keeps its own name`},
		{"slash", "../etc", `warning: sdc:hostname "../etc": letters, digits, _ - and . are expected; the zone keeps its own name`},
		{"other script", "wéb", `warning: sdc:hostname "wéb": letters, digits, _ - and . are expected; the zone keeps its own name`},
		{"empty part", "a..b", "a..b\n" + `warning: sdc:hostname "a..b": an empty part between dots`},
		{"hyphen at the end", "a-.b", "a-.b\n" + `warning: sdc:hostname "a-.b": a part begins or ends with -`},
	})
}

// S-7: the bytes of docker:user are judged, not how somebody may write them.
func TestS7User(t *testing.T) {
	decodeRows(t, "docker:user", func(z *Zone) string { return z.User }, []row{
		{"name and group", "bob:staff", "bob:staff"},
		{"backslash and n are two letters", `a\nb`, `a\nb`},
		{"space", "a b", "a b"},
		{"line feed", "a\nb", `64 docker:user "a\nb": control characters are not taken`},
		{"NUL", "a\x00b", `64 docker:user "a\x00b": control characters are not taken`},
		{"DEL and C1", "a\x7f", `64 docker:user "a\x7f": control characters are not taken`},
		{"C1", "a\u0085", `64 docker:user "a\u0085": control characters are not taken`},
		{"no UTF-8", "a\xff", `64 docker:user "a\xff": not valid UTF-8`},
		{"1 MiB", strings.Repeat("a", 1<<20), `64 docker:user "` + strings.Repeat("a", 64) + `"… (1048576 bytes): longer than 512 bytes`},
	})
	decodeRows(t, "docker:group_add", func(z *Zone) string { return fmt.Sprintf("%q", z.GroupAdd) }, []row{
		{"names and numbers", `["staff","1000"]`, `["staff" "1000"]`},
		{"none", `[]`, `[]`},
		{"a number that is none as text", `[1000]`, "[]\n20 docker:group_add: element 1: a number where text is expected"},
		{"empty", `["a",""]`, `["a"]` + "\n64 docker:group_add: element 2: a group's name or number is expected"},
		{"line feed", `["a\nb"]`, "[]\n" + `64 docker:group_add: element 1 "a\nb": control characters are not taken`},
	})
}

func TestWorkdir(t *testing.T) {
	decodeRows(t, "docker:workdir", func(z *Zone) string { return z.Workdir }, []row{
		{"absolute", "/srv", "/srv"},
		{"home", "~", "~"},
		{"in the home", "~/x", "~/x"},
		{"W1 relative", "srv", "srv\n" + `warning: docker:workdir "srv": not absolute; taken from /`},
		{"W6 somebody's home is a name like others", "~bob", "~bob\n" + `warning: docker:workdir "~bob": not absolute; taken from /`},
		{"NUL", "/a\x00b", `64 docker:workdir "/a\x00b": control characters are not taken`},
		{"line feed", "/a\nb", `64 docker:workdir "/a\nb": control characters are not taken`},
	})
	show := func(z *Zone) string { return z.Workdir }
	decodeRows(t, "docker:workingdir", show, []row{
		{"instead", "/srv", "/srv\n" + `warning: docker:workingdir "/srv": not a key of docker zones; taken for docker:workdir`},
		{"bad all the same", "/a\n", `64 docker:workingdir "/a\n": control characters are not taken` + "\n" + `warning: docker:workingdir "/a\n": not a key of docker zones; taken for docker:workdir`},
	})
	decodeRowsIn(t, map[string]string{"docker:workdir": "/srv"}, "docker:workingdir", show, []row{
		{"besides", "/srv", "/srv\n" + `warning: docker:workingdir "/srv": not a key of docker zones; docker:workdir says the same`},
		{"besides and different", "/app", "/srv\n" + `warning: docker:workingdir "/app": not a key of docker zones; docker:workdir counts`},
	})
}

func TestEnvironment(t *testing.T) {
	for _, key := range []string{"docker:env", "docker:linkEnv"} {
		show := func(z *Zone) string { return fmt.Sprintf("%q", append(z.LinkEnv, z.Env...)) }
		decodeRows(t, key, show, []row{
			{"in order, with all that is said twice", `["A=1","B=","A=2"]`, `["A=1" "B=" "A=2"]`},
			{"E2 without = stays, it takes the variable away", `["PATH"]`, `["PATH"]`},
			{"E5 line feeds and = are fine", `["A=1\n2=3"]`, `["A=1\n2=3"]`},
			{"J1 escapes", `["A=\u001b[1m\u00e9\ud83d\ude00"]`, `["A=\x1b[1mé😀"]`},
			{"E3 no name", `["=x","","A=1"]`, `["A=1"]` + "\n64 " + key + ": element 1: a variable without a name\n64 " + key + ": element 2: a variable without a name"},
			{"E3 NUL", `["A=\u0000x","B=1"]`, `["B=1"]` + "\n64 " + key + ": element 1 (A): a NUL byte"},
			{"object", `{"A":"1"}`, "[]\n20 " + key + ": an object; expected is JSON array of NAME=value"},
			{"elements of other types", `["A=1",5,null,["B=1"]]`, `["A=1"]` + "\n20 " + key + ": element 2: a number where text is expected\n20 " + key + ": element 3: null where text is expected\n20 " + key + ": element 4: an array where text is expected"},
			{"plain text", `A=1`, "[]\n20 " + key + ": unexpected character at byte 1; expected is JSON array of NAME=value"},
		})
	}
}

func TestCommand(t *testing.T) {
	show := func(z *Zone) string { return fmt.Sprintf("%q %q", z.Entrypoint, z.Cmd) }
	const none = "13 docker:cmd: there is no command, and none in docker:entrypoint; one of them is expected"
	decodeRows(t, "docker:cmd", show, []row{
		{"words", `["/bin/sleep","3600"]`, `[] ["/bin/sleep" "3600"]`},
		{"X5 empty name is kept", `[""]`, `[] [""]`},
		{"white space around", " [ \"a\" ,\n\"b\" ]\n", `[] ["a" "b"]`},
		{"X1 none", `[]`, "[] []\n" + none},
		{"X1 absent", ``, "[] []\n" + none},
		{"NUL", `["a\u0000b"]`, "[] []\n64 docker:cmd: element 1: a NUL byte"},
		{"text", `"true"`, "[] []\n20 docker:cmd: text; expected is JSON array of strings"},
		{"plain text", `/bin/true`, "[] []\n20 docker:cmd: unexpected character at byte 1; expected is JSON array of strings"},
		{"elements of other types", `["a",5,true]`, `[] ["a"]` + "\n20 docker:cmd: element 2: a number where text is expected\n20 docker:cmd: element 3: a boolean where text is expected"},
	})
	decodeRowsIn(t, map[string]string{"docker:cmd": "[]"}, "docker:entrypoint", show, []row{
		{"entrypoint alone", `["a"]`, `["a"] []`},
		{"neither", ` [ ] `, "[] []\n" + none},
		{"a bad entrypoint is all that is told", `[5]`, "[] []\n20 docker:entrypoint: element 1: a number where text is expected"},
		{"null", `null`, "[] []\n20 docker:entrypoint: null; expected is JSON array of strings"},
	})
	decodeRows(t, "docker:entrypoint", show, []row{
		{"both", `["a","b"]`, `["a" "b"] ["true"]`},
	})
}

func TestUmaskAndLimits(t *testing.T) {
	decodeRows(t, "docker:umask", func(z *Zone) string { return fmt.Sprintf("%04o", z.Umask) }, []row{
		{"absent", "", "0022"},
		{"four digits", "0077", "0077"},
		{"three digits", "027", "0027"},
		{"zero", "0", "0000"},
		{"not octal", "088", "0022\n" + `64 docker:umask "088": an octal number up to 0777 is expected`},
		{"too much", "1777", "0022\n" + `64 docker:umask "1777": an octal number up to 0777 is expected`},
		{"prefix", "0o22", "0022\n" + `64 docker:umask "0o22": an octal number up to 0777 is expected`},
	})
	show := func(z *Zone) string { return fmt.Sprint(z.Limits) }
	decodeRows(t, "docker:ulimits", show, []row{
		{"as HostConfig has them", `[{"Name":"nofile","Soft":1024,"Hard":4096},{"Name":"core","Soft":-1,"Hard":-1}]`, "[{nofile 1024 4096} {core -1 -1}]"},
		{"numbers with exponent", `[{"Name":"as","Soft":1e3,"Hard":1.5e3}]`, "[{as 1000 1500}]"},
		{"no limit above one", `[{"Name":"nproc","Soft":10,"Hard":-1}]`, "[{nproc 10 -1}]"},
		{"soft above hard", `[{"Name":"nofile","Soft":5,"Hard":4},{"Name":"core","Soft":-1,"Hard":0}]`,
			`[]
			64 docker:ulimits: limit 1 (nofile): Soft "5": more than Hard, 4
			64 docker:ulimits: limit 2 (core): Soft "-1": more than Hard, 0`},
		{"unknown, twice, missing, below", `[{"Name":"files","Soft":1,"Hard":1},{"Name":"cpu","Soft":1,"Hard":1},{"Name":"cpu","Soft":1,"Hard":1},{},{"Name":"data","Soft":-2},{"Name":"fsize","Soft":"1","Hard":1.5}]`,
			`[{cpu 1 1}]
			64 docker:ulimits: limit 1 (files): Name "files": no resource limit has this name
			64 docker:ulimits: limit 3 (cpu): Name "cpu": limit 2 sets it too
			64 docker:ulimits: limit 4: Name: missing
			64 docker:ulimits: limit 5 (data): Soft "-2": -1 (unlimited) or more is expected
			64 docker:ulimits: limit 5 (data): Hard: missing
			20 docker:ulimits: limit 6 (fsize): Soft: text where a number is expected
			64 docker:ulimits: limit 6 (fsize): Hard "1.5": not a whole number`},
		{"wrong case", `[{"name":"cpu","Soft":1,"Hard":1}]`,
			`[]
			20 docker:ulimits: limit 1: name: unknown; it is written "Name"
			64 docker:ulimits: limit 1: Name: missing`},
	})
	decodeRowsIn(t, map[string]string{"sdc:brand": "joyent-minimal"}, "docker:ulimits", show, []row{
		{"natively some do not exist", `[{"Name":"nproc","Soft":1,"Hard":1},{"Name":"nofile","Soft":1,"Hard":1}]`,
			`[{nofile 1 1}]
			warning: docker:ulimits: limit 1 (nproc): not a limit of this platform; it is left out`},
	})
}

func TestBooleansAreExactlyTrue(t *testing.T) {
	tests := []struct {
		key string
		is  func(*Zone) bool
	}{
		{"docker:noipmgmtd", func(z *Zone) bool { return z.Network.StopDaemons }},
		{"docker:open_stdin", func(z *Zone) bool { return z.Console.OpenStdin }},
		{"docker:tty", func(z *Zone) bool { return z.Console.TTY }},
		{"docker:init", func(z *Zone) bool { return z.Supervise.Stay }},
		{"docker:attach_stdin", func(z *Zone) bool { return z.Host.AttachStdin }},
		{"docker:attach_stdout", func(z *Zone) bool { return z.Host.AttachStdout }},
		{"docker:attach_stderr", func(z *Zone) bool { return z.Host.AttachStderr }},
	}
	for _, tt := range tests {
		odd := "taken as false; true is written exactly so"
		if tt.key == "docker:tty" { // T3
			odd = "taken as false; the host takes any text for true and reads a terminal only, so output may be lost"
		}
		decodeRows(t, tt.key, func(z *Zone) string { return fmt.Sprint(tt.is(z)) }, []row{
			{"true", "true", "true"},
			{"false", "false", "false"},
			{"empty", "", "false"},
			{"True", "True", "false\nwarning: " + tt.key + ` "True": ` + odd},
			{"1", "1", "false\nwarning: " + tt.key + ` "1": ` + odd},
			{"N13 trueish", "trueish", "false\nwarning: " + tt.key + ` "trueish": ` + odd},
		})
	}
}
