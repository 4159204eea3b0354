package zone

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain says why a text that is used as it stands cannot be: it would be cut at
// a NUL, or break a line of a file or a log. The bytes are judged, not how they
// may be written somewhere.
func plain(text string) string {
	if !utf8.ValidString(text) {
		return "not valid UTF-8"
	}
	for _, r := range text {
		if unicode.IsControl(r) {
			return "control characters are not taken"
		}
	}
	return ""
}

// boolean is exactly true, or not. The C program took only that for true, so
// zones with other texts are used to be without.
func (d *decoder) boolean(text string) bool {
	switch text {
	case "true":
		return true
	case "", "false":
	default:
		d.warn(spot{}, text, "taken as false; true is written exactly so")
	}
	return false
}

// words is a JSON array of texts.
func (d *decoder) words(text string) []string {
	array, ok := d.json(text, isArray)
	if !ok {
		return nil
	}
	var words []string
	for at, word := range d.texts(spot{}, array) {
		if strings.IndexByte(word, 0) >= 0 {
			d.bad(at, "", "a NUL byte")
			continue
		}
		words = append(words, word)
	}
	return words
}

// number is the text of a whole number within bounds; absent where it is none.
func (d *decoder) number(text string, least, most int64) (n int64, ok bool) {
	if text == "" {
		return 0, false
	}
	n, why := whole(text)
	if why == "" && (n < least || n > most) {
		why = "out of range"
	}
	if why != "" {
		d.bad(spot{}, text, "%s; expected is %s", why, d.key.Format)
		return 0, false
	}
	return n, true
}

// absolute is a path from the root, cleaned.
func (d *decoder) absolute(text string) string {
	if text == "" {
		return ""
	}
	if why := plain(text); why != "" {
		d.bad(spot{}, text, "%s", why)
		return ""
	}
	if !path.IsAbs(text) {
		d.bad(spot{}, text, "an absolute path is expected")
		return ""
	}
	return path.Clean(text)
}

func (d *decoder) tty(text string) {
	d.zone.Console.TTY = text == "true"
	if text != "" && text != "true" && text != "false" {
		d.warn(spot{}, text, "taken as false; the host takes any text for true and reads a terminal only, so output may be lost")
	}
}

func (d *decoder) openStdin(text string)   { d.zone.Console.OpenStdin = d.boolean(text) }
func (d *decoder) noIpmgmtd(text string)   { d.zone.Network.StopDaemons = d.boolean(text) }
func (d *decoder) failure(string)          { _, d.zone.FailureRecorded = d.values[d.key.Name] }
func (d *decoder) linkEnv(text string)     { d.zone.LinkEnv = d.environment(text) }
func (d *decoder) env(text string)         { d.zone.Env = d.environment(text) }
func (d *decoder) initGroup(text string)   { d.zone.Supervise.Group = d.boolean(text) }
func (d *decoder) initRestart(text string) { d.zone.Supervise.Restart = d.restart(text) }
