package process

import "bytes"

// maxGroupLine is the length that is too long for a line; Docker's limit. A
// group can have many members.
const maxGroupLine = 1 << 20

// A groupLine is what counts of a line of /etc/group, name:password:gid:members.
type groupLine struct {
	name, members []byte
	gid           uint32
}

// gid is that of the first group of that name.
func (a *accounts) gid(name string) (gid uint32, err error) {
	found, wanted := false, []byte(name)
	err = a.eachGroup(func(line groupLine) {
		if !found && bytes.Equal(line.name, wanted) {
			gid, found = line.gid, true
		}
	})
	if err == nil && !found {
		err = a.group.absent("group " + quote(name))
	}
	return gid, err
}

// groupsOf are all groups that have name among their members (U10).
func (a *accounts) groupsOf(name string) (gids []uint32, err error) {
	member := []byte(name)
	err = a.eachGroup(func(line groupLine) {
		if line.has(member) {
			gids = append(gids, line.gid)
		}
	})
	return gids, err
}

func (a *accounts) eachGroup(do func(groupLine)) error {
	if err := a.read(&a.group, "/etc/group"); err != nil {
		return err
	}
	odd, err := eachGroup(a.group.data, do)
	return a.judge(&a.group, odd, err)
}

// eachGroup gives do each line with a number for its gid, in order. The others
// are odd; comments are passed over.
func eachGroup(data []byte, do func(groupLine)) (odd oddLines, err error) {
	err = eachLine(data, maxGroupLine, func(number int, text []byte) {
		if text[0] == '#' {
			return
		}
		if line, ok := parseGroupLine(text); ok {
			do(line)
		} else {
			odd.add(number)
		}
	})
	return odd, err
}

func parseGroupLine(text []byte) (line groupLine, ok bool) {
	var gid []byte
	line.name, text = field(text)
	_, text = field(text)
	gid, text = field(text)
	line.members, _ = field(text)
	line.gid, ok = parseNumber(gid)
	return line, ok
}

// has tells whether name is one of the members.
func (l groupLine) has(name []byte) bool {
	for members := l.members; len(members) > 0; {
		var member []byte
		member, members, _ = bytes.Cut(members, []byte(","))
		if bytes.Equal(member, name) {
			return true
		}
	}
	return false
}
