package zone

import (
	"fmt"
	"testing"
)

func TestNFSVolumes(t *testing.T) {
	decodeRows(t, "docker:nfsvolumes", func(z *Zone) string { return fmt.Sprint(z.Volumes) }, []row{
		{"one", `[{"nfsvolume":"10.0.0.5:/exports/data","mountpoint":"/data","readonly":false}]`, "[{10.0.0.5:/exports/data /data false}]"},
		{"other fields ignored", `[{"nfsvolume":"b:/x","mountpoint":"/z/y","readonly":true,"name":5},{"nfsvolume":"[fd00::1]:/","mountpoint":"/a/"}]`,
			"[{[fd00::1]:/ /a false} {b:/x /z/y true}]"},
		{"one below another comes after it", `[{"nfsvolume":"a:/1","mountpoint":"/z/y/x"},{"nfsvolume":"a:/2","mountpoint":"/z/y"},{"nfsvolume":"a:/3","mountpoint":"/b/c"},{"nfsvolume":"a:/4","mountpoint":"/z"}]`,
			"[{a:/4 /z false} {a:/2 /z/y false} {a:/3 /b/c false} {a:/1 /z/y/x false}]"},
		{"none", `[]`, "[]"},
		{"missing texts", `[{"nfsvolume":"a:/b"},{"mountpoint":"/a"}]`,
			`[]
			57 docker:nfsvolumes: volume 1: mountpoint: missing
			57 docker:nfsvolumes: volume 2: nfsvolume: missing`},
		{"J11 wrong types", `["a:/b",{"nfsvolume":5,"mountpoint":null,"readonly":1}]`,
			`[]
			20 docker:nfsvolumes: volume 1: text where an object is expected
			20 docker:nfsvolumes: volume 2: nfsvolume: a number where text is expected
			20 docker:nfsvolumes: volume 2: mountpoint: null where text is expected
			20 docker:nfsvolumes: volume 2: readonly: a number where a boolean is expected`},
		{"sources that are none", `[{"nfsvolume":"a","mountpoint":"/1"},{"nfsvolume":":/b","mountpoint":"/2"},{"nfsvolume":"-o:/b","mountpoint":"/3"},{"nfsvolume":"a b:/b","mountpoint":"/4"},{"nfsvolume":"[x]:/b","mountpoint":"/5"},{"nfsvolume":"a:b","mountpoint":"/6"},{"nfsvolume":"a:/b\u0000","mountpoint":"/7"},{"nfsvolume":"a:/b/../c","mountpoint":"/8"},{"nfsvolume":"[fd00::1]:/b/..","mountpoint":"/9"}]`,
			`[]
			57 docker:nfsvolumes: volume 1: nfsvolume "a": HOST:/path is expected
			57 docker:nfsvolumes: volume 2: nfsvolume ":/b": HOST:/path is expected
			57 docker:nfsvolumes: volume 3: nfsvolume "-o:/b": a host does not begin with -
			57 docker:nfsvolumes: volume 4: nfsvolume "a b:/b": HOST:/path is expected
			57 docker:nfsvolumes: volume 5: nfsvolume "[x]:/b": an IPv6 address is expected between [ and ]
			57 docker:nfsvolumes: volume 6: nfsvolume "a:b": HOST:/path is expected
			57 docker:nfsvolumes: volume 7: nfsvolume "a:/b\x00": control characters are not taken
			57 docker:nfsvolumes: volume 8: nfsvolume "a:/b/../c": a path without .. is expected
			57 docker:nfsvolumes: volume 9: nfsvolume "[fd00::1]:/b/..": a path without .. is expected`},
		{"S-31 F3 mount points that are none", `[{"nfsvolume":"a:/b","mountpoint":"data"},{"nfsvolume":"a:/b","mountpoint":"/"},{"nfsvolume":"a:/b","mountpoint":"/native/usr"},{"nfsvolume":"a:/b","mountpoint":"/proc"},{"nfsvolume":"a:/b","mountpoint":"/dev/x"},{"nfsvolume":"a:/b","mountpoint":"//system/contract"},{"nfsvolume":"a:/b","mountpoint":"/a/../b"},{"nfsvolume":"a:/b","mountpoint":"/a\n"},{"nfsvolume":"a:/b","mountpoint":""},{"nfsvolume":"a:/b","mountpoint":"/device"}]`,
			`[{a:/b /device false}]
			57 docker:nfsvolumes: volume 1: mountpoint "data": an absolute path is expected
			57 docker:nfsvolumes: volume 2: mountpoint "/": the root itself cannot be covered
			57 docker:nfsvolumes: volume 3: mountpoint "/native/usr": nothing is mounted under /native, which is the platform's
			57 docker:nfsvolumes: volume 4: mountpoint "/proc": nothing is mounted under /proc, which is the platform's
			57 docker:nfsvolumes: volume 5: mountpoint "/dev/x": nothing is mounted under /dev, which is the platform's
			57 docker:nfsvolumes: volume 6: mountpoint "//system/contract": nothing is mounted under /system, which is the platform's
			57 docker:nfsvolumes: volume 7: mountpoint "/a/../b": a path without .. is expected
			57 docker:nfsvolumes: volume 8: mountpoint "/a\n": control characters are not taken
			57 docker:nfsvolumes: volume 9: mountpoint: an absolute path is expected`},
		{"one place twice", `[{"nfsvolume":"a:/b","mountpoint":"/data"},{"nfsvolume":"a:/c","mountpoint":"/data/"}]`,
			`[{a:/b /data false}]
			57 docker:nfsvolumes: volume 2: mountpoint "/data": volume 1 is mounted there`},
		{"mode of plain zones", `[{"nfsvolume":"a:/b","mountpoint":"/data","mode":"ro"}]`,
			`[{a:/b /data false}]
			warning: docker:nfsvolumes: volume 1: mode: not read here; readonly is, and without it the volume can be written`},
		{"not JSON", `10.0.0.5:/data`, "[]\n20 docker:nfsvolumes: text after the end of the value at byte 5; expected is JSON array of objects with nfsvolume, mountpoint, readonly"},
	})
}

