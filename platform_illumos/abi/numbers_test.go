//go:build linux && amd64

package abi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dockerinit/platform_fake/need"
)

// The packages that know illumos: their numbers came out of its headers by a
// compiler's hand.
var knowing = strings.Fields("syscall runtime internal/syscall/unix vendor/golang.org/x/net/lif golang.org/x/sys/unix")

// What none of them has.
var others = map[string]struct {
	value  int64
	header string
}{
	"ST_NOSUID": {2, "sys/statvfs.h"},
	"SIGRTMIN":  {42, "sys/iso/signal_iso.h: _SIGRTMIN"}, "SIGRTMAX": {74, "sys/iso/signal_iso.h: _SIGRTMAX"},
	"SIG_BLOCK":    {1, "sys/iso/signal_iso.h"},
	"SA_RESETHAND": {0x2, "sys/signal.h"}, "SA_NODEFER": {0x10, "sys/signal.h"},
	"SA_NOCLDWAIT": {0x10000, "sys/signal.h"}, "SA_NOCLDSTOP": {0x20000, "sys/signal.h"}, "SS_ONSTACK": {1, "sys/signal.h"},
	"SI_LWP": {-1, "sys/siginfo.h"}, "SI_NOINFO": {32767, "sys/siginfo.h"},
	"CLD_EXITED": {1, "sys/siginfo.h"}, "CLD_CONTINUED": {6, "sys/siginfo.h"},
	"UC_ALL":  {0xf, "sys/ucontext.h: UC_SIGMASK, UC_STACK, UC_CPU, UC_FPU"},
	"FIONBIO": {0x8004667e, "sys/filio.h: _IOW('f', 126, int)"}, "FIONREAD": {0x4004667f, "sys/filio.h: _IOR('f', 127, int)"},
	"P_PID": {0, "sys/procset.h"}, "P_PGID": {2, "sys/procset.h"}, "P_ALL": {7, "sys/procset.h"},
	"RCTL_LOCAL_NOACTION": {0, "sys/rctl.h"}, "ITIMER_REALPROF": {3, "sys/time.h"},
	"LIFNAMSIZ": {32, "net/if.h"}, "SC_CLK_TCK": {3, "sys/unistd.h: _SC_CLK_TCK"}, "SC_NPROCESSORS_CONF": {14, "sys/unistd.h: _SC_NPROCESSORS_CONF"}, "SYS_brand": {177, "sys/syscall.h"},
}

func TestNumbersAreGos(t *testing.T) {
	known := map[string][]int64{}
	for _, p := range packages(t) {
		for name, value := range constants(t, p) {
			name = strings.TrimLeft(name, "_")
			known[name] = append(known[name], value)
		}
	}
	text, err := os.ReadFile("loader/illumos.h")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#define IL_(\w+) (.*)$`).FindAllStringSubmatch(string(text), -1) {
		name := m[1]
		got, err := strconv.ParseInt(strings.Trim(m[2], "()"), 0, 64)
		if err != nil {
			t.Errorf("%s is no number: %v", m[0], err)
			continue
		}
		used[name] = true
		values, there := known[name]
		if other, by := others[name]; by && there {
			t.Errorf("%s is among Go's numbers: take it off the list of the others", name)
		} else if by {
			values = []int64{other.value}
		} else if !there {
			t.Errorf("%s is neither among Go's numbers nor on the list of the others, with its header", name)
		}
		for _, want := range values {
			if uint32(got) != uint32(want) { // ioctls are signed in Go
				t.Errorf("%s is %#x, want %#x", name, got, want)
			}
		}
	}
	for name, other := range others {
		if !used[name] {
			t.Errorf("%s (%s) is not used by the loader", name, other.header)
		}
	}
	if len(used) < 400 {
		t.Errorf("only %d numbers were found in the header", len(used))
	}
}

// Each of the loader's structures, with Go's of the same kind: a member of ours, =,
// and the one of Go's that is in its place and as large. Where the name begins with
// @ only the place is compared.
type structure struct{ ours, pkg, gos, members string }

