//go:build fake || !(illumos || linux)

package backend

// Name is the platform's name.
const Name = "fake"
