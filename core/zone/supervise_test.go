package zone

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dockerinit/core/exit"
)

func TestStopSignal(t *testing.T) {
	stays := map[string]string{"docker:init": "true"}
	decodeRowsIn(t, stays, "docker:stopsignal", func(z *Zone) string { return string(z.Supervise.StopSignal) }, []row{
		{"absent", "", "TERM"},
		{"with SIG", "SIGINT", "INT"},
		{"without", "QUIT", "QUIT"},
		{"any case", "sigUsr1", "USR1"},
		{"other names of the same", "SIGPOLL", "IO"},
		{"abort", "IOT", "ABRT"},
		{"child", "CLD", "CHLD"},
		{"real-time", "SIGRTMIN+3", "RTMIN+3"},
		{"real-time from the end", "RTMAX-14", "RTMAX-14"},
		{"real-time, first", "RTMIN+0", "RTMIN"},
		{"real-time alone", "RTMAX", "RTMAX"},
		{"number", "15", "15"},
		{"number with zeros", "015", "15"},
		{"none", "NOT", "TERM\n" + `64 docker:stopsignal "NOT": a signal's name or number is expected, as TERM, SIGINT, RTMIN+3 or 15`},
		{"SIG alone", "SIG", "TERM\n" + `64 docker:stopsignal "SIG": a signal's name or number is expected, as TERM, SIGINT, RTMIN+3 or 15`},
		{"two", "INT QUIT", "TERM\n" + `64 docker:stopsignal "INT QUIT": a signal's name or number is expected, as TERM, SIGINT, RTMIN+3 or 15`},
		{"zero", "0", "TERM\n" + `64 docker:stopsignal "0": a signal's name or number is expected, as TERM, SIGINT, RTMIN+3 or 15`},
		{"65", "65", "TERM\n" + `64 docker:stopsignal "65": a signal's name or number is expected, as TERM, SIGINT, RTMIN+3 or 15`},
		{"real-time too far", "RTMIN+31", "TERM\n" + `64 docker:stopsignal "RTMIN+31": a signal's name or number is expected, as TERM, SIGINT, RTMIN+3 or 15`},
		{"real-time without a number", "RTMIN+", "TERM\n" + `64 docker:stopsignal "RTMIN+": a signal's name or number is expected, as TERM, SIGINT, RTMIN+3 or 15`},
	})
	if Signal("9").String() != "signal 9" || SIGTERM.String() != "SIGTERM" {
		t.Error(Signal("9"), SIGTERM)
	}
	if n, ok := Signal("9").Number(); n != 9 || !ok {
		t.Error(n, ok)
	}
	if _, ok := SIGTERM.Number(); ok {
		t.Error("TERM is a number")
	}
}

func TestTimes(t *testing.T) {
	stays := map[string]string{"docker:init": "true"}
	decodeRowsIn(t, stays, "docker:stoptimeout", func(z *Zone) string { return fmt.Sprint(z.Supervise.StopTimeout) }, []row{
		{"absent", "", "10s"},
		{"seconds", "30", "30s"},
		{"at once", "0", "0s"},
		{"for ever", "-1", "-1s"},
		{"also for ever", "-5", "-1s"},
		{"unit", "30s", "10s\n" + `64 docker:stoptimeout "30s": not a number; expected is seconds, -1 for ever`},
		{"longer than time", "1e10", "10s\n" + `64 docker:stoptimeout "1e10": out of range; expected is seconds, -1 for ever`},
	})
	decodeRowsIn(t, stays, "docker:init_grace", func(z *Zone) string { return fmt.Sprint(z.Supervise.Grace) }, []row{
		{"absent", "", "0s"},
		{"seconds", "5", "5s"},
		{"negative", "-1", "0s\n" + `64 docker:init_grace "-1": out of range; expected is seconds`},
	})
}

