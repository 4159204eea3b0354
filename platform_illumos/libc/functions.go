//go:build illumos && amd64

package libc

import (
	"fmt"
	"runtime"
	"syscall"
	_ "unsafe" // for go:linkname
)

// The local names begin with libc_ whatever the library is: Go's linker makes an
// absolute relocation of just those. illumos: man pages, section 2 and 3C

//go:cgo_import_dynamic libc____errno ___errno "libc.so"
//go:cgo_import_dynamic libc_mount mount "libc.so"
//go:cgo_import_dynamic libc_zone_get_nroot zone_get_nroot "libc.so"
//go:cgo_import_dynamic libc_door_info door_info "libc.so"
//go:cgo_import_dynamic libc_ioctl ioctl "libc.so"
//go:cgo_import_dynamic libc_syscall syscall "libc.so"
//go:cgo_import_dynamic libc_sigaction sigaction "libc.so"
//go:cgo_import_dynamic libc_sigprocmask sigprocmask "libc.so"
//go:cgo_import_dynamic libc_setitimer setitimer "libc.so"
//go:cgo_import_dynamic libc_waitid waitid "libc.so"

//go:linkname procErrno libc____errno
//go:linkname procMount libc_mount
//go:linkname procZoneGetNroot libc_zone_get_nroot
//go:linkname procDoorInfo libc_door_info
//go:linkname procIoctl libc_ioctl
//go:linkname procSyscall libc_syscall
//go:linkname procSigaction libc_sigaction
//go:linkname procSigprocmask libc_sigprocmask
//go:linkname procSetitimer libc_setitimer
//go:linkname procWaitid libc_waitid

var procErrno, procMount, procZoneGetNroot, procDoorInfo, procIoctl, procSyscall, procSigaction, procSigprocmask, procSetitimer, procWaitid Function

// Call calls the function and waits. errno is 0 where the function has not set
// it; of a function that returns a status it means nothing.
func Call(function *Function, args ...uintptr) (result uintptr, errno syscall.Errno) {
	return callWith(&procErrno, function, args...)
}

// fails is the errno of a function that returns -1 where it failed.
func fails(result uintptr, errno syscall.Errno) error {
	if int32(result) != -1 {
		return nil
	}
	if errno == 0 {
		return syscall.EINVAL
	}
	return errno
}

// ZoneRoot is where a zone has the native programs: "/native" in an LX zone, ""
// in a native one. zone_get_nroot(3C)
func ZoneRoot() string {
	at, _ := Call(&procZoneGetNroot)
	return Text(at, 1024) // MAXPATHLEN
}

// Mount is mount(2) with a text of options, which the kernel writes back: so it
// is given as much room as that may take.
func Mount(source, target, fstype, options string, flags int) error {
	if len(options) >= MaxOptions {
		return fmt.Errorf("options of %d bytes: %w", len(options), syscall.EINVAL)
	}
	texts := make([][]byte, 4)
	for i, text := range []string{source, target, fstype, options} {
		b, err := String(text)
		if err != nil {
			return err
		}
		texts[i] = b
	}
	room, size := []byte(nil), uintptr(0)
	if options != "" {
		room, size = Bytes(MaxOptions), MaxOptions
		copy(room, options)
	}
	r, errno := Call(&procMount, At(texts[0]), At(texts[1]), uintptr(mountFlags(flags, options)), At(texts[2]), 0, 0, At(room), size)
	runtime.KeepAlive(texts)
	runtime.KeepAlive(room)
	return fails(r, errno)
}

// DoorServer is the process at the other end of a door.
func DoorServer(fd int) (pid int, err error) {
	info := Bytes(doorInfoSize)
	r, errno := Call(&procDoorInfo, uintptr(fd), At(info))
	runtime.KeepAlive(info)
	if err := fails(r, errno); err != nil {
		return 0, err
	}
	return doorTarget(info), nil
}

// BrandCall is an operation of the zone's brand: brandsys.
func BrandCall(operation int) error {
	r, errno := Call(&procSyscall, sysBrand, uintptr(operation))
	return fails(r, errno)
}

// DefaultSignal gives a signal its default, whatever it has.
func DefaultSignal(signal int) error {
	action := Bytes(sigactionSize) // SIG_DFL is 0, and so are no flags and no mask
	r, errno := Call(&procSigaction, uintptr(signal), At(action), 0)
	runtime.KeepAlive(action)
	return fails(r, errno)
}

// UnblockSignals lets all signals through on the calling thread.
func UnblockSignals() error {
	none := Bytes(sigsetSize)
	r, errno := Call(&procSigprocmask, sigSetmask, At(none), 0)
	runtime.KeepAlive(none)
	return fails(r, errno)
}

// StopTimer takes an interval timer off, so that it sends nothing any more.
func StopTimer(which int) error {
	off := Bytes(itimervalSize)
	r, errno := Call(&procSetitimer, uintptr(which), At(off), 0)
	runtime.KeepAlive(off)
	return fails(r, errno)
}

// AwaitChild waits until a child has ended and does not take it.
func AwaitChild() error {
	info := Bytes(siginfoSize)
	r, errno := Call(&procWaitid, waitAll, 0, At(info), waitExited|waitLeave)
	runtime.KeepAlive(info)
	return fails(r, errno)
}

// Ioctl is an ioctl with a structure that the kernel reads and may write.
func Ioctl(fd, request int, structure []byte) error {
	r, errno := Call(&procIoctl, uintptr(fd), uintptr(request), At(structure))
	runtime.KeepAlive(structure)
	return fails(r, errno)
}
