/* libipadm: handles, interfaces and their properties, address objects (libipadm.h).
 * illumos: usr/src/lib/libipadm/common/libipadm.c, ipadm_if.c, ipadm_addr.c */
#include "net_ipadm.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 256 };
static struct handle handles[MOST]; /* one is never used twice, so that an old one is known */
static struct object objects[4096];
static int handles_given, objects_given;
static pthread_mutex_t mine = PTHREAD_MUTEX_INITIALIZER;

struct handle *ipadm_handle(const void *p, const char *function)
{
	const struct handle *h = p;
	if (h < handles || h >= handles + MOST || ((char *)h - (char *)handles) % sizeof *h || !h->used)
		net_refuse("%s: %p is no handle of the library, or not any more", function, p);
	return (struct handle *)h;
}

struct object *ipadm_object(const void *p, const char *function)
{
	const struct object *o = p;
	if (o < objects || o >= objects + 4096 || ((char *)o - (char *)objects) % sizeof *o || !o->used)
		net_refuse("%s: %p is no address object of the library, or not any more", function, p);
	return (struct object *)o;
}

static const char *text_argument(const char *text, const char *function)
{
	if (!text)
		net_refuse("%s: NULL for a text", function);
	return text;
}

enum status ipadm_of(int e)
{
	switch (e) {
	case 0: return IPADM_SUCCESS;
	case ENXIO: return IPADM_ENXIO;
	case ENOMEM: return IPADM_NO_MEMORY;
	case EINVAL: return IPADM_INVALID_ARG;
	case EEXIST: return IPADM_EXISTS;
	case EADDRNOTAVAIL: return IPADM_ADDR_NOTAVAIL;
	case EADDRINUSE: return IPADM_ADDR_INUSE;
	case ENOENT: return IPADM_NOTFOUND;
	case EPERM: return IPADM_EPERM;
	case ENOTSUP: return IPADM_NOTSUP;
	case EBADF: return IPADM_IPC_ERROR;
	}
	return IPADM_FAILURE;
}

int il_ipadm_open(void **out, uint32_t flags)
{
	IPADM_FAULT("ipadm_open");
	if (!out || flags & ~(IPH_VRRP | IPH_LEGACY | IPH_IPMGMTD))
		return IPADM_INVALID_ARG;
	if (flags & (IPH_VRRP | IPH_IPMGMTD))
		net_refuse("ipadm_open: flags %#x, which are for two daemons", flags);
	pthread_mutex_lock(&mine);
	if (handles_given == MOST)
		net_refuse("ipadm_open: %d handles", MOST);
	struct handle *h = &handles[handles_given++];
	pthread_mutex_unlock(&mine);
	h->used = 1, h->flags = flags;
	*out = h;
	return IPADM_SUCCESS;
}

void il_ipadm_close(void *handle)
{
	if (handle)
		ipadm_handle(handle, "ipadm_close")->used = 0;
}

/* The family and flags of create_if and delete_if. */
static enum status judge(const struct handle *h, const char *name, uint16_t family, uint32_t flags, const char *function)
{
	char base[NAME_SIZE];
	int number, logical;
	if (family && family != IL_AF_INET && family != IL_AF_INET6)
		net_refuse("%s: family %d", function, family);
	if (!flags || (flags & OPT_PERSIST && !(flags & OPT_ACTIVE)) || flags & ~(OPT_PERSIST | OPT_ACTIVE))
		return IPADM_INVALID_ARG;
	if (geteuid())
		return IPADM_EAUTH;
	if (!net_parse_name(name, base, &number, &logical) || (logical && !(number && h->flags & IPH_LEGACY)))
		return IPADM_INVALID_ARG;
	if (flags & OPT_PERSIST || logical)
		net_refuse("%s: flags %#x for %s, which nobody has looked into", function, flags, name);
	return IPADM_SUCCESS;
}