func TestRestartPolicies(t *testing.T) {
	show := func(r Restart) string { return fmt.Sprint(r.Policy, " ", r.Max) }
	stays := map[string]string{"docker:init": "true"}
	decodeRowsIn(t, stays, "docker:init_restart", func(z *Zone) string { return show(z.Supervise.Restart) }, []row{
		{"absent", "", "no 0"},
		{"no", "no", "no 0"},
		{"always", "always", "always 0"},
		{"unless-stopped", "unless-stopped", "unless-stopped 0"},
		{"on-failure", "on-failure", "on-failure 0"},
		{"on-failure with a number", "on-failure:5", "on-failure 5"},
		{"unknown", "Always", "no 0\n" + `64 docker:init_restart "Always": no, always, unless-stopped or on-failure[:max] is expected`},
		{"number for another", "always:3", "no 0\n" + `64 docker:init_restart "always:3": only on-failure takes a number`},
		{"no number", "on-failure:", "no 0\n" + `64 docker:init_restart "on-failure:": a number is expected after the colon`},
		{"negative", "on-failure:-1", "no 0\n" + `64 docker:init_restart "on-failure:-1": a number is expected after the colon`},
	})
	const never = ": the host knows always and on-failure[:max], and never starts the zone again for others"
	decodeRows(t, "docker:restartpolicy", func(z *Zone) string { return show(z.Host.RestartPolicy) }, []row{
		{"absent", "", "no 0"},
		{"always", "always", "always 0"},
		{"on-failure", "on-failure", "on-failure 0"},
		{"on-failure with a number", "on-failure:5", "on-failure 5"},
		{"on-failure without one", "on-failure:", "on-failure 0"},
		{"Docker's other", "unless-stopped", `no 0` + "\n" + `warning: docker:restartpolicy "unless-stopped"` + never},
		{"number for another", "always:3", `no 0` + "\n" + `warning: docker:restartpolicy "always:3"` + never},
		{"no number", "on-failure:x", "no 0\n" + `64 docker:restartpolicy "on-failure:x": a number is expected after the colon`},
	})
}

func TestHealthCheck(t *testing.T) {
	stays := map[string]string{"docker:init": "true"}
	show := func(z *Zone) string {
		if h := z.Supervise.Health; h != nil {
			return fmt.Sprintf("%q %v %v %v %v %d", h.Test, h.Interval, h.Timeout, h.StartPeriod, h.StartInterval, h.Retries)
		}
		return "none"
	}
	decodeRowsIn(t, stays, "docker:healthcheck", show, []row{
		{"absent", "", "none"},
		{"Docker's defaults", `{"Test":["CMD","true"]}`, `["true"] 30s 30s 0s 5s 3`},
		{"0 is the default", `{"Test":["CMD","true"],"Interval":0,"Retries":0}`, `["true"] 30s 30s 0s 5s 3`},
		{"all of it", `{"Test":["CMD-SHELL","curl -f http://localhost/ || exit 1"],"Interval":60000000000,"Timeout":1e9,"StartPeriod":5000000000,"StartInterval":1000000,"Retries":5}`,
			`["/bin/sh" "-c" "curl -f http://localhost/ || exit 1"] 1m0s 1s 5s 1ms 5`},
		{"switched off", `{"Test":["NONE"]}`, "none"},
		{"empty", `{"Test":[]}`, "none\nwarning: docker:healthcheck: Test: empty; there is no health check"},
		{"unknown kind", `{"Test":["curl","x"]}`, "none\n" + `warning: docker:healthcheck: Test element 1 "curl": NONE, CMD or CMD-SHELL is expected; there is no health check`},
		{"no command", `{"Test":["CMD"]}`, "none\n64 docker:healthcheck: Test: a command is expected after CMD"},
		{"seconds for nanoseconds", `{"Test":["CMD","x"],"Interval":30}`, "none\n" + `64 docker:healthcheck: Interval "30": nanoseconds, at least 1000000 (a millisecond), are expected`},
		{"text for a time", `{"Test":["CMD","x"],"Timeout":"30s"}`, "none\n20 docker:healthcheck: Timeout: text where a number is expected"},
		{"negative retries", `{"Test":["CMD","x"],"Retries":-1}`, "none\n" + `64 docker:healthcheck: Retries "-1": out of range`},
		{"test as text", `{"Test":"curl"}`, "none\n20 docker:healthcheck: Test: text where an array is expected"},
		{"NUL", `{"Test":["CMD","a\u0000"]}`, "none\n64 docker:healthcheck: Test element 2: a NUL byte"},
		{"wrong case", `{"test":["CMD","x"]}`, "none\n" + `20 docker:healthcheck: test: unknown; it is written "Test"` + "\nwarning: docker:healthcheck: Test: empty; there is no health check"},
	})
}

func TestWhatOnlyAStayingInitCanDoIsOneWarning(t *testing.T) {
	values := least()
	for key, value := range map[string]string{
		"docker:stopsignal": "INT", "docker:stoptimeout": "5", "docker:healthcheck": `{"Test":["CMD","x"]}`,
		"docker:init_group": "true", "docker:init_grace": "5", "docker:init_restart": "always",
	} {
		values[key] = value
	}
	z, err := Decode(Init, values)
	want := "warning: docker:init: not true, and so without effect: docker:stopsignal, docker:stoptimeout, docker:healthcheck, docker:init_group, docker:init_grace, docker:init_restart"
	if got := told(z, err); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	values["docker:init"] = "true"
	z, err = Decode(Init, values)
	if got := told(z, err); got != "" || !z.Supervise.Group {
		t.Error(got)
	}
}

