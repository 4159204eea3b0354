//go:build linux

package entry

// They are entered, and not called by anything in Go.
func exec()
func ask()
func start()

var _ = [...]func(){exec, ask, start}
