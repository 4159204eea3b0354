package process

import (
	"fmt"
	"strings"
	"testing"

	mobyuser "github.com/moby/sys/user"
)

// BenchmarkLookupUser resolves the last user of files with so many lines, beside
// Docker's own resolver, which trusts the files' names and walks nothing.
func BenchmarkLookupUser(b *testing.B) {
	for _, lines := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			var passwd, group strings.Builder
			for i := range lines {
				fmt.Fprintf(&passwd, "user%d:x:%d:%d:User %d:/home/user%d:/bin/sh\n", i, 1000+i, 1000+i, i, i)
				fmt.Fprintf(&group, "group%d:x:%d:user%d,user%d\n", i, 1000+i, i, i/2)
			}
			root := imageWith(b, passwd.String(), group.String())
			spec := fmt.Sprintf("user%d", lines-1)
			b.Run("ours", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, _, err := LookupUser(root, "docker:user", spec, nil); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("Docker's", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := mobyuser.GetExecUserPath(spec, nil, root.Name()+"/etc/passwd", root.Name()+"/etc/group"); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
