// Package scenario is a table of zones and of what must come of them: what every
// backend has to do is said here once, and every backend's tests run it.
//
// A scenario is what a boot meets (a payload, an image, a host) and what it
// leaves behind, as text. It does not know what the boot stands on: that is the
// runner's part, and New and Boot are the runner for the fake. Commands are
// looked up in the image, so that no program of the machine plays a part.
package scenario
