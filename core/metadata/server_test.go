package metadata

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A shelf is a Store for tests: a map, and keys that it refuses.
type shelf struct {
	mu      sync.Mutex
	values  map[string]string
	refused map[string]string
}

func newShelf(pairs ...string) *shelf {
	s := &shelf{values: map[string]string{}, refused: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		s.values[pairs[i]] = pairs[i+1]
	}
	return s
}

func (s *shelf) Get(key string) (string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text, ok := s.refused[key]; ok {
		return "", false, errors.New(text)
	}
	value, ok := s.values[key]
	return value, ok, nil
}

func (s *shelf) Put(key, value string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text, ok := s.refused[key]; ok {
		return errors.New(text)
	}
	s.values[key] = value
	return nil
}

func (s *shelf) Delete(key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text, ok := s.refused[key]; ok {
		return errors.New(text)
	}
	delete(s.values, key)
	return nil
}

// content is what is there, as fmt prints a map.
func (s *shelf) content() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(s.values)
}

func (s *shelf) Keys() ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.values)), nil
}

// converseRaw sends text in one write and returns all that comes back.
func converseRaw(t *testing.T, server *Server, text string) string {
	t.Helper()
	ours, theirs := net.Pipe()
	var serving sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	serving.Go(func() {
		if err := server.Serve(ctx, theirs); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			t.Error(err)
		}
	})
	var answers []byte
	serving.Go(func() { answers, _ = io.ReadAll(ours) })
	if _, err := io.WriteString(ours, text); err != nil {
		t.Error(err)
	}
	synctest.Wait()
	time.Sleep(time.Minute) // an update in flight
	synctest.Wait()
	cancel()
	ours.Close()
	serving.Wait()
	return string(answers)
}

// TestServerAnswers is what the host's agent was seen to do, input by input.
func TestServerAnswers(t *testing.T) {
	frame := func(word, payload string) string { return string(AppendFrame(nil, "dc4fae17", word, payload)) }
	v2 := func(body string) string { return frameAround(body) + "\n" }
	for _, test := range []struct{ name, send, want string }{
		{"empty line", "\n", "invalid command\n"},
		{"only white space", " \t \n", "invalid command\n"},
		{"GET without argument", "GET\n", "invalid command\n"},
		{"GET with a space and no argument", "GET \n", "invalid command\n"},
		{"NEGOTIATE without argument", "NEGOTIATE\n", "invalid command\n"},
		{"NEGOTIATE V2", "NEGOTIATE V2\n", "V2_OK\n"},
		{"NEGOTIATE with something else", "NEGOTIATE V3\n", "FAILURE\n"},
		{"PUT in version 1", "PUT a b\n", "FAILURE\n"},
		{"DELETE in version 1", "DELETE a\n", "FAILURE\n"},
		{"unknown command", "HELLO\n", "FAILURE\n"},
		{"command in small letters", "get sdc:brand\n", "FAILURE\n"},
		{"KEYS in version 1", "KEYS\n", "SUCCESS\ndots\nempty\nsdc:brand\n.\n"},
		{"GET in version 1", "GET sdc:brand\n", "SUCCESS\nlx\n.\n"},
		{"GET in version 1 of dots", "GET dots\n", "SUCCESS\n..\n...a\n.\n"},
		{"GET in version 1, several spaces", "GET   sdc:brand\n", "SUCCESS\nlx\n.\n"},
		{"GET in version 1, trailing CR", "GET sdc:brand\r\n", "SUCCESS\nlx\n.\n"},
		{"GET in version 1, absent", "GET nothing\n", "NOTFOUND\n"},
		{"GET in version 1, refused", "GET forbidden\n", "FAILURE\n"},
		{"V2 without a frame", "V2\nV2 \n", ""},
		{"V2 that does not parse", "V2 hello\n", ""},
		{"V2 of wrong length", "V2 26 1781a7fb dc4fae17 GET c2RjOmJyYW5k\n", ""},
		{"V2 of wrong CRC", "V2 25 1781a7fc dc4fae17 GET c2RjOmJyYW5k\n", ""},
		{"V2 with CRC in capitals", "V2 25 1781A7FB dc4fae17 GET c2RjOmJyYW5k\n", ""},
		{"V2 with CRC not padded", "V2 29 7ecdac22 dc4fae17 GET ZG9ja2VyOnR0eQ==\nV2 60 484b1ea dc4fae17 DELETE X19kb2NrZXJpbml0X3dhaXRpbmdfZm9yX2F0dGFjaA==\n", frame("NOTFOUND", "")},
		{"V2 with id in capitals", v2("DC4FAE17 GET c2RjOmJyYW5k"), ""},
		{"V2 with junk before the numbers", "V2 junk 1x 25 1781a7fb dc4fae17 GET c2RjOmJyYW5k\n", frame("SUCCESS", "lx")},
		{"V2 with a trailing CR", "V2 25 1781a7fb dc4fae17 GET c2RjOmJyYW5k\r\n", frame("SUCCESS", "lx")},
		{"V2 GET", "V2 25 1781a7fb dc4fae17 GET c2RjOmJyYW5k\n", frame("SUCCESS", "lx")},
		{"V2 GET of an empty value", frame("GET", "empty"), frame("SUCCESS", "")},
		{"V2 GET, absent", frame("GET", "nothing"), frame("NOTFOUND", "")},
		{"V2 GET, refused", frame("GET", "forbidden"), frame("FAILURE", "not for you")},
		{"V2 GET, refused without a word", frame("GET", "silent"), frame("FAILURE", "")},
		{"V2 GET of the empty string", v2("dc4fae17 GET "), ""},
		{"V2 GET without argument", frame("GET", ""), frame("FAILURE", "Invalid GET Request")},
		{"V2 KEYS", frame("KEYS", ""), frame("SUCCESS", "dots\nempty\nsdc:brand")},
		{"V2 unknown command", frame("HELLO", "x"), frame("FAILURE", "Unknown command HELLO")},
		{"V2 NEGOTIATE", frame("NEGOTIATE", "V2"), frame("FAILURE", "Unknown command NEGOTIATE")},
		{"V2 PUT of one word", frame("PUT", "a2V5"), frame("FAILURE", "Invalid PUT Request")},
		{"V2 PUT of three words", frame("PUT", "a2V5 a2V5 a2V5"), frame("FAILURE", "Invalid PUT Request")},
		{"V2 PUT of an empty value", frame("PUT", string(putArgument("a", ""))), frame("FAILURE", "Invalid PUT Request")},
		{"V2 PUT", frame("PUT", string(putArgument("a", "b"))), frame("SUCCESS", "OK")},
		{"V2 PUT, refused", frame("PUT", string(putArgument("forbidden", "b"))), frame("FAILURE", "not for you")},
		{"V2 DELETE of an absent key", frame("DELETE", "nothing"), frame("SUCCESS", "OK")},
		{"version 1 after version 2", "NEGOTIATE V2\nGET sdc:brand\n", "V2_OK\nSUCCESS\nlx\n.\n"},
		{"a whole boot in one write", "\nNEGOTIATE V2\n" + frame("GET", "sdc:brand") + frame("GET", "nothing"),
			"invalid command\nV2_OK\n" + frame("SUCCESS", "lx") + frame("NOTFOUND", "")},
		{"half a line", "GET sdc:brand", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newShelf("sdc:brand", "lx", "empty", "", "dots", ".\n..a")
				store.refused["forbidden"], store.refused["silent"] = "not for you", ""
				if got := converseRaw(t, &Server{Store: store}, test.send); got != test.want {
					t.Errorf("sent %q\n got %q\nwant %q", test.send, got, test.want)
				}
			})
		})
	}
}

