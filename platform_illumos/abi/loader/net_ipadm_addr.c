/* libipadm: ipadm_create_addr, and the words for a status.
 * illumos: usr/src/lib/libipadm/common/ipadm_addr.c, ipadm_ndpd.c */
#include "net_ipadm.h"
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char door[] = "/etc/svc/volatile/ipadm/ipmgmt_door";

static struct lif *by_object(const char *object)
{
	for (int i = 0; i < LIFS; i++)
		if (*net->lifs[i].name && *object && !strcmp(net->lifs[i].object, object))
			return &net->lifs[i];
	return 0;
}

/* What is wrong with it before anything is done. */
static enum status judge(const struct handle *h, const struct object *o, uint32_t flags)
{
	int legacy = h->flags & IPH_LEGACY;
	if (!flags || flags == OPT_PERSIST || flags & ~(OPT_ACTIVE | OPT_PERSIST | OPT_UP | OPT_V46))
		return IPADM_INVALID_ARG;
	if (flags & (OPT_PERSIST | OPT_V46))
		net_refuse("ipadm_create_addr: flags %#x, which nobody has looked into", flags);
	if (!o->family)
		return IPADM_BAD_ADDR;
	if (!legacy && o->number)
		return IPADM_INVALID_ARG;
	if (legacy && o->type != STATIC)
		return IPADM_NOTSUP; /* a handle with IPH_LEGACY is for static addresses alone */
	const struct lif *zero = net_lif(o->name, 0, o->family == IL_AF_INET6);
	if (!zero && legacy)
		return IPADM_ENXIO;
	if (!zero)
		net_refuse("ipadm_create_addr: %s is not plumbed, and to be so by the way", o->name);
	if (o->type != STATIC && zero->flags & IL_IFF_LOOPBACK)
		return IPADM_NOTSUP;
	if (!legacy && o->type == STATIC && net_is_zero(o->at.address, 16))
		return IPADM_BAD_ADDR;
	return IPADM_SUCCESS;
}

/* The logical interface that an object gets: the one that it names, or one of its own
 * where the interface itself has an address. */
static struct lif *place(const struct handle *h, const struct object *o)
{
	int six = o->family == IL_AF_INET6;
	struct lif *l = net_lif(o->name, o->number, six);
	if (h->flags & IPH_LEGACY || !l || (net_is_zero(l->at.address, 16) && !(l->flags & IL_IFF_DHCPRUNNING)))
		return l;
	return net_add(o->name, net_next_number(o->name, six), six);
}

/* RFC 791's classes, and what RFC 4291 has. */
static int usual_length(const struct object *o)
{
	const uint8_t *a = o->at.address;
	if (o->family == IL_AF_INET6)
		return a[0] == 0xfe && (a[1] & 0xc0) == 0x80 ? 10 : 64;
	return a[0] < 128 ? 8 : a[0] < 192 ? 16 : 24;
}

static enum status set_static(struct lif *l, const struct object *o, uint32_t flags)
{
	int e;
	/* The mask goes before the address, and stays where that is refused. */
	l->at.length = o->at.length > 0 ? o->at.length : usual_length(o);
	if ((e = net_set_address(l, o->at.address)))
		return ipadm_of(e);
	return flags & OPT_UP ? ipadm_of(net_set_flags(l, l->flags | IL_IFF_UP)) : IPADM_SUCCESS;
}

/* The object's place, and its name in the daemon. A handle of old finds an object that
 * is there, and goes on with that. */
static enum status enter(const struct handle *h, struct object *o, struct lif **where)
{
	struct lif *named = by_object(o->object), *l = *where = place(h, o);
	if (!l)
		return IPADM_ENXIO;
	if (h->flags & IPH_LEGACY && *l->object)
		return l->type == STATIC ? IPADM_SUCCESS : IPADM_NOTSUP;
	if (named)
		return IPADM_ADDROBJ_EXISTS;
	if (!*o->object)
		snprintf(o->object, sizeof o->object, "%.31s/_%c", o->name, 'a' + l->number % 26);
	strcpy(l->object, o->object);
	return IPADM_SUCCESS;
}

/* As it was before, where nothing has come of it. */
static void leave(struct lif *l, const struct object *o)
{
	if (!l || l->type)
		return;
	*l->object = 0;
	if (l->number != o->number)
		net_remove(l);
}

