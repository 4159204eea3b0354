//go:build illumos && amd64

package illumos

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"dockerinit/platform_illumos/contract"
	"dockerinit/platform_illumos/libc"
)

// A template is active on the calling thread until it is cleared.
type template struct{ fd int }

// activate sets the terms of a template and activates it. The caller is locked
// to its thread.
func activate(keep bool) (t template, err error) {
	t.fd, err = unix.Open(contract.Template, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return t, &os.PathError{Op: "open", Path: contract.Template, Err: err}
	}
	for _, term := range contract.Terms(keep) {
		if err := t.set(term); err != nil && !term.Optional {
			_ = unix.Close(t.fd)
			return t, fmt.Errorf("%s: set %s: %w", contract.Template, term.Name, err)
		}
	}
	if err := unix.IoctlSetInt(t.fd, contract.Activate, 0); err != nil {
		_ = unix.Close(t.fd)
		return t, fmt.Errorf("%s: activate: %w", contract.Template, err)
	}
	return t, nil
}

func (t template) set(term contract.Parameter) error {
	value := libc.Bytes(len(term.Value))
	copy(value, term.Value)
	param := libc.Bytes(contract.ParameterSize)
	header := term.Header()
	copy(param, header[:])
	// The bytes in between are of one pointer's size.
	*(*uintptr)(unsafe.Pointer(&param[contract.ValueAt])) = libc.At(value)
	err := libc.Ioctl(t.fd, contract.Set, param)
	runtime.KeepAlive(value)
	return err
}

// clear lets the thread's children join its own contract again.
func (t template) clear() error {
	defer unix.Close(t.fd)
	if err := unix.IoctlSetInt(t.fd, contract.Clear, 0); err != nil {
		return fmt.Errorf("%s: clear: %w", contract.Template, err)
	}
	return nil
}

// keepTemplateActive activates one that lasts through an exec.
func keepTemplateActive() error {
	t, err := activate(true)
	if err != nil {
		return err
	}
	return unix.Close(t.fd)
}
