// Package metadata is the conversation with the host's metadata agent, in both
// versions of its protocol: what a frame is (frames.go, v1.go), the zone's side
// of it (Client) and the host's (Server).
//
// Everything is lines over a stream: a unix socket in a zone, a serial line in a
// virtual machine. A Client is given a Dial and does not know which it is. Its
// first write carries a reset, the negotiation of version 2 and every request
// that is waiting, so that a whole boot costs one round trip; answers are
// matched by their ids. Where the host turns out to speak version 1 only, the
// same is asked again on a new connection, in its words.
//
// What the keys mean, and who may write which, is not judged here: the first is
// core/zone's business, the second the host's. The package does not import net,
// which costs every program that links it at its start.
package metadata
