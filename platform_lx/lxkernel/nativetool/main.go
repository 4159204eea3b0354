//go:build linux

// nativetool is every native tool of the emulated LX kernel, by the name under which it
// is executed: it tells the kernel how it was called, and does as that says.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path"
	"syscall"
	"time"
)

// Call and Answer are package lxkernel's, which links more than a tool needs.
type call struct {
	Name   string
	Args   []string
	Env    []string
	Rooted bool // its root is the native one
	NoRun  bool // it sees no /var/run
	Daemon int  // it is the daemon, as this process, and is ready
}

type answer struct {
	Out    string
	Status int
	Signal int
	Hang   bool
	Daemon bool // start the daemon
}

func main() {
	name := path.Base(os.Args[0])
	self, err := os.Readlink("/proc/self/exe")
	if err == nil { // there is no /proc below the native root
		name = path.Base(self)
	}
	c := call{Name: name, Args: os.Args, Env: os.Environ()}
	socket := "/native/.zonecontrol/lx.sock"
	if _, err := os.Stat("/.zonecontrol/lx.sock"); err == nil {
		socket, c.Rooted = "/.zonecontrol/lx.sock", true
	}
	if _, err := os.Stat("/var/run"); err != nil {
		c.NoRun = true
	}
	if len(os.Args) == 3 && os.Args[1] == "--daemon" {
		c.Daemon, c.Name = os.Getpid(), os.Args[2]
		ask(socket, c)
		_, _ = os.Stdout.WriteString("ready")
		_ = os.Stdout.Close()
		for {
			time.Sleep(time.Hour)
		}
	}
	a := ask(socket, c)
	fmt.Print(a.Out)
	switch {
	case a.Hang:
		time.Sleep(time.Hour)
	case a.Signal != 0:
		_ = syscall.Kill(os.Getpid(), syscall.Signal(a.Signal))
		time.Sleep(time.Hour)
	case a.Daemon:
		a.Status = daemonize(c)
	}
	os.Exit(a.Status)
}

func ask(socket string, c call) (a answer) {
	conn, err := net.Dial("unix", socket)
	if err == nil {
		err = json.NewEncoder(conn).Encode(c)
	}
	if err == nil {
		err = json.NewDecoder(conn).Decode(&a)
	}
	if err != nil {
		fmt.Println("the emulated kernel does not answer:", err)
		os.Exit(99)
	}
	return a
}

// daemonize starts the daemon and ends when it is ready.
func daemonize(c call) int {
	r, w, err := os.Pipe()
	if err != nil {
		return 98
	}
	file := map[string]string{"ipmgmtd": "/lib/inet/ipmgmtd", "in.ndpd": "/usr/lib/inet/in.ndpd"}[c.Args[0]]
	if !c.Rooted {
		file = "/native" + file
	}
	if _, err := os.StartProcess(file, []string{c.Args[0], "--daemon", c.Args[0]}, &os.ProcAttr{
		Dir: "/", Env: []string{}, Files: []*os.File{nil, w, nil}, Sys: &syscall.SysProcAttr{Setsid: true},
	}); err != nil {
		fmt.Println(err)
		return 97
	}
	_ = w.Close()
	if n, _ := r.Read(make([]byte, 8)); n == 0 {
		return 96
	}
	return 0
}
