package process

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"dockerinit/core/exit"
)

// elfFile is a program of 64 or 32 bits with a loader, "" for a static one.
func elfFile(order binary.ByteOrder, wide bool, kind, machine uint16, loader string) string {
	headers := 1
	if loader != "" {
		headers = 2
	}
	var b bytes.Buffer
	w := func(values ...any) {
		for _, v := range values {
			if err := binary.Write(&b, order, v); err != nil {
				panic(err)
			}
		}
	}
	data := byte(1)
	if order == binary.BigEndian {
		data = 2
	}
	b.WriteString("\x7fELF")
	if wide {
		b.Write([]byte{2, data, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0})
		w(kind, machine, uint32(1), uint64(0), uint64(64), uint64(0), uint32(0), uint16(64), uint16(56), uint16(headers), uint16(0), uint16(0), uint16(0))
		w(uint32(1), uint32(5), [6]uint64{})
		if loader != "" {
			w(uint32(3), uint32(4), uint64(64+2*56), uint64(0), uint64(0), uint64(len(loader)+1), uint64(0), uint64(1))
		}
	} else {
		b.Write([]byte{1, data, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0})
		w(kind, machine, uint32(1), uint32(0), uint32(52), uint32(0), uint32(0), uint16(52), uint16(32), uint16(headers), uint16(0), uint16(0), uint16(0))
		w(uint32(1), [7]uint32{})
		if loader != "" {
			w(uint32(3), uint32(52+2*32), uint32(0), uint32(0), uint32(len(loader)+1), uint32(0), uint32(4), uint32(1))
		}
	}
	if loader != "" {
		b.WriteString(loader + "\x00")
	}
	return b.String()
}

