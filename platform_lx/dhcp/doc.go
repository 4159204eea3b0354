// Package dhcp gets the lease of an interface that has no address yet: one exchange
// of RFC 2131, bounded, and what came of it, checked word by word. A Keeper keeps
// the lease for as long as somebody asks it to.
//
// A container waits for the exchange: the first question is repeated after half a
// second, where clients that wait for nobody take five. The messages are those alone
// that a client sends and receives; the tests have them beside a library's.
//
// What a server says is not trusted: a word that makes no sense is left out with a
// warning, and a lease without a usable address is no lease.
package dhcp
