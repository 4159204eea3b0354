package ipadm

// illumos: usr/src/lib/libipadm/common/libipadm.h
const (
	Legacy = 0x2 // IPH_LEGACY, of ipadm_open: for a caller that is no administrator's tool

	Active = 0x2    // IPADM_OPT_ACTIVE: now, and not in the daemon's files
	Up     = 0x1000 // IPADM_OPT_UP
)

// A Type is how an address comes about: ipadm_addr_type_t.
type Type uint32

// illumos: usr/src/lib/libipadm/common/libipadm.h
const (
	Static   Type = 1 // IPADM_ADDR_STATIC
	Addrconf Type = 2 // IPADM_ADDR_IPV6_ADDRCONF
	DHCP     Type = 3 // IPADM_ADDR_DHCP
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
