package lx

import (
	"slices"
	"strings"
)

// A mountOption is a word and the bits of mount(2) that it stands for. Those of
// propagation go to the kernel by themselves.
type mountOption struct {
	word                    string
	set, clear, propagation uintptr
}

// mountFlags are the words, in Docker's spelling. A map would be made at every
// start, and most zones look nothing up.
// Linux: include/uapi/linux/mount.h
var mountFlags = []mountOption{
	{word: "defaults"},
	{word: "ro", set: msReadOnly},
	{word: "rw", clear: msReadOnly},
	{word: "nosuid", set: msNoSuid},
	{word: "suid", clear: msNoSuid},
	{word: "nodev", set: msNoDev},
	{word: "dev", clear: msNoDev},
	{word: "noexec", set: msNoExec},
	{word: "exec", clear: msNoExec},
	{word: "sync", set: msSynchronous},
	{word: "async", clear: msSynchronous},
	{word: "dirsync", set: msDirSync},
	{word: "mand", set: msMandLock},
	{word: "nomand", clear: msMandLock},
	{word: "noatime", set: msNoAtime},
	{word: "atime", clear: msNoAtime},
	{word: "nodiratime", set: msNoDirAtime},
	{word: "diratime", clear: msNoDirAtime},
	{word: "relatime", set: msRelAtime},
	{word: "norelatime", clear: msRelAtime},
	{word: "strictatime", set: msStrictAtime},
	{word: "nostrictatime", clear: msStrictAtime},
	{word: "unbindable", propagation: msUnbindable},
	{word: "runbindable", propagation: msUnbindable | msRecursive},
	{word: "private", propagation: msPrivate},
	{word: "rprivate", propagation: msPrivate | msRecursive},
	{word: "slave", propagation: msSlave},
	{word: "rslave", propagation: msSlave | msRecursive},
	{word: "shared", propagation: msShared},
	{word: "rshared", propagation: msShared | msRecursive},
}

const (
	msReadOnly    = 1 << 0
	msNoSuid      = 1 << 1
	msNoDev       = 1 << 2
	msNoExec      = 1 << 3
	msSynchronous = 1 << 4
	msMandLock    = 1 << 6
	msDirSync     = 1 << 7
	msNoAtime     = 1 << 10
	msNoDirAtime  = 1 << 11
	msRecursive   = 1 << 14
	msUnbindable  = 1 << 17
	msPrivate     = 1 << 18
	msSlave       = 1 << 19
	msShared      = 1 << 20
	msRelAtime    = 1 << 21
	msStrictAtime = 1 << 24
)

// options are what a mount's words come to: bits, and the text that is the file
// system's own.
type options struct {
	flags, propagation uintptr
	data               string
}

// mountOptions takes the words apart. The last of two that contradict each
// other wins.
func mountOptions(words []string) (o options) {
	var own []string
	for _, word := range words {
		i := slices.IndexFunc(mountFlags, func(o mountOption) bool { return o.word == word })
		if i < 0 {
			own = append(own, word)
			continue
		}
		known := mountFlags[i]
		o.flags = o.flags&^known.clear | known.set
		if known.propagation != 0 {
			o.propagation = known.propagation
		}
	}
	o.data = strings.Join(own, ",")
	return o
}

// nfsOptions are those of every docker zone, and then the volume's own.
// smartos-live: src/dockerinit/src/docker-common.c
func nfsOptions(words []string) string {
	return strings.Join(append([]string{"vers=3", "sec=sys"}, words...), ",")
}
