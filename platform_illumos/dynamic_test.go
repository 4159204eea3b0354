package illumos

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dockerinit/platform_fake/need"
)

// What the programs may ask of a platform: a library or a function that SmartOS
// does not have ends them before their first line, or at the first call.
var (
	// Those of Go's runtime and packages, as they are known to be there.
	ofGo = strings.Fields(`___errno __xnet_bind __xnet_connect __xnet_getsockopt __xnet_listen __xnet_socket _exit accept4
		chdir chmod chroot clock_gettime close execve exit faccessat fcntl forkx fstat fstatat getcwd getdents gethostname
		getpeername getpid getrctl getrlimit getsockname ioctl issetugid kill lseek lstat madvise malloc mkdir mmap munmap
		open pipe2 port_alert port_associate port_create port_dissociate port_getn pthread_attr_getstack
		pthread_attr_init pthread_attr_setdetachstate pthread_attr_setstack pthread_create pthread_kill pthread_self raise
		rctlblk_get_local_action rctlblk_get_local_flags rctlblk_get_value rctlblk_size read rename rmdir sched_yield
		sem_init sem_post sem_reltimedwait_np sem_wait sendfile setgid setgroups sethostname setitimer setpgid setrlimit
		setsid setsockopt setuid sigaction sigaltstack sigprocmask stat sysconf uname unlink usleep wait4 write`)
	// The rest of libc that x/sys and os.Root call: man pages, sections 2 and 3C.
	ofLibc = strings.Fields(`dup2 fchmod fchown getegid geteuid getexecname getgid getgroups getpeerucred getpgrp getsid
		getuid lchown mkdirat openat poll pread readlinkat renameat symlinkat ucred_free ucred_geteuid umask unlinkat`)
	// Our own: package libc.
	ofLibcToo = strings.Fields(`door_info mount syscall waitid zone_get_nroot`)
	// Our own: package ipadm.
	ofIpadm = strings.Fields(`ipadm_close ipadm_create_addr ipadm_create_addrobj ipadm_create_if ipadm_destroy_addrobj
		ipadm_open ipadm_set_addr ipadm_set_ifprop ipadm_set_wait_time`)
)

func TestDynamicSection(t *testing.T) {
	libraries := []string{"libc.so", "libsocket.so", "libsendfile.so"}
	functions := slices.Concat(ofGo, ofLibc)
	for _, tt := range []struct {
		program   string
		libraries []string
		functions []string
	}{
		// What only a boot needs is in dockerinit alone: a library of the network that
		// is not there, or not as it was, keeps nobody from docker exec.
		{"dockerinit", append(libraries, "libipadm.so.1"), slices.Concat(functions, ofLibcToo, ofIpadm)},
		{"dockerexec", libraries, append(functions, "zone_get_nroot")},
		{"mdata", libraries, functions},
	} {
		t.Run(tt.program, func(t *testing.T) {
			f := build(t, tt.program)
			needed, err := f.ImportedLibraries()
			if err != nil {
				t.Fatal(err)
			}
			for _, library := range needed {
				if !slices.Contains(tt.libraries, library) {
					t.Errorf("needs %s", library)
				}
			}
			if tt.program == "dockerinit" && !slices.Contains(needed, "libipadm.so.1") {
				t.Errorf("has no way to configure a network: %q", needed)
			}
			symbols, err := f.DynamicSymbols()
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range symbols {
				if s.Section == elf.SHN_UNDEF && s.Name != "" && !slices.Contains(tt.functions, s.Name) {
					t.Errorf("calls %s, of which it is not known that SmartOS has it", s.Name)
				}
			}
			if f.Type != elf.ET_EXEC || interpreter(t, f) != "/lib/amd64/ld.so.1" {
				t.Errorf("a %s with the loader %q", f.Type, interpreter(t, f))
			}
		})
	}
}

func build(t *testing.T, program string) *elf.File {
	t.Helper()
	file := filepath.Join(t.TempDir(), program)
	cmd := exec.Command(need.Program(t, "go", "golang"), "build", "-buildvcs=false", "-o", file, "dockerinit/cmd/"+program)
	cmd.Env = append(os.Environ(), "GOOS=illumos", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s\n%s", err, out)
	}
	f, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func interpreter(t *testing.T, f *elf.File) string {
	t.Helper()
	section := f.Section(".interp")
	if section == nil {
		return ""
	}
	text, err := section.Data()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimRight(string(text), "\x00")
}
