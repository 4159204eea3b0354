// Package libc calls C libraries of illumos without cgo: those functions that
// Go's own packages lack or cannot call. It knows how to call, and nothing of
// what the calls are for.
//
// Go's illumos port enters libc with a stack that is misaligned by 8 bytes and
// with six arguments at most. libc gets by with that; nothing promises that
// another library does. So all calls go through one assembly routine on the
// system stack, which aligns it, passes any number of arguments, and reads errno
// before anything else can set it.
//
// What C is given lies on the heap (Bytes, String): stacks of goroutines move,
// and the collector does not move what is on the heap. It must be kept alive
// until the call is over, with runtime.KeepAlive. Nothing that C has allocated is
// freed but by its own function.
package libc
