// Package entry is what a program of an LX zone does before Go's own beginning.
//
// Go's runtime takes a millisecond until main. A program that is entered here
// (linker flag -E) has asked the host by then: it has connected to the metadata
// socket and written its first question, which is the same at every start, and
// the host answers it meanwhile. Nothing is waited for, and nothing is trusted:
// whoever takes the connection makes sure of who is at its other end. Where there
// is no host yet, none of it has happened.
//
// It also tells the runtime, by its environment, that it has one processor. These
// programs do one thing after the other: threads that look for more to do would
// only have to be woken, and stopped when the command comes. To tell it in main,
// when it has made itself ready for all processors, costs more than that. Nor does
// it make a profile of the memory, which nobody looks at.
package entry