func TestDiagnose(t *testing.T) {
	little, big := binary.LittleEndian, binary.BigEndian
	good := elfFile(little, true, 2, 62, "/lib64/ld.so")
	longLine := "#!/" + strings.Repeat("x", 5000) + "\n"
	root := makeImage(t, map[string]string{
		"bin/sh": good, "lib64/ld.so": "x", "lib/closed.so 644": "x", "lib/dir.so/": "", "native/lib/amd64/ld.so.1": "x",
		"bin/env": good, "bin/plain 644": good, "bin/dir/": "", "bin/arm": elfFile(little, true, 2, 183, ""),
		"bin/s1": "#!/bin/s2\n", "bin/s2": "#!/bin/s1\n", "bin/wrapper": "#!/bin/sh\n", "bin/fifo|": "",
		"bin/lost": "#!/bin/none\n", "bin/odd\r": good, "srv/sh": good,
	})
	who := stranger()
	for _, c := range []struct{ behaviour, content, want string }{
		{"a script whose interpreter is there", "#!/bin/sh\necho", "fine"},
		{"options and blanks", "#! \t/bin/sh -e x\n", "fine"},
		{"a script without a line end", "#!/bin/sh", "fine"},
		{"a relative interpreter begins at the workdir", "#!sh\n", "fine"},
		{"CR LF after the interpreter", "#!/bin/sh\r\necho\r\n", `127 its first line ends in CR LF, so that its interpreter "/bin/sh" is looked for ` +
			`under a name that ends in CR: save it with Unix line ends`},
		{"CR LF after what env is to find", "#!/bin/env python3\r\n", `127 its first line ends in CR LF, so that its interpreter "python3" is looked for ` +
			`under a name that ends in CR: save it with Unix line ends`},
		{"CR LF after an option is the interpreter's affair", "#!/bin/sh -e\r\n", "fine"},
		{"a name that does end in CR", "#!/bin/odd\r\n", "fine"},
		{"a missing interpreter", "#!/bin/bash\n", `127 its first line asks for the interpreter "/bin/bash", which the image does not have`},
		{"a missing interpreter of an interpreter", "#!/bin/lost\n", `127 its interpreter "/bin/lost": its first line asks for the interpreter "/bin/none", which the image does not have`},
		{"no interpreter", "#!\necho", "126 its first line names no interpreter after #!"},
		{"no interpreter but CR LF", "#! \r\necho", "126 its first line names no interpreter after #!"},
		{"an interpreter that is a directory", "#!/bin/dir\n", `126 its first line asks for the interpreter "/bin/dir", which is a directory`},
		{"an interpreter that is not executable", "#!/bin/plain\n", fmt.Sprintf(`126 its first line asks for the interpreter "/bin/plain", which may not be executed by %s (mode 0644, owner %d:%d; ACLs are not looked at)`, who, os.Getuid(), os.Getgid())},
		{"an interpreter that is a FIFO", "#!/bin/fifo\n", `126 its first line asks for the interpreter "/bin/fifo", which is not a regular file`},
		{"an interpreter for another machine", "#!/bin/arm\n", `126 its interpreter "/bin/arm": is for aarch64, this zone runs x86_64`},
		{"an interpreter that is a script", "#!/bin/wrapper\n", "fine"},
		{"scripts that interpret each other", "#!/bin/s1\n", "126 its interpreter is a script of a script, more than 5 times"},
		{"an endless first line", longLine, "126 the interpreter in its first line has more than the"},
		{"a control byte is escaped", "#!/bin/\x1b[31m\n", `127 its first line asks for the interpreter "/bin/\x1b[31m", which the image does not have`},

		{"a program", good, "fine"},
		{"a static program", elfFile(little, true, 2, 62, ""), "fine"},
		{"a program of 32 bits", elfFile(little, false, 3, 3, "/lib64/ld.so"), "fine"},
		{"a missing loader", elfFile(little, true, 3, 62, "/lib64/ld-linux-x86-64.so.2"), "127 needs /lib64/ld-linux-x86-64.so.2, which the image does not have"},
		{"a missing loader of 32 bits", elfFile(little, false, 2, 3, "/lib/ld-linux.so.2"), "127 needs /lib/ld-linux.so.2, which the image does not have"},
		{"a native loader in an LX zone", elfFile(little, true, 2, 62, "/lib/amd64/ld.so.1"), "fine"},
		{"a loader that is not executable", elfFile(little, true, 2, 62, "/lib/closed.so"), "126 needs /lib/closed.so, which may not be executed by"},
		{"a loader that is a directory", elfFile(little, true, 2, 62, "/lib/dir.so"), "126 needs /lib/dir.so, which is a directory"},
		{"a loader with odd bytes is quoted", elfFile(little, true, 2, 62, "/lib/\n"), `127 needs "/lib/\n", which the image does not have`},
		{"another machine", elfFile(little, true, 2, 183, "/lib/x"), "126 is for aarch64, this zone runs x86_64"},
		{"another byte order", elfFile(big, true, 2, 22, ""), "126 is for s390x, this zone runs x86_64"},
		{"a little ppc64", elfFile(little, true, 2, 21, ""), "126 is for ppc64le, this zone runs x86_64"},
		{"an unknown machine", elfFile(little, true, 2, 999, ""), "126 is for ELF machine 999, this zone runs x86_64"},
		{"an object file", elfFile(little, true, 1, 62, ""), "126 is an object file that was not linked"},
		{"a core", elfFile(little, true, 4, 62, ""), "126 is the core of a crashed program"},
		{"a type that nobody executes", elfFile(little, true, 5, 62, ""), "126 is an ELF file of type 5, not a program"},
		{"a header that is cut short", good[:40], "126 is a program that was cut short"},
		{"program headers that are cut short", good[:100], "126 is a program that was cut short"},
		{"a loader's name that is cut short", good[:len(good)-4], "126 is a program that was cut short"},
		{"a loader without a name", elfFile(little, true, 2, 62, "\x00"), "126 asks for a loader with no sensible name"},
		{"a loader with an endless name", elfFile(little, true, 2, 62, "/"+strings.Repeat("x", 9000)), "126 asks for a loader with no sensible name"},
		{"neither 32 nor 64 bits", strings.Replace(good, "ELF\x02", "ELF\x07", 1), "126 is an ELF file of neither 32 nor 64 bits"},

		{"an empty file", "", "126 is an empty file"},
		{"text without #!", "echo hello\n", "126 is text without a first line such as #!/bin/sh, which says who shall read it"},
		{"a blank before #!", " #!/bin/sh\n", "126 is text without a first line"},
		{"UTF-8 without #!", "écho ünd ähnliches", "126 is text without a first line"},
		{"a byte order mark", "\xef\xbb\xbf#!/bin/sh\n", "126 is a script behind a byte order mark: save it as UTF-8 without one"},
		{"UTF-16", "\xff\xfe#\x00!\x00", "126 is text in UTF-16: save it as UTF-8 without a byte order mark"},
		{"a Windows program", "MZ\x90\x00", "126 is a program for Windows: the image needs one for this system"},
		{"a pointer of git-lfs", "version https://git-lfs.github.com/spec/v1\n", "126 is a pointer of git-lfs and not the file itself: fetch it before the image is built"},
		{"other bytes", "\x00\x01\x02\x03", "126 is not a program"},
	} {
		t.Run(c.behaviour, func(t *testing.T) {
			file := root.Name() + "/cmd"
			must(t, os.WriteFile(file, []byte(c.content), 0o755))
			l := Look{Root: root, Dir: "/srv", Name: "/cmd", Credentials: who,
				Machines: []string{"x86_64", "i386"}, handlers: func() bool { return false }}
			err := Diagnose(l, "/cmd")
			got := "fine"
			if err != nil {
				got = fmt.Sprintf("%d %s", exit.StatusOf(err), strings.TrimPrefix(err.Error(), `"/cmd": `))
				if exit.CodeOf(err) != exit.Exec {
					t.Errorf("code %d", exit.CodeOf(err))
				}
			}
			if got != c.want && (c.want == "fine" || !strings.HasPrefix(got, c.want)) {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
			l.handlers = func() bool { return true }
			if why := Diagnose(l, "/cmd"); strings.Contains(c.want, " is for ") && !strings.Contains(c.want, "interpreter") && why != nil {
				t.Errorf("where an emulator is registered: %v", why)
			}
		})
	}
}

func TestDiagnoseWithoutContent(t *testing.T) {
	root := makeImage(t, map[string]string{"bin/fifo|": "", "bin/dir/": "", "bin/unreadable 311": ""})
	for _, c := range []struct{ behaviour, file, want string }{
		{"S-13 a FIFO is not waited for", "/bin/fifo", `"/bin/fifo": is a FIFO, not a regular file`},
		{"a directory", "/bin/dir", `"/bin/dir": is a directory, not a regular file`},
		{"what is gone by now is the kernel's to tell", "/bin/none", "<nil>"},
	} {
		if got := fmt.Sprint(Diagnose(Look{Root: root}, c.file)); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.behaviour, got, c.want)
		}
	}
	if os.Getuid() != 0 {
		if err := Diagnose(Look{Root: root}, "/bin/unreadable"); err != nil {
			t.Errorf("executable and unreadable: %v", err)
		}
	}
	if err := Diagnose(Look{}, "/bin/x"); err != nil {
		t.Errorf("no image: %v", err)
	}
}

