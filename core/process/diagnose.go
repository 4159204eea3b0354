package process

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"syscall"
	"unicode/utf8"

	"dockerinit/core/exit"
	"dockerinit/core/image"
)

// Bounds of a diagnosis. A kernel reads less of a file before it decides.
const (
	headSize        = 4 << 10
	maxInterpreters = 5 // scripts that are interpreted by scripts
)

// Diagnose says why the kernel would refuse to execute what Lookup found, in
// words that help. It finds out before anything is final: a kernel says no more
// than "exec format error", and nobody reads it by then.
//
// nil is no promise. What cannot be read is not judged, and neither is what
// only some kernels execute; Explain has a word for what they say later.
func Diagnose(l Look, file string) error {
	if l.Root == nil && l.Programs == nil {
		return nil
	}
	if why := l.diagnose(file, 0); why != nil {
		return &exit.Error{Code: exit.Exec, Status: why.status, Err: fmt.Errorf("%.300q: %s", file, why.text)}
	}
	return nil
}

// A refusal is what a kernel would refuse a file for.
type refusal struct {
	text   string
	status int // as a shell gives it; 0: there, but not executable
}

func refuse(format string, args ...any) *refusal {
	return &refusal{text: fmt.Sprintf(format, args...)}
}

// tooDeep is about the whole chain of scripts and not about the last of them.
var tooDeep = &refusal{text: "its interpreter is a script of a script, more than " + string(rune('0'+maxInterpreters)) + " times"}

func (l Look) diagnose(file string, depth int) *refusal {
	f, err := l.root(file).Open(l.place(file))
	switch {
	case errors.Is(err, image.ErrNotRegular):
		return refuse("%v", plain(err))
	case err != nil:
		return nil // executable without being readable, perhaps
	}
	defer f.Close()
	head := make([]byte, headSize)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return l.judge(head[:n], f, file, depth)
}

// judge goes by the first bytes of a file; rest reads the others.
func (l Look) judge(head []byte, rest io.ReaderAt, file string, depth int) *refusal {
	switch {
	case len(head) == 0:
		return refuse("is an empty file")
	case bytes.HasPrefix(head, []byte("#!")):
		return l.script(head, file, depth)
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		return l.elf(head, rest)
	}
	return l.foreign(head)
}

// script judges a file that begins with #!, and the interpreter that it names.
func (l Look) script(head []byte, file string, depth int) *refusal {
	if depth == maxInterpreters {
		return tooDeep
	}
	line, _, whole := bytes.Cut(head[2:], []byte("\n"))
	words := bytes.Trim(line, " \t")
	end := bytes.IndexAny(words, " \t\x00")
	if end < 0 {
		end = len(words)
	}
	limit := interpreterLimit()
	switch {
	case end == 0 || words[0] == '\r' && end == 1:
		return refuse("its first line names no interpreter after #!")
	case end >= limit || end == len(words) && !whole && len(head) == headSize:
		return refuse("the interpreter in its first line has more than the %d bytes that a kernel takes", limit)
	}
	interpreter := string(words[:end])
	option := strings.TrimLeft(string(words[end:]), " \t")

	info, err := l.stat(interpreter)
	switch {
	case err != nil && missing(err) && strings.HasSuffix(interpreter, "\r"):
		return carriageReturn(interpreter)
	case err != nil && missing(err):
		return l.absent("its first line asks for the interpreter %.300q, which the image does not have", interpreter)
	case err != nil:
		return nil
	case info.IsDir():
		return refuse("its first line asks for the interpreter %.300q, which is a directory", interpreter)
	}
	if why := l.forbidden(interpreter, info); why != "" {
		return refuse("its first line asks for the interpreter %.300q, which %s", interpreter, why)
	}
	// The kernel would start env, which then looks for a program named so.
	if strings.HasSuffix(interpreter, "/env") && strings.HasSuffix(option, "\r") && !strings.ContainsAny(option, " \t=/") {
		return carriageReturn(option)
	}
	why := l.diagnose(interpreter, depth+1)
	if why == nil || why == tooDeep {
		return why
	}
	return &refusal{fmt.Sprintf("its interpreter %.300q: %s", interpreter, why.text), why.status}
}

func carriageReturn(word string) *refusal {
	word = strings.TrimSuffix(word, "\r")
	return &refusal{fmt.Sprintf("its first line ends in CR LF, so that its interpreter %.300q is looked for "+
		"under a name that ends in CR: save it with Unix line ends", word), exit.StatusNotFound}
}

// absent is for what else the kernel has to open and cannot: to whoever asked
// for the program this looks as if the program itself were missing.
func (l Look) absent(format, name string) *refusal {
	return &refusal{fmt.Sprintf(format, name), exit.StatusNotFound}
}

// interpreterLimit is how long the name of an interpreter may be.
// Linux: BINPRM_BUF_SIZE 256 with #!; illumos: INTPSZ is MAXPATHLEN.
func interpreterLimit() int {
	if runtime.GOOS == "linux" {
		return 254
	}
	return 1024
}

