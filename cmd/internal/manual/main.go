// Command manual writes the manual pages of the programs: from what their --help
// says, and from the tables of keys and codes. `make man` runs it.
//
//	manual BINARIES DIRECTORY DATE
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	exitcode "dockerinit/core/exit"
	"dockerinit/core/zone"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "Usage: manual BINARIES DIRECTORY DATE")
		os.Exit(3)
	}
	if err := write(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "manual:", err)
		os.Exit(2)
	}
}

func write(binaries, directory, date string) error {
	all, err := pages(binaries)
	if err != nil {
		return err
	}
	for _, p := range all {
		dir := filepath.Join(directory, fmt.Sprintf("man%d", p.section))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		file := filepath.Join(dir, fmt.Sprintf("%s.%d", p.name, p.section))
		if err := os.WriteFile(file, []byte(p.source(date)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// pages are those of all programs, and one for each subcommand of dockerzone.
func pages(binaries string) ([]page, error) {
	all := []page{
		{name: "dockerinit", section: 8, summary: "first process of a docker zone", more: keys() + codes()},
		{name: "dockerexec", section: 8, summary: "run one more command in a docker zone", more: seeAlso("dockerinit(8)")},
		{name: "mdata", section: 8, summary: "read and write the metadata of a zone", more: seeAlso("dockerinit(8)")},
		{name: "dockerzone", section: 1, summary: "try and explain docker zones", more: seeAlso("dockerinit(8)")},
	}
	for i := range all {
		var err error
		if all[i].help, err = help(binaries, all[i].name); err != nil {
			return nil, err
		}
	}
	for _, sub := range subcommands(all[len(all)-1].help) {
		sub.more = seeAlso("dockerzone(1), dockerinit(8)")
		var err error
		if sub.help, err = help(binaries, strings.Split(sub.name, "-")[0], strings.TrimPrefix(sub.name, "dockerzone-")); err != nil {
			return nil, err
		}
		all = append(all, sub)
	}
	return all, nil
}

// subcommand is a line of dockerzone's list.
var subcommand = regexp.MustCompile(`(?m)^  ([a-z-]+) +(\S.*)$`)

func subcommands(help string) (pages []page) {
	_, list, _ := strings.Cut(help, "Subcommands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	for _, m := range subcommand.FindAllStringSubmatch(list, -1) {
		pages = append(pages, page{name: "dockerzone-" + m[1], section: 1, summary: m[2]})
	}
	return pages
}

func help(binaries, program string, sub ...string) (string, error) {
	out, err := exec.Command(filepath.Join(binaries, program), append(sub, "--help")...).Output()
	if err != nil {
		return "", fmt.Errorf("%s --help: %w", strings.Join(append([]string{program}, sub...), " "), err)
	}
	return string(out), nil
}

func seeAlso(pages string) string { return ".SH SEE ALSO\n" + text(pages) + "\n" }

// keys is the table of what a zone itself reads.
func keys() string {
	var b strings.Builder
	b.WriteString(".SH METADATA KEYS\nWhat the host says. A key that is absent or empty means what is in brackets.\n")
	for _, k := range zone.Keys() {
		if k.Readers&(zone.Init|zone.Exec) == 0 {
			continue
		}
		if k.Meaning == "the same" {
			continue // as the key above, with another number
		}
		fmt.Fprintf(&b, ".TP\n.B %s\n%s: %s", text(k.Name), text(k.Format), text(k.Meaning))
		if k.Default != "" {
			fmt.Fprintf(&b, " [%s]", text(k.Default))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// codes is the table of the reasons for which a boot ends.
func codes() string {
	var b strings.Builder
	b.WriteString(".SH CODES\nA boot that fails ends its log, /var/log/sdc\\-dockerinit.log, with a line FATAL (code: N).\n")
	for _, row := range exitcode.Table {
		fmt.Fprintf(&b, ".TP\n.B %d\n%s. See: %s. The exit status is %d.\n", row.Code, text(row.Meaning), text(row.Hint), row.Status)
	}
	return b.String() + seeAlso("dockerexec(8), mdata(8), dockerzone(1)")
}