// This test is a program that runs here.
func TestDiagnoseThisProgram(t *testing.T) {
	self, err := os.Executable()
	must(t, err)
	root := makeImage(t, nil)
	machine, err := os.ReadFile(self)
	must(t, err)
	must(t, os.WriteFile(root.Name()+"/self", machine, 0o755))
	l := Look{Root: root, handlers: func() bool { return false }}
	if err := Diagnose(l, "/self"); err != nil && !strings.Contains(err.Error(), "which the image does not have") {
		t.Error(err)
	}
}

func TestExplain(t *testing.T) {
	c := Command{Path: "/bin/x", Args: []string{"x", "secret"}, Env: []string{"A=1", "TOKEN=topsecret"}, Credentials: Credentials{UID: 33, GID: 33}}
	for _, e := range []struct {
		err  syscall.Errno
		want string
	}{
		{syscall.E2BIG, `126 execute "/bin/x": argument list too long: 2 arguments of 9 bytes and 2 variables of 20 bytes; the largest is variable "TOKEN" with 15`},
		{syscall.ENOENT, `127 execute "/bin/x": no such file or directory: it, its interpreter or its loader is not there`},
		{syscall.ENOTDIR, `127 execute "/bin/x": not a directory: it, its interpreter or its loader is not there`},
		{syscall.EACCES, `126 execute "/bin/x": permission denied: 33:33 may not execute it or its interpreter, or its file system is mounted noexec`},
		{syscall.ENOEXEC, `126 execute "/bin/x": exec format error: it is not a program that this kernel runs`},
		{syscall.ETXTBSY, `126 execute "/bin/x": text file busy: somebody has it open for writing`},
		{syscall.ELOOP, `126 execute "/bin/x": too many levels of symbolic links: too many symbolic links, or scripts that interpret each other`},
		{syscall.ENOMEM, `126 execute "/bin/x": cannot allocate memory: the zone has not enough memory for it`},
		{syscall.EAGAIN, `126 execute "/bin/x": resource temporarily unavailable: 33:33 has as many processes as it may`},
		{syscall.EMFILE, `126 execute "/bin/x": too many open files: its limit of open files is too low to begin with`},
		{syscall.EIO, `126 execute "/bin/x": input/output error`},
	} {
		err := Explain(e.err, c)
		if got := fmt.Sprintf("%d %s", exit.StatusOf(err), err); got != e.want {
			t.Errorf("\ngot  %s\nwant %s", got, e.want)
		}
		if exit.CodeOf(err) != exit.Exec || !errors.Is(err, e.err) {
			t.Errorf("%v: code %d", err, exit.CodeOf(err))
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("a secret in %q", err)
		}
	}
}