int il_ipadm_create_addr(void *handle, void *object, uint32_t flags)
{
	struct handle *h = ipadm_handle(handle, "ipadm_create_addr");
	struct object *o = ipadm_object(object, "ipadm_create_addr");
	IPADM_FAULT("ipadm_create_addr");
	if (geteuid())
		return IPADM_EAUTH;
	int served = net_door_state(door), number = 0;
	struct lif *l = 0;
	model_lock();
	enum status s = judge(h, o, flags);
	if (!s && served) /* the first thing that is asked for is looked up through the door */
		s = ipadm_of(served);
	if (!s && !(s = enter(h, o, &l)))
		number = l->number;
	if (!s && o->type == STATIC && !(s = set_static(l, o, flags)))
		l->type = STATIC;
	if (s)
		leave(l, o);
	model_unlock();
	if (s || o->type == STATIC)
		return s;
	s = o->type == DHCP ? ipadm_dhcp(o, number) : ipadm_addrconf(o, number);
	model_lock();
	if ((l = net_lif(o->name, number, o->family == IL_AF_INET6))) {
		if (!s || s == IPADM_DHCP_IPC_TIMEOUT)
			l->type = o->type;
		else
			leave(l, o);
	}
	model_unlock();
	return s;
}

/* Starts the agent if it does not run: 0 where it does then. */
static int start_agent(void)
{
	char path[128], *argv[] = { "dhcpagent", 0 }, *envp[] = { 0 };
	int status = -1;
	model_lock();
	int there = net_daemon("dhcpagent");
	model_unlock();
	if (there)
		return 0;
	snprintf(path, sizeof path, "%s/sbin/dhcpagent", model->nroot);
	model_fork();
	pid_t pid = fork();
	model_forked(pid);
	if (!pid) {
		execve(path, argv, envp);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

/* Nothing is waited for: where no server answers the time is taken as over. */
enum status ipadm_dhcp(const struct object *o, int number)
{
	if (start_agent())
		return IPADM_DHCP_START_ERROR;
	enum status s = IPADM_SUCCESS;
	model_lock();
	struct link *link = net_link(o->name);
	struct lif *l = net_lif(o->name, number, 0);
	if (!link || !l)
		s = IPADM_ENXIO;
	else if (link->dhcp == 1)
		s = IPADM_DHCP_IPC_ERROR;
	else if (!link->dhcp) {
		l->flags |= IL_IFF_DHCPRUNNING;
		s = o->wait ? IPADM_DHCP_IPC_TIMEOUT : IPADM_SUCCESS;
	} else {
		l->at.length = link->lease.length;
		if (!(s = ipadm_of(net_set_address(l, link->lease.address))))
			s = ipadm_of(net_set_flags(l, l->flags | IL_IFF_UP | IL_IFF_DHCPRUNNING));
		struct route r = { .flags = IL_RTF_UP | IL_RTF_GATEWAY };
		memcpy(r.gateway, link->gateway.address, 16);
		if (!s && !net_is_zero(r.gateway, 16))
			net_add_route(&r);
	}
	model_unlock();
	return s;
}

/* The link-local address, and a word to in.ndpd. */
enum status ipadm_addrconf(const struct object *o, int number)
{
	model_lock();
	struct link *link = net_link(o->name);
	struct lif *l = net_lif(o->name, number, 1);
	enum status s = net_daemon("in.ndpd") ? IPADM_SUCCESS : IPADM_NDPD_NOT_RUNNING;
	if (!link || !l)
		s = IPADM_ENXIO;
	if (!s) {
		uint8_t a[16];
		net_link_local(link, a);
		if (o->at.length > 0)
			memcpy(a + 8, o->at.address + 8, 8);
		l->at.length = 10;
		for (int i = 0; i < LIFS && !s; i++)
			if (&net->lifs[i] != l && !strcmp(net->lifs[i].name, o->name) && net->lifs[i].six && !memcmp(net->lifs[i].at.address, a, 16))
				s = IPADM_ADDRCONF_EXISTS;
		if (!s && !(s = ipadm_of(net_set_address(l, a))))
			s = ipadm_of(net_set_flags(l, l->flags | IL_IFF_UP));
	}
	model_unlock();
	return s;
}

/* In our own words; a caller may print them, and must not rely on them. */
const char *il_ipadm_status2str(uint32_t status)
{
	static const char *const words[] = {
		"done", "failed", "no authorization", "no permission", "no buffers", "no memory", "no address",
		"wrong family", "address is another's", "there already", "interface there already", "object there already",
		"addrconf there already", "no interface", "group in use", "argument not valid", "name not valid",
		"link cannot be opened", "no such link", "no such property", "value out of range", "no such value",
		"too many values", "no such object", "interface in use", "address in use", "name of many addresses",
		"address not to be had", "not all addresses up", "no in.ndpd", "no dhcpagent", "dhcpagent failed",
		"dhcpagent is late", "object not kept", "no ipmgmtd", "object disabled", "not supported",
		"answer not understood", "host's alone",
	};
	return status < sizeof words / sizeof *words ? words[status] : "no such status";
}