static enum status plumb(const struct handle *h, const char *name, int six)
{
	if (net_lif(name, 0, six))
		return IPADM_IF_EXISTS;
	if (!strcmp(name, "lo0")) {
		net_plumb_loopback(six);
		if (!(h->flags & IPH_LEGACY))
			memset(&net_lif(name, 0, six)->at, 0, sizeof(struct prefix));
		return IPADM_SUCCESS;
	}
	const struct link *link = net_link(name);
	if (!link)
		return IPADM_DLPI_FAILURE;
	return ipadm_of(net_plumb(link, six, h->flags & IPH_LEGACY));
}

/* LIFNAMSIZ bytes of name are the library's to write to, and it does. */
int il_ipadm_create_if(void *handle, char *name, uint16_t family, uint32_t flags)
{
	struct handle *h = ipadm_handle(handle, "ipadm_create_if");
	char copy[NAME_SIZE] = "";
	IPADM_FAULT("ipadm_create_if");
	strncpy(copy, text_argument(name, "ipadm_create_if"), NAME_SIZE);
	if (copy[NAME_SIZE - 1])
		return IPADM_INVALID_ARG;
	enum status s = judge(h, copy, family, flags, "ipadm_create_if");
	if (s)
		return s;
	memset(name, '#', NAME_SIZE);
	memcpy(name, copy, NAME_SIZE);
	model_lock();
	if (family != IL_AF_INET6)
		s = plumb(h, copy, 0);
	if (!s && family != IL_AF_INET && (s = plumb(h, copy, 1)) && !family)
		net_unplumb(copy, 0);
	model_unlock();
	return s;
}

static enum status unplumb(const char *name, int six)
{
	if (!net_lif(name, 0, six))
		return IPADM_ENXIO;
	net_unplumb(name, six);
	return IPADM_SUCCESS;
}

int il_ipadm_delete_if(void *handle, const char *name, uint16_t family, uint32_t flags)
{
	struct handle *h = ipadm_handle(handle, "ipadm_delete_if");
	IPADM_FAULT("ipadm_delete_if");
	enum status s = judge(h, text_argument(name, "ipadm_delete_if"), family, flags, "ipadm_delete_if"), t;
	if (s)
		return s;
	int door = net_door_state("/etc/svc/volatile/ipadm/ipmgmt_door");
	model_lock();
	s = family == IL_AF_INET6 ? IPADM_ENXIO : unplumb(name, 0);
	t = family == IL_AF_INET ? IPADM_ENXIO : unplumb(name, 1);
	model_unlock();
	if (s == IPADM_ENXIO)
		s = t;
	else if (t && t != IPADM_ENXIO)
		s = IPADM_FAILURE;
	return s ? s : door ? ipadm_of(door) : IPADM_SUCCESS;
}

int il_ipadm_set_ifprop(void *handle, const char *name, const char *property, const char *value, uint32_t protocol, uint32_t flags)
{
	char base[NAME_SIZE], *end;
	int number, logical;
	ipadm_handle(handle, "ipadm_set_ifprop");
	IPADM_FAULT("ipadm_set_ifprop");
	if (geteuid())
		return IPADM_EAUTH;
	if (flags != OPT_ACTIVE || !net_parse_name(text_argument(name, "ipadm_set_ifprop"), base, &number, &logical) || logical)
		return IPADM_INVALID_ARG;
	if (strcmp(text_argument(property, "ipadm_set_ifprop"), "mtu"))
		return IPADM_PROP_UNKNOWN;
	if (protocol != 1 && protocol != 2) /* MOD_PROTO_IPV4, MOD_PROTO_IPV6: inet/tunables.h */
		return IPADM_INVALID_ARG;
	unsigned long mtu = strtoul(text_argument(value, "ipadm_set_ifprop"), &end, 10);
	if (!*value || *end)
		return IPADM_INVALID_ARG;
	enum status s = IPADM_SUCCESS;
	model_lock();
	struct lif *l = net_lif(base, 0, protocol == 2);
	const struct link *link = net_link(base);
	if (!l)
		s = IPADM_ENXIO;
	else if (mtu < (protocol == 2 ? 1280 : 68) || (link && mtu > link->mtu))
		s = IPADM_INVALID_ARG;
	else
		l->mtu = mtu;
	model_unlock();
	return s;
}