var structures = []structure{
	{"il_stat", "syscall", "Stat_t", `dev=Dev ino=Ino mode=Mode nlink=Nlink uid=Uid gid=Gid rdev=Rdev size=Size atim=Atim
		mtim=Mtim ctim=Ctim blksize=Blksize blocks=Blocks fstype=Fstype`},
	{"il_dirent", "syscall", "Dirent", "ino=Ino off=Off reclen=Reclen @name=Name"},
	{"il_flock", "syscall", "Flock_t", "type=Type whence=Whence start=Start len=Len sysid=Sysid pid=Pid pad=Pad"},
	{"il_statvfs", "golang.org/x/sys/unix", "Statvfs_t", `bsize=Bsize frsize=Frsize blocks=Blocks bfree=Bfree bavail=Bavail
		files=Files ffree=Ffree favail=Favail fsid=Fsid basetype=Basetype flag=Flag namemax=Namemax fstr=Fstr`},
	{"il_utsname", "golang.org/x/sys/unix", "Utsname", `sysname=Sysname nodename=Nodename release=Release version=Version
		machine=Machine`},
	{"il_rlimit", "syscall", "Rlimit", "cur=Cur max=Max"},
	{"rusage", "syscall", "Rusage", `ru_utime=Utime ru_stime=Stime ru_maxrss=Maxrss ru_minflt=Minflt ru_majflt=Majflt
		ru_inblock=Inblock ru_oublock=Oublock ru_nvcsw=Nvcsw ru_nivcsw=Nivcsw`},
	{"timespec", "syscall", "Timespec", "tv_sec=Sec tv_nsec=Nsec"},
	{"iovec", "syscall", "Iovec", "iov_base=Base iov_len=Len"},
	{"linger", "syscall", "Linger", "l_onoff=Onoff l_linger=Linger"},
	{"ip_mreq", "syscall", "IPMreq", "imr_multiaddr=Multiaddr imr_interface=Interface"},
	{"ipv6_mreq", "syscall", "IPv6Mreq", "ipv6mr_multiaddr=Multiaddr ipv6mr_interface=Interface"},
	{"sockaddr_in", "syscall", "RawSockaddrInet4", "sin_family=Family sin_port=Port sin_addr=Addr sin_zero=Zero"},
	{"il_sockaddr_in", "syscall", "RawSockaddrInet4", "family=Family port=Port addr=Addr zero=Zero"},
	{"il_sockaddr_in6", "syscall", "RawSockaddrInet6", `family=Family port=Port flowinfo=Flowinfo addr=Addr scope=Scope_id
		source=X__sin6_src_id`},
	{"sockaddr_un", "syscall", "RawSockaddrUnix", "sun_family=Family sun_path=Path"},
	{"il_sockaddr_dl", "syscall", "RawSockaddrDatalink", `family=Family index=Index type=Type nlen=Nlen alen=Alen slen=Slen
		data=Data`},
	{"il_msghdr", "syscall", "Msghdr", `name=Name namelen=Namelen iov=Iov iovlen=Iovlen control=Accrights
		controllen=Accrightslen @flags=Pad_cgo_2`},
	{"il_cmsghdr", "syscall", "Cmsghdr", "len=Len level=Level type=Type"},
	{"il_lifnum", "vendor/golang.org/x/net/lif", "lifnum", "family=Family flags=Flags count=Count"},
	{"il_lifconf", "vendor/golang.org/x/net/lif", "lifconf", "family=Family flags=Flags len=Len to=Lifcu"},
	{"il_lifreq", "vendor/golang.org/x/net/lif", "lifreq", "name=Name addrlen=Lifru1 type=Type u=Lifru"},
	{"il_rt_msghdr", "syscall", "RtMsghdr", `msglen=Msglen version=Version type=Type index=Index flags=Flags addrs=Addrs
		pid=Pid seq=Seq error=Errno use=Use inits=Inits metrics=Rmx`},
	{"il_termios", "golang.org/x/sys/unix", "Termios", "iflag=Iflag oflag=Oflag cflag=Cflag lflag=Lflag cc=Cc"},
	{"winsize", "golang.org/x/sys/unix", "Winsize", "ws_row=Row ws_col=Col ws_xpixel=Xpixel ws_ypixel=Ypixel"},
	{"pollfd", "golang.org/x/sys/unix", "PollFd", "fd=Fd events=Events revents=Revents"},
	{"il_port_event", "runtime", "portevent", `events=portev_events source=portev_source pad=portev_pad object=portev_object
		user=portev_user`},
	{"il_sigset", "runtime", "sigset", "bits=__sigbits"},
	{"il_sigaction", "runtime", "sigactiont", "flags=sa_flags handler=_funcptr mask=sa_mask"},
	{"il_stack", "runtime", "stackt", "sp=ss_sp size=ss_size flags=ss_flags"},
	{"il_siginfo", "runtime", "siginfo", "signo=si_signo code=si_code err=si_errno pad=si_pad data=__data"},
	{"il_ucontext", "runtime", "ucontext", `flags=uc_flags link=uc_link mask=uc_sigmask stack=uc_stack @gregs=uc_mcontext
		filler=uc_filler`},
	{"itimerval", "runtime", "itimerval", "it_interval=it_interval it_value=it_value"},
}

// What Go has none of.
var otherStructures = map[string]string{
	"il_door_info": "target=0 proc=4 data=12 attributes=20 uniquifier=24 reserved=32", // sys/door.h, packed to 4 bytes
}

