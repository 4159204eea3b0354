//go:build linux

package lx

import "testing"

func TestStay(t *testing.T) {
	z := newBootZone(t, `"docker:init": true, "docker:cmd": `+list("sh", "-c", `echo "pid $$ of $PPID"; exit 7`))
	z.streams("")
	e := z.boot("")
	t.Logf("%d %q %q\n%s", e.status, e.out, e.err, e.log)
}
