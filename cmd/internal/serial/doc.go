// Package serial is the way to the metadata service of a virtual machine: its
// second serial line, of which the host has the other end. Of the programs mdata
// alone needs it; a zone has a socket.
//
// The mode, the lock and the draining are what all clients of such a line agree
// on (mdata-client, and the copy of it in smartos-live).
package serial
