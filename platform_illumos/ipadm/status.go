package ipadm

import "fmt"

// A Status is what a call has come to: ipadm_status_t.
type Status uint32

// Those that dockerinit knows how to go on from.
const (
	Success       Status = 0
	IfExists      Status = 10
	ObjectExists  Status = 11
	ConfExists    Status = 12
	NDPDNotThere  Status = 29
	IPCError      Status = 34
	AddressExists Status = 9
)

// Error is the library's status in words, with its name for who looks it up.
func (s Status) Error() string {
	if int(s) < len(statuses) {
		return fmt.Sprintf("%s (IPADM_%s)", statuses[s].words, statuses[s].name)
	}
	return fmt.Sprintf("libipadm status %d", uint32(s))
}

// statuses are in the order of the enumeration.
// illumos: usr/src/lib/libipadm/common/libipadm.h
var statuses = [...]struct{ name, words string }{
	{"SUCCESS", "done"},
	{"FAILURE", "failed"},
	{"EAUTH", "not authorized"},
	{"EPERM", "not permitted"},
	{"NO_BUFS", "no buffer space"},
	{"NO_MEMORY", "out of memory"},
	{"BAD_ADDR", "not an address"},
	{"BAD_PROTOCOL", "wrong protocol family"},
	{"DAD_FOUND", "another machine on the link has this address"},
	{"EXISTS", "exists already"},
	{"IF_EXISTS", "the interface exists already"},
	{"ADDROBJ_EXISTS", "the address object exists already"},
	{"ADDRCONF_EXISTS", "addrconf is in progress already"},
	{"ENXIO", "no such interface"},
	{"GRP_NOTEMPTY", "the IPMP group is not empty"},
	{"INVALID_ARG", "invalid argument"},
	{"INVALID_NAME", "invalid name"},
	{"DLPI_FAILURE", "the link could not be opened"},
	{"DLADM_FAILURE", "the link's library failed"},
	{"PROP_UNKNOWN", "unknown property"},
	{"ERANGE", "out of range"},
	{"ESRCH", "no such value"},
	{"EOVERFLOW", "too large"},
	{"NOTFOUND", "not found"},
	{"IF_INUSE", "the interface is in use"},
	{"ADDR_INUSE", "the address is in use"},
	{"BAD_HOSTNAME", "the host name has no address"},
	{"ADDR_NOTAVAIL", "the address is not available"},
	{"ALL_ADDRS_NOT_ENABLED", "not all addresses could be enabled"},
	{"NDPD_NOT_RUNNING", "in.ndpd does not run"},
	{"DHCP_START_ERROR", "dhcpagent could not be started"},
	{"DHCP_IPC_ERROR", "dhcpagent could not be spoken to"},
	{"DHCP_IPC_TIMEOUT", "dhcpagent did not answer in time"},
	{"TEMPORARY_OBJ", "not for a temporary object"},
	{"IPC_ERROR", "ipmgmtd could not be spoken to"},
	{"OP_DISABLE_OBJ", "not for a disabled object"},
	{"NOTSUP", "not supported"},
	{"EBADE", "ipmgmtd answered what cannot be understood"},
	{"GZ_PERM", "only the global zone may"},
}
