package process

import (
	"path"
	"strings"
	"testing"

	"dockerinit/core/exit"
)

func TestWorkdir(t *testing.T) {
	for _, test := range []struct{ name, spec, home, want string }{
		{"W1: none is the root", "", "/home/bob", "/"},
		{"W1: an absolute one", "/srv/data", "/", "/srv/data"},
		{"W1: a relative one starts at the root", "srv/data", "/home/bob", "/srv/data"},
		{"W1: it is cleaned", "//srv/./a/../data/", "/", "/srv/data"},
		{"W1: C8: dot-dot ends at the root", "../../etc", "/home/bob", "/etc"},
		{"W1: a dot", ".", "/home/bob", "/"},
		{"W6: the home", "~", "/home/bob", "/home/bob"},
		{"W6: below the home", "~/a/../b", "/home/bob", "/home/bob/b"},
		{"W6: above the home", "~/../eve", "/home/bob", "/home/eve"},
		{"W6: the home with a slash", "~/", "/home/bob", "/home/bob"},
		{"W6: C7: a name after it is not expanded", "~eve", "/home/bob", "/~eve"},
		{"W6: nor one elsewhere", "/a/~/b", "/home/bob", "/a/~/b"},
		{"W6: a home that is the root", "~/a", "/", "/a"},
		{"W6: a home that is relative", "~/a", "home/../../bob", "/bob/a"},
		{"W6: no home", "~", "", "/"},
		{"any other byte", "/srv/\xff ü", "/", "/srv/\xff ü"},
		{"S-14: a NUL byte", "/srv\x00", "/", `docker:workdir "/srv\x00": control characters are not taken`},
		{"S-14: a newline", "/a\nb", "/", `docker:workdir "/a\nb": control characters are not taken`},
		{"S-14: in the home", "~", "/h\x1b[2J", `docker:workdir "~": control characters in "/h\x1b[2J"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Workdir("docker:workdir", test.spec, test.home)
			if err != nil {
				got = err.Error()
				if code := exit.CodeOf(err); code != exit.InvalidValue {
					t.Errorf("code %d", code)
				}
			}
			if got != test.want {
				t.Errorf("\ngot  %s\nwant %s", got, test.want)
			}
		})
	}
}

func FuzzWorkdir(f *testing.F) {
	f.Add("~/x", "/home/bob")
	f.Add("../..", "..")
	f.Add("~eve", "")
	f.Fuzz(func(t *testing.T, spec, home string) {
		dir, err := Workdir("docker:workdir", spec, home)
		if err != nil {
			return
		}
		if dir != path.Clean("/"+dir) || strings.ContainsAny(dir, "\x00\n") {
			t.Errorf("%q", dir)
		}
	})
}
