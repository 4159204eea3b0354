package process

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	mobyuser "github.com/moby/sys/user"
)

// FuzzLookupUser: whatever the files hold, the result is Docker's, but for the
// rules where we differ on purpose.
func FuzzLookupUser(f *testing.F) {
	f.Add("bob:", "staff\n50", testPasswd, testGroup)
	f.Add("1000", "", "bob:x:1000:oops\nbob:x:1000:1", "g::5:bob")
	f.Add("", "", "x\n\x00:0:0:0", ":::")
	f.Add("+5:-0", "5", "#a:b:+5:5:::", "#\n")
	f.Fuzz(func(t *testing.T, spec, add, passwd, group string) {
		c := userCase{spec: spec, passwd: []byte(passwd), group: []byte(group)}
		if add != "" {
			c.add = strings.Split(add, "\n")
		}
		compare(t, c)
	})
}

// FuzzPasswd: the lines that are well-formed, in order, with Docker's fields.
func FuzzPasswd(f *testing.F) {
	f.Add([]byte(testPasswd))
	f.Add([]byte("# c\n+::::::\na:b:1:2\na:b:-1:2\n  :::::\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		want, werr := mobyuser.ParsePasswd(bytes.NewReader(wellFormed(data, passwdForm)))
		got := []mobyuser.User{}
		odd, err := eachUser(data, func(l passwdLine) {
			if l.uid > maxID || l.gid > maxID {
				t.Errorf("ids %d %d", l.uid, l.gid)
			}
			got = append(got, mobyuser.User{Name: string(l.name), Uid: int(l.uid), Gid: int(l.gid), Home: string(l.home)})
		})
		for i := range want {
			want[i].Pass, want[i].Gecos, want[i].Shell = "", "", ""
		}
		if err != nil {
			return // a line that is too long may be one that Docker was not given
		}
		if werr != nil || !slices.Equal(got, want) {
			t.Errorf("\ngot  %+v\nwant %+v, %v", got, want, werr)
		}
		if lines := bytes.Count(data, []byte("\n")) + 1; odd.count+len(got) > lines || odd.first > lines {
			t.Errorf("%d lines: %d good, %+v", lines, len(got), odd)
		}
	})
}

// FuzzGroup is the same for groups and their members.
func FuzzGroup(f *testing.F) {
	f.Add([]byte(testGroup), "bob")
	f.Add([]byte("#\na:::,\na::1:b,,c:d\n::0:\n"), "c")
	f.Fuzz(func(t *testing.T, data []byte, member string) {
		want, werr := mobyuser.ParseGroup(bytes.NewReader(wellFormed(data, groupForm)))
		i := 0
		_, err := eachGroup(data, func(l groupLine) {
			if i >= len(want) || string(l.name) != want[i].Name || int(l.gid) != want[i].Gid {
				t.Fatalf("group %d is %q %d, want %+v", i, l.name, l.gid, want)
			}
			if member != "" && l.has([]byte(member)) != slices.Contains(want[i].List, member) {
				t.Errorf("%q in %q: want %q", member, l.members, want[i].List)
			}
			i++
		})
		if err == nil && (werr != nil || i != len(want)) {
			t.Errorf("%d groups, want %d, %v", i, len(want), werr)
		}
	})
}
