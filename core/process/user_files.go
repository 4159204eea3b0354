package process

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"dockerinit/core/image"
)

// maxAccounts is how much is read of a file of users or groups; Docker's limit.
const maxAccounts = 10 << 20

// accounts are the image's files of users and groups. Each is read when it is
// first needed, and once.
type accounts struct {
	root          *image.Root
	passwd, group accountFile
	warnings      []string
}

// An accountFile is what came of reading one. Its lines can be gone through
// several times, and what is odd about it is told once.
type accountFile struct {
	name string
	data []byte
	err  error // of reading; data is empty then
	told bool
}

// read reads the file into f unless that was done before. Only one that is too
// large is an error: what cannot be read has no lines, and numbers need none.
func (a *accounts) read(f *accountFile, name string) error {
	if f.name == "" {
		f.name = name
		if a.root == nil {
			f.err = ErrNoImage
			return nil
		}
		f.data, f.err = a.root.ReadFile(name, maxAccounts)
		if f.err != nil && !errors.Is(f.err, fs.ErrNotExist) && !errors.Is(f.err, image.ErrTooLarge) {
			a.warnings = append(a.warnings, f.err.Error())
		}
	}
	if errors.Is(f.err, image.ErrTooLarge) {
		return f.err
	}
	return nil
}

// judge makes of what came of going through a file's lines a warning, once, or
// an error.
func (a *accounts) judge(f *accountFile, odd oddLines, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	if odd.count > 0 && !f.told {
		a.warnings = append(a.warnings, fmt.Sprintf("%s: %s", f.name, odd))
	}
	f.told = true
	return nil
}

// absent is why a name was not found.
func (f *accountFile) absent(what string) error {
	switch {
	case errors.Is(f.err, fs.ErrNotExist):
		return fmt.Errorf("no such %s: the image has no %s", what, f.name)
	case f.err != nil:
		return f.err
	}
	return fmt.Errorf("no such %s in %s", what, f.name)
}

// eachLine gives do each line that is not blank, without the space around it.
func eachLine(data []byte, limit int, do func(number int, text []byte)) error {
	for number := 1; len(data) > 0; number++ {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		if len(line) >= limit {
			return fmt.Errorf("line %d has more than %d bytes: %w", number, limit-1, image.ErrTooLarge)
		}
		data = rest
		if text := bytes.TrimSpace(line); len(text) > 0 {
			do(number, text)
		}
	}
	return nil
}

// field takes the first of a line's fields.
func field(text []byte) (first, rest []byte) {
	first, rest, _ = bytes.Cut(text, []byte(":"))
	return first, rest
}

// oddLines are the malformed lines that were skipped.
type oddLines struct{ count, first int }

func (o *oddLines) add(number int) {
	if o.count++; o.count == 1 {
		o.first = number
	}
}

func (o oddLines) String() string {
	if o.count == 1 {
		return fmt.Sprintf("line %d is malformed and skipped", o.first)
	}
	return fmt.Sprintf("%d lines are malformed and skipped, the first is line %d", o.count, o.first)
}
