package metadata

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// A Listener is a net.Listener, for whoever does not want to link package net.
type Listener[C io.ReadWriteCloser] interface {
	Accept() (C, error)
	Close() error
}

// serveListener is what does not depend on the kind of connection. Its clients
// have ended when it returns.
func (s *Server) serveListener(ctx context.Context, accept func() (io.ReadWriteCloser, error)) error {
	var clients sync.WaitGroup
	defer clients.Wait()
	clientsCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		conn, err := accept()
		if ctx.Err() != nil { // not clientsCtx: that may end a moment after the listener has
			if err == nil {
				conn.Close()
			}
			return nil
		}
		// Too many open files are a matter of time.
		var passing interface{ Temporary() bool }
		if errors.As(err, &passing) && passing.Temporary() {
			_ = sleep(ctx, 10*time.Millisecond)
			continue
		}
		if err != nil {
			return err
		}
		clients.Go(func() { _ = s.Serve(clientsCtx, conn) }) // a client that breaks off is no error of ours
	}
}

// ServeListener serves any number of clients at once until ctx ends, which is no
// error. It closes the listener, and returns when all clients are gone.
func ServeListener[C io.ReadWriteCloser](ctx context.Context, s *Server, l Listener[C]) error {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	defer l.Close()
	return s.serveListener(ctx, func() (io.ReadWriteCloser, error) { return l.Accept() })
}