func TestStructuresAreGos(t *testing.T) {
	gcc := need.Program(t, "gcc", "gcc")
	scopes := map[string]*types.Scope{}
	for _, p := range packages(t) {
		scopes[p.ImportPath] = declared(t, p)
	}
	sizes := types.SizesFor("gc", "amd64")
	var c bytes.Buffer
	c.WriteString(`#define _GNU_SOURCE
#include "illumos.h"
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
`)
	say := func(what, condition string, args ...any) {
		fmt.Fprintf(&c, "_Static_assert(%s, %q);\n", fmt.Sprintf(condition, args...), what)
	}
	for _, s := range structures {
		object := scopes[s.pkg].Lookup(s.gos)
		if object == nil {
			t.Errorf("%s has no %s", s.pkg, s.gos)
			continue
		}
		theirs := object.Type().Underlying().(*types.Struct)
		var fields []*types.Var
		for f := range theirs.Fields() {
			fields = append(fields, f)
		}
		offsets := sizes.Offsetsof(fields)
		ours := s.ours
		if !strings.Contains(s.members, "@name") { // its last member is as long as it is
			say(ours, "sizeof(struct %s) == %d", ours, sizes.Sizeof(theirs))
		}
		for _, pair := range strings.Fields(s.members) {
			member, field, _ := strings.Cut(pair, "=")
			member, place := strings.CutPrefix(member, "@")
			i := slices.IndexFunc(fields, func(f *types.Var) bool { return f.Name() == field })
			if i < 0 {
				t.Errorf("%s.%s has no %s", s.pkg, s.gos, field)
				continue
			}
			say(ours+"."+member, "offsetof(struct %s, %s) == %d", ours, member, offsets[i])
			if !place {
				say("size of "+ours+"."+member, "sizeof(((struct %s *)0)->%s) == %d", ours, member, sizes.Sizeof(fields[i].Type()))
			}
		}
	}
	for ours, members := range otherStructures {
		for _, pair := range strings.Fields(members) {
			member, offset, _ := strings.Cut(pair, "=")
			say(ours+"."+member, "offsetof(struct %s, %s) == %s", ours, member, offset)
		}
	}
	header, err := os.ReadFile("loader/illumos.h")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^struct (il_\w+) \{`).FindAllStringSubmatch(string(header), -1) {
		_, other := otherStructures[m[1]]
		if !other && !slices.ContainsFunc(structures, func(s structure) bool { return s.ours == m[1] }) {
			t.Errorf("%s is compared with nothing", m[1])
		}
	}
	file := filepath.Join(t.TempDir(), "structures.c")
	if err := os.WriteFile(file, c.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(gcc, "-fsyntax-only", "-Wall", "-Werror", "-Iloader", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// listed is a package as it is built for illumos.
type listed struct {
	Dir, ImportPath string
	GoFiles         []string
}

func packages(t *testing.T) (all []listed) {
	t.Helper()
	c := exec.Command("go", append([]string{"list", "-json=Dir,ImportPath,GoFiles"}, knowing...)...)
	c.Env = illumos()
	out, err := c.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func parsed(t *testing.T, p listed, which func(name string) bool) (*token.FileSet, []*ast.File) {
	t.Helper()
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		if !which(name) {
			continue
		}
		f, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return set, files
}

// constants are those that are written as numbers, in files for illumos or Solaris.
func constants(t *testing.T, p listed) map[string]int64 {
	t.Helper()
	_, files := parsed(t, p, func(name string) bool {
		return strings.Contains(name, "solaris") || strings.Contains(name, "illumos") || strings.Contains(name, "at_")
	})
	found := map[string]int64{}
	for _, f := range files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				v := s.(*ast.ValueSpec)
				for i, name := range v.Names {
					if i < len(v.Values) {
						if n, ok := number(v.Values[i]); ok {
							found[name.Name] = n
						}
					}
				}
			}
		}
	}
	return found
}

// number is the value of a literal, with a sign or a conversion such as Errno(2).
func number(e ast.Expr) (int64, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.INT {
			return constant.Int64Val(constant.MakeFromLiteral(e.Value, e.Kind, 0))
		}
	case *ast.UnaryExpr:
		if n, ok := number(e.X); ok && e.Op == token.SUB {
			return -n, true
		}
	case *ast.CallExpr:
		if len(e.Args) == 1 {
			return number(e.Args[0])
		}
	}
	return 0, false
}

// declared are the types of the files that a compiler of C has written.
func declared(t *testing.T, p listed) *types.Scope {
	t.Helper()
	set, files := parsed(t, p, func(name string) bool {
		return strings.HasPrefix(name, "ztypes_solaris") || strings.HasPrefix(name, "zsys_solaris") || strings.HasPrefix(name, "defs1_solaris")
	})
	config := types.Config{Error: func(error) {}, Sizes: types.SizesFor("gc", "amd64")} // they name what other files have
	pkg, _ := config.Check(p.ImportPath, set, files, nil)
	return pkg.Scope()
}
