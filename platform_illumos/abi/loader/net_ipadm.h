/* What the files of libipadm share. Everything but the state of the zone is memory of
 * the process: handles and address objects are, and so is what is known of them. */
#pragma once
#include "model.h"

/* ipadm_status_t, libipadm.h */
enum status {
	IPADM_SUCCESS, IPADM_FAILURE, IPADM_EAUTH, IPADM_EPERM, IPADM_NO_BUFS, IPADM_NO_MEMORY, IPADM_BAD_ADDR,
	IPADM_BAD_PROTOCOL, IPADM_DAD_FOUND, IPADM_EXISTS, IPADM_IF_EXISTS, IPADM_ADDROBJ_EXISTS, IPADM_ADDRCONF_EXISTS,
	IPADM_ENXIO, IPADM_GRP_NOTEMPTY, IPADM_INVALID_ARG, IPADM_INVALID_NAME, IPADM_DLPI_FAILURE, IPADM_DLADM_FAILURE,
	IPADM_PROP_UNKNOWN, IPADM_ERANGE, IPADM_ESRCH, IPADM_EOVERFLOW, IPADM_NOTFOUND, IPADM_IF_INUSE, IPADM_ADDR_INUSE,
	IPADM_BAD_HOSTNAME, IPADM_ADDR_NOTAVAIL, IPADM_ALL_ADDRS_NOT_ENABLED, IPADM_NDPD_NOT_RUNNING,
	IPADM_DHCP_START_ERROR, IPADM_DHCP_IPC_ERROR, IPADM_DHCP_IPC_TIMEOUT, IPADM_TEMPORARY_OBJ, IPADM_IPC_ERROR,
	IPADM_OP_DISABLE_OBJ, IPADM_NOTSUP, IPADM_EBADE, IPADM_GZ_PERM,
};

enum { IPH_VRRP = 1, IPH_LEGACY = 2, IPH_IPMGMTD = 4 };
enum { OPT_PERSIST = 1, OPT_ACTIVE = 2, OPT_UP = 0x1000, OPT_V46 = 0x2000 }; /* IPADM_OPT_* */
enum { STATIC = 1, ADDRCONF = 2, DHCP = 3 };                                             /* ipadm_addr_type_t */

struct handle { int used; uint32_t flags; };

struct object {
	int used, type, number, family, wait, stateless, stateful, primary;
	char name[NAME_SIZE], object[OBJECT_SIZE];
	struct prefix at; /* length -1: the class's own */
};

/* A pointer that the library has not given, or not any more, ends the run. */
struct handle *ipadm_handle(const void *, const char *function);
struct object *ipadm_object(const void *, const char *function);
enum status ipadm_of(int linux_errno);

enum status ipadm_dhcp(const struct object *, int number);
enum status ipadm_addrconf(const struct object *, int number);

/* What a call is to fail with; any number but 0 is a status. */
#define IPADM_FAULT(call) do { int ipadm_e = model_fault(call); if (ipadm_e) return ipadm_e; } while (0)
