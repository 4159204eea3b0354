package main_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// probe makes the test's own program one that listens in a zone, or one that asks
// from outside of it, where a zone's command line says so.
func probe() {
	if len(os.Args) != 3 {
		return
	}
	var err error
	switch os.Args[1] {
	case "probe-serve":
		err = serve(os.Args[2])
	case "probe-ask":
		err = ask(os.Args[2])
	case "probe-get":
		err = get(os.Args[2])
	default:
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve greets everyone with who they are, until it is ended.
func serve(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Println("listening")
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		host, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
		fmt.Fprintf(conn, "hello %s\n", host)
		conn.Close()
	}
}

func ask(address string) error {
	conn, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = io.Copy(os.Stdout, conn)
	return err
}

// get prints the page of a web server.
func get(url string) error {
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{}} // no proxy
	r, err := client.Get(url)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	_, err = io.Copy(os.Stdout, r.Body)
	return err
}
