//go:build linux && amd64

package abi

import (
	"context"
	"errors"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dockerinit/core/metadata"
)

// one is a metadata store with one key that nobody may change.
type one struct{ key, value string }

func (o one) Get(key string) (string, bool, error) { return o.value, key == o.key, nil }
func (o one) Keys() ([]string, error)              { return []string{o.key}, nil }
func (o one) Put(string, string) error             { return errors.New("read-only") }
func (o one) Delete(string) error                  { return errors.New("read-only") }

// The product's own illumos program talks to a real metadata socket.
func TestMdataReadsTheMetadata(t *testing.T) {
	loader, mdata := build(t, "../../../cmd/mdata", covered()...)
	socket := filepath.Join(t.TempDir(), "m.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	server := &metadata.Server{Store: one{"sdc:uuid", "a value\nof two lines"}}
	go metadata.ServeListener(context.Background(), server, l)

	for _, test := range []struct {
		args, output string
		status       int
	}{
		{"get sdc:uuid", "a value\nof two lines\n", 0},
		{"list", "sdc:uuid\n", 0},
		{"get absent", "absent", 1},
		{"put sdc:uuid x", "read-only", 2},
	} {
		t.Run(test.args, func(t *testing.T) {
			words := strings.Fields(test.args)
			args := append([]string{mdata, words[0], "--socket", socket}, words[1:]...)
			c := exec.Command(loader, args...)
			out, _ := c.CombinedOutput()
			if c.ProcessState.ExitCode() != test.status {
				t.Fatalf("status %d, want %d\n%s", c.ProcessState.ExitCode(), test.status, out)
			}
			if test.status == 0 && string(out) != test.output || !strings.Contains(string(out), test.output) {
				t.Fatalf("printed %q, want %q", out, test.output)
			}
		})
	}
}
