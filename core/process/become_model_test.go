package process

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
)

// A model is a kernel as a state machine: it refuses what a real one refuses to
// somebody who is not root (any more), and ends in a state that can be read.
type model struct {
	fds      map[int]string // what a descriptor is open to
	cloexec  map[int]bool
	owner    map[string]uint32
	refuse   map[string]error // by descriptor's name: Own
	ids      IDs
	caps     bool // may set ids, raise limits and give files away
	session  bool
	none     error // what a descriptor that is no terminal says
	terminal string
	front    bool
	umask    uint32
	closed   map[string]bool // directories that root may not enter
	private  map[string]bool // directories that only root may enter
	cwd      string
	cwdIs    string // what Getcwd says instead
	limits   []string
	signals  string
	lenient  bool // stands in without root's rights
	said     []string
	keeps    bool   // setuid keeps the saved id: a broken kernel
	idle     string // the call that says yes and does nothing: another one
	became   string
	files    map[string]error // what the kernel says to executing one; nil: every file is there

	calls []string
	fail  int // the call that fails, counted from 1
	with  error
}

func newModel(open map[int]string) *model {
	return &model{
		fds: open, cloexec: map[int]bool{}, owner: map[string]uint32{}, caps: true, none: syscall.ENOTTY,
		ids: IDs{Groups: []uint32{0, 4}}, signals: "HUP ignored, USR1 blocked", umask: 0o077, cwd: "/init",
	}
}

func (m *model) call(format string, args ...any) error {
	m.calls = append(m.calls, fmt.Sprintf(format, args...))
	if len(m.calls) == m.fail {
		return m.with
	}
	return nil
}

func (m *model) open(lowest int, what string) int {
	for fd := lowest; ; fd++ {
		if _, used := m.fds[fd]; !used {
			m.fds[fd] = what
			return fd
		}
	}
}

func (m *model) OpenNull() (int, error) {
	if err := m.call("open /dev/null"); err != nil {
		return 0, err
	}
	return m.open(3, "null"), nil
}

func (m *model) DupAbove(fd, lowest int) (int, error) {
	if err := m.call("dup %d above %d", fd, lowest); err != nil {
		return 0, err
	}
	if m.fds[fd] == "" {
		return 0, syscall.EBADF
	}
	to := m.open(lowest, m.fds[fd])
	m.cloexec[to] = true
	return to, nil
}

func (m *model) Dup2(from, to int) error {
	if err := m.call("dup %d to %d", from, to); err != nil {
		return err
	}
	if m.fds[from] == "" {
		return syscall.EBADF
	}
	m.fds[to] = m.fds[from]
	delete(m.cloexec, to)
	return nil
}

func (m *model) Inherit(fd int) error {
	if err := m.call("inherit %d", fd); err != nil {
		return err
	}
	if m.fds[fd] == "" {
		return syscall.EBADF
	}
	delete(m.cloexec, fd)
	return nil
}

func (m *model) CloseOnExecFrom(lowest int) error {
	if err := m.call("close from %d", lowest); err != nil {
		return err
	}
	for fd := range m.fds {
		m.cloexec[fd] = m.cloexec[fd] || fd >= lowest
	}
	return nil
}

func (m *model) Own(fd int, uid uint32) error {
	if err := m.call("own %d", fd); err != nil {
		return err
	}
	what := m.fds[fd]
	if err := m.refuse[what]; err != nil {
		return err
	}
	if what == "null" || m.owner[what] == uid {
		return nil
	}
	if !m.caps {
		return syscall.EPERM
	}
	m.owner[what] = uid
	return nil
}

func (m *model) NewSession() error {
	if err := m.call("setsid"); err != nil {
		return err
	}
	m.session = true
	return nil
}

func (m *model) ControllingTerminal(fd int) error {
	if err := m.call("ctty %d", fd); err != nil {
		return err
	}
	switch {
	case !strings.HasPrefix(m.fds[fd], "tty"):
		return m.none
	case !m.session:
		return syscall.EPERM
	}
	m.terminal = m.fds[fd]
	return nil
}

func (m *model) Foreground(fd int) error {
	if err := m.call("foreground"); err != nil {
		return err
	}
	if m.terminal != m.fds[fd] {
		return syscall.ENOTTY
	}
	m.front = true
	return nil
}

