// Package zfd is the console of a zone as a zone sees it: devices below /dev/zfd,
// whose other ends the host has. With a terminal 0 is all of it; otherwise 0, 1
// and 2 are one-way streams. It waits for them, opens them and nothing that an
// image may have put in their place, and says the last word where nobody else can.
//
// Both kinds of zone have them, so that both backends share this. How a log driver
// gets its copies is each kernel's own, and is theirs.
// illumos-joyent: usr/src/uts/common/io/zfd.c
package zfd
