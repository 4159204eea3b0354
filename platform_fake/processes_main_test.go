package fake

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"dockerinit/core/bootlog"
	"dockerinit/core/exit"
	"dockerinit/core/process"
)

// What a test asks of this program when it runs it again.
const (
	roleVariable = "DOCKERINIT_TEST_ROLE" // "exec", "start", "shim"
	taskVariable = "DOCKERINIT_TEST_TASK"
)

// self is this test, which is a shim where Start made it one.
var self Self

func TestMain(m *testing.M) {
	self = Shim()
	role := os.Getenv(roleVariable)
	if role == "" {
		os.Exit(m.Run())
	}
	os.Exit(play(role))
}

// A task is what a role has to do.
type task struct {
	Command process.Command
	Root    string
}

// play becomes or starts a command from a process that is in a state of its own.
func play(role string) int {
	if role == "shim" {
		fmt.Println("not a shim")
		return 0
	}
	var do task
	if err := json.Unmarshal([]byte(os.Getenv(taskVariable)), &do); err != nil {
		fmt.Println(err)
		return 1
	}
	dirty()
	do.Command.Stdio = process.Stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	p := &Processes{Self: self, Root: do.Root, Log: bootlog.NewLogger(bootlog.NewText(os.Stdout))}
	err := func() error {
		if role == "exec" {
			return p.Exec(do.Command)
		}
		pid, err := p.Start(context.Background(), do.Command)
		if err != nil {
			return err
		}
		end, err := p.Wait(context.Background(), pid)
		if err == nil && end != (process.Exit{}) {
			err = fmt.Errorf("ended with %+v", end)
		}
		return err
	}()
	if err != nil {
		fmt.Printf("error %d %d %v\n", exit.CodeOf(err), exit.StatusOf(err), err)
	}
	return 0
}
