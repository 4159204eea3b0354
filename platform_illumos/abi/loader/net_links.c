/* The ioctls on interfaces (net/if.h, sys/sockio.h): struct lifreq. The family of the
 * socket picks the side. illumos: usr/src/uts/common/inet/ip/ip_if.c */
#include "model.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST(name) { IL_##name, #name }
static const struct { unsigned request; const char *name; } requests[] = {
	REQUEST(SIOCLIFREMOVEIF), REQUEST(SIOCLIFADDIF), REQUEST(SIOCSLIFADDR), REQUEST(SIOCGLIFADDR), REQUEST(SIOCSLIFFLAGS),
	REQUEST(SIOCGLIFFLAGS), REQUEST(SIOCSLIFMTU), REQUEST(SIOCGLIFMTU), REQUEST(SIOCGLIFNETMASK), REQUEST(SIOCSLIFNETMASK),
	REQUEST(SIOCGLIFINDEX), REQUEST(SIOCGLIFNUM), REQUEST(SIOCGLIFCONF), REQUEST(SIOCGLIFHWADDR),
};
enum { STORAGE = 256 }; /* struct sockaddr_storage */

static void put_address(struct il_lifreq *r, const uint8_t *a, int length, int six)
{
	struct il_sockaddr_in *in = (void *)&r->u;
	struct il_sockaddr_in6 *in6 = (void *)&r->u;
	memset(&r->u, 0, STORAGE);
	in->family = six ? IL_AF_INET6 : IL_AF_INET;
	memcpy(six ? in6->addr : in->addr, a, six ? 16 : 4);
	r->addrlen = length;
}

/* An address that is told to the kernel: of the socket's family, and nothing else in it. */
static int take_address(const char *request, const struct il_lifreq *r, uint8_t *a, int six)
{
	const struct il_sockaddr_in *in = (void *)&r->u;
	const struct il_sockaddr_in6 *in6 = (void *)&r->u;
	size_t used = six ? sizeof *in6 : sizeof *in;
	memset(a, 0, 16);
	if (in->family != (six ? IL_AF_INET6 : IL_AF_INET))
		return EAFNOSUPPORT;
	if (in->port || (six ? in6->flowinfo || in6->scope || in6->source : !net_is_zero(in->zero, 8)) ||
	    !net_is_zero(r->u.all + used, STORAGE - used))
		net_refuse("%s: something behind the address", request);
	memcpy(a, six ? in6->addr : in->addr, six ? 16 : 4);
	return 0;
}

static int set_flags(struct lif *l, uint64_t flags)
{
	const uint64_t known = IL_IFF_UP | IL_IFF_DHCPRUNNING | IL_IFF_ADDRCONF;
	if ((flags ^ l->flags) & ~known)
		return -1;
	return net_set_flags(l, flags);
}

static int add_logical(struct il_lifreq *r, const char *name, int number, int logical, int six)
{
	if (!strcmp(name, "lo0") && !net_lif(name, 0, six))
		return net_plumb_loopback(six);
	if (!net_lif(name, 0, six))
		return ENXIO;
	if (!logical)
		number = net_next_number(name, six);
	if (!net_add(name, number, six))
		return EEXIST;
	return snprintf(r->name, sizeof r->name, "%s:%d", name, number) < NAME_SIZE ? 0 : EINVAL;
}

static int remove_logical(struct lif *l)
{
	if (!l->number && strcmp(l->name, "lo0"))
		return EINVAL; /* that would be unplumbing it */
	net_remove(l);
	return 0;
}

static int set_mask(struct lif *l, const uint8_t *mask)
{
	int n = net_mask_length(mask, l->six);
	if (n < 0)
		return l->six ? EINVAL : ENOTSUP;
	l->at.length = n;
	return 0;
}

static int hardware_address(const struct lif *l, struct il_lifreq *r)
{
	const struct link *link = net_link(l->name);
	struct il_sockaddr_dl *d = (void *)&r->u;
	if (!link)
		return EADDRNOTAVAIL;
	memset(&r->u, 0, STORAGE);
	d->family = IL_AF_LINK, d->index = l->index, d->type = IL_IFT_ETHER, d->alen = sizeof link->mac;
	memcpy(d->data, link->mac, sizeof link->mac);
	return 0;
}

