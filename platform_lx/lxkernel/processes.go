//go:build linux

package lxkernel

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// killAll sends a signal to all processes of the zone but the sender and init. It
// says that there was one where nobody is: the zone's scheduler is of the zone too,
// and takes no signal. illumos-joyent: usr/src/uts/common/brand/lx/syscall/lx_kill.c
func killAll(n notification) error {
	zone, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", n.pid))
	if err != nil {
		return unix.ESRCH
	}
	names, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return err
	}
	for _, name := range names {
		pid, _ := strconv.Atoi(filepath.Base(name))
		of, err := os.Readlink(name + "/ns/pid")
		if own := inner(uint32(pid)); err == nil && of == zone && own != 1 && own != inner(n.pid) {
			_ = unix.Kill(pid, unix.Signal(n.args[1])) // it may have ended
		}
	}
	return nil
}

// inner is the process's number in its own zone.
func inner(pid uint32) uint32 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range bytes.Lines(status) {
		if f := strings.Fields(string(line)); len(f) > 1 && f[0] == "NStgid:" {
			n, _ := strconv.Atoi(f[len(f)-1])
			return uint32(n)
		}
	}
	return pid
}
