package zone

import (
	"strconv"
	"time"

	"dockerinit/core/exit"
)

// AttachDeadline is the time that docker:wait_for_attach names: milliseconds
// since 1970, in digits and nothing else.
func AttachDeadline(text string) (time.Time, error) {
	millis, ok := attachMillis(text)
	if !ok {
		return time.Time{}, exit.AttachNoTimestamp.Errorf("docker:wait_for_attach %s: %s", quote(text), notATime)
	}
	return time.UnixMilli(millis), nil
}

const notATime = "not a time in milliseconds since 1970"

func attachMillis(text string) (millis int64, ok bool) {
	const endOf9999 = 253402300799999
	if !isDigits(text, '9') {
		return 0, false
	}
	millis, err := strconv.ParseInt(text, 10, 64)
	return millis, err == nil && millis > 0 && millis <= endOf9999
}

// attach keeps the text as it is now. What counts is what the host says when
// the console is open, but what is no time now is a mistake of the host already.
func (d *decoder) attach(text string) {
	d.code = exit.AttachNoTimestamp
	if _, there := d.values[d.key.Name]; !there {
		return
	}
	if _, ok := attachMillis(text); !ok {
		if text == "" {
			d.bad(spot{}, "", "empty; %s", notATime)
			return
		}
		d.bad(spot{}, text, "%s", notATime)
		return
	}
	d.zone.Attach = text
}