static int good_object_name(const char *name)
{
	size_t n = strlen(name);
	return n && n < NAME_SIZE && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == n && name[0] > '9';
}

int il_ipadm_create_addrobj(uint32_t type, const char *name, void **out)
{
	char whole[OBJECT_SIZE], *own;
	struct object o = { .used = 1, .type = type, .wait = -1, .stateless = 1, .stateful = 1 };
	int logical;
	IPADM_FAULT("ipadm_create_addrobj");
	if (!out)
		return IPADM_INVALID_ARG;
	*out = 0;
	if (!name || !*name || (size_t)snprintf(whole, sizeof whole, "%s", name) >= sizeof whole)
		return IPADM_INVALID_ARG;
	if ((own = strchr(whole, '/')))
		*own++ = 0;
	if (!net_parse_name(whole, o.name, &o.number, &logical) || (own && !good_object_name(own)) || type < STATIC || type > DHCP)
		return IPADM_INVALID_ARG;
	if (own)
		snprintf(o.object, sizeof o.object, "%.31s/%.31s", o.name, own);
	o.family = type == DHCP ? IL_AF_INET : type == ADDRCONF ? IL_AF_INET6 : 0;
	pthread_mutex_lock(&mine);
	if (objects_given == 4096)
		net_refuse("ipadm_create_addrobj: 4096 objects");
	struct object *given = &objects[objects_given++];
	pthread_mutex_unlock(&mine);
	*given = o;
	*out = given;
	return IPADM_SUCCESS;
}

void il_ipadm_destroy_addrobj(void *object)
{
	if (object)
		memset(ipadm_object(object, "ipadm_destroy_addrobj"), 0, sizeof(struct object));
}

/* The library writes a static address into whatever object it is given. */
int il_ipadm_set_addr(void *object, const char *text, uint16_t family)
{
	struct object *o = ipadm_object(object, "ipadm_set_addr");
	struct prefix p;
	int six;
	IPADM_FAULT("ipadm_set_addr");
	if (o->type != STATIC)
		net_refuse("ipadm_set_addr: %s is no static one", o->object);
	if (!net_parse_prefix(text_argument(text, "ipadm_set_addr"), &p, &six))
		return strchr(text, '/') ? IPADM_INVALID_ARG : IPADM_BAD_ADDR;
	if (family && family != (six ? IL_AF_INET6 : IL_AF_INET))
		return IPADM_BAD_ADDR;
	o->at = p, o->family = six ? IL_AF_INET6 : IL_AF_INET;
	return IPADM_SUCCESS;
}

#define SET(function, kind, argument, set)                                                     \
	int il_##function(void *object, argument value)                                        \
	{                                                                                      \
		struct object *o = ipadm_object(object, #function);                            \
		IPADM_FAULT(#function);                                                        \
		if (o->type != kind)                                                           \
			return IPADM_INVALID_ARG;                                              \
		set;                                                                           \
		return IPADM_SUCCESS;                                                          \
	}
SET(ipadm_set_wait_time, DHCP, int32_t, if (value < -2) return IPADM_INVALID_ARG; o->wait = value)
SET(ipadm_set_primary, DHCP, int, o->primary = value)
SET(ipadm_set_stateless, ADDRCONF, int, o->stateless = value)
SET(ipadm_set_stateful, ADDRCONF, int, o->stateful = value)

int il_ipadm_set_interface_id(void *object, const char *text)
{
	struct object *o = ipadm_object(object, "ipadm_set_interface_id");
	struct prefix p;
	int six;
	IPADM_FAULT("ipadm_set_interface_id");
	if (o->type != ADDRCONF || !text || !net_parse_prefix(text, &p, &six) || !six || p.length < 0)
		return IPADM_INVALID_ARG;
	o->at = p;
	return IPADM_SUCCESS;
}
