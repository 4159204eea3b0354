//go:build !linux

package oci

import "archive/tar"

// Zones are booted on Linux alone.
func (*unpacking) attributes(*tar.Header, string) error { return nil }
