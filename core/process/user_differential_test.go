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

var (
	usualNames    = []string{"root", "bob", "eve", "staff"}
	randomNames   = []string{"1000", "0", "#c", "", "a b", "+", "é", "x\xff", "Bob", "bobby"}
	randomNumbers = []string{"0", "1", "5", "1000", "1000", "100", "+5", "-0", "007", "2147483647", "50"}
	oddNumbers    = []string{"", "oops", "-1", "2147483648", "4294967296", "99999999999999999999", "0x10", " 5", "5 ", "1e3", "5\x00"}
	randomHomes   = []string{"", "/root", "/home/bob", "/home/eve", "rel", "/a\x00b", "/ö"}
	oddSpecs      = []string{"", ":", "::", "bob:staff:x", "\n", "bob\x00", "bob:\x7f", "\u0085", " ", "+5:+5", "eve:"}
)

func one(r *rand.Rand, of []string) string { return of[r.IntN(len(of))] }

func randomNumber(r *rand.Rand) string {
	if r.IntN(20) == 0 {
		return one(r, oddNumbers)
	}
	return one(r, randomNumbers)
}

func randomName(r *rand.Rand) string {
	if r.IntN(5) == 0 {
		return one(r, randomNames)
	}
	return one(r, usualNames)
}

func randomPart(r *rand.Rand) string {
	if r.IntN(3) == 0 {
		return randomNumber(r)
	}
	return randomName(r)
}

func randomCase(r *rand.Rand) (c userCase) {
	switch r.IntN(16) {
	case 0:
		c.spec = one(r, oddSpecs)
	case 1, 2, 3, 4, 5:
		c.spec = randomPart(r) + ":" + randomPart(r)
	default:
		c.spec = randomPart(r)
	}
	for r.IntN(4) == 0 {
		c.add = append(c.add, randomPart(r))
	}
	if r.IntN(12) > 0 {
		c.passwd = randomFile(r, 70_000, func() string {
			return strings.Join([]string{randomName(r), "x", randomNumber(r), randomNumber(r), "gecos", one(r, randomHomes), "/bin/sh"}, ":")
		})
	}
	if r.IntN(12) > 0 {
		c.group = randomFile(r, 1_100_000, func() string {
			var members []string
			for r.IntN(3) > 0 {
				members = append(members, randomName(r))
			}
			return strings.Join([]string{randomName(r), "x", randomNumber(r), strings.Join(members, ",")}, ":")
		})
	}
	return c
}

// randomFile is a few lines, some of which are cut, commented or indented; once
// in a while one is far too long.
func randomFile(r *rand.Rand, tooLong int, line func() string) []byte {
	text := []byte{}
	for range r.IntN(12) {
		s := line()
		switch r.IntN(40) {
		case 0:
			s = s[:r.IntN(len(s)+1)]
		case 1:
			s = "# " + s
		case 2:
			s = " \t" + s + " \r"
		case 3:
			s = "\n" + s + "::"
		}
		if r.IntN(2_000) == 0 {
			s += strings.Repeat("x", tooLong)
		}
		text = append(text, s+"\n"...)
	}
	if r.IntN(10) == 0 {
		text = bytes.TrimSuffix(text, []byte("\n"))
	}
	return text
}