// foreign judges what is neither a script nor an ELF file.
func (l Look) foreign(head []byte) *refusal {
	for _, m := range magics {
		if !bytes.HasPrefix(head, []byte(m.magic)) {
			continue
		}
		if m.goos == runtime.GOOS || l.handled() {
			return nil
		}
		return refuse("is %s: %s", m.what, m.hint)
	}
	if isText(head) {
		if l.handled() {
			return nil
		}
		return refuse("is text without a first line such as #!/bin/sh, which says who shall read it")
	}
	// illumos executes a format or two more, such as compiled ksh scripts.
	if runtime.GOOS == "illumos" || l.handled() {
		return nil
	}
	return refuse("is not a program")
}

// magics are what images are found to hold in a program's place.
var magics = []struct{ magic, what, hint, goos string }{
	{"\xef\xbb\xbf#!", "a script behind a byte order mark", "save it as UTF-8 without one", ""},
	{"\xff\xfe", "text in UTF-16", "save it as UTF-8 without a byte order mark", ""},
	{"\xfe\xff", "text in UTF-16", "save it as UTF-8 without a byte order mark", ""},
	{"MZ", "a program for Windows", "the image needs one for this system", ""},
	{"\xcf\xfa\xed\xfe", "a program for macOS", "build it with GOOS=linux or the like", "darwin"},
	{"\xca\xfe\xba\xbe", "a program for macOS or a Java class", "the image needs one for this system", "darwin"},
	{"PK\x03\x04", "a ZIP or JAR archive", "run it with java -jar", "illumos"},
	{"\x1f\x8b", "compressed with gzip", "unpack it", ""},
	{"\x00asm", "WebAssembly", "run it with a runtime for that", ""},
	{"version https://git-lfs", "a pointer of git-lfs and not the file itself", "fetch it before the image is built", ""},
}

// handled tells whether the kernel may have been told of more formats, as on a
// Linux machine that runs other machines' programs in an emulator.
func (l Look) handled() bool {
	if l.handlers != nil {
		return l.handlers()
	}
	const own = 2                                                              // register and status
	dir, err := os.OpenFile("/proc/sys/fs/binfmt_misc", syscall.O_NONBLOCK, 0) // an image may have a FIFO there
	if err != nil {
		return false
	}
	defer dir.Close()                       // it was only read
	formats, _ := dir.Readdirnames(own + 1) // fewer are an end, not an error
	return len(formats) > own
}

// isText tells a script that lacks its first line from anything else.
func isText(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	line = line[:min(len(line), 128)]
	for len(line) > 0 {
		r, size := utf8.DecodeRune(line)
		if r < ' ' && r != '\t' && r != '\r' || r == utf8.RuneError && size == 1 && len(line) >= utf8.UTFMax {
			return false
		}
		line = line[size:]
	}
	return true
}

// Explain says in one line why execve refused the command all the same.
func Explain(err error, c Command) error {
	// With a code of its own the platform did not get as far as executing it.
	if own, coded := errors.AsType[*exit.Error](err); coded {
		return own.Code.Errorf("execute %.300q: %w", c.Path, err)
	}
	status := exit.StatusNoExec
	more := ""
	switch {
	case errors.Is(err, syscall.E2BIG):
		more = ": " + sizes(c)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		status = exit.StatusNotFound
		more = ": it, its interpreter or its loader is not there"
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		more = fmt.Sprintf(": %s may not execute it or its interpreter, or its file system is mounted noexec", c.Credentials)
	case errors.Is(err, syscall.ENOEXEC):
		more = ": it is not a program that this kernel runs"
	case errors.Is(err, syscall.ETXTBSY):
		more = ": somebody has it open for writing"
	case errors.Is(err, syscall.ELOOP):
		more = ": too many symbolic links, or scripts that interpret each other"
	case errors.Is(err, syscall.ENOMEM):
		more = ": the zone has not enough memory for it"
	case errors.Is(err, syscall.EAGAIN):
		more = fmt.Sprintf(": %s has as many processes as it may", c.Credentials)
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		more = ": its limit of open files is too low to begin with"
	case errors.Is(err, syscall.EINVAL):
		more = ": the path or a word of the command holds a NUL byte, or the program asks for two interpreters"
	}
	return &exit.Error{Code: exit.Exec, Status: status, Err: fmt.Errorf("execute %.300q: %w%s", c.Path, err, more)}
}

// sizes tells how much a command brings with it, and what is largest of it.
func sizes(c Command) string {
	var args, env, largest int
	what := ""
	note := func(n int, format string, of any) {
		if n > largest {
			largest, what = n, fmt.Sprintf(format, of)
		}
	}
	for i, a := range c.Args {
		args += len(a) + 1
		note(len(a), "argument %d", i)
	}
	for _, e := range c.Env {
		env += len(e) + 1
		name, _, _ := strings.Cut(e, "=")
		note(len(e), "variable %q", name)
	}
	return fmt.Sprintf("%d arguments of %d bytes and %d variables of %d bytes; the largest is %s with %d",
		len(c.Args), args, len(c.Env), env, what, largest)
}
