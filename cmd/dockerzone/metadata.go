package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"dockerinit/cmd/internal/payload"
	"dockerinit/core/bootlog"
	"dockerinit/core/metadata"
	"dockerinit/platform_fake/host"
)

const metadataUsage = `Usage: dockerzone metadata --socket PATH [--watch] [PAYLOAD]

Serves the payload's metadata on a unix socket until it is interrupted, with the
rules of the host's metadata agent and in both versions of its protocol, for
people who write or debug metadata clients. PUT and DELETE take effect in
memory; the payload's file stays as it is.

PAYLOAD is the JSON that vmadm create takes and vmadm get prints; - is standard
input, also where it is left out and standard input is no terminal.

  --socket PATH   the socket to make; one that nobody serves is replaced
  --watch         show each request on standard output as it comes: the command,
                  the key, what came of it, and the value's size. A value is
                  never shown
  --payload FILE  PAYLOAD, as a flag

Try it: mdata get --socket PATH sdc:brand

Exit status:
  0  it was interrupted (INT, TERM, HUP)
  2  the payload cannot be read or the socket not be made
  3  wrong usage
`

func runMetadata(args []string, std stdio) int {
	flags := flag.NewFlagSet("metadata", flag.ContinueOnError)
	socket := flags.String("socket", "", "")
	name := flags.String("payload", "", "")
	watch := flags.Bool("watch", false, "")
	if status, ok := parsePayload(flags, name, args, metadataUsage, std); !ok {
		return status
	}
	if *socket == "" {
		return misused(std, "metadata", "--socket PATH is missing")
	}
	p, err := payload.Read(*name, std.in)
	if err != nil {
		return failed(std, "metadata", err)
	}
	for _, found := range p.Check() {
		tell(std, "metadata", found.String())
	}

	// Before there is a socket: one is not to stay behind.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	signal.Ignore(syscall.SIGPIPE) // whoever no longer watches does not end the service
	if longest := len(syscall.RawSockaddrUnix{}.Path) - 1; len(*socket) > longest {
		return failed(std, "metadata", fmt.Errorf("%s: a path of %d bytes; that of a socket has at most %d here", *socket, len(*socket), longest))
	}
	l, err := host.Listen(*socket)
	if err != nil {
		return failed(std, "metadata", err)
	}
	server := &metadata.Server{Store: host.NewStore(p)}
	if *watch {
		server.Watch = watcher(std.out)
	}
	values, _ := payload.Values(p) // what is refused has been told
	tell(std, "metadata", fmt.Sprintf("serving %s on %s; interrupt it to end", count(len(values), "key"), *socket))
	if err := metadata.ServeListener(ctx, server, l); err != nil {
		return failed(std, "metadata", err)
	}
	return exitOK
}

// watcher shows a line a request, also where many connections talk at once.
func watcher(w io.Writer) func(metadata.Request) {
	var mu sync.Mutex
	return func(r metadata.Request) {
		line := fmt.Sprintf("%-9s %s: %s", cmp.Or(r.Command, "(none)"), cmp.Or(r.Key, "(no key)"), r.Outcome)
		if r.Command == "" && r.Key == "" {
			line = "an empty line: " + r.Outcome // how a client begins anew
		}
		if r.Size > 0 {
			line += fmt.Sprintf(", %s", count(r.Size, "byte"))
		}
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(w, bootlog.Escape(line)) // who watches a closed pipe no longer watches
	}
}
