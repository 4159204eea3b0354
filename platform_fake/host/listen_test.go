package host

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"dockerinit/core/bootlog"
	"dockerinit/core/metadata"
)

func TestAnyNumberOfClientsOfBothVersions(t *testing.T) {
	path, store := serve(t)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			conn, err := net.Dial("unix", path)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			answers := bufio.NewReader(conn)
			for request, want := range map[string]string{
				"GET sdc:brand\n": "SUCCESS\nlx\n.\n", "GET nothing\n": "NOTFOUND\n",
				"GET sdc:tags\n": "FAILURE\n", "PUT a b\n": "FAILURE\n", "\n": "invalid command\n",
			} {
				if _, err := io.WriteString(conn, request); err != nil {
					t.Error(err)
				}
				got := make([]byte, len(want))
				if _, err := io.ReadFull(answers, got); err != nil || string(got) != want {
					t.Errorf("V1 %q: got %q, %v, want %q", request, got, err, want)
				}
			}
		})
		all.Go(func() {
			client := metadata.New(dialer(path), bootlog.NewLogger(), metadata.ExecContact)
			defer client.Close()
			key := fmt.Sprint("client", i)
			if err := client.Put(t.Context(), key, "here"); err != nil {
				t.Error(err)
			}
			values, err := client.Get(t.Context(), "sdc:hostname", key, "absent")
			if got := fmt.Sprint(values, err); got != fmt.Sprintf("map[%s:here sdc:hostname:web0] <nil>", key) {
				t.Errorf("V2: %s", got)
			}
			err = client.Put(t.Context(), "docker:cmd", "x")
			if err == nil || !strings.Contains(err.Error(), `Cannot update the \"docker\" Namespace.`) {
				t.Errorf("V2 PUT docker:cmd: %v", err)
			}
			_, err = client.Get(t.Context(), "sdc:tags")
			if err == nil || !strings.Contains(err.Error(), "sdc:tags") {
				t.Errorf("V2 FAILURE without words: %v", err)
			}
		})
	}
	all.Wait()
	if got, want := fmt.Sprint(store.Written()), "[{client0 here false} {client1 here false} {client2 here false} {client3 here false}]"; got != want {
		t.Errorf("written: got %s, want %s", got, want)
	}
}

func TestListenReplacesWhatNobodyServes(t *testing.T) {
	path, _ := serve(t)
	if _, err := Listen(path); err == nil || !strings.Contains(err.Error(), "somebody serves this socket already") {
		t.Errorf("a socket that is served: %v", err)
	}

	stale := filepath.Join(shortDir(t), "stale")
	l, err := net.Listen("unix", stale)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	again, err := Listen(stale)
	if err != nil {
		t.Fatalf("a socket that was left behind: %v", err)
	}
	again.Close()

	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(file); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("a file: %v", err)
	}
	if content, err := os.ReadFile(file); string(content) != "precious" {
		t.Errorf("the file has become %q, %v", content, err)
	}
}

// shortDir is a directory whose path leaves room for the name of a socket, which
// may have about a hundred bytes with its path.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "host")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// serve serves zoneJSON until the test ends.
func serve(t *testing.T) (path string, store *Store) {
	t.Helper()
	path = filepath.Join(shortDir(t), "metadata.sock")
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	store = NewStore(read(t, zoneJSON))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- metadata.ServeListener(ctx, &metadata.Server{Store: store}, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return path, store
}

func dialer(path string) metadata.Dial {
	return func(ctx context.Context) (metadata.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "unix", path)
		if err != nil {
			return nil, err
		}
		return conn.(metadata.Conn), nil
	}
}
