//go:build fake || !(illumos || linux)

package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dockerinit/cmd/internal/payload"
	"dockerinit/cmd/internal/terminal"
	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/process"
	"dockerinit/platform_fake"
	"dockerinit/platform_fake/host"
)

// progress shows the steps: live at a terminal, with colours unless NO_COLOR
// is set (no-color.org).
func progress() bootlog.Handler {
	live := terminal.Is(os.Stderr) && os.Getenv("TERM") != "dumb"
	return bootlog.NewProgress(os.Stderr, live, live && os.Getenv("NO_COLOR") == "")
}

func say(format string, args ...any) {
	var b strings.Builder
	for line := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") {
		b.WriteString(bootlog.Escape(line) + "\n")
	}
	_, _ = os.Stderr.WriteString(b.String()) // nobody is there to hear that nobody hears
}

// tellUnseen shows what is wrong with the payload and would not be seen in the
// boot: vmadm would refuse or change it before there is a zone.
func tellUnseen(show bootlog.Handler, p *host.Payload) {
	log := bootlog.NewLogger(show)
	for _, found := range payload.Unseen(p) {
		level := bootlog.LevelError
		if found.Warning {
			level = bootlog.LevelWarn
		}
		log.LogAttrs(level, found.String(), bootlog.Step("payload"))
	}
}

// tellZone shows what the zone has become, a line a thing, before the command
// takes over.
func tellZone(zone *fake.Zone, cmd process.Command, unapplied string, took time.Duration) {
	var b strings.Builder
	shown := ""
	line := func(label, text string) {
		if label == shown {
			label = ""
		} else {
			shown = label
		}
		fmt.Fprintf(&b, "  %-11s %s\n", label, text)
	}
	for state := range strings.Lines(zone.State()) {
		label, text, _ := strings.Cut(strings.TrimSuffix(state, "\n"), " ")
		line(label, cmp.Or(text, "yes"))
	}
	line("user", userOf(zone.Store, cmd.Credentials))
	if unapplied != "" {
		line("user", unapplied)
	}
	line("directory", cmd.Dir)
	line("command", fmt.Sprintf("%s, %s", filepath.Clean(cmd.Path), plural(max(len(cmd.Args), 1)-1, "argument")))
	say("\n%s\nReady after %s; what follows is the command's.\n", b.String(), bootlog.Duration(took))
}

// userOf is who the command runs as, by name and number.
func userOf(store *host.Store, c process.Credentials) string {
	spec, ok, err := store.Get("docker:user")
	if err != nil || !ok || spec == "" {
		spec = "root"
	}
	return fmt.Sprintf("%s (%s)", spec, c)
}

// tellFailure says where to look, below the lines that said what is wrong.
func tellFailure(err error) {
	row, _ := exit.CodeOf(err).Row()
	say("\nThe boot failed: %s.\n→ %s", row.Meaning, row.Hint)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
