package core

import (
	"dockerinit/core/exit"
	"dockerinit/core/zone"
)

// volumes mounts what an NFS server has, and what comes on top of that. All are
// tried.
var volumes = Step{"volumes", func(b *Boot) (todo []Action) {
	for _, v := range b.Zone.Volumes {
		m := zone.Mount{Type: "nfs", Source: v.Source, Target: v.Mountpoint}
		if v.ReadOnly {
			m.Options = []string{"ro"}
		}
		todo = append(todo, b.mount(exit.MountVolume, m))
	}
	return append(todo, b.tmpfs(true)...)
}}
