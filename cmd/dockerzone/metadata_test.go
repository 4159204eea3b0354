package main_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"dockerinit/cmd/internal/cmdtest"
)

// service starts dockerzone metadata and waits for its socket.
func service(t *testing.T, args ...string) (p *cmdtest.Process, socket string) {
	t.Helper()
	socket = filepath.Join(cmdtest.Folder(t), "s")
	p = cmdtest.Start(t, dockerzone(append([]string{"metadata", "--socket", socket}, args...)...))
	p.Await("interrupt it to end")
	return p, socket
}

func mdata(t *testing.T, socket string, args ...string) cmdtest.Result {
	t.Helper()
	return cmdtest.Run(t, exec.Command(filepath.Join(bin, "mdata-fake"), append([]string{"--socket", socket}, args...)...))
}

func TestMetadataIsServed(t *testing.T) {
	t.Parallel()
	payload := cmdtest.Payload(t, map[string]any{"customer_metadata": map[string]any{"greeting": "hello"}}, nil)
	before, err := os.ReadFile(payload)
	if err != nil {
		t.Fatal(err)
	}
	p, socket := service(t, "--payload", payload, "--watch")
	for _, tt := range []struct {
		args   []string
		status int
		stdout string
	}{
		{[]string{"get", "sdc:hostname"}, 0, "zone\n"},
		{[]string{"get", "greeting"}, 0, "hello\n"},
		{[]string{"get", "farewell"}, 1, ""},
		{[]string{"put", "farewell", "good\nbye"}, 0, ""},
		{[]string{"get", "farewell"}, 0, "good\nbye\n"},
		{[]string{"list"}, 0, "greeting\nfarewell\ndocker:cmd\ndocker:id\n"},
		{[]string{"delete", "greeting"}, 0, ""},
		{[]string{"get", "greeting"}, 1, ""},
		{[]string{"put", "docker:cmd", "x"}, 2, ""},
	} {
		r := mdata(t, socket, tt.args...)
		if r.Status != tt.status || r.Stdout != tt.stdout {
			t.Errorf("mdata %v: status %d, want %d\nstdout %s\nstderr %s", tt.args, r.Status, tt.status, r.Stdout, r.Stderr)
		}
	}
	p.Await("PUT       docker:cmd: FAILURE")
	p.Signal(syscall.SIGTERM)
	r := p.Wait()
	if r.Status != 0 {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
	for _, line := range []string{
		"NEGOTIATE V2: V2_OK\n", "GET       sdc:hostname: SUCCESS, 4 bytes\n", "GET       farewell: NOTFOUND\n",
		"PUT       farewell: SUCCESS, 8 bytes\n", "DELETE    greeting: SUCCESS",
	} {
		if !strings.Contains(r.Stdout, line) {
			t.Errorf("--watch has no %q in\n%s", line, r.Stdout)
		}
	}
	if strings.Contains(r.Stdout, "good") {
		t.Errorf("--watch shows a value:\n%s", r.Stdout)
	}
	if _, err := os.Lstat(socket); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
	if now, err := os.ReadFile(payload); err != nil || string(now) != string(before) {
		t.Errorf("the payload's file has changed: %v", err)
	}
}

func TestMetadataToManyAtOnce(t *testing.T) {
	t.Parallel()
	_, socket := service(t, "--payload", cmdtest.Payload(t, nil, nil), "--watch")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			out, err := exec.Command(filepath.Join(bin, "mdata-fake"), "--socket", socket, "get", "sdc:brand").Output()
			if string(out) != "lx\n" || err != nil {
				t.Errorf("%q, %v", out, err)
			}
		})
	}
	all.Wait()
}

func TestMetadataEndsHoweverItIsTold(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			p, socket := service(t, "--payload", cmdtest.Payload(t, nil, nil))
			conn, err := net.Dial("unix", socket) // somebody is connected
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			p.Signal(signal)
			if r := p.Wait(); r.Status != 0 {
				t.Errorf("status %d\n%s", r.Status, r.Stderr)
			}
			if _, err := os.Lstat(socket); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the socket is still there: %v", err)
			}
		})
	}
}

func TestMetadataAtASocketThatIsThere(t *testing.T) {
	t.Parallel()
	payload := cmdtest.Payload(t, nil, nil)
	first, socket := service(t, "--payload", payload)
	r := cmdtest.Run(t, dockerzone("metadata", "--payload", payload, "--socket", socket))
	if r.Status != 2 || !strings.Contains(r.Stderr, "somebody serves this socket already") {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
	// Killed, it leaves the socket, which the next one replaces.
	first.Signal(syscall.SIGKILL)
	first.Wait()
	if _, err := os.Lstat(socket); err != nil {
		t.Fatal(err)
	}
	second := cmdtest.Start(t, dockerzone("metadata", "--payload", payload, "--socket", socket))
	second.Await("interrupt it to end")
	if r := mdata(t, socket, "get", "sdc:brand"); r.Stdout != "lx\n" {
		t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
}

func TestMetadataTellsWhatIsWrongWithThePayload(t *testing.T) {
	t.Parallel()
	p, _ := service(t, "--payload", examples+"broken.json")
	p.Await(`nics[0].ips[0]: "10.88.0.18": an address without prefix (meant: 10.88.0.18/24)`)
}

// Who watches and leaves does not end the service.
func TestMetadataWatchedByNobody(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(cmdtest.Folder(t), "s")
	cmd := dockerzone("metadata", "--socket", socket, "--payload", cmdtest.Payload(t, nil, nil), "--watch")
	cmd.Stdout = w
	p := cmdtest.Start(t, cmd)
	_, _ = w.Close(), r.Close()
	p.Await("interrupt it to end")
	for range 2 {
		if r := mdata(t, socket, "get", "sdc:brand"); r.Stdout != "lx\n" {
			t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
		}
	}
	p.Signal(syscall.SIGTERM)
	if r := p.Wait(); r.Status != 0 {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}
