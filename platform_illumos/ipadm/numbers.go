package ipadm

// illumos: usr/src/lib/libipadm/common/libipadm.h
const (
	Legacy = 0x2 // IPH_LEGACY, of ipadm_open: logical interfaces may be named, IPv6 comes with its link-local address

	Active = 0x2    // IPADM_OPT_ACTIVE: now, and not in the daemon's files
	Up     = 0x1000 // IPADM_OPT_UP
)

// A Type is how an address comes about: ipadm_addr_type_t.
type Type uint32

// illumos: usr/src/lib/libipadm/common/libipadm.h
const (
	Static Type = 1 // IPADM_ADDR_STATIC
	DHCP   Type = 3 // IPADM_ADDR_DHCP
)

// illumos: usr/src/lib/libipadm/common/libipadm.h
const (
	ProtoIPv4 = 1 // MOD_PROTO_IPV4
	ProtoIPv6 = 2 // MOD_PROTO_IPV6

	nameSize   = 32 // LIFNAMSIZ, with the NUL
	objectSize = 64 // IPADM_AOBJSIZ, with the NUL

	familyInet  = 2  // AF_INET
	familyInet6 = 26 // AF_INET6
	familyGuess = 0  // AF_UNSPEC
)
