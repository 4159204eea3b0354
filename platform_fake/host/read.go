package host

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"dockerinit/core/bootlog"
)

const (
	maxPayload = 64 << 20 // several values of the largest size that a zone reads
	maxDepth   = 64
)

// Read reads a payload: one JSON object and nothing after it. Its error says
// line and column. What can be read and is wrong all the same is for Check.
func Read(r io.Reader) (*Payload, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxPayload+1))
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	if len(content) > maxPayload {
		return nil, fmt.Errorf("payload: larger than %d MiB", maxPayload>>20)
	}
	d := document{content: content}
	if err := d.checkSyntax(); err != nil {
		return nil, err
	}
	d.tokens = json.NewDecoder(bytes.NewReader(content))
	d.tokens.UseNumber()
	source, err := d.value("", 0)
	switch {
	case err != nil:
		return nil, err
	case source.is(list):
		return nil, d.errorf(source.offset, "an array, where one object is expected: vmadm lookup prints arrays, vmadm get a zone")
	case !source.is(object):
		return nil, d.errorf(source.offset, "%s, where an object is expected", source.kind)
	}
	return &Payload{source: source, vm: derive(source), duplicates: d.duplicates}, nil
}

// A document is a JSON text that is being read into a value.
type document struct {
	content    []byte
	tokens     *json.Decoder
	duplicates []Problem
}

// checkSyntax finds what is no JSON at all, with its place; the tokens that are
// read afterwards cannot fail for that.
func (d *document) checkSyntax() error {
	if len(bytes.TrimSpace(d.content)) == 0 {
		return errors.New("payload: empty, where a JSON object is expected")
	}
	if !utf8.Valid(d.content) {
		at := 0
		for r, size := utf8.DecodeRune(d.content); r != utf8.RuneError || size > 1; r, size = utf8.DecodeRune(d.content[at:]) {
			at += size
		}
		return d.errorf(at, "not UTF-8")
	}
	var raw json.RawMessage
	err := json.Unmarshal(d.content, &raw)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return d.errorf(max(int(syntax.Offset)-1, 0), "%w", err)
	}
	if err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	return nil
}

// value reads one value. A name that stands twice in an object is noted: other
// readers of the same payload may take the other one.
func (d *document) value(path string, depth int) (*value, error) {
	if depth > maxDepth {
		return nil, d.errorf(int(d.tokens.InputOffset()), "%s: deeper than %d levels", path, maxDepth)
	}
	offset := d.next()
	token, err := d.tokens.Token()
	if err != nil {
		return nil, d.errorf(offset, "%w", err)
	}
	v := &value{offset: offset}
	switch token := token.(type) {
	case string:
		v.kind, v.text = text, token
	case json.Number:
		v.kind, v.text = number, token.String()
	case bool:
		v.kind, v.text = boolean, strconv.FormatBool(token)
	case json.Delim:
		if token == '[' {
			return v, d.elements(v, path, depth)
		}
		return v, d.members(v, path, depth)
	}
	return v, nil
}

func (d *document) elements(v *value, path string, depth int) error {
	v.kind = list
	for d.tokens.More() {
		e, err := d.value(fmt.Sprintf("%s[%d]", path, len(v.list)), depth+1)
		if err != nil {
			return err
		}
		v.list = append(v.list, e)
	}
	_, err := d.tokens.Token()
	return err
}

func (d *document) members(v *value, path string, depth int) error {
	v.kind = object
	index := map[string]int{}
	for d.tokens.More() {
		offset := d.next()
		token, err := d.tokens.Token()
		if err != nil {
			return d.errorf(offset, "%w", err)
		}
		name, _ := token.(string)
		at := member(path, name)
		m, err := d.value(at, depth+1)
		if err != nil {
			return err
		}
		first, again := index[name]
		if !again {
			index[name] = len(v.fields)
			v.fields = append(v.fields, field{name, m})
			continue
		}
		v.fields[first].value = m
		line, column := d.place(offset)
		d.duplicates = append(d.duplicates, Problem{
			Path: at,
			Text: fmt.Sprintf("the same name again at line %d, column %d", line, column),
			Hint: "vmadm takes the last one; leave one of them",
		})
	}
	_, err := d.tokens.Token()
	return err
}

// next is where the next token begins.
func (d *document) next() int {
	at := int(d.tokens.InputOffset())
	for at < len(d.content) && bytes.IndexByte([]byte(" \t\r\n,:"), d.content[at]) >= 0 {
		at++
	}
	return at
}

// place is the line and column of an offset, as editors count them.
func (d *document) place(offset int) (line, column int) {
	before := d.content[:min(offset, len(d.content))]
	line = bytes.Count(before, []byte("\n")) + 1
	return line, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}

func (d *document) errorf(offset int, format string, args ...any) error {
	line, column := d.place(offset)
	err := fmt.Errorf(format, args...)
	return fmt.Errorf("payload: line %d, column %d: %s", line, column, bootlog.Escape(err.Error()))
}