/* One request about one interface, with the lock held. -1: not to be asked so. */
static int on_interface(unsigned request, struct il_lifreq *r, const uint8_t *address, int six)
{
	char name[NAME_SIZE];
	int number, logical;
	struct lif *l;
	if (!net_parse_name(r->name, name, &number, &logical))
		return ENXIO;
	if (request == IL_SIOCLIFADDIF)
		return add_logical(r, name, number, logical, six);
	if (!(l = net_lif(name, number, six)))
		return ENXIO;
	switch (request) {
	case IL_SIOCLIFREMOVEIF: return remove_logical(l);
	case IL_SIOCSLIFADDR: return net_set_address(l, address);
	case IL_SIOCGLIFADDR: put_address(r, l->at.address, l->at.length, six); return 0;
	case IL_SIOCSLIFFLAGS: return set_flags(l, r->u.flags);
	case IL_SIOCGLIFFLAGS: r->u.flags = l->flags; return 0;
	case IL_SIOCSLIFMTU: {
		const struct link *link = net_link(name);
		if (number || r->u.mtu < (six ? 1280 : 68) || (link && r->u.mtu > link->mtu))
			return EINVAL;
		l->mtu = r->u.mtu;
		return 0;
	}
	case IL_SIOCGLIFMTU: r->u.mtu = l->mtu; return 0;
	case IL_SIOCGLIFNETMASK: {
		uint8_t mask[16];
		net_mask(l->at.length, six, mask);
		put_address(r, mask, l->at.length, six);
		return 0;
	}
	case IL_SIOCSLIFNETMASK: return set_mask(l, address);
	case IL_SIOCGLIFINDEX: r->u.index = l->index; return 0;
	case IL_SIOCGLIFHWADDR: return hardware_address(l, r);
	}
	return EINVAL;
}

static int matches(const struct lif *l, int family) { return *l->name && (!family || (family == IL_AF_INET6) == l->six); }

static int count(int family)
{
	int n = 0;
	for (int i = 0; i < LIFS; i++)
		n += matches(&net->lifs[i], family);
	return n;
}

static int list(struct il_lifconf *c)
{
	int n = 0, room = c->len / (int)sizeof *c->to;
	for (int i = 0; i < LIFS; i++) {
		const struct lif *l = &net->lifs[i];
		if (!matches(l, c->family))
			continue;
		if (n == room)
			return EINVAL;
		struct il_lifreq *r = &c->to[n++];
		memset(r, 0, sizeof *r);
		snprintf(r->name, sizeof r->name, l->number ? "%s:%d" : "%s", l->name, l->number);
		r->type = l->flags & IL_IFF_LOOPBACK ? IL_IFT_LOOP : IL_IFT_ETHER;
		put_address(r, l->at.address, l->at.length, l->six);
	}
	c->len = n * sizeof *c->to;
	return 0;
}

int net_ioctl(int fd, unsigned request, void *arg, long *result)
{
	const char *what = 0;
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		if (requests[i].request == request)
			what = requests[i].name;
	if (!what)
		return 0;
	int domain, e = model_fault(what);
	socklen_t n = sizeof domain;
	if (e)
		return *result = il_fail_with(e), 1;
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) || (domain != AF_INET && domain != AF_INET6))
		return *result = il_fail(errno == EBADF ? EBADF : ENOTTY), 1;
	int six = domain == AF_INET6, sets = (request & 0x40000000) == 0 || request == IL_SIOCLIFADDIF;
	struct il_lifreq *r = arg;
	uint8_t address[16];
	if (sets && geteuid())
		return *result = il_fail(EPERM), 1;
	if (request == IL_SIOCGLIFNUM || request == IL_SIOCGLIFCONF) {
		model_lock();
		if (request == IL_SIOCGLIFNUM)
			((struct il_lifnum *)arg)->count = count(((struct il_lifnum *)arg)->family);
		else
			e = list(arg);
		model_unlock();
		return *result = e ? il_fail(e) : 0, 1;
	}
	if (!memchr(r->name, 0, sizeof r->name))
		net_refuse("%s: the name has no end", what);
	if (request == IL_SIOCLIFADDIF && !net_is_zero(r->u.all, STORAGE))
		net_refuse("%s: with an address, which nobody has looked into", what);
	if (request == IL_SIOCSLIFADDR || request == IL_SIOCSLIFNETMASK)
		if ((e = take_address(what, r, address, six)))
			return *result = il_fail(e), 1;
	model_lock();
	e = on_interface(request, r, address, six);
	model_unlock();
	if (e < 0)
		net_refuse("%s: %s: flags that cannot be changed are to be as they were read", what, r->name);
	return *result = e ? il_fail(e) : 0, 1;
}
