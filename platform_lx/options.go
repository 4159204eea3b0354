package lx

import "strings"

// The bits of mount(2) that options of a mount stand for, in Docker's spelling.
// Linux: include/uapi/linux/mount.h
var mountFlags = map[string]struct{ set, clear uintptr }{
	"ro":          {set: msReadOnly},
	"rw":          {clear: msReadOnly},
	"nosuid":      {set: msNoSuid},
	"suid":        {clear: msNoSuid},
	"nodev":       {set: msNoDev},
	"dev":         {clear: msNoDev},
	"noexec":      {set: msNoExec},
	"exec":        {clear: msNoExec},
	"sync":        {set: msSynchronous},
	"async":       {clear: msSynchronous},
	"noatime":     {set: msNoAtime},
	"atime":       {clear: msNoAtime},
	"nodiratime":  {set: msNoDirAtime},
	"diratime":    {clear: msNoDirAtime},
	"relatime":    {set: msRelAtime},
	"norelatime":  {clear: msRelAtime},
	"strictatime": {set: msStrictAtime},
}

const (
	msReadOnly    = 1 << 0
	msNoSuid      = 1 << 1
	msNoDev       = 1 << 2
	msNoExec      = 1 << 3
	msSynchronous = 1 << 4
	msNoAtime     = 1 << 10
	msNoDirAtime  = 1 << 11
	msRelAtime    = 1 << 21
	msStrictAtime = 1 << 24
)

// mountOptions splits options into the bits that the kernel takes apart from
// the file system and the text that is the file system's own. The last of two
// that contradict each other wins.
func mountOptions(options []string) (flags uintptr, data string) {
	var own []string
	for _, o := range options {
		if f, ok := mountFlags[o]; ok {
			flags = flags&^f.clear | f.set
			continue
		}
		own = append(own, o)
	}
	return flags, strings.Join(own, ",")
}
