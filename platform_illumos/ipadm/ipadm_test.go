package ipadm

import (
	"strings"
	"testing"
)

// illumos: usr/src/lib/libipadm/common/libipadm.h
func TestNumbers(t *testing.T) {
	for _, tt := range []struct {
		name      string
		got, want int
	}{
		{"IPH_LEGACY", Legacy, 2}, {"IPADM_OPT_ACTIVE", Active, 2}, {"IPADM_OPT_UP", Up, 0x1000},
		{"IPADM_ADDR_STATIC", int(Static), 1}, {"IPADM_ADDR_DHCP", int(DHCP), 3},
		{"MOD_PROTO_IPV4", ProtoIPv4, 1}, {"MOD_PROTO_IPV6", ProtoIPv6, 2},
		{"LIFNAMSIZ", nameSize, 32}, {"IPADM_AOBJSIZ", objectSize, 64},
		{"AF_INET", familyInet, 2}, {"AF_INET6", familyInet6, 26}, {"AF_UNSPEC", familyGuess, 0},
	} {
		if tt.got != tt.want {
			t.Errorf("%s is %#x, want %#x", tt.name, tt.got, tt.want)
		}
	}
}

func TestStatuses(t *testing.T) {
	names := strings.Fields("SUCCESS FAILURE EAUTH EPERM NO_BUFS NO_MEMORY BAD_ADDR BAD_PROTOCOL DAD_FOUND EXISTS " +
		"IF_EXISTS ADDROBJ_EXISTS ADDRCONF_EXISTS ENXIO GRP_NOTEMPTY INVALID_ARG INVALID_NAME DLPI_FAILURE DLADM_FAILURE PROP_UNKNOWN " +
		"ERANGE ESRCH EOVERFLOW NOTFOUND IF_INUSE ADDR_INUSE BAD_HOSTNAME ADDR_NOTAVAIL ALL_ADDRS_NOT_ENABLED NDPD_NOT_RUNNING " +
		"DHCP_START_ERROR DHCP_IPC_ERROR DHCP_IPC_TIMEOUT TEMPORARY_OBJ IPC_ERROR OP_DISABLE_OBJ NOTSUP EBADE GZ_PERM")
	if len(names) != len(statuses) {
		t.Fatalf("%d names, %d statuses", len(names), len(statuses))
	}
	for n, name := range names {
		if !strings.HasSuffix(Status(n).Error(), "(IPADM_"+name+")") {
			t.Errorf("%d is %s, want %s", n, Status(n).Error(), name)
		}
	}
	for _, tt := range []struct {
		got  Status
		want string
	}{
		{IfExists, "the interface exists already (IPADM_IF_EXISTS)"},
		{ObjectExists, "the address object exists already (IPADM_ADDROBJ_EXISTS)"},
		{ConfExists, "addrconf is in progress already (IPADM_ADDRCONF_EXISTS)"},
		{NDPDNotThere, "in.ndpd does not run (IPADM_NDPD_NOT_RUNNING)"},
		{IPCError, "ipmgmtd could not be spoken to (IPADM_IPC_ERROR)"},
		{AddressExists, "exists already (IPADM_EXISTS)"},
		{99, "libipadm status 99"},
	} {
		if tt.got.Error() != tt.want {
			t.Errorf("got %s, want %s", tt.got.Error(), tt.want)
		}
	}
}

func TestNames(t *testing.T) {
	for _, tt := range []struct {
		name string
		ok   bool
	}{
		{"net0", true}, {strings.Repeat("n", 31), true}, {strings.Repeat("n", 32), false}, {"", false}, {"n\x00", false},
	} {
		if err := CheckInterface(tt.name); (err == nil) != tt.ok {
			t.Errorf("%q: %v", tt.name, err)
		}
	}
	if err := checkObject(strings.Repeat("o", 64)); err == nil {
		t.Error("an object's name of 64 bytes has no room for its NUL")
	}
}
