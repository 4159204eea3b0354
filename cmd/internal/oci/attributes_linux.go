//go:build linux

package oci

import (
	"archive/tar"
	"maps"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// attributes gives a file the extended attributes that mean something in a zone:
// its capabilities, without which ping of many images needs root, and those of
// users. A file system that does not take one is no reason not to boot.
func (u *unpacking) attributes(h *tar.Header, name string) error {
	var f *os.File
	for _, record := range slices.Sorted(maps.Keys(h.PAXRecords)) {
		attribute, ok := strings.CutPrefix(record, "SCHILY.xattr.")
		if !ok || !kept(attribute, h.Typeflag) {
			continue
		}
		if f == nil {
			var err error
			if f, err = u.root.OpenFile(name, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0); err != nil {
				return err
			}
			defer f.Close()
		}
		if unix.Fsetxattr(int(f.Fd()), attribute, []byte(h.PAXRecords[record]), 0) != nil {
			u.done.Stripped = append(u.done.Stripped, name+" ("+attribute+")")
		}
	}
	return nil
}

// kept are not those of overlayfs, which would be obeyed: the zone's root is one
// above the unpacked files. Others are the business of the image's own host.
func kept(attribute string, kind byte) bool {
	if attribute == "security.capability" {
		return kind != tar.TypeDir // a program's
	}
	return strings.HasPrefix(attribute, "user.") && !strings.HasPrefix(attribute, "user.overlay.")
}
