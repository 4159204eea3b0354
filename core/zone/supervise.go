package zone

import (
	"math"
	"strconv"
	"strings"
	"time"
)

func (d *decoder) stopSignal(text string) {
	if text == "" {
		return
	}
	signal, ok := parseSignal(text)
	if !ok {
		d.bad(spot{}, text, "a signal's name or number is expected, as TERM, SIGINT, RTMIN+3 or 15")
		return
	}
	d.zone.Supervise.StopSignal = signal
}

const maxSeconds = math.MaxInt64 / int64(time.Second)

func (d *decoder) stopTimeout(text string) {
	n, ok := d.number(text, -maxSeconds, maxSeconds)
	switch {
	case !ok:
	case n < 0:
		d.zone.Supervise.StopTimeout = -1 * time.Second
	default:
		d.zone.Supervise.StopTimeout = time.Duration(n) * time.Second
	}
}

func (d *decoder) initGrace(text string) {
	if n, ok := d.number(text, 0, maxSeconds); ok {
		d.zone.Supervise.Grace = time.Duration(n) * time.Second
	}
}

// restart decodes one of Docker's policies.
func (d *decoder) restart(text string) Restart {
	name, count, counted := strings.Cut(text, ":")
	switch {
	case text == "":
		return Restart{Policy: "no"}
	case name != "no" && name != "always" && name != "unless-stopped" && name != "on-failure":
		d.bad(spot{}, text, "no, always, unless-stopped or on-failure[:max] is expected")
	case counted && name != "on-failure":
		d.bad(spot{}, text, "only on-failure takes a number")
	case counted:
		n, err := strconv.Atoi(count)
		if err != nil || !isDigits(count, '9') {
			d.bad(spot{}, text, "a number is expected after the colon")
			break
		}
		return Restart{name, n}
	default:
		return Restart{Policy: name}
	}
	return Restart{Policy: "no"}
}

// stay is decoded after the keys that need it, so that one warning can name
// all that have no effect.
func (d *decoder) stay(text string) {
	s := &d.zone.Supervise
	if s.Stay = d.boolean(text); s.Stay {
		return
	}
	var idle []string
	for _, k := range [...]struct {
		key    string
		wanted bool
	}{
		{"docker:stopsignal", s.StopSignal != SIGTERM},
		{"docker:stoptimeout", s.StopTimeout != 10*time.Second},
		{"docker:healthcheck", s.Health != nil},
		{"docker:init_group", s.Group},
		{"docker:init_grace", s.Grace != 0},
		{"docker:init_restart", s.Restart.Policy != "no"},
	} {
		if k.wanted {
			idle = append(idle, k.key)
		}
	}
	if len(idle) > 0 {
		d.warn(spot{}, "", "not true, and so without effect: %s", strings.Join(idle, ", "))
	}
}

var healthFields = []string{"Test", "Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"}

// healthCheck decodes Docker's object, times in nanoseconds, and fills in
// Docker's defaults where a number is 0 or absent.
func (d *decoder) healthCheck(text string) {
	object, ok := d.json(text, isObject)
	if !ok {
		return
	}
	f := d.fields(spot{}, object, healthFields)
	before := d.wrong
	check := HealthCheck{
		Interval:      d.healthTime("Interval", f[1], 30*time.Second),
		Timeout:       d.healthTime("Timeout", f[2], 30*time.Second),
		StartPeriod:   d.healthTime("StartPeriod", f[3], 0),
		StartInterval: d.healthTime("StartInterval", f[4], 5*time.Second),
		Retries:       3,
	}
	if n, ok := d.integer(spot{field: "Retries"}, f[5]); ok && (n < 0 || n > math.MaxInt32) {
		d.bad(spot{field: "Retries"}, string(f[5]), "out of range")
	} else if ok && n > 0 {
		check.Retries = int(n)
	}
	if check.Test = d.healthTest(f[0]); check.Test != nil && d.wrong == before {
		d.zone.Supervise.Health = &check
	}
}

func (d *decoder) healthTime(field string, v value, otherwise time.Duration) time.Duration {
	at := spot{field: field}
	n, ok := d.integer(at, v)
	switch {
	case !ok || n == 0:
		return otherwise
	case n < int64(time.Millisecond):
		d.bad(at, string(v), "nanoseconds, at least 1000000 (a millisecond), are expected")
	}
	return time.Duration(n)
}

// healthTest is the argv of the test, nil where there is to be none.
func (d *decoder) healthTest(v value) []string {
	at := spot{field: "Test"}
	if v != "" && v.kind() != isArray {
		d.mistyped(at, v, isArray)
		return nil
	}
	var words []string
	if v != "" {
		before := d.wrong
		for at, word := range d.texts(at, v) {
			if strings.IndexByte(word, 0) >= 0 {
				d.bad(at, "", "a NUL byte")
			}
			words = append(words, word)
		}
		if d.wrong > before {
			return nil
		}
	}
	if len(words) == 0 {
		d.warn(at, "", "empty; there is no health check")
		return nil
	}
	switch kind, rest := words[0], words[1:]; {
	case kind == "NONE":
		return nil
	case kind != "CMD" && kind != "CMD-SHELL":
		d.warn(at.at(0), kind, "NONE, CMD or CMD-SHELL is expected; there is no health check")
		return nil
	case len(rest) == 0:
		d.bad(at, "", "a command is expected after %s", kind)
		return nil
	case kind == "CMD":
		return rest
	default:
		return append([]string{"/bin/sh", "-c"}, rest...)
	}
}
