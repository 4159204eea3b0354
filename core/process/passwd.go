package process

import (
	"bytes"
	"strconv"
)

// maxPasswdLine is the length that is too long for a line; Docker's limit.
const maxPasswdLine = 64 << 10

// A passwdLine is what counts of a line of /etc/passwd,
// name:password:uid:gid:gecos:home:shell.
type passwdLine struct {
	name, home []byte
	uid, gid   uint32
}

// user is the line that applies to who: the first one of that name, or of that
// uid where who is a number, or of uid 0 where who is empty. Its home is that of
// the first line with its uid, which is what HOME goes by (E4). A number without
// a line has the group 0 and no home (U6).
func (a *accounts) user(who id) (found passwdLine, err error) {
	f := &a.passwd
	if err := a.read(f, "/etc/passwd"); err != nil {
		return found, err
	}
	ok, name := false, []byte(who.name)
	odd, err := eachUser(f.data, func(line passwdLine) {
		if !ok && line.is(name, who.number) {
			found, ok = line, true
		}
	})
	if err := a.judge(f, odd, err); err != nil {
		return passwdLine{}, err
	}
	switch {
	case ok && who.name != "":
		found.home = homeOf(f.data, found.uid)
	case ok:
	case who.name != "":
		return found, f.absent("user")
	default:
		found.uid = who.number
	}
	return found, nil
}

// is tells whether the line has that name or, without a name, that uid.
func (l passwdLine) is(name []byte, uid uint32) bool {
	if len(name) > 0 {
		return bytes.Equal(l.name, name)
	}
	return l.uid == uid
}

func homeOf(data []byte, uid uint32) (home []byte) {
	found := false
	// What is wrong with the lines has been told.
	_, _ = eachUser(data, func(line passwdLine) {
		if !found && line.uid == uid {
			home, found = line.home, true
		}
	})
	return home
}

// eachUser gives do each line with numbers for its ids, in order. The others are
// odd, except that comments, which the format does not have, are passed over.
func eachUser(data []byte, do func(passwdLine)) (odd oddLines, err error) {
	err = eachLine(data, maxPasswdLine, func(number int, text []byte) {
		if line, ok := parsePasswdLine(text); ok {
			do(line)
		} else if text[0] != '#' {
			odd.add(number)
		}
	})
	return odd, err
}

// parsePasswdLine insists on ids that are numbers. Docker takes 0 for one that
// is not, which would make a mistyped line root's (U14).
func parsePasswdLine(text []byte) (line passwdLine, ok bool) {
	if bytes.IndexByte(text, 0) >= 0 {
		return line, false // no path and no variable can have one
	}
	var uid, gid []byte
	line.name, text = field(text)
	_, text = field(text)
	uid, text = field(text)
	gid, text = field(text)
	_, text = field(text)
	line.home, _ = field(text)
	if line.uid, ok = parseNumber(uid); !ok {
		return line, false
	}
	line.gid, ok = parseNumber(gid)
	return line, ok
}

func parseNumber(text []byte) (uint32, bool) {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 0 || n > maxID {
		return 0, false
	}
	return uint32(n), true
}