func TestServerUpdatesAreOvertaken(t *testing.T) {
	for _, took := range []time.Duration{0, 300 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			store := newShelf("a", "old")
			send := string(AppendFrame(nil, "01", "PUT", putArgument("a", "new"))) + string(AppendFrame(nil, "02", "GET", "a")) +
				string(AppendFrame(nil, "03", "DELETE", "a")) + string(AppendFrame(nil, "04", "GET", "a"))
			want := string(AppendFrame(nil, "02", "SUCCESS", "old")) + string(AppendFrame(nil, "04", "SUCCESS", "old")) +
				string(AppendFrame(nil, "01", "SUCCESS", "OK")) + string(AppendFrame(nil, "03", "SUCCESS", "OK"))
			if got := converseRaw(t, &Server{Store: store, UpdateTime: took}, send); got != want {
				t.Errorf("updates that take %v\n got %q\nwant %q", took, got, want)
			}
			if got := store.content(); got != "map[]" {
				t.Errorf("left: %s", got)
			}
		})
	}
}

func TestServerV1Only(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		send := "\nNEGOTIATE V2\nV2 25 1781a7fb dc4fae17 GET c2RjOmJyYW5k\nGET sdc:brand\n"
		want := "invalid command\nFAILURE\nFAILURE\nSUCCESS\nlx\n.\n"
		if got := converseRaw(t, &Server{Store: newShelf("sdc:brand", "lx"), V1Only: true}, send); got != want {
			t.Errorf("\n got %q\nwant %q", got, want)
		}
	})
}

func TestServerDoesWhatWasWrittenBeforeTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newShelf()
		ours, theirs := net.Pipe()
		var serving sync.WaitGroup
		serving.Go(func() {
			_ = (&Server{Store: store, UpdateTime: time.Second}).Serve(t.Context(), theirs)
		})
		ours.Write(AppendFrame(nil, "01", "PUT", putArgument("a", "1")))
		ours.Close()
		serving.Wait()
		if got := store.content(); got != "map[a:1]" {
			t.Errorf("left: %s", got)
		}
	})
}

func TestServerWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		store := newShelf("a", "12345")
		server := &Server{Store: store, Watch: func(r Request) {
			seen = append(seen, fmt.Sprintf("%s %q %s %d", r.Command, r.Key, r.Outcome, r.Size))
		}}
		converseRaw(t, server, "\nNEGOTIATE V2\nV2 x\n"+string(AppendFrame(nil, "01", "GET", "a"))+
			string(AppendFrame(nil, "02", "GET", "b"))+string(AppendFrame(nil, "03", "PUT", putArgument("b", "123"))))
		want := `
 "" invalid command 0
NEGOTIATE "V2" V2_OK 0
V2 "" dropped 0
GET "a" SUCCESS 5
GET "b" NOTFOUND 0
PUT "b" SUCCESS 3`
		if got := "\n" + strings.Join(seen, "\n"); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	})
}

func TestServeListenerServesManyAndWaitsForThem(t *testing.T) {
	l, err := net.Listen("unix", t.TempDir()+"/m.sock")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- ServeListener(ctx, &Server{Store: newShelf("sdc:brand", "lx")}, l) }()

	var clients sync.WaitGroup
	for range 20 {
		clients.Go(func() {
			c := New(func(ctx context.Context) (Conn, error) {
				return net.Dial("unix", l.Addr().String())
			}, quiet, ExecContact)
			defer c.Close()
			if values, err := c.Get(ctx, "sdc:brand", "absent"); err != nil || len(values) != 1 || values["sdc:brand"] != "lx" {
				t.Errorf("got %q, %v", values, err)
			}
		})
	}
	clients.Wait()
	idle, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	idle.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := idle.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the idle client was left alone: %v", err)
	}
}
