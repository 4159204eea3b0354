// Command logger is a log driver to test with, in the place of the host's
// /lib/sdc/docker/logger: it knows syslog alone. It reads the command's stdout
// from descriptor 3 and its stderr from 4, and sends each line on, with the
// severity by which Docker tells the two apart. SIGTERM says that there is no more.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "logger:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 || os.Args[1] != "syslog" {
		return fmt.Errorf("one argument is expected, syslog, and not %q", os.Args[1:])
	}
	var config struct {
		Address string `json:"syslog-address"`
	}
	if err := json.Unmarshal([]byte(os.Getenv("DOCKERLOG_CONFIG")), &config); err != nil {
		return fmt.Errorf("DOCKERLOG_CONFIG: %w", err)
	}
	id := os.Getenv("DOCKERLOG_CONTAINERID")
	if len(id) < 12 {
		return errors.New("DOCKERLOG_CONTAINERID: an id is expected")
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	s := &server{tag: id[:12]}
	if err := s.dial(config.Address); err != nil {
		return err
	}
	failed := make(chan error, 2)
	for fd, severity := range map[uintptr]int{3: informational, 4: bad} {
		go func() {
			if err := s.forward(os.NewFile(fd, "copy"), severity); err != nil {
				failed <- err
			}
		}()
	}
	select {
	case err := <-failed:
		return err
	case <-asked:
		return s.close()
	}
}

// RFC 3164, 4.1.1
const (
	daemon        = 3 // the facility
	bad           = 3
	informational = 6
)

// A server is a syslog server at the other end of a TCP connection.
type server struct {
	tag  string
	mu   sync.Mutex // of what is being sent
	conn *net.TCPConn
}

// patience is for a server that starts with the zone.
const patience = 10 * time.Second

func (s *server) dial(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "tcp" {
		return fmt.Errorf("syslog-address %q: tcp://HOST:PORT is expected", address)
	}
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", u.Host, patience)
		if err == nil {
			s.conn = conn.(*net.TCPConn)
			return nil
		}
		if time.Since(begun) > patience {
			return err
		}
	}
}

// forward sends each line that it reads.
func (s *server) forward(from io.Reader, severity int) error {
	var rest []byte
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		rest = append(rest, buf[:n]...)
		s.mu.Lock()
		lines, incomplete := wholeLines(rest)
		sent := s.send(lines, severity)
		s.mu.Unlock()
		rest = append(rest[:0], incomplete...)
		switch {
		case sent != nil:
			return sent
		case errors.Is(err, io.EOF): // a terminal has no stderr
			return nil
		case err != nil:
			return err
		}
	}
}

func wholeLines(text []byte) (lines, incomplete []byte) {
	end := bytes.LastIndexByte(text, '\n') + 1
	return text[:end], text[end:]
}

func (s *server) send(lines []byte, severity int) error {
	var out bytes.Buffer
	now := time.Now().UTC().Format(time.RFC3339)
	for line := range bytes.Lines(lines) {
		fmt.Fprintf(&out, "<%d>%s zone %s: %s", daemon<<3|severity, now, s.tag, line)
	}
	_, err := s.conn.Write(out.Bytes())
	return err
}

// close waits until the server has all: with this process the zone's network may
// end, and what is on its way there.
func (s *server) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.conn.CloseWrite(); err != nil {
		return err
	}
	_ = s.conn.SetReadDeadline(time.Now().Add(patience))
	_, err := io.Copy(io.Discard, s.conn)
	return err
}
