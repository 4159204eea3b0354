package shim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"dockerinit/core/exit"
	"dockerinit/core/process"
)

func full() request {
	return request{
		cmd: process.Command{
			Path: "/bin/sh", Args: []string{"sh", "", "\xff\x00\n"}, Env: []string{"A=1", "B=" + strings.Repeat("x", 300)}, Dir: "/srv",
			Credentials: process.Credentials{UID: 1<<32 - 1, GID: 7, Groups: []uint32{7, 0, 1<<32 - 1}},
			Terminal:    true, Umask: 0o27,
			Limits: []process.Limit{{Name: "nofile", Soft: 1, Hard: process.Unlimited}},
		},
		files: 2,
		words: []string{"/root", "true"},
	}
}

func TestARequestComesOverWhole(t *testing.T) {
	for _, r := range []request{{}, full()} {
		got, err := parseRequest(r.append(nil))
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%v\n got %+v\nwant %+v", err, got, r)
		}
	}
}

func TestABrokenRequestIsRefused(t *testing.T) {
	whole := full().append(nil)
	for n := range whole {
		if _, err := parseRequest(whole[:n]); err == nil {
			t.Fatalf("%d of %d bytes were taken for all", n, len(whole))
		}
	}
	for _, tt := range []struct{ name, raw, want string }{
		{"more than it says", string(whole) + "\x00", "1 bytes too many"},
		{"a text longer than all", "\x7fx", "the number 127 where 2 is the most"},
		{"a text one longer than what is left", "\x02x", "cut short"},
		{"a number that does not end", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "cut short"},
		{"an id that is none", "\x00\x00\x00\x00\xff\xff\xff\xff\xff\x01", "the number 68719476735 where 4294967295 is the most"},
	} {
		if _, err := parseRequest([]byte(tt.raw)); err == nil || err.Error() != tt.want {
			t.Errorf("%s:\n got %v\nwant %s", tt.name, err, tt.want)
		}
	}
}

func TestRepliesComeOver(t *testing.T) {
	cause := &exit.Error{Code: exit.Exec, Status: exit.StatusNotFound, Err: fmt.Errorf("execute %q: %w", "/x", syscall.ENOENT)}
	var pipe bytes.Buffer
	for _, r := range []reply{{note: "odd\n"}, {}, {failed: failureOf(cause)}} {
		if err := writeFrame(&pipe, r.append(nil)); err != nil {
			t.Fatal(err)
		}
	}
	var all []reply
	for {
		raw, err := readFrame(&pipe)
		if errors.Is(err, io.EOF) {
			break
		}
		r, wrong := parseReply(raw)
		if all = append(all, r); err != nil || wrong != nil {
			t.Fatal(err, wrong)
		}
	}
	if len(all) != 3 || all[0].note != "odd\n" || all[1] != (reply{}) || all[2].failed == nil {
		t.Fatalf("got %+v", all)
	}
	err := all[2].failed.err()
	if err.Error() != cause.Error() || exit.CodeOf(err) != exit.Exec || exit.StatusOf(err) != 127 || !errors.Is(err, syscall.ENOENT) {
		t.Errorf("got %v, code %d, status %d, want %v, 3, 127 and ENOENT in it", err, exit.CodeOf(err), exit.StatusOf(err), cause)
	}
	for _, broken := range []string{"", "\x03", "\x00", "\x02\x02", "\x00\x05ab", "\x01\x01\x01"} {
		if r, err := parseReply([]byte(broken)); err == nil {
			t.Errorf("%q was taken for %+v", broken, r)
		}
	}
	for _, broken := range []string{"\x00\x00", "\x00\x00\x00\x02x", "\xff\xff\xff\xff"} {
		if raw, err := readFrame(strings.NewReader(broken)); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%q was taken for %q, %v", broken, raw, err)
		}
	}
}

// What is read is what would be written of it.
func FuzzRequest(f *testing.F) {
	f.Add([]byte{})
	f.Add(request{}.append(nil))
	f.Add(full().append(nil))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := parseRequest(raw)
		if err != nil {
			return
		}
		again, err := parseRequest(r.append(nil))
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%v\n got %+v\nwant %+v", err, again, r)
		}
	})
}

func FuzzReply(f *testing.F) {
	f.Add([]byte{})
	f.Add(reply{}.append(nil))
	f.Add(reply{note: "n"}.append(nil))
	f.Add(reply{failed: &failure{text: "t", code: 3, status: 127, errno: 2}}.append(nil))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := parseReply(raw)
		if err != nil {
			return
		}
		again, err := parseReply(r.append(nil))
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%v\n got %+v\nwant %+v", err, again, r)
		}
	})
}
