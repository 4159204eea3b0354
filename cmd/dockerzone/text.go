package main

import (
	"cmp"
	"fmt"
	"strings"

	"dockerinit/core/bootlog"
)

// text is the report for people: the zone, the actions, what is wrong, and
// whether it would boot.
func (r report) text() string {
	var t table
	t.row("brand", "%s", cmp.Or(r.Brand, "(none)"))
	if r.Hostname != "" {
		t.row("hostname", "%s", r.Hostname)
	}
	t.row("user", "%s", r.User)
	t.row("directory", "%s", r.Workdir)
	t.row("command", "%q", r.Argv)
	if r.Program != "" {
		t.row("program", "%s", r.Program)
	}
	t.row("environment", "%s", strings.Join(r.Environment, " "))
	t.row("umask", "%s", r.Umask)
	t.row("stdio", "%s", r.Stdio)
	if r.LogDriver != "" {
		t.row("log driver", "%s", r.LogDriver)
	}
	if h := r.HealthCheck; h != nil {
		t.row("health check", "%q", h.Test)
		t.row("health check", "every %s, within %s; unhealthy after %s", h.Interval, h.Timeout, count(h.Retries, "failure"))
		if h.StartPeriod != "0s" {
			t.row("health check", "for the first %s every %s, and failures do not count", h.StartPeriod, h.StartInterval)
		}
	}
	t.gap()
	for _, s := range r.Steps {
		for _, a := range s.Actions {
			t.row(s.Name, "%s", a)
		}
	}
	t.gap()
	r.problems(&t)
	return t.String()
}

func (r report) problems(t *table) {
	errors, warnings := 0, 0
	for _, p := range r.Problems {
		label := "error"
		if p.Warning {
			label = "warning"
			warnings++
		} else {
			errors++
		}
		t.shown = "" // each has its label
		if p.Path != "" {
			t.row(label, "%s", p.Path)
		}
		t.row(label, "%s", p.Text)
		if p.Hint != "" {
			t.row(label, "→ %s", p.Hint)
		}
	}
	if len(r.Problems) > 0 {
		t.gap()
	}
	switch {
	case errors > 0:
		t.line("It would not boot: " + count(errors, "error") + ".")
	case warnings > 0:
		t.line("It would boot, with " + count(warnings, "warning") + ".")
	default:
		t.line("It would boot.")
	}
}

// String is "www-data (33:33 groups 50), home /var/www".
func (u user) String() string {
	asked := cmp.Or(u.Asked, "root")
	switch {
	case u.Resolved:
	case u.Home == "":
		return fmt.Sprintf("%s (ids are looked up in the image)", asked)
	default:
		return fmt.Sprintf("%s (not found in the image)", asked)
	}
	ids := fmt.Sprintf("%d:%d", u.UID, u.GID)
	for i, g := range u.Groups {
		switch {
		case i == 1:
			ids += fmt.Sprintf(" groups %d", g)
		case i > 1:
			ids += fmt.Sprintf(",%d", g)
		}
	}
	if u.Home == "" {
		return fmt.Sprintf("%s (%s)", asked, ids)
	}
	return fmt.Sprintf("%s (%s), home %s", asked, ids, u.Home)
}

func (s stdioPlan) String() string {
	text := "three streams"
	if s.TTY {
		text = "a terminal"
	}
	if !s.OpenStdin && !s.TTY { // a terminal is stdin too, as in Docker
		text += ", stdin empty"
	}
	return text
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// A table is text in two columns. A label that is the one above is left out.
type table struct {
	strings.Builder
	shown string
}

func (t *table) row(label, format string, args ...any) {
	if label == t.shown {
		label = ""
	} else {
		t.shown = label
	}
	t.line(fmt.Sprintf("%-12s %s", label, fmt.Sprintf(format, args...)))
}

func (t *table) line(text string) { t.WriteString(bootlog.Escape(text) + "\n") }

func (t *table) gap() {
	t.WriteString("\n")
	t.shown = ""
}
