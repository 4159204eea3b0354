// Package dhcp gets the lease of an interface that has no address yet: one exchange
// of RFC 2131, bounded, and what came of it, checked word by word. A Keeper keeps
// the lease for as long as somebody asks it to.
//
// The messages are a library's. The exchange and its packet socket are ours, since a
// container waits for it: the first question is repeated after half a second, where
// clients that wait for nobody take five.
//
// What a server says is not trusted: a word that makes no sense is left out with a
// warning, and a lease without a usable address is no lease.
package dhcp
