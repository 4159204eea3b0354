// Command entered tells what the instructions before Go's own have left it.
package main

import (
	"fmt"
	"os"
	"runtime"

	_ "dockerinit/platform_lx/resident"
)

func main() { fmt.Printf("%d %q %q\n", runtime.GOMAXPROCS(0), os.Args, os.Environ()) }
