package illumos

import (
	"slices"
	"strings"
)

// renamed are the words that Docker has for what illumos calls otherwise. What a
// file system does not know it passes over, so that a wrong word would be lost
// in silence. illumos: usr/src/uts/common/sys/mntent.h
var renamed = map[string]string{
	"nodev":    "nodevices",
	"dev":      "devices",
	"defaults": "",
}

// mountOptions is the text of options for mount(2). A tmpfs has the mode of what it
// covers, unless it is told: Linux', and so Docker's, is one for everybody.
// illumos: usr/src/uts/common/fs/tmpfs/tmp_vfsops.c, tmp_mount
func mountOptions(fstype string, words []string) string {
	var own []string
	for _, word := range words {
		if other, ok := renamed[word]; ok {
			word = other
		}
		if word != "" {
			own = append(own, word)
		}
	}
	if fstype == "tmpfs" && !slices.ContainsFunc(own, func(word string) bool { return strings.HasPrefix(word, "mode=") }) {
		own = append(own, "mode=1777")
	}
	return strings.Join(own, ",")
}

// nfsOptions are those of every docker zone, and then the volume's own.
// smartos-live: src/dockerinit/src/docker-common.c
func nfsOptions(words []string) string {
	return strings.Join(append([]string{"vers=3", "sec=sys"}, words...), ",")
}
