//go:build illumos && amd64

package illumos

import (
	"fmt"

	"golang.org/x/sys/unix"

	"dockerinit/platform_illumos/libc"
	"dockerinit/platform_illumos/lifreq"
)

// interfaceCall makes calls about one side of an interface, in one request.
func interfaceCall(name string, six bool, do func(fd int, r *lifreq.Request) error) error {
	r, err := lifreq.New(name)
	if err != nil {
		return err
	}
	family := unix.AF_INET
	if six {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	defer unix.Close(fd)
	unix.CloseOnExec(fd)
	return do(fd, r)
}

func ioctl(fd, request int, what string, r *lifreq.Request) error {
	b := libc.Bytes(lifreq.Size)
	copy(b, r[:])
	err := libc.Ioctl(fd, request, b)
	copy(r[:], b)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// raise brings the IPv6 side of an interface up, which gives it its link-local
// address.
func raise(name string) error {
	return interfaceCall(name, true, func(fd int, r *lifreq.Request) error {
		if err := ioctl(fd, lifreq.GetFlags, "read its flags", r); err != nil {
			return err
		}
		r.PutFlags(r.Flags() | lifreq.Up)
		return ioctl(fd, lifreq.SetFlags, "set its flags", r)
	})
}

// addLogical makes a logical interface and tells its name: net0:1.
func addLogical(name string, six bool) (logical string, err error) {
	err = interfaceCall(name, six, func(fd int, r *lifreq.Request) error {
		if err := ioctl(fd, lifreq.AddIf, "make a logical interface", r); err != nil {
			return err
		}
		logical = r.Name()
		return nil
	})
	return logical, err
}

// removeLogical takes one away again whose address could not be set.
func removeLogical(name string, six bool) {
	_ = interfaceCall(name, six, func(fd int, r *lifreq.Request) error {
		return ioctl(fd, lifreq.RemoveIf, "remove it", r)
	})
}

// interfaceIndex is the kernel's number of an interface.
func interfaceIndex(name string, six bool) (index uint16, err error) {
	err = interfaceCall(name, six, func(fd int, r *lifreq.Request) error {
		if err := ioctl(fd, lifreq.GetIndex, "read its index", r); err != nil {
			return err
		}
		index = uint16(r.Uint32())
		return nil
	})
	return index, err
}
