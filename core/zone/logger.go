package zone

import "strings"

// The logger's variables, in the order in which it documents them.
// sdc-dockerlogger: dockerlogger.go
var loggerEnv = [...]struct{ variable, key string }{
	{"DOCKERLOG_CONFIG", "docker:logconfig"},
	{"DOCKERLOG_CONTAINERID", "docker:id"},
	{"DOCKERLOG_CONTAINERNAME", "sdc:alias"},
	{"DOCKERLOG_CREATETIME", "sdc:create_timestamp"},
	{"DOCKERLOG_IMAGEID", "docker:imageid"},
	{"DOCKERLOG_IMAGENAME", "docker:imagename"},
	{"DOCKERLOG_ENTRYPOINT", "docker:entrypoint"},
	{"DOCKERLOG_CMD", "docker:cmd"},
}

// logDriver: for json-file and none the host does all that is done.
func (d *decoder) logDriver(text string) {
	switch text {
	case "", "json-file", "none":
		return
	case "fluentd", "gelf", "syslog":
	default:
		if !plainName(text) || strings.IndexByte(text, '/') >= 0 || text[0] == '-' {
			d.bad(spot{}, text, "the name of a log driver is expected: %s", d.key.Format)
			return
		}
		d.warn(spot{}, text, "the logger knows fluentd, gelf and syslog, and ends at once for others, and the zone with it")
	}
	d.zone.Logger.Driver = text
	for _, v := range loggerEnv {
		if text, there := d.values[v.key]; there && strings.IndexByte(text, 0) < 0 {
			d.zone.Logger.Env = append(d.zone.Logger.Env, v.variable+"="+text)
		}
	}
}

// logConfig is the driver's business but for mode, which says whether output
// may be lost rather than waited with.
func (d *decoder) logConfig(text string) {
	if d.zone.Logger.Driver == "" {
		return
	}
	if text == "" {
		d.warn(spot{}, "", "absent; the logger ends at once without, and the zone with it")
		return
	}
	object, ok := d.json(text, isObject)
	if !ok {
		return
	}
	n := 0
	for name, v := range object.members() {
		n++
		at := spot{noun: "member", index: n}
		if name == "mode" {
			at = spot{field: name}
		}
		option, ok := d.text(at, v)
		if strings.IndexByte(option, 0) >= 0 {
			d.bad(at, "", "a NUL byte")
		}
		if !ok || name != "mode" {
			continue
		}
		switch option {
		case "non-blocking":
			d.zone.Console.DropCopies = true
		case "blocking", "":
		default:
			d.bad(at, "", "blocking or non-blocking is expected")
		}
	}
}

// logged is a text that goes to the logger as it is.
func (d *decoder) logged(text string) {
	if d.zone.Logger.Driver == "" {
		return
	}
	if why := plain(text); why != "" {
		d.bad(spot{}, text, "%s", why)
	}
}
