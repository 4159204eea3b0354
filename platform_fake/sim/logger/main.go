// Command logger is a log driver to test with, in the place of the host's
// /lib/sdc/docker/logger: it knows syslog alone. It reads the command's stdout
// from descriptor 3 and its stderr from 4, and sends each line on, with the
// severity by which Docker tells the two apart.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/syslog"
	"net/url"
	"os"
	"sync"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "logger:", err)
		os.Exit(1)
	}
}

// A config has the options of docker:logconfig that are read here.
type config struct {
	Address string `json:"syslog-address"`
}

func run() error {
	if len(os.Args) != 2 || os.Args[1] != "syslog" {
		return fmt.Errorf("one argument is expected, syslog, and not %q", os.Args[1:])
	}
	var c config
	if err := json.Unmarshal([]byte(os.Getenv("DOCKERLOG_CONFIG")), &c); err != nil {
		return fmt.Errorf("DOCKERLOG_CONFIG: %w", err)
	}
	id := os.Getenv("DOCKERLOG_CONTAINERID")
	if id == "" {
		return errors.New("DOCKERLOG_CONTAINERID: missing")
	}
	server, err := dial(c.Address, id[:min(len(id), 12)])
	if err != nil {
		return err
	}
	var copies sync.WaitGroup
	failed := make(chan error, 2)
	copies.Go(func() { failed <- forward(os.NewFile(3, "stdout"), server.Info) })
	copies.Go(func() { failed <- forward(os.NewFile(4, "stderr"), server.Err) })
	copies.Wait()
	return errors.Join(<-failed, <-failed)
}

// patience is for a server that starts with the zone.
const patience = 10 * time.Second

func dial(address, tag string) (w *syslog.Writer, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("syslog-address: %w", err)
	}
	for begun := time.Now(); time.Since(begun) < patience; time.Sleep(20 * time.Millisecond) {
		if w, err = syslog.Dial(u.Scheme, u.Host, syslog.LOG_DAEMON, tag); err == nil {
			return w, nil
		}
	}
	return nil, err
}

// forward sends each line to the end, without its newline.
func forward(from *os.File, send func(string) error) error {
	in := bufio.NewReaderSize(from, 16<<10) // a longer line is sent in parts
	for {
		line, _, err := in.ReadLine()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := send(string(line)); err != nil {
			return err
		}
	}
}
