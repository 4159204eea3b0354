package zone

import (
	"strconv"
	"strings"
)

// A Signal is the name of one, upper case and without SIG ("TERM", "RTMIN+3"),
// or its number. The platform translates names, since systems number them
// differently: USR1 is 10 on Linux and 16 on illumos. A number is taken as the
// zone's own programs number signals.
type Signal string

// SIGTERM asks a process to end.
const SIGTERM Signal = "TERM"

// Number is the number where the signal is given by one.
func (s Signal) Number() (n int, ok bool) {
	n, err := strconv.Atoi(string(s))
	return n, err == nil
}

// String is "SIGTERM", or "signal 15" where only the number was given.
func (s Signal) String() string {
	if _, ok := s.Number(); ok {
		return "signal " + string(s)
	}
	return "SIG" + string(s)
}

// Every name that Linux or illumos has, and other names of the same signal.
const signalNames = " HUP INT QUIT ILL TRAP ABRT EMT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS "

// parseSignal takes a name with or without SIG in any case, RTMIN+n, RTMAX-n,
// or a number.
func parseSignal(text string) (s Signal, ok bool) {
	if isDigits(text, '9') {
		n, err := strconv.Atoi(text)
		return Signal(strconv.Itoa(n)), err == nil && n >= 1 && n <= 64
	}
	name := strings.TrimPrefix(strings.ToUpper(text), "SIG")
	switch name {
	case "IOT":
		name = "ABRT"
	case "CLD":
		name = "CHLD"
	case "POLL":
		name = "IO"
	}
	if !plainName(name) && !strings.HasPrefix(name, "RTMIN+") {
		return "", false
	}
	if name != "" && strings.Contains(signalNames, " "+name+" ") {
		return Signal(name), true
	}
	for _, base := range [...]string{"RTMIN+", "RTMAX-"} {
		if offset, ok := strings.CutPrefix(name, base); ok {
			n, err := strconv.Atoi(offset)
			if ok = isDigits(offset, '9') && err == nil && n <= 30; n == 0 {
				return Signal(base[:len(base)-1]), ok
			}
			return Signal(base + strconv.Itoa(n)), ok
		}
	}
	return Signal(name), name == "RTMIN" || name == "RTMAX"
}
