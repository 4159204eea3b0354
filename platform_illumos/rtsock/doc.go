// Package rtsock writes the messages of a PF_ROUTE socket, by which an illumos
// kernel is asked for a route. It opens no socket.
package rtsock
