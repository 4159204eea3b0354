package metadata

import (
	"context"
	"testing"
)

// asked is a connection on which a question has been written already.
type asked struct {
	Conn
	question string
}

func (a asked) Asked() (string, uint32) { return a.question, 1 }

func TestQuestionThatWasAskedBefore(t *testing.T) {
	question := string(AppendFrame(AppendFrame([]byte("\nNEGOTIATE V2\n"), "00000001", "GET", "sdc:brand"), "00000002", "GET", "absent"))
	for _, tt := range []struct {
		name  string
		keys  []string
		dials int
	}{
		{"as it is asked", []string{"sdc:brand", "absent"}, 1},
		{"with more", []string{"sdc:brand", "absent", "other"}, 1},
		{"with less, which would be answered too: a new connection", []string{"sdc:brand"}, 2},
		{"another: a new connection", []string{"other", "sdc:brand"}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := &host{server: &Server{Store: newShelf("sdc:brand", "lx", "other", "o")}}
			first := true
			h2 := &dialler{h, func(c Conn) (Conn, error) {
				if !first {
					return c, nil
				}
				first = false
				_, err := c.Write([]byte(question))
				return asked{c, question}, err
			}}
			withHost(t, h, InitContact, func(t *testing.T, _ *Client, log *notebook) {
				c := New(h2.dial, log.logger(), InitContact)
				defer c.Close()
				got, err := c.Get(t.Context(), tt.keys...)
				if err != nil || got["sdc:brand"] != "lx" {
					t.Errorf("got %q, %v", got, err)
				}
				if got, err := c.Get(t.Context(), "other"); err != nil || got["other"] != "o" {
					t.Errorf("then %q, %v", got, err)
				}
				if h.dials() != tt.dials {
					t.Errorf("%d connections, want %d\n%s", h.dials(), tt.dials, log)
				}
			})
		})
	}
}

// A dialler does something with each connection to a host.
type dialler struct {
	*host
	with func(Conn) (Conn, error)
}

func (d *dialler) dial(ctx context.Context) (Conn, error) {
	conn, err := d.host.dial(ctx)
	if err != nil {
		return nil, err
	}
	return d.with(conn)
}
