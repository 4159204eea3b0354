package lx

import "strings"

// A mountOption is the bits of mount(2) that a word stands for. Those of
// propagation go to the kernel by themselves.
type mountOption struct{ set, clear, propagation uintptr }

// mountFlags are the words, in Docker's spelling.
// Linux: include/uapi/linux/mount.h
var mountFlags = map[string]mountOption{
	"defaults":      {},
	"ro":            {set: msReadOnly},
	"rw":            {clear: msReadOnly},
	"nosuid":        {set: msNoSuid},
	"suid":          {clear: msNoSuid},
	"nodev":         {set: msNoDev},
	"dev":           {clear: msNoDev},
	"noexec":        {set: msNoExec},
	"exec":          {clear: msNoExec},
	"sync":          {set: msSynchronous},
	"async":         {clear: msSynchronous},
	"dirsync":       {set: msDirSync},
	"mand":          {set: msMandLock},
	"nomand":        {clear: msMandLock},
	"noatime":       {set: msNoAtime},
	"atime":         {clear: msNoAtime},
	"nodiratime":    {set: msNoDirAtime},
	"diratime":      {clear: msNoDirAtime},
	"relatime":      {set: msRelAtime},
	"norelatime":    {clear: msRelAtime},
	"strictatime":   {set: msStrictAtime},
	"nostrictatime": {clear: msStrictAtime},
	"unbindable":    {propagation: msUnbindable},
	"runbindable":   {propagation: msUnbindable | msRecursive},
	"private":       {propagation: msPrivate},
	"rprivate":      {propagation: msPrivate | msRecursive},
	"slave":         {propagation: msSlave},
	"rslave":        {propagation: msSlave | msRecursive},
	"shared":        {propagation: msShared},
	"rshared":       {propagation: msShared | msRecursive},
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
		known, ok := mountFlags[word]
		if !ok {
			own = append(own, word)
			continue
		}
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
