/* What Go's package net asks of interfaces (net/if.h, sys/sockio.h): Linux's own are
 * shown, for programs that are not in a model of a zone. Nothing can be changed. */
#include "abi.h"
#include "sockets.h"
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

static int family_of(int fd)
{
	int f;
	socklen_t n = sizeof f;
	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &f, &n) ? AF_UNSPEC : f;
}

/* An interface's first address of a family is the interface, each other one is
 * logical: name:1, name:2. */
static void name_of(const struct ifaddrs *all, const struct ifaddrs *a, char *name)
{
	int n = 0;
	for (; all != a; all = all->ifa_next)
		n += all->ifa_addr && all->ifa_addr->sa_family == a->ifa_addr->sa_family && !strcmp(all->ifa_name, a->ifa_name);
	snprintf(name, sizeof((struct il_lifreq *)0)->name, n ? "%s:%d" : "%s", a->ifa_name, n);
}

static const struct { unsigned linux_flag; uint64_t il; } flags[] = {
	{ IFF_UP, IL_IFF_UP }, { IFF_BROADCAST, IL_IFF_BROADCAST }, { IFF_LOOPBACK, IL_IFF_LOOPBACK },
	{ IFF_POINTOPOINT, IL_IFF_POINTOPOINT }, { IFF_RUNNING, IL_IFF_RUNNING }, { IFF_MULTICAST, IL_IFF_MULTICAST },
};

static uint64_t flags_of(const struct ifaddrs *a)
{
	uint64_t f = a->ifa_addr->sa_family == AF_INET6 ? IL_IFF_IPV6 : IL_IFF_IPV4;
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (a->ifa_flags & flags[i].linux_flag)
			f |= flags[i].il;
	return f;
}

static int prefix_of(const struct ifaddrs *a)
{
	int six = a->ifa_addr->sa_family == AF_INET6, n = 0;
	const uint8_t *mask = !a->ifa_netmask ? 0 : six ? ((struct sockaddr_in6 *)a->ifa_netmask)->sin6_addr.s6_addr :
				       (void *)&((struct sockaddr_in *)a->ifa_netmask)->sin_addr;
	for (int i = 0; mask && i < (six ? 16 : 4); i++)
		n += __builtin_popcount(mask[i]);
	return n;
}

static long tell_hardware(const struct ifaddrs *all, const struct ifaddrs *a, struct il_lifreq *r)
{
	struct il_sockaddr_dl *d = (void *)&r->u;
	for (; all; all = all->ifa_next) {
		const struct sockaddr_ll *l = (void *)all->ifa_addr;
		if (!l || l->sll_family != AF_PACKET || strcmp(all->ifa_name, a->ifa_name) || all->ifa_flags & IFF_LOOPBACK)
			continue;
		memset(&r->u, 0, sizeof r->u);
		d->family = IL_AF_LINK, d->index = l->sll_ifindex, d->type = IL_IFT_ETHER, d->alen = l->sll_halen;
		memcpy(d->data, l->sll_addr, l->sll_halen);
		return 0;
	}
	return il_fail(EADDRNOTAVAIL);
}

static long tell(int fd, unsigned request, const struct ifaddrs *all, const struct ifaddrs *a, struct il_lifreq *r)
{
	socklen_t room = sizeof r->u;
	struct sockaddr_storage s = { 0 };
	struct ifreq l = { 0 };
	int six = a->ifa_addr->sa_family == AF_INET6;
	switch (request) {
	case IL_SIOCGLIFINDEX:
		r->u.index = if_nametoindex(a->ifa_name);
		return 0;
	case IL_SIOCGLIFFLAGS:
		r->u.flags = flags_of(a);
		return 0;
	case IL_SIOCGLIFMTU:
		snprintf(l.ifr_name, sizeof l.ifr_name, "%s", a->ifa_name);
		if (ioctl(fd, SIOCGIFMTU, &l))
			return il_fail(errno);
		r->u.mtu = l.ifr_mtu;
		return 0;
	case IL_SIOCGLIFADDR:
		memcpy(&s, a->ifa_addr, six ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
		memset(&r->u, 0, sizeof r->u);
		address_from_linux(&s, sizeof(struct sockaddr_in), &r->u, &room);
		r->addrlen = prefix_of(a);
		return 0;
	}
	return tell_hardware(all, a, r);
}

/* The names of the interfaces of a family. to is NULL where they are counted only. */
static int list(const struct ifaddrs *all, int family, struct il_lifreq *to, int most)
{
	int n = 0;
	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		if (!a->ifa_addr || a->ifa_addr->sa_family != family)
			continue;
		if (to && n < most) {
			memset(&to[n], 0, sizeof *to);
			name_of(all, a, to[n].name);
			if (!(a->ifa_flags & IFF_LOOPBACK))
				to[n].type = IL_IFT_ETHER;
		}
		n++;
	}
	return n;
}

static long answer(int fd, unsigned request, void *arg, const struct ifaddrs *all)
{
	struct il_lifnum *count = arg;
	struct il_lifconf *conf = arg;
	struct il_lifreq *r = arg;
	int family = family_of(fd), n;
	switch (request) {
	case IL_SIOCGLIFNUM:
		count->count = list(all, count->family == IL_AF_INET6 ? AF_INET6 : AF_INET, 0, 0);
		return 0;
	case IL_SIOCGLIFCONF:
		n = conf->len / sizeof *r;
		int there = list(all, conf->family == IL_AF_INET6 ? AF_INET6 : AF_INET, conf->to, n);
		conf->len = (there < n ? there : n) * sizeof *r;
		return 0;
	}
	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		char name[sizeof r->name];
		if (!a->ifa_addr || a->ifa_addr->sa_family != family)
			continue;
		name_of(all, a, name);
		if (!strncmp(name, r->name, sizeof name))
			return tell(fd, request, all, a, r);
	}
	return il_fail(ENXIO);
}

int interfaces_ioctl(int fd, unsigned request, void *arg, long *result)
{
	struct ifaddrs *all;
	switch (request) {
	case IL_SIOCGLIFNUM: case IL_SIOCGLIFCONF: case IL_SIOCGLIFINDEX: case IL_SIOCGLIFFLAGS: case IL_SIOCGLIFMTU:
	case IL_SIOCGLIFADDR: case IL_SIOCGLIFHWADDR:
		break;
	default:
		return 0;
	}
	if (getifaddrs(&all)) {
		*result = il_fail(errno);
		return 1;
	}
	*result = answer(fd, request, arg, all);
	freeifaddrs(all);
	return 1;
}
