package main

import (
	"fmt"
	"regexp"
	"strings"
)

// A page is one program's manual page: what its --help says, which is its one
// source, in the sections that a manual has.
type page struct {
	name    string // with dashes: dockerzone-run
	section int
	summary string
	help    string
	more    string // further sections, rendered
}

// source is the page in the macros of man(7); date is when it was written.
func (p page) source(date string) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s %d %q dockerinit \"SmartOS docker zones\"\n.SH NAME\n%s \\- %s\n",
		strings.ToUpper(p.name), p.section, date, text(p.name), text(p.summary))
	blocks := strings.Split(strings.TrimSpace(p.help), "\n\n")
	synopsis(&b, blocks[0])
	section := "DESCRIPTION"
	fmt.Fprintf(&b, ".SH %s\n", section)
	for _, block := range blocks[1:] {
		lines := strings.Split(block, "\n")
		title, isTitle := strings.CutSuffix(lines[0], ":")
		switch {
		case isTitle && len(lines) > 1 && indented(lines[1:]):
			section = ""
			fmt.Fprintf(&b, ".SH %s\n", text(strings.ToUpper(title)))
			list(&b, lines[1:])
		case strings.HasPrefix(lines[0], "Exit status:"):
			fmt.Fprintf(&b, ".SH EXIT STATUS\n%s\n", text(strings.TrimPrefix(block, "Exit status: ")))
		case indented(lines):
			if section == "DESCRIPTION" {
				section = "OPTIONS"
				fmt.Fprintf(&b, ".SH %s\n", section)
			}
			list(&b, lines)
		default:
			if section != "DESCRIPTION" {
				section = "DESCRIPTION"
				b.WriteString(".SH NOTES\n")
			} else {
				b.WriteString(".PP\n")
			}
			b.WriteString(text(block) + "\n")
		}
	}
	return strings.Replace(b.String(), ".SH DESCRIPTION\n.PP\n", ".SH DESCRIPTION\n", 1) + p.more
}

// synopsis is the block that begins with Usage:, as it is.
func synopsis(b *strings.Builder, block string) {
	b.WriteString(".SH SYNOPSIS\n")
	literal(b, strings.Split(strings.TrimPrefix(block, "Usage:"), "\n"))
}

func indented(lines []string) bool {
	for _, l := range lines {
		if !strings.HasPrefix(l, "  ") {
			return false
		}
	}
	return true
}

// item is "  TERM  what it is"; what follows it is indented further.
var item = regexp.MustCompile(`^  (\S.*?) {2,}(\S.*)$`)

// list is a table of terms. Lines that are none, such as examples, stay as they
// are.
func list(b *strings.Builder, lines []string) {
	if !item.MatchString(lines[0]) {
		literal(b, lines)
		return
	}
	for _, l := range lines {
		if m := item.FindStringSubmatch(l); m != nil {
			fmt.Fprintf(b, ".TP\n.B %s\n%s\n", text(m[1]), text(m[2]))
		} else if strings.HasPrefix(l, "   ") {
			b.WriteString(text(strings.TrimSpace(l)) + "\n")
		} else { // what it is goes without saying
			fmt.Fprintf(b, ".TP\n.B %s\n\\&\n", text(strings.TrimSpace(l)))
		}
	}
}

func literal(b *strings.Builder, lines []string) {
	b.WriteString(".nf\n")
	for _, l := range lines {
		b.WriteString(text(strings.TrimSpace(l)) + "\n")
	}
	b.WriteString(".fi\n")
}

// text is plain text that roff takes for nothing else.
func text(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "…", "...", "→", `\(->`, "–", `\(en`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
