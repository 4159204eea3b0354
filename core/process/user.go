package process

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/hashicorp/go-multierror"

	"dockerinit/core/exit"
	"dockerinit/core/image"
)

// A User is who a command runs as, resolved from the image's own files.
type User struct {
	Name string // of the line in /etc/passwd that applied, "" where none did
	Credentials
	Home string // of the first line with the user's id, "/" where there is none
}

// ErrNoImage is in the error where a name was to be resolved and there is no
// image at hand. At boot, with the image, it may well be found.
var ErrNoImage = errors.New("no image to look it up in")

// LookupUser resolves a specification USER[:GROUP] and docker:group_add. Errors
// name where the specification is from: docker:user, or dockerexec's --user.
// Names come from the image's files alone. A number is always an id, is never
// taken for a name, and need not be in any file. Without an error the ids are
// those that were asked for; with one, only Home can be used.
//
// Rules U1 to U18 are Docker's; where its reading of a broken file would give a
// user root's id, the line is skipped with a warning instead (U14).
func LookupUser(root *image.Root, from, spec string, groupAdd []string) (User, []string, error) {
	l := lookup{from: from, spec: spec, files: accounts{root: root}}
	return l.resolve(groupAdd)
}

// A lookup is one call of LookupUser under way.
type lookup struct {
	from  string
	spec  string
	files accounts

	wrong   *multierror.Error
	noImage *multierror.Error // kept apart: a caller may leave these to the boot
}

func (l *lookup) resolve(groupAdd []string) (User, []string, error) {
	user := l.user()
	groups := l.groupAdd(groupAdd)
	if err := l.err(); err != nil {
		return User{Home: "/"}, l.files.warnings, err
	}
	user.Groups = unique(user.GID, user.Groups, groups)
	return user, l.files.warnings, nil
}

func (l *lookup) fail(err error) {
	if errors.Is(err, ErrNoImage) {
		l.noImage = multierror.Append(l.noImage, err)
		return
	}
	l.wrong = multierror.Append(l.wrong, err)
}

func (l *lookup) err() error {
	wrong := l.wrong
	if wrong == nil {
		wrong = l.noImage
	}
	if wrong != nil && len(wrong.Errors) == 1 {
		return wrong.Errors[0]
	}
	return wrong.ErrorOrNil()
}

func (l *lookup) user() User {
	who, group, _ := strings.Cut(l.spec, ":") // U1
	id, err := parseID(who)
	var line passwdLine
	if err == nil {
		line, err = l.files.user(id)
	}
	if err != nil {
		l.fail(exit.NoSuchUser.Errorf("%s %s: %w", l.from, quote(l.spec), err))
	}
	user := User{Name: string(line.name), Home: "/"}
	user.UID, user.GID = line.uid, line.gid
	if len(line.home) > 0 {
		user.Home = string(line.home)
	}
	switch err = nil; {
	case group != "":
		user.GID, err = l.group(group) // U9: it replaces the others as well
	case user.Name != "":
		user.Groups, err = l.files.groupsOf(user.Name)
	}
	if err != nil {
		l.fail(exit.NoSuchGroup.Errorf("%s %s: %w", l.from, quote(l.spec), err))
	}
	return user
}

func (l *lookup) groupAdd(groups []string) (gids []uint32) {
	for i, group := range groups {
		gid, err := l.group(group)
		if err != nil {
			l.fail(exit.NoSuchGroup.Errorf("docker:group_add: element %d %s: %w", i+1, quote(group), err))
		}
		gids = append(gids, gid)
	}
	return gids
}

func (l *lookup) group(text string) (uint32, error) {
	id, err := parseID(text)
	switch {
	case err != nil:
		return 0, err
	case id.empty():
		return 0, errors.New("it is empty")
	case id.numeric:
		return id.number, nil
	}
	return l.files.gid(id.name)
}

// An id is one part of a user specification: a number or a name. An empty one
// is the default user, 0.
type id struct {
	name    string
	number  uint32
	numeric bool
}

func (i id) empty() bool { return !i.numeric && i.name == "" }

// maxID is Docker's, for the sake of systems with ids of 32 bits.
const maxID = math.MaxInt32

var errIDRange = errors.New("an id is a number from 0 to 2147483647")

// parseID takes for a number what strconv.Atoi does, as Docker: "+5" is one, " 5"
// and "0x5" are names. One that is too large is an error and not a name.
func parseID(text string) (id, error) {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return id{}, errors.New("it has control characters")
	}
	n, err := strconv.Atoi(text)
	switch {
	case errors.Is(err, strconv.ErrSyntax):
		return id{name: text}, nil
	case err != nil || n < 0 || n > maxID:
		return id{}, errIDRange
	}
	return id{number: uint32(n), numeric: true}, nil
}

// unique is the list that a process gets: its own group first, and none twice.
// A list without the own group would lift what a group is denied (U12).
func unique(gid uint32, lists ...[]uint32) []uint32 {
	all := []uint32{gid}
	seen := map[uint32]bool{gid: true}
	for _, g := range slices.Concat(lists...) {
		if !seen[g] {
			seen[g] = true
			all = append(all, g)
		}
	}
	return all
}

// quote is a value from outside as an error shows it.
func quote(text string) string {
	const most = 64
	if len(text) <= most {
		return strconv.Quote(text)
	}
	return fmt.Sprintf("%q… (%d bytes)", text[:most], len(text))
}