func (m *model) Umask(mask uint32) { m.umask = mask }

func (m *model) Chdir(dir string) error {
	if err := m.call("chdir"); err != nil {
		return err
	}
	switch {
	case strings.HasPrefix(dir, "/none"):
		return syscall.ENOENT
	case m.closed[dir] && m.ids.EUID == 0, m.private[dir] && m.ids.EUID != 0:
		return syscall.EACCES
	}
	m.cwd = dir
	return nil
}

func (m *model) Getcwd() (string, error) {
	if err := m.call("getcwd"); err != nil {
		return "", err
	}
	// illumos-joyent: usr/src/uts/common/fs/lookup.c, dogetcwd. Linux tells anybody.
	if m.private[m.cwd] && m.ids.EUID != 0 {
		return "", syscall.EACCES
	}
	if m.cwdIs != "" {
		return m.cwdIs, nil
	}
	return m.cwd, nil
}

func (m *model) SetLimit(l Limit) error {
	if err := m.call("limit"); err != nil {
		return err
	}
	if !m.caps {
		return syscall.EPERM
	}
	m.limits = append(m.limits, l.String())
	return nil
}

func (m *model) IDs() (IDs, error) {
	if err := m.call("ids"); err != nil {
		return IDs{}, err
	}
	return m.ids, nil
}

func (m *model) Setgroups(gids []uint32) error {
	if err := m.call("setgroups"); err != nil || m.idle == "setgroups" {
		return err
	}
	if !m.caps {
		return syscall.EPERM
	}
	m.ids.Groups = slices.Sorted(slices.Values(gids))
	return nil
}

func (m *model) Setgid(gid uint32) error {
	if err := m.call("setgid"); err != nil || m.idle == "setgid" {
		return err
	}
	if !m.caps {
		return syscall.EPERM
	}
	m.ids.RGID, m.ids.EGID, m.ids.SGID = gid, gid, gid
	return nil
}

func (m *model) Setuid(uid uint32) error {
	if err := m.call("setuid"); err != nil || m.idle == "setuid" {
		return err
	}
	if !m.caps {
		return syscall.EPERM
	}
	m.ids.RUID, m.ids.EUID, m.ids.SUID = uid, uid, uid
	m.caps = uid == 0
	return nil
}

func (m *model) RegainRoot() bool {
	m.calls = append(m.calls, "regain root")
	return m.keeps
}

func (m *model) Unprivileged(want Credentials) error {
	if err := m.call("unprivileged"); err != nil {
		return err
	}
	if !m.lenient {
		return syscall.EPERM
	}
	m.said = append(m.said, "not as "+want.String())
	return nil
}

func (m *model) DefaultSignals() error {
	if err := m.call("signals"); err != nil {
		return err
	}
	m.signals = "default"
	return nil
}

func (m *model) Execve(path string, argv, env []string) error {
	if err := m.call("execve"); err != nil {
		return err
	}
	if err, there := m.files[path]; m.files != nil && (!there || err != nil) {
		return cmp.Or(err, error(syscall.ENOENT))
	}
	m.became = fmt.Sprintf("%s %q env %q", path, argv, env)
	return errBecame
}

// errBecame is where a real kernel would not return.
var errBecame = errors.New("became the command")

// state is what the command would find.
func (m *model) state() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", m.became)
	i := m.ids
	fmt.Fprintf(&b, "ids %d/%d/%d %d/%d/%d groups %v\n", i.RUID, i.EUID, i.SUID, i.RGID, i.EGID, i.SGID, i.Groups)
	var fds []int
	for fd := range m.fds {
		if !m.cloexec[fd] {
			fds = append(fds, fd)
		}
	}
	slices.Sort(fds)
	for _, fd := range fds {
		fmt.Fprintf(&b, "fd %d %s of %d\n", fd, m.fds[fd], m.owner[m.fds[fd]])
	}
	fmt.Fprintf(&b, "in %s umask %03o signals %s\n", m.cwd, m.umask, m.signals)
	if m.session {
		fmt.Fprintf(&b, "session, terminal %q, foreground %v\n", m.terminal, m.front)
	}
	for _, l := range m.limits {
		fmt.Fprintf(&b, "limit %s\n", l)
	}
	for _, s := range m.said {
		fmt.Fprintf(&b, "said %s\n", s)
	}
	return b.String()
}
