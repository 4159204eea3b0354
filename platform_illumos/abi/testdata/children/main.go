// Program children says of which deaths it was told by SIGCHLD.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
)

// Both are sent to the process and blocked by nobody: what was sent first has
// come when the other comes.
var told, mark = make(chan os.Signal, 1000), make(chan os.Signal, 1)

func main() {
	signal.Notify(told, syscall.SIGCHLD)
	signal.Notify(mark, syscall.SIGUSR1)
	map[string]func(){"own": own, "again": again, "adopted": adopted, "merged": merged}[os.Args[1]]()
}

// heard is how many came since it was asked last.
func heard() (n int) {
	must(syscall.Kill(os.Getpid(), syscall.SIGUSR1))
	<-mark
	for len(told) > 0 {
		<-told
		n++
	}
	return n
}

func shell(script string) *exec.Cmd {
	c := exec.Command("/bin/sh", "-c", script)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	return c
}

// own has children that die, and one that stops.
func own() {
	// Among threads that have locks of the C library, which fork waits for, when
	// the signal comes to them.
	stop := make(chan struct{})
	var all, busy sync.WaitGroup
	for range 4 {
		busy.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					_, err := os.ReadDir("/proc/self")
					must(err)
				}
			}
		})
	}
	for range 4 {
		all.Go(func() {
			for range 10 {
				must(shell("exit 0").Run())
			}
		})
	}
	all.Wait()
	close(stop)
	busy.Wait()
	fmt.Println("deaths of own children:", heard())

	must(syscall.Kill(os.Getpid(), syscall.SIGCHLD))
	<-told
	fmt.Println("sent: 1")

	c := shell("kill -STOP $$")
	must(c.Start())
	<-told
	fmt.Println("stopped: 1")
	must(c.Process.Signal(syscall.SIGCONT))
	must(c.Wait())
}

// again executes itself while it has a child, which dies then.
func again() {
	if os.Getenv("CHILD") == "" {
		c := exec.Command("/bin/sleep", "1000")
		must(c.Start())
		self, err := os.Executable()
		must(err)
		must(syscall.Exec(self, os.Args, []string{fmt.Sprint("CHILD=", c.Process.Pid)}))
	}
	var pid int
	_, err := fmt.Sscan(os.Getenv("CHILD"), &pid)
	must(err)
	must(syscall.Kill(pid, syscall.SIGKILL))
	_, err = syscall.Wait4(pid, nil, 0, nil)
	must(err)
	fmt.Println("deaths of own children:", heard())
}

// adopted gets an orphan: it is process 1.
func adopted() {
	must(shell("(exit 3) &").Run())
	<-told
	reap("orphan")
	fmt.Println("more:", heard())
}

// merged is stopped while first a child of its own and then an orphan die.
func merged() {
	c := shell(": <own")
	must(c.Start())
	must(shell("(: <orphan; exit 3) &").Run())
	fmt.Println("ready")
	<-told
	must(c.Wait())
	reap("orphan")
	fmt.Println("more:", heard())
}

func reap(who string) {
	var status syscall.WaitStatus
	_, err := syscall.Wait4(-1, &status, 0, nil)
	must(err)
	fmt.Println(who, "ended with", status.ExitStatus())
}

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
