// Command entered tells what the instructions before Go's own have left it: the
// processors, the profile of the memory, its arguments and environment, and what the
// host said.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"

	"dockerinit/platform_lx/entry"
)

func main() {
	runtime.MemProfile(nil, false) // without somebody to read it there is none
	fmt.Printf("%d %d %q %q\n", runtime.GOMAXPROCS(0), runtime.MemProfileRate, os.Args, os.Environ())
	host := entry.Take()
	if host == nil {
		fmt.Println("not asked")
		return
	}
	question, id := host.Asked()
	answer, err := io.ReadAll(host)
	fmt.Println("asked", question == entry.ForExec, id == entry.FirstID, host.Fd() > 2, string(answer), err, entry.Take() == nil)
}
