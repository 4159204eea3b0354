package core

import (
	"fmt"
	"strings"
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/metadata"
)

// FailureKey is where a boot that failed tells why, readable from the global
// zone with vmadm get and without access to the zone.
const FailureKey = "__dockerinit_failure"

// A Failure is the record under FailureKey. It holds no secret: its text is the
// FATAL line's.
type Failure struct {
	Time    string `json:"time"` // RFC 3339, UTC
	Step    string `json:"step"`
	Code    int    `json:"code"`
	Text    string `json:"text"`
	Hint    string `json:"hint"`
	Version string `json:"version"`
}

// fail tells everyone who could want to know that the boot is over, and why.
// Each way of telling may fail for the same reason as the boot: none is waited
// for and none hinders the next.
func (b *Boot) fail(err error) {
	code, text := Fatal(b.Log, err)
	if b.Log.Kept() { // then the console is the only place that can tell the rest
		for _, e := range exit.Each(err)[1:] {
			b.Console.Say(bootlog.Escape("dockerinit: " + bootlog.Clip(e.Error())))
		}
	}
	b.Console.Say(bootlog.Escape(fmt.Sprintf("dockerinit: FATAL (code: %d): %s", code, text)))

	if b.values == nil || code == exit.MetadataInit {
		return // the host could not be asked, so it cannot be told
	}
	row, _ := code.Row()
	b.Metadata.Post(metadata.Change{Key: FailureKey, Value: Failure{
		Time: time.Now().UTC().Format(time.RFC3339), Step: b.step, Code: int(code),
		Text: text, Hint: row.Hint, Version: b.version,
	}.json()})
}

// json is the record as it is stored. It is written by hand, because it would
// be all that PID 1 needs an encoder for.
func (f Failure) json() string {
	text := func(s string) string {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(bootlog.Escape(s)) + `"`
	}
	return fmt.Sprintf(`{"time":%s,"step":%s,"code":%d,"text":%s,"hint":%s,"version":%s}`,
		text(f.Time), text(f.Step), f.Code, text(f.Text), text(f.Hint), text(f.Version))
}

// Fatal writes one ERROR line for each of several mistakes, and the FATAL line
// with the first, whose code is the one that counts.
func Fatal(log *bootlog.Log, err error) (code exit.Code, text string) {
	code = exit.CodeOf(err)
	all := exit.Each(err)
	text = bootlog.Clip(all[0].Error())
	if len(all) > 1 {
		for _, e := range all {
			log.LogAttrs(bootlog.LevelError, e.Error())
		}
		text = fmt.Sprintf("%s (and %d more)", text, len(all)-1)
	}
	log.LogAttrs(bootlog.LevelFatal, text, bootlog.Code(code))
	return code, text
}
