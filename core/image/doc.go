// Package image reads, and in a few places writes, a root file system that is
// not trusted: the container's image. Whatever the image holds, a call never
// leaves the root, never blocks, and never reads more than it was told to.
//
//	root, err := image.Open("/")
//	passwd, err := root.ReadFile("/etc/passwd", 10<<20)
//
// Names are paths within the root: "/etc/passwd" and "etc/passwd" are the same
// file of the image, and ".." never leads above it. A symbolic link is resolved
// as the container itself would see it: an absolute one starts again at the
// root (Debian's /etc/alternatives), and after 40 of them it is a loop.
//
// os.Root alone is not enough: it refuses absolute links, and it waits for a
// writer where a FIFO lies in the place of a file. So a name is walked here
// part by part. Each directory is opened through the handle of the one above
// and compared with what was seen at its name before, so that a process that
// swaps a directory for a link meanwhile gains nothing; os.Root makes sure that
// even then no step leaves the directory that it is made in.
//
// Links that have no path, such as /proc/self/fd/3, are refused: they lead to
// wherever a process has a file open, inside the root or not.
//
// What is written (a log, a marker, a link, missing directories) goes through
// no link at all, with the exception of MkdirAll, which serves the working
// directory and mount points that an image may well have behind a link.
//
// This package is for files of the image alone. It does not mount, does not
// change owners, and removes nothing but what it replaces.
package image
