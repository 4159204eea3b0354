// Package room gives a goroutine at once the stack that it is going to need.
//
// A goroutine begins with 2 KiB of it and gets twice as much each time that is not
// enough. Go's runtime makes stacks of each size several at a time, and looks up
// each function that is under way to move them: three steps are a tenth of the
// memory that a start touches, and as much of its time.
//
// The main goroutine has its own when this package is initialised, which depends
// on no other and so comes before all that would need more.
package room

func init() { Take() }

// Take lets the calling goroutine have 16 KiB, in one step.
func Take() { reserve(false) }

// reserve has a frame that 8 KiB have no room for, and leaves it alone.
//
//go:noinline
func reserve(use bool) {
	if use {
		var frame [9 << 10]byte
		touch(&frame)
	}
}

//go:noinline
func touch(frame *[9 << 10]byte) { frame[len(frame)-1] = 1 }
