package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"dockerinit/core/metadata"
)

// A store is what the tests' service has.
type store struct {
	mu     sync.Mutex
	values map[string]string
}

func (s *store) Get(key string) (string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if key == "sdc:internal_metadata_namespaces" {
		return "", false, errors.New("no text\x1b[31m for an array")
	}
	value, ok := s.values[key]
	return value, ok, nil
}

func (s *store) Put(key, value string) error {
	if strings.HasPrefix(key, "docker:") {
		return errors.New(`Cannot update the "docker" Namespace.`)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[key] = value
	return nil
}

func (s *store) Delete(key string) error {
	if strings.HasPrefix(key, "docker:") {
		return errors.New(`Cannot update the "docker" Namespace.`)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.values, key)
	return nil
}

func (s *store) Keys() ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.values)), nil
}

// only is the value of a store's one key, or why there is none.
func (s *store) only() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.values) != 1 {
		return fmt.Sprintf("%d keys", len(s.values))
	}
	for _, value := range s.values {
		return value
	}
	return ""
}

// bin is where mdata is built, with its other names beside it.
var bin string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "mdata")
	if err == nil {
		bin = dir
		err = build(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

func build(dir string) error {
	mdata := filepath.Join(dir, "mdata")
	if out, err := exec.Command("go", "build", "-o", mdata, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	for _, name := range []string{"mdata-get", "mdata-put", "mdata-delete", "mdata-list"} {
		if err := os.Symlink("mdata", filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func serve(t *testing.T, server *metadata.Server) (socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "m.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = metadata.ServeListener(ctx, server, l) })
	t.Cleanup(func() { cancel(); serving.Wait() })
	return socket
}

// mdata runs the program whose name is the first word.
func mdata(t *testing.T, stdin string, words ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(filepath.Join(bin, words[0]), words[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	if err := cmd.Run(); err != nil {
		if _, ended := errors.AsType[*exec.ExitError](err); !ended {
			t.Fatal(err)
		}
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

var binary = string([]byte{0, 1, 0xff, '\n', '.', '\r', '\n', 0x80})

func TestMdata(t *testing.T) {
	for _, test := range []struct {
		name, run, stdin string // @ in run is --socket and its path
		status           int
		stdout, stderr   string // the second is a part of it
	}{
		{"get adds a line end", "mdata @ get sdc:brand", "", 0, "lx\n", ""},
		{"get adds none where one is", "mdata @ get lines", "", 0, "a\n\nb\n", ""},
		{"get of an empty value", "mdata @ get empty", "", 0, "\n", ""},
		{"get of bytes", "mdata @ get binary", "", 0, binary + "\n", ""},
		{"get of an absent key", "mdata @ get nothing", "", 1, "", `mdata: there is no metadata key "nothing"`},
		{"get that is refused", "mdata @ get sdc:internal_metadata_namespaces", "", 2, "", `the host refused the GET: "no text\x1b[31m for an array"`},
		{"get by its own name", "mdata-get @ sdc:brand", "", 0, "lx\n", ""},
		{"get by its own name of an absent key", "mdata-get @ nothing", "", 1, "", `mdata-get: there is no metadata key "nothing"`},
		{"flags may come last", "mdata get sdc:brand @", "", 0, "lx\n", ""},
		{"a key like a flag", "mdata @ get -- --help", "", 1, "", `"--help"`},
		{"list", "mdata @ list", "", 0, "binary\nempty\nlines\nsdc:brand\n", ""},
		{"list by its own name", "mdata-list @", "", 0, "binary\nempty\nlines\nsdc:brand\n", ""},
		{"put that is refused", "mdata @ put docker:cmd x", "", 2, "", `Cannot update the \"docker\" Namespace.`},
		{"put of an empty value", "mdata @ put a", "", 2, "", "Invalid PUT Request\": the value is empty; mdata delete a removes the key"},
		{"delete that is refused", "mdata-delete @ docker:cmd", "", 2, "", `Cannot update the \"docker\" Namespace.`},
		{"delete of an absent key", "mdata @ delete nothing", "", 0, "", ""},

		{"help", "mdata --help", "", 0, usage, ""},
		{"help by another name", "mdata-put -h", "", 0, usage, ""},
		{"version", "mdata --version", "", 0, "mdata devel\n", ""},
		{"nothing", "mdata", "", 3, "", "a command is missing"},
		{"unknown command", "mdata @ set a b", "", 3, "", `there is no command "set"`},
		{"get without key", "mdata @ get", "", 3, "", "get: the key is missing"},
		{"get by its own name without key", "mdata-get @", "", 3, "", "get: the key is missing"},
		{"get with two keys", "mdata @ get a b", "", 3, "", `"b" is one argument too many`},
		{"put with two values", "mdata-put @ a b c", "", 3, "", `"c" is one argument too many`},
		{"delete without key", "mdata-delete", "", 3, "", "delete: the key is missing"},
		{"list with a key", "mdata-list @ a", "", 3, "", `"a" is one argument too many`},
		{"unknown flag", "mdata --sock x get a", "", 3, "", "--help tells how it is used"},
		{"a timeout that is none", "mdata --timeout 0s get a", "", 3, "", "--timeout 0s"},
		{"an empty key", "mdata @ get ", "", 2, "", "a key cannot be empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			socket := serve(t, &metadata.Server{Store: &store{values: map[string]string{
				"sdc:brand": "lx", "lines": "a\n\nb\n", "empty": "", "binary": binary}}})
			words := strings.Split(strings.Replace(test.run, "@", "--socket "+socket, 1), " ")
			status, stdout, stderr := mdata(t, test.stdin, words...)
			if status != test.status || stdout != test.stdout || !strings.Contains(stderr, test.stderr) {
				t.Errorf("%s\n got %d, %q, %q\nwant %d, %q, …%q…", test.run, status, stdout, stderr, test.status, test.stdout, test.stderr)
			}
			if (status == 0) != (stderr == "") || strings.Contains(stderr, "\x1b") {
				t.Errorf("status %d, and on standard error %q", status, stderr)
			}
		})
	}
}

func TestMdataPutAndDelete(t *testing.T) {
	large := strings.Repeat("0123456789abcde\n", metadata.MaxValue/16)
	for _, test := range []struct {
		name, stdin string
		words       []string
		status      int
		want        string
	}{
		{"the value is an argument", "unused", []string{"mdata", "put", "k", "a value"}, 0, "a value"},
		{"the value is standard input, as it is", "a\nvalue\n", []string{"mdata", "put", "k"}, 0, "a\nvalue\n"},
		{"bytes", binary, []string{"mdata-put", "k"}, 0, binary},
		{"by its own name", "", []string{"mdata-put", "k", "v"}, 0, "v"},
		{"a value that begins as a flag does", "", []string{"mdata-put", "k", "-----BEGIN PUBLIC KEY-----\nx"}, 0, "-----BEGIN PUBLIC KEY-----\nx"},
		{"a value that is a dash", "", []string{"mdata", "put", "k", "-"}, 0, "-"},
		{"a negative number after a flag", "", []string{"mdata", "--timeout=5s", "put", "k", "-1"}, 0, "-1"},
		{"a flag after the key, and no value", "in", []string{"mdata-put", "k", "-timeout", "5s"}, 0, "in"},
		{"a word too many", "", []string{"mdata-put", "k", "--sock", "x"}, 3, "old"},
		{"the largest", large, []string{"mdata-put", "k"}, 0, large},
		{"larger than the largest", large + ".", []string{"mdata-put", "k"}, 2, "old"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &store{values: map[string]string{"k": "old"}}
			socket := serve(t, &metadata.Server{Store: s})
			status, stdout, stderr := mdata(t, test.stdin, append(test.words, "--socket", socket)...)
			if status != test.status || stdout != "" || s.only() != test.want {
				t.Errorf("got %d, %q, %q and %d bytes", status, stdout, stderr, len(s.only()))
			}
			if test.status == 0 {
				if status, stdout, _ := mdata(t, "", "mdata", "get", "k", "--socket", socket); status != 0 || strings.TrimSuffix(stdout, "\n") != strings.TrimSuffix(test.want, "\n") {
					t.Errorf("read again: %d, %d bytes", status, len(stdout))
				}
			}
			if status, _, stderr := mdata(t, "", "mdata", "delete", "k", "--socket", socket); status != 0 || s.only() != "0 keys" {
				t.Errorf("delete: %d, %q, left %d", status, stderr, len(s.only()))
			}
		})
	}
}

func TestMdataV1Host(t *testing.T) {
	socket := serve(t, &metadata.Server{Store: &store{values: map[string]string{"sdc:brand": "lx"}}, V1Only: true})
	if status, stdout, stderr := mdata(t, "", "mdata", "get", "sdc:brand", "--socket", socket); status != 0 || stdout != "lx\n" || stderr != "" {
		t.Errorf("get: %d, %q, %q", status, stdout, stderr)
	}
	if status, _, stderr := mdata(t, "", "mdata", "put", "k", "v", "--socket", socket); status != 2 || !strings.Contains(stderr, "version 1") {
		t.Errorf("put: %d, %q", status, stderr)
	}
}

func TestMdataNobodyThere(t *testing.T) {
	status, _, stderr := mdata(t, "", "mdata", "get", "k", "--timeout", "50ms", "--socket", filepath.Join(t.TempDir(), "m.sock"))
	if status != 2 || !strings.Contains(stderr, "the host cannot be reached: no answer within 50ms") || !strings.Contains(stderr, "m.sock") {
		t.Errorf("got %d, %q", status, stderr)
	}
}