func TestLogDriver(t *testing.T) {
	show := func(z *Zone) string {
		return strings.TrimSpace(fmt.Sprintf("%s %q", z.Logger.Driver, z.Logger.Env))
	}
	decodeRows(t, "docker:logdriver", show, []row{
		{"T13 empty", "", "[]"},
		{"json-file", "json-file", "[]"},
		{"none", "none", "[]"},
		{"unknown", "splunk", `splunk ["DOCKERLOG_CMD=[\"true\"]"]` + "\n" +
			`warning: docker:logdriver "splunk": the logger knows fluentd, gelf and syslog, and ends at once for others, and the zone with it` + "\n" +
			`warning: docker:logconfig: absent; the logger ends at once without, and the zone with it`},
		{"path", "../x", "[]\n" + `64 docker:logdriver "../x": the name of a log driver is expected: json-file, none, fluentd, gelf or syslog`},
		{"option", "-x", "[]\n" + `64 docker:logdriver "-x": the name of a log driver is expected: json-file, none, fluentd, gelf or syslog`},
	})
	values := map[string]string{
		"docker:logdriver": "gelf", "docker:id": "a", "sdc:alias": "b", "sdc:create_timestamp": "c", "docker:imageid": "",
		"docker:imagename": "e", "docker:entrypoint": "[]",
	}
	decodeRowsIn(t, values, "docker:logconfig", func(z *Zone) string { return show(z) + fmt.Sprint(z.Console.DropCopies) }, []row{
		{"each variable whose key is present", `{"mode":"non-blocking"}`,
			`gelf ["DOCKERLOG_CONFIG={\"mode\":\"non-blocking\"}" "DOCKERLOG_CONTAINERID=a" "DOCKERLOG_CONTAINERNAME=b" "DOCKERLOG_CREATETIME=c" "DOCKERLOG_IMAGEID=" "DOCKERLOG_IMAGENAME=e" "DOCKERLOG_ENTRYPOINT=[]" "DOCKERLOG_CMD=[\"true\"]"]true`},
	})
	decodeRowsIn(t, values, "docker:logconfig", func(z *Zone) string { return fmt.Sprint(z.Console.DropCopies) }, []row{
		{"blocking", `{"gelf-address":"udp://x","mode":"blocking"}`, "false"},
		{"unknown mode", `{"mode":"fast"}`, "false\n64 docker:logconfig: mode: blocking or non-blocking is expected"},
		{"no texts", `{"a":1,"b":null,"mode":true}`, "false\n20 docker:logconfig: member 1: a number where text is expected\n20 docker:logconfig: member 2: null where text is expected\n20 docker:logconfig: mode: a boolean where text is expected"},
		{"array", `[]`, "false\n20 docker:logconfig: an array; expected is JSON object of strings"},
		{"absent", ``, "false\nwarning: docker:logconfig: absent; the logger ends at once without, and the zone with it"},
	})
	decodeRows(t, "docker:logconfig", show, []row{{"nobody reads it without a driver", `nonsense`, "[]"}})
	decodeRowsIn(t, map[string]string{"docker:logdriver": "gelf", "docker:logconfig": "{}"}, "sdc:alias", show, []row{
		{"NUL", "a\x00b", `gelf ["DOCKERLOG_CONFIG={}" "DOCKERLOG_CMD=[\"true\"]"]` + "\n" + `64 sdc:alias "a\x00b": control characters are not taken`},
	})
}

func TestAttachDeadline(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"milliseconds", "1700000060000", "2023-11-14T22:14:20Z"},
		{"A4 junk after it", "1700000060000x", "not a time in milliseconds since 1970"},
		{"zero", "0", "not a time in milliseconds since 1970"},
		{"negative", "-5", "not a time in milliseconds since 1970"},
		{"empty", "", "not a time in milliseconds since 1970"},
		{"fraction", "1.5", "not a time in milliseconds since 1970"},
		{"exponent", "1e12", "not a time in milliseconds since 1970"},
		{"space", " 1700000060000", "not a time in milliseconds since 1970"},
		{"after the year 9999", "253402300800000", "not a time in milliseconds since 1970"},
		{"overflow", "99999999999999999999999", "not a time in milliseconds since 1970"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at, err := AttachDeadline(tt.text)
			got := at.UTC().Format(time.RFC3339)
			if err != nil {
				_, got, _ = strings.Cut(err.Error(), `": `)
				if !errors.Is(err, exit.AttachNoTimestamp) {
					t.Errorf("%v has code %d", err, exit.CodeOf(err))
				}
			}
			if got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
			values := least()
			values["docker:wait_for_attach"] = tt.text
			z, decodeErr := Decode(Init, values)
			if (decodeErr == nil) != (err == nil) || err == nil && z.Attach != tt.text || err != nil && exit.CodeOf(decodeErr) != exit.AttachNoTimestamp {
				t.Errorf("Decode says %v, attach %q", decodeErr, z.Attach)
			}
		})
	}
}