func TestTmpfs(t *testing.T) {
	decodeRows(t, "docker:tmpfs", func(z *Zone) string { return fmt.Sprint(z.Tmpfs) }, []row{
		{"as HostConfig has it, sorted", `{"/run":"rw,noexec,size=65536k","/a/":""}`, "[{/a } {/run rw,noexec,size=65536k}]"},
		{"shared memory", `{"/dev/shm":"size=1g"}`, "[{/dev/shm size=1g}]"},
		{"all with values", `{"/a":"size=50%,mode=1777,uid=0,gid=4294967294"}`, "[{/a size=50%,mode=1777,uid=0,gid=4294967294}]"},
		{"those that only Linux has", `{"/a":"nr_inodes=10k,size=1m","/b":"mpol=local","/c":"ro,exec"}`,
			`[{/a size=1m} {/b } {/c exec}]
			warning: docker:tmpfs: /a "nr_inodes=10k": not an option of this platform; it is left out
			warning: docker:tmpfs: /b "mpol=local": not an option of this platform; it is left out
			warning: docker:tmpfs: /c "ro": not an option of this platform; it is left out`},
		{"no limit, which illumos has without a size alone", `{"/a":"size=0","/b":"size=00m,exec","/c":"size=0%"}`, "[{/a } {/b exec} {/c }]"},
		{"more than all there is", `{"/a":"size=101%","/b":"size=100%"}`,
			`[{/a } {/b size=100%}]
			warning: docker:tmpfs: /a "size=101%": not an option of this platform; it is left out`},
		{"places", `{"run":"","/":"","/dev":"","/a/../b":""}`,
			`[]
			64 docker:tmpfs: run: an absolute path is expected
			64 docker:tmpfs: /: the root itself cannot be covered
			64 docker:tmpfs: /dev: nothing is mounted under /dev, which is the platform's
			64 docker:tmpfs: /a/../b: a path without .. is expected`},
		{"one place twice", `{"/a":"","/a/":""}`, "[{/a }]\n64 docker:tmpfs: /a/: /a is there already"},
		{"options", `{"/a":"bind","/b":"size=much","/c":"mode=8","/d":"uid=root","/e":"rw,,exec","/f":"exec=1","/g":"gid=4294967295","/h":"nr_inodes=many"}`,
			`[]
			64 docker:tmpfs: /a "bind": not an option of a tmpfs
			64 docker:tmpfs: /b "size=much": a number is expected, with k, m, g or % after it if need be
			64 docker:tmpfs: /c "mode=8": an octal number is expected
			64 docker:tmpfs: /d "uid=root": a number up to 4294967294 is expected
			64 docker:tmpfs: /e: not an option of a tmpfs
			64 docker:tmpfs: /f "exec=1": not an option of a tmpfs
			64 docker:tmpfs: /g "gid=4294967295": a number up to 4294967294 is expected
			64 docker:tmpfs: /h "nr_inodes=many": a number is expected, with k, m, g or % after it if need be`},
		{"list of Docker's command line", `["/run"]`, "[]\n20 docker:tmpfs: an array; expected is JSON object from path to mount options"},
		{"null", `{"/run":null}`, "[]\n20 docker:tmpfs: /run: null where text is expected"},
		{"same name twice", `{"/run":"","/r\u0075n":""}`, "[]\n" + `20 docker:tmpfs: the name "/run" for the second time at byte 12; expected is JSON object from path to mount options`},
	})
	decodeRows(t, "docker:shmsize", func(z *Zone) string { return fmt.Sprint(z.ShmSize) }, []row{
		{"bytes", "67108864", "67108864"},
		{"absent", "", "0"},
		{"as JavaScript writes big ones", "1e+12", "1000000000000"},
		{"unit", "64m", "0\n" + `64 docker:shmsize "64m": not a number; expected is bytes`},
		{"negative", "-1", "0\n" + `64 docker:shmsize "-1": out of range; expected is bytes`},
		{"S-17 beyond all bounds", "1e999", "0\n" + `64 docker:shmsize "1e999": out of range; expected is bytes`},
		{"half", "1.5", "0\n" + `64 docker:shmsize "1.5": not a whole number; expected is bytes`},
	})
	decodeRowsIn(t, map[string]string{"sdc:brand": "joyent-minimal"}, "docker:shmsize", func(z *Zone) string { return "" }, []row{
		{"of what a native zone does not mount", "65536", `warning: docker:shmsize "65536": without effect; a zone of this brand has no /dev/shm to mount`},
		{"no size at all", "0", ""},
	})
}