func TestExplainKeepsTheCodeOfWhatCameBefore(t *testing.T) {
	err := Explain(exit.Contract.Errorf("activate: %w", syscall.EINVAL), Command{Path: "/bin/x"})
	want := `55 125 execute "/bin/x": activate: invalid argument`
	if got := fmt.Sprintf("%d %d %s", exit.CodeOf(err), exit.StatusOf(err), err); got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
}

// A bounded file fails the test when more is asked of it than a diagnosis may read.
type bounded struct {
	t    *testing.T
	file []byte
	left int
}

func (b *bounded) ReadAt(p []byte, at int64) (int, error) {
	if b.left -= len(p); b.left < 0 {
		b.t.Errorf("%d bytes too many", -b.left)
	}
	if at < 0 {
		b.t.Fatalf("offset %d", at)
	}
	if at >= int64(len(b.file)) {
		return 0, io.EOF
	}
	n := copy(p, b.file[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func FuzzDiagnose(f *testing.F) {
	little := binary.LittleEndian
	for _, head := range []string{"", "#!", "#!/bin/sh\n", "#!/bin/sh\r\n", "#!\x00", "\x7fELF", "echo", "MZ", "\xff\xfe",
		elfFile(little, true, 2, 62, "/lib64/ld.so"), elfFile(little, false, 3, 3, "/lib/ld.so"),
		elfFile(binary.BigEndian, true, 2, 22, "/lib/ld64.so.1"), elfFile(little, true, 2, 62, "")[:70]} {
		f.Add([]byte(head))
	}
	root := makeImage(f, map[string]string{"bin/sh": "#!/bin/sh\n"})
	f.Fuzz(func(t *testing.T, file []byte) {
		l := Look{Root: root, Dir: "/", Machines: []string{"x86_64", "i386", "s390x"}, handlers: func() bool { return false }}
		rest := &bounded{t: t, file: file, left: maxProgramHeaders + maxLoader}
		begun := time.Now()
		why := l.judge(file[:min(len(file), headSize)], rest, "/cmd", 0)
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		if why == nil {
			return
		}
		if strings.ContainsFunc(why.text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("a control byte in %q", why.text)
		}
		if len(why.text) > 8*headSize || why.status != 0 && why.status != exit.StatusNotFound {
			t.Errorf("%+v", why)
		}
	})
}

func BenchmarkDiagnose(b *testing.B) {
	root := makeImage(b, map[string]string{"cmd": elfFile(binary.LittleEndian, true, 2, 62, "/lib64/ld.so"), "lib64/ld.so": "x"})
	l := Look{Root: root, Machines: []string{"x86_64"}, Credentials: stranger()}
	b.ReportAllocs()
	for b.Loop() {
		if err := Diagnose(l, "/cmd"); err != nil {
			b.Fatal(err)
		}
	}
}
