package timeline

import (
	"fmt"
	"strings"
	"time"

	"dockerinit/core/bootlog"
)

// The picture's measures, in pixels.
const (
	stepWide, barWide, textWide = 110, 480, 520
	wide                        = stepWide + barWide + textWide
	rowHigh, headHigh           = 20, 64
	textMost                    = 80 // characters that have room in textWide
)

// SVG is the boot as a picture of its own, with nothing to load and no script.
func (t Timeline) SVG() string {
	var b strings.Builder
	high := headHigh + rowHigh*len(t.Bars) + 12
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" font-family="sans-serif" font-size="12">`+"\n", wide, high)
	b.WriteString(`<style>
.page{fill:#fff}text{fill:#222}.grid{stroke:#ddd}.scale{fill:#777}
.done{fill:#4c8bc4}.gap{fill:#d8d8d8}.warn{fill:#d99a2b}.bad{fill:#c0392b}.exec{fill:#3a9a5b}
</style>
`)
	fmt.Fprintf(&b, `<rect class="page" width="%d" height="%d"/>`+"\n", wide, high)
	fmt.Fprintf(&b, `<text x="8" y="20" font-weight="bold">%s</text>`+"\n", xml(t.Time.UTC().Format(time.RFC3339)+": "+t.ended(), 150))
	for _, at := range t.ticks() {
		x := t.x(at)
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" y1="%d" x2="%.1[1]f" y2="%[3]d"/><text class="scale" x="%.1[1]f" y="%[4]d" text-anchor="middle">%[5]s</text>`+"\n", x, headHigh-8, high-8, headHigh-14, bootlog.Duration(at))
	}
	step := ""
	for i, bar := range t.Bars {
		y := headHigh + rowHigh*i
		label := bar.Step
		if bar.Level == "EXEC" || bar.Level == "FATAL" {
			label = strings.ToLower(bar.Level)
		}
		if label != step && !bar.Gap {
			step = label
			fmt.Fprintf(&b, `<text x="8" y="%d">%s</text>`+"\n", y+14, xml(step, 16))
		}
		x, to := t.x(bar.From), t.x(bar.To())
		text := bar.What
		if bar.Took > 0 {
			text += " (" + bootlog.Duration(bar.Took) + ")"
		}
		fmt.Fprintf(&b, `<rect class="%s" x="%.1f" y="%d" width="%.1f" height="%d"><title>%s</title></rect>`, class(bar), x, y+3, max(to-x, 1.5), rowHigh-6, xml(bar.name(), 1000))
		fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text>`+"\n", stepWide+barWide+12, y+14, xml(text, textMost))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func class(b Bar) string {
	switch {
	case b.Gap:
		return "gap"
	case b.Level == "WARN":
		return "warn"
	case b.Level == "ERROR" || b.Level == "FATAL":
		return "bad"
	case b.Level == "EXEC":
		return "exec"
	}
	return "done"
}

func (t Timeline) x(at time.Duration) float64 {
	return stepWide + barWide*float64(at)/float64(max(t.Took, 1))
}

// ticks are at round times, at most eleven of them.
func (t Timeline) ticks() (all []time.Duration) {
	every := time.Microsecond
	for n := 0; t.Took/every > 10; n++ {
		if n%3 == 1 { // 1, 2, 5, 10 …
			every = every / 2 * 5
		} else {
			every *= 2
		}
	}
	for at := time.Duration(0); at <= t.Took; at += every {
		all = append(all, at)
	}
	return all
}

// xml is text for a picture, of at most so many characters.
func xml(s string, most int) string {
	clean := []rune(bootlog.Escape(s))
	if len(clean) > most {
		clean = append(clean[:most-1], '…')
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(string(clean))
}