func TestFailureOfAnEarlierBootIsNoticed(t *testing.T) {
	values := least()
	if z, _ := Decode(Init, values); z.FailureRecorded {
		t.Error("there was none")
	}
	values["__dockerinit_failure"] = "anything"
	if z, err := Decode(Init, values); !z.FailureRecorded || err != nil {
		t.Error(z.FailureRecorded, err)
	}
}

func TestHostKeys(t *testing.T) {
	host := func(z *Zone) string { return "" }
	decodeRows(t, "sdc:resolvers", func(z *Zone) string { return fmt.Sprint(z.Host.Resolvers) }, []row{
		{"addresses", `["8.8.8.8","fd00::1"]`, "[8.8.8.8 fd00::1]"},
		{"none", `[]`, "[]"},
		{"name", `["dns.example"]`, "[]\n" + `64 sdc:resolvers: element 1 "dns.example": not an IP address`},
	})
	decodeRows(t, "docker:extraHosts", func(z *Zone) string { return fmt.Sprint(z.Host.ExtraHosts) }, []row{
		{"of both versions", `["a:10.0.0.1","b:fd00::1"]`, "[{a 10.0.0.1} {b fd00::1}]"},
		{"no address", `["a","b:x","c:host-gateway"]`,
			`[]
			64 docker:extraHosts: element 1 "a": NAME:IP is expected
			64 docker:extraHosts: element 2 "b:x": "x" is not an IP address
			64 docker:extraHosts: element 3 "c:host-gateway": "host-gateway" is not an IP address`},
	})
	decodeRows(t, "docker:dnssearch", func(z *Zone) string { return fmt.Sprint(z.Host.DNSSearch) }, []row{
		{"domains", `["a.example","b"]`, "[a.example b]"},
		{"two in one", `["a b"]`, "[]\n" + `64 docker:dnssearch: element 1 "a b": one domain without spaces is expected`},
		{"S-32 line feed", `["a\nnameserver x"]`, "[]\n" + `64 docker:dnssearch: element 1 "a\nnameserver x": control characters are not taken`},
	})
	decodeRows(t, "docker:restartcount", func(z *Zone) string { return fmt.Sprint(z.Host.RestartCount) }, []row{
		{"number", "3", "3"}, {"none", "x", "0\n" + `64 docker:restartcount "x": not a number; expected is number`},
	})
	decodeRows(t, "docker:restartdelay", func(z *Zone) string { return fmt.Sprint(z.Host.RestartDelay) }, []row{
		{"milliseconds", "1600", "1.6s"},
	})
	decodeRows(t, "docker:hostsFile", func(z *Zone) string { return z.Host.HostsFile }, []row{
		{"path", "/etc//hosts", "/etc/hosts"},
		{"a NUL byte", "/etc/h\x00sts", `64 docker:hostsFile "/etc/h\x00sts": control characters are not taken`},
		{"relative", "etc/hosts", `64 docker:hostsFile "etc/hosts": an absolute path is expected`},
	})
	decodeRows(t, "docker:tcp_unpublished_ports", host, []row{
		{"numbers", `[80,443]`, ""},
		{"others", `["80",70000,-1]`,
			`20 docker:tcp_unpublished_ports: element 1: text where a number is expected
			64 docker:tcp_unpublished_ports: element 2 "70000": no port has this number
			64 docker:tcp_unpublished_ports: element 3 "-1": no port has this number`},
	})
	decodeRows(t, "sdc:volumes", host, []row{
		{"none", `[]`, ""},
		{"some", `[{},{}]`, "warning: sdc:volumes: not mounted in a docker zone; docker:nfsvolumes is"},
	})
	decodeRowsIn(t, map[string]string{
		"docker:nfsvolumes": `[{"mountpoint":"/data","name":"v","nfsvolume":"10.0.0.5:/exports/data","type":"tritonnfs","readonly":true}]`,
	}, "sdc:volumes", func(z *Zone) string { return fmt.Sprint(z.Volumes) }, []row{
		{"beside docker:nfsvolumes, as VMAPI writes them", `[{"mode":"ro","mountpoint":"/data","name":"v","nfsvolume":"10.0.0.5:/exports/data","type":"tritonnfs"}]`,
			"[{10.0.0.5:/exports/data /data true}]"},
	})
	decodeRows(t, "sdc:tmpfs", func(z *Zone) string { return fmt.Sprint(z.Host.TmpfsMiB) }, []row{{"MiB", "512", "512"}})
	decodeRows(t, "sdc:dns_domain", func(z *Zone) string { return z.Host.DNSDomain }, []row{{"domain", "example.com", "example.com"}})
	decodeRows(t, "docker:linkHosts", func(z *Zone) string { return z.Host.LinkHosts }, []row{{"lines", "10.0.0.1 db", "10.0.0.1 db"}})
}
