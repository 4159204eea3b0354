package process

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	mobyuser "github.com/moby/sys/user"

	"dockerinit/core/exit"
)

// A userCase is a look-up in files that exist only as text. A nil file is absent.
type userCase struct {
	spec          string
	add           []string
	passwd, group []byte
}

// Where we differ from Docker on purpose, by the rule that says so.
const (
	same           = "the same"
	sameError      = "the same, an error"
	malformedLine  = "U14: a malformed line counts for nothing, where Docker takes 0"
	homeByID       = "E4: the home goes by the id, not by the name"
	controlBytes   = "S-7: control bytes in a specification are an error"
	emptyGroup     = "U13: an empty group is an error, where Docker crashes"
	numbersNoFiles = "U11: a group's number needs no group file, not even a good one"
)

// TestLookupUserDifferential compares with the resolver that Docker Engine has.
func TestLookupUserDifferential(t *testing.T) {
	cases := 100_000
	if testing.Short() {
		cases = 20_000
	}
	seen := map[string]int{}
	random := rand.New(rand.NewPCG(1, 2))
	for range cases {
		seen[compare(t, randomCase(random))]++
		if t.Failed() {
			return
		}
	}
	for _, rule := range []string{same, sameError, malformedLine, homeByID, controlBytes, emptyGroup, numbersNoFiles} {
		if seen[rule] == 0 {
			t.Errorf("never seen: %s", rule)
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(seen)) {
		t.Logf("%6d %s", seen[rule], rule)
	}
}

// compare tells by which rule ours and Docker's result agree, and fails the test
// where none says why they do not.
func compare(t *testing.T, c userCase) (rule string) {
	t.Helper()
	got, err := ours(c)
	ask := strings.Join(append([]string{c.spec}, c.add...), "")
	switch {
	case strings.ContainsFunc(ask, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }):
		if err == nil {
			t.Errorf("%s: control bytes gave %v", c, got)
		}
		return controlBytes
	case slices.Contains(c.add, ""):
		if err == nil {
			t.Errorf("%s: an empty group gave %v", c, got)
		}
		return emptyGroup
	}

	want, wantErr := docker(c)
	rule = same
	if !agree(got, err, want, wantErr) {
		rule = malformedLine
		clean := userCase{c.spec, c.add, wellFormed(c.passwd, passwdForm), wellFormed(c.group, groupForm)}
		want, wantErr = docker(clean)
	}
	if !agree(got, err, want, wantErr) && err == nil && wantErr != nil && numericGroups(c) {
		rule = numbersNoFiles
		c.group = nil
		want, wantErr = docker(c)
	}
	if !agree(got, err, want, wantErr) {
		t.Errorf("%s\nours   %v, %v\nDocker %v, %v", c, got, err, want, wantErr)
	}
	if err != nil && rule == same {
		return sameError
	}
	if err != nil {
		return rule
	}
	if home := homeByUID(c.passwd, got.uid); got.home != home {
		t.Errorf("%s: the home is %q, and %q by the id", c, got.home, home)
	}
	if rule == same && want.home != got.home {
		return homeByID
	}
	return rule
}

// A resolved is what both results have in common: the groups as a set.
type resolved struct {
	uid, gid int
	groups   string
	home     string
}

func agree(a resolved, aerr error, b resolved, berr error) bool {
	if aerr != nil || berr != nil {
		return aerr != nil && berr != nil &&
			(!errors.Is(berr, mobyuser.ErrNoPasswdEntries) || errors.Is(aerr, exit.NoSuchUser)) &&
			(!errors.Is(berr, mobyuser.ErrNoGroupEntries) || errors.Is(aerr, exit.NoSuchGroup))
	}
	a.home, b.home = "", ""
	return a == b
}

func ours(c userCase) (resolved, error) {
	l := lookup{spec: c.spec}
	l.files.passwd = textFile("/etc/passwd", c.passwd)
	l.files.group = textFile("/etc/group", c.group)
	user, _, err := l.resolve(c.add)
	if err != nil {
		return resolved{}, err
	}
	var groups []int
	for _, g := range user.Groups {
		groups = append(groups, int(g))
	}
	return resolved{int(user.UID), int(user.GID), set(groups), user.Home}, nil
}

func textFile(name string, data []byte) accountFile {
	f := accountFile{name: name, data: data}
	if data == nil {
		f.err = fs.ErrNotExist
	}
	return f
}

func docker(c userCase) (resolved, error) {
	user, err := mobyuser.GetExecUser(c.spec, nil, reader(c.passwd), reader(c.group))
	if err != nil {
		return resolved{}, err
	}
	var add []int
	if len(c.add) > 0 {
		if add, err = mobyuser.GetAdditionalGroups(c.add, reader(c.group)); err != nil {
			return resolved{}, err
		}
	}
	if user.Home == "" {
		user.Home = "/"
	}
	return resolved{user.Uid, user.Gid, set(slices.Concat([]int{user.Gid}, user.Sgids, add)), user.Home}, nil
}

// reader is nil, and not an interface that holds nil, for an absent file.
func reader(data []byte) io.Reader {
	if data == nil {
		return nil
	}
	return bytes.NewReader(data)
}

func set(all []int) string {
	slices.Sort(all)
	return fmt.Sprint(slices.Compact(all))
}

// homeByUID is what runc sets HOME to.
func homeByUID(passwd []byte, uid int) string {
	users, err := mobyuser.ParsePasswdFilter(bytes.NewReader(wellFormed(passwd, passwdForm)), func(u mobyuser.User) bool { return u.Uid == uid })
	if err != nil || len(users) == 0 || users[0].Home == "" {
		return "/"
	}
	return users[0].Home
}

var (
	passwdForm = regexp.MustCompile(`(?s)^[^:\x00]*:[^:\x00]*:([-+]?[0-9]+):([-+]?[0-9]+)(:[^\x00]*)?$`)
	groupForm  = regexp.MustCompile(`(?s)^[^:]*:[^:]*:([-+]?[0-9]+)(:.*)?$`)
)

// wellFormed is a file without the lines that are not of the form, or whose ids
// are out of range.
func wellFormed(data []byte, form *regexp.Regexp) []byte {
	if data == nil {
		return nil
	}
	good := []byte{}
	for line := range bytes.Lines(data) {
		match := form.FindSubmatch(bytes.TrimSpace(line))
		if match == nil {
			continue
		}
		inRange := true
		for _, text := range match[1:] {
			if len(text) > 0 && text[0] != ':' {
				n, err := strconv.ParseInt(string(text), 10, 64)
				inRange = inRange && err == nil && n >= 0 && n <= 1<<31-1
			}
		}
		if inRange {
			good = append(good, line...)
		}
	}
	return good
}

// numericGroups tells whether the specification names no group.
func numericGroups(c userCase) bool {
	_, group, _ := strings.Cut(c.spec, ":")
	groups := c.add
	if group != "" {
		groups = append([]string{group}, groups...)
	}
	for _, g := range groups {
		if _, err := strconv.Atoi(g); err != nil {
			return false
		}
	}
	return len(groups) > 0
}

func (c userCase) String() string {
	return fmt.Sprintf("user %.80q groups %.80q in\n%.300q\n%.300q", c.spec, c.add, c.passwd, c.group)
}
