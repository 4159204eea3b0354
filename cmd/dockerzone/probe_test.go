package main_test

import (
	"encoding/binary"
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
	case "probe-dns":
		err = dns(os.Args[2])
	case "probe-sql":
		err = sql(os.Args[2])
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
	conn, err := net.DialTimeout("tcp", address, 30*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = io.Copy(os.Stdout, conn)
	return err
}

// dns answers every question with an empty answer.
func dns(address string) error {
	conn, err := net.ListenPacket("udp", address)
	if err != nil {
		return err
	}
	fmt.Println("listening")
	for buf := make([]byte, 512); ; {
		n, from, err := conn.ReadFrom(buf)
		if err != nil || n < 12 {
			return err
		}
		buf[2] |= 0x80 // a response: RFC 1035, 4.1.1
		if _, err := conn.WriteTo(buf[:n], from); err != nil {
			return err
		}
	}
}

// sql asks a database for a sum that it has to store first, as PostgreSQL's clients
// do, and prints the row.
// https://www.postgresql.org/docs/current/protocol-message-formats.html
func sql(address string) error {
	conn, err := net.DialTimeout("tcp", address, 30*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	send := func(kind, text string) {
		message := binary.BigEndian.AppendUint32([]byte(kind), uint32(len(text)+4))
		_, _ = conn.Write(append(message, text...)) // the answer tells
	}
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	send("", "\x00\x03\x00\x00user\x00postgres\x00\x00")
	asked := false
	for {
		var head [5]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return err
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		if _, err := io.ReadFull(conn, body); err != nil {
			return err
		}
		switch {
		case head[0] == 'E':
			return fmt.Errorf("%q", body)
		case head[0] == 'D':
			fmt.Printf("%s\n", body[6:]) // of one column
			return nil
		case head[0] == 'Z' && !asked:
			asked = true
			send("Q", "create temp table t (x int); insert into t values (40), (2); select sum(x) from t\x00")
		}
	}
}

// get prints the page of a web server.
func get(url string) error {
	client := http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{}} // no proxy
	r, err := client.Get(url)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	_, err = io.Copy(os.Stdout, r.Body)
	return err
}
