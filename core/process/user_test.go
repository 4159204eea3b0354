package process

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"dockerinit/core/exit"
	"dockerinit/core/image"
)

const testPasswd = `root:x:0:0:root:/root:/bin/sh
toor:x:0:5:second root:/toor:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:
bob:x:1000:100:Bob:/home/bob:/bin/sh
bobby:x:1000:101:same id as bob:/home/bobby:/bin/sh
4711:x:66:66:digits as a name:/home/4711:
twice:x:7:7::/first:
twice:x:8:8::/second:
nohome:x:9:9
  spaced:x:10:10::/home/spaced:
`

const testGroup = `root:x:0:root
# commented:x:3:bob
users:x:100:
staff:x:50:bob,daemon
staff:x:51:bob
audio:x:29:root,bob,bobby
4711:x:67:
wheel:x:0:bob
`

// imageWith is an image with these files of users and groups; "" leaves one out.
func imageWith(t testing.TB, passwd, group string) *image.Root {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"etc/passwd": passwd, "etc/group": group} {
		if text == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return openImage(t, dir)
}

func openImage(t testing.TB, dir string) *image.Root {
	t.Helper()
	root, err := image.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

// show is a user, or the mistakes, as one text.
func show(u User, err error) string {
	if err == nil {
		return strings.TrimSpace(u.Name + " " + u.Credentials.String() + " " + u.Home)
	}
	var all []string
	for _, e := range exit.Each(err) {
		all = append(all, e.Error())
	}
	return strings.Join(all, "; ")
}

func TestLookupUser(t *testing.T) {
	for _, test := range []struct{ name, spec, want string }{
		{"U1: a user", "bob", "bob 1000:100 groups 50,51,29,0 /home/bob"},
		{"U1: a user with a colon has the implicit group", "bob:", "bob 1000:100 groups 50,51,29,0 /home/bob"},
		{"U1: a group alone is the default user's", ":staff", "root 0:50 /root"},
		{"U1: a colon alone is the default user", ":", "root 0:0 groups 29 /root"},
		{"U1: only the first colon separates", "bob:staff:x", `docker:user "bob:staff:x": no such group "staff:x" in /etc/group`},
		{"U1: two colons before a name", "::bob", `docker:user "::bob": no such group ":bob" in /etc/group`},
		{"U2: a number is never a name", "4711", "4711:0 /"},
		{"U2: a group's number is never a name", "bob:4711", "bob 1000:4711 /home/bob"},
		{"U2: a sign belongs to a number", "+1", "daemon 1:1 groups 50 /usr/sbin"},
		{"U2: a space does not", " 1", `docker:user " 1": no such user in /etc/passwd`},
		{"U2: no hexadecimal", "0x1", `docker:user "0x1": no such user in /etc/passwd`},
		{"U2: no digits with a letter", "1a", `docker:user "1a": no such user in /etc/passwd`},
		{"U2: leading zeros are decimal", "0010", "spaced 10:10 /home/spaced"},
		{"U3: the largest id", "2147483647:2147483647", "2147483647:2147483647 /"},
		{"U3: one too large", "2147483648", `docker:user "2147483648": an id is a number from 0 to 2147483647`},
		{"U3: S-6: what 32 bits would cut to root", "4294967296", `docker:user "4294967296": an id is a number from 0 to 2147483647`},
		{"U3: more than 64 bits", "99999999999999999999", `docker:user "99999999999999999999": an id is a number from 0 to 2147483647`},
		{"U3: a negative one", "-1", `docker:user "-1": an id is a number from 0 to 2147483647`},
		{"U3: of a group", "bob:-1", `docker:user "bob:-1": an id is a number from 0 to 2147483647`},
		{"U4: no user is root, as the file has it", "", "root 0:0 groups 29 /root"},
		{"U5: no such name", "nobdy", `docker:user "nobdy": no such user in /etc/passwd`},
		{"U5: no such group", "bob:nogrp", `docker:user "bob:nogrp": no such group "nogrp" in /etc/group`},
		{"U5: both at once", "nobdy:nogrp", `docker:user "nobdy:nogrp": no such user in /etc/passwd; docker:user "nobdy:nogrp": no such group "nogrp" in /etc/group`},
		{"U6: an absent number is used as it is", "5000", "5000:0 /"},
		{"U6: with a group", "5000:5001", "5000:5001 /"},
		{"U6: with a group's name", "5000:staff", "5000:50 /"},
		{"U7: a number that is there has its group, home and groups", "1000", "bob 1000:100 groups 50,51,29,0 /home/bob"},
		{"U8: the first line of a name", "twice", "twice 7:7 /first"},
		{"U8: the first line of a group", "daemon:staff", "daemon 1:50 /usr/sbin"},
		{"U9: an explicit group takes the others away", "bob:users", "bob 1000:100 /home/bob"},
		{"U10: groups go by the matched name", "bobby", "bobby 1000:101 groups 29 /home/bob"},
		{"U15: space around a line does not count", "spaced", "spaced 10:10 /home/spaced"},
		{"U15: a commented group is none", "bob:commented", `docker:user "bob:commented": no such group "commented" in /etc/group`},
		{"E4: the home is that of the first line with the id", "toor", "toor 0:5 /root"},
		{"E4: no home is the root", "nohome", "nohome 9:9 /"},
		{"S-7: a newline", "bob\nroot", `docker:user "bob\nroot": it has control characters`},
		{"S-7: a NUL byte", "0\x00", `docker:user "0\x00": it has control characters`},
		{"S-7: in a group", "bob:\x1b[31m", `docker:user "bob:\x1b[31m": it has control characters`},
		{"S-7: the two characters of an escape are no newline", `bob\nroot`, `docker:user "bob\\nroot": no such user in /etc/passwd`},
		{"S-7: a MiB", strings.Repeat("x", 1<<20), `docker:user "` + strings.Repeat("x", 64) + `"… (1048576 bytes): no such user in /etc/passwd`},
	} {
		t.Run(test.name, func(t *testing.T) {
			user, warnings, err := LookupUser(imageWith(t, testPasswd, testGroup), "docker:user", test.spec, nil)
			if got := show(user, err); got != test.want {
				t.Errorf("\ngot  %s\nwant %s", got, test.want)
			}
			if len(warnings) > 0 {
				t.Errorf("warnings %q", warnings)
			}
			if err != nil {
				return
			}
			if user.Groups[0] != user.GID {
				t.Errorf("U12: the groups %v do not start with %d", user.Groups, user.GID)
			}
		})
	}
}

func TestLookupUserCodes(t *testing.T) {
	root := imageWith(t, testPasswd, testGroup)
	for spec, want := range map[string]exit.Code{
		"nobdy": exit.NoSuchUser, "-1": exit.NoSuchUser, "a\x00": exit.NoSuchUser, "nobdy:nogrp": exit.NoSuchUser,
		"bob:nogrp": exit.NoSuchGroup, "bob:-1": exit.NoSuchGroup, "0:a\x00": exit.NoSuchGroup,
	} {
		user, _, err := LookupUser(root, "docker:user", spec, nil)
		if got := exit.CodeOf(err); got != want {
			t.Errorf("%q: code %d, want %d: %v", spec, got, want, err)
		}
		if user.Home != "/" || user.Name != "" || user.Groups != nil {
			t.Errorf("%q: with an error there is %+v", spec, user)
		}
	}
	if _, _, err := LookupUser(root, "docker:user", "bob", []string{"nogrp"}); exit.CodeOf(err) != exit.NoSuchGroup {
		t.Errorf("docker:group_add: %v", err)
	}
}

func TestLookupUserU13GroupAdd(t *testing.T) {
	for _, test := range []struct {
		name, spec string
		add        []string
		want       string
	}{
		{"names and numbers, in their order", "daemon", []string{"audio", "4000", "staff"}, "daemon 1:1 groups 50,29,4000 /usr/sbin"},
		{"none twice", "bob", []string{"staff", "50", "100", "4000", "4000"}, "bob 1000:100 groups 50,51,29,0,4000 /home/bob"},
		{"on top of an explicit group", "bob:users", []string{"audio"}, "bob 1000:100 groups 29 /home/bob"},
		{"of an absent number", "5000", []string{"staff"}, "5000:0 groups 50 /"},
		{"a number is never a name", "5000", []string{"4711"}, "5000:0 groups 4711 /"},
		{"all that is wrong", "nobdy", []string{"a", "29", "-1", "", "b\n"}, `docker:user "nobdy": no such user in /etc/passwd; ` +
			`docker:group_add: element 1 "a": no such group "a" in /etc/group; docker:group_add: element 3 "-1": an id is a number from 0 to 2147483647; ` +
			`docker:group_add: element 4 "": it is empty; docker:group_add: element 5 "b\n": it has control characters`},
	} {
		t.Run(test.name, func(t *testing.T) {
			user, _, err := LookupUser(imageWith(t, testPasswd, testGroup), "docker:user", test.spec, test.add)
			if got := show(user, err); got != test.want {
				t.Errorf("\ngot  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestLookupUserInOddFiles(t *testing.T) {
	const ok = "eve:x:1000:1000::/home/eve:\n"
	long := func(n int) string { return strings.Repeat("x", n) }
	for _, test := range []struct {
		name, passwd, group string
		spec                string
		want                string
		warnings            []string
	}{
		{"U11: no files, numbers", "", "", "1000:1001", "1000:1001 /", nil},
		{"U11: no files, the default", "", "", "", "0:0 /", nil},
		{"U11: no files, a name", "", "", "root", `docker:user "root": no such user: the image has no /etc/passwd`, nil},
		{"U11: no passwd, a group's name", "", testGroup, "0:staff", "0:50 /", nil},
		{"U11: no group file, a user's name", ok, "", "eve", "eve 1000:1000 /home/eve", nil},
		{"U11: no group file, a group's name", ok, "", "eve:staff", `docker:user "eve:staff": no such group "staff": the image has no /etc/group`, nil},
		{"U11: no newline at the end", "eve:x:1:2::/h:", "g:x:3:eve", "eve", "eve 1:2 groups 3 /h", nil},
		{"carriage returns", "eve:x:1:2::/h\r\n", "g:x:3:eve\r\n", "eve", "eve 1:2 groups 3 /h", nil},

		{"U14: S-6: a uid that is no number is not root", "eve:x:oops:0::/:/bin/sh\n", "", "eve", `docker:user "eve": no such user in /etc/passwd`, []string{"/etc/passwd: line 1 is malformed and skipped"}},
		{"U14: a later line may be right", "eve:x::0::/:\n\n" + ok, "", "eve", "eve 1000:1000 /home/eve", []string{"/etc/passwd: line 1 is malformed and skipped"}},
		{"U14: S-6: ids out of range", "eve:x:4294967296:0::/:\neve:x:-1:0::/:\neve:x:1:99999999999999999999::/:\n", "", "eve", `docker:user "eve": no such user in /etc/passwd`, []string{"/etc/passwd: 3 lines are malformed and skipped, the first is line 1"}},
		{"U14: too few fields", "\neve\neve:x\neve:x:5\n", "", "eve", `docker:user "eve": no such user in /etc/passwd`, []string{"/etc/passwd: 3 lines are malformed and skipped, the first is line 2"}},
		{"U14: a malformed line is not uid 0", "eve:x:oops:7::/eve:\nroot:x:0:0::/root:\n", "", "", "root 0:0 /root", []string{"/etc/passwd: line 1 is malformed and skipped"}},
		{"U14: a gid that is no number gives no group 0", ok, "wheel:x:oops:eve\ng:x:3:eve\n", "eve", "eve 1000:1000 groups 3 /home/eve", []string{"/etc/group: line 1 is malformed and skipped"}},
		{"U14: nor by its name", ok, "wheel::\n", "eve:wheel", `docker:user "eve:wheel": no such group "wheel" in /etc/group`, []string{"/etc/group: line 1 is malformed and skipped"}},
		{"S-14: a NUL byte in a home", "eve:x:1:1::/h\x00me:\n", "", "1", "1:0 /", []string{"/etc/passwd: line 1 is malformed and skipped"}},
		{"U15: a comment in passwd is no mistake", "# users\n" + ok, "", "eve", "eve 1000:1000 /home/eve", nil},
		{"U15: but it can be a user", "#eve:x:5:6::/odd:\n", "", "#eve", "#eve 5:6 /odd", nil},
		{"a user without a name has no groups", ":x:5:6::/h:\n", "g:x:7:,\n", "5", "5:6 /h", nil},

		{"U16: a line of 64 KiB, less one byte", "a:x:1:1:" + long(64<<10-9) + "\n" + ok, "", "eve", "eve 1000:1000 /home/eve", nil},
		{"U16: a line of 64 KiB", ok + long(64<<10) + "\n", "", "eve", `docker:user "eve": /etc/passwd: line 2 has more than 65535 bytes: too large`, nil},
		{"U16: that concerns numbers too", long(64<<10) + "\n", "", "0", `docker:user "0": /etc/passwd: line 1 has more than 65535 bytes: too large`, nil},
		{"U16: a group of 100,000 members", ok, "g:x:3:" + strings.Repeat("user,", 100_000) + "eve\n", "eve", "eve 1000:1000 groups 3 /home/eve", nil},
		{"U16: a group of 1 MiB", ok, "g:x:3:" + long(1<<20) + "\n", "eve", `docker:user "eve": /etc/group: line 1 has more than 1048575 bytes: too large`, nil},
		{"U16: is not looked at where no name is", ok, "g:x:3:" + long(1<<20) + "\n", "eve:4", "eve 1000:4 /home/eve", nil},
		{"U16: S-5: more than 10 MiB", ok + strings.Repeat("\n", maxAccounts), "", "eve", `docker:user "eve": read /etc/passwd: too large`, nil},
		{"U16: exactly 10 MiB", ok + strings.Repeat("\n", maxAccounts-len(ok)), "", "eve", "eve 1000:1000 /home/eve", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			user, warnings, err := LookupUser(imageWith(t, test.passwd, test.group), "docker:user", test.spec, nil)
			if got := show(user, err); got != test.want {
				t.Errorf("\ngot  %s\nwant %s", got, test.want)
			}
			if !slices.Equal(warnings, test.warnings) {
				t.Errorf("warnings\ngot  %q\nwant %q", warnings, test.warnings)
			}
			for _, e := range exit.Each(err) {
				if code := exit.CodeOf(e); code != exit.NoSuchUser && code != exit.NoSuchGroup {
					t.Errorf("code %d", code)
				}
			}
		})
	}
}

// Each file is read once, so it is warned of once.
func TestLookupUserWarnsOnce(t *testing.T) {
	root := imageWith(t, "odd\n"+testPasswd, "odd\n"+testGroup)
	_, warnings, err := LookupUser(root, "docker:user", "bob", []string{"staff", "audio"})
	want := []string{"/etc/passwd: line 1 is malformed and skipped", "/etc/group: line 1 is malformed and skipped"}
	if err != nil || !slices.Equal(warnings, want) {
		t.Errorf("\ngot  %q, %v\nwant %q", warnings, err, want)
	}
}

// U17: what is no regular file is not waited for. Numbers work, names do not.
func TestLookupUserS4SpecialFiles(t *testing.T) {
	for _, test := range []struct {
		name  string
		plant func(path string) error
		why   string
	}{
		{"a FIFO", func(p string) error { return syscall.Mknod(p, syscall.S_IFIFO|0o644, 0) }, "open /etc/passwd: is a FIFO, not a regular file"},
		{"a directory", func(p string) error { return os.Mkdir(p, 0o755) }, "open /etc/passwd: is a directory, not a regular file"},
		{"a loop", func(p string) error { return os.Symlink("passwd", p) }, "open /etc/passwd: too many levels of symbolic links"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := errors.Join(os.Mkdir(dir+"/etc", 0o755), test.plant(dir+"/etc/passwd")); err != nil {
				t.Fatal(err)
			}
			root := openImage(t, dir)
			begun := time.Now()
			for spec, want := range map[string]string{"1000": "1000:0 /", "": "0:0 /", "bob": `docker:user "bob": ` + test.why} {
				user, warnings, err := LookupUser(root, "docker:user", spec, nil)
				if got := show(user, err); got != want {
					t.Errorf("\ngot  %s\nwant %s", got, want)
				}
				if !slices.Equal(warnings, []string{test.why}) {
					t.Errorf("warnings %q", warnings)
				}
			}
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// On Nix the file is a link into the store.
func TestLookupUserU17LinkInTheImage(t *testing.T) {
	dir := t.TempDir()
	err := errors.Join(os.Mkdir(dir+"/etc", 0o755), os.Symlink("/store/passwd", dir+"/etc/passwd"), os.Mkdir(dir+"/store", 0o755),
		os.WriteFile(dir+"/store/passwd", []byte(testPasswd), 0o444))
	if err != nil {
		t.Fatal(err)
	}
	user, _, err := LookupUser(openImage(t, dir), "docker:user", "twice", nil)
	if got, want := show(user, err), "twice 7:7 /first"; got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
}

func TestLookupUserWithoutAnImage(t *testing.T) {
	for _, test := range []struct {
		spec    string
		add     []string
		want    string
		noImage bool
	}{
		{"", nil, "0:0 /", false},
		{"1000", nil, "1000:0 /", false},
		{"1000:1001", []string{"5"}, "1000:1001 groups 5 /", false},
		{"bob", nil, `docker:user "bob": no image to look it up in`, true},
		{"0:staff", nil, `docker:user "0:staff": no image to look it up in`, true},
		{"0", []string{"staff"}, `docker:group_add: element 1 "staff": no image to look it up in`, true},
		{"bob", []string{"-1"}, `docker:group_add: element 1 "-1": an id is a number from 0 to 2147483647`, false},
	} {
		user, _, err := LookupUser(nil, "docker:user", test.spec, test.add)
		if got := show(user, err); got != test.want {
			t.Errorf("\ngot  %s\nwant %s", got, test.want)
		}
		if errors.Is(err, ErrNoImage) != test.noImage {
			t.Errorf("%q %q: is it ErrNoImage? %v", test.spec, test.add, err)
		}
	}
}
