/* PF_ROUTE sockets (net/route.h): a write is a question, and what came of it is sent
 * to all readers. The descriptor is a real socket, bound to a name that tells it.
 * illumos: usr/src/uts/common/inet/ip/ip_rts.c */
#include "model.h"
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int opened; /* this process, or what it was forked from, has had such a socket */

static socklen_t name_of(uint64_t id, struct sockaddr_un *a)
{
	memset(a, 0, sizeof *a);
	a->sun_family = AF_UNIX;
	return offsetof(struct sockaddr_un, sun_path) + 1 +
	       snprintf(a->sun_path + 1, sizeof a->sun_path - 1, "illumos-route-%016" PRIx64, id);
}

int net_socket(int family, int type, int protocol, long *result)
{
	struct sockaddr_un name;
	uint64_t id;
	int e;
	if (family != IL_AF_ROUTE)
		return 0;
	if ((e = model_fault("socket_route")))
		return *result = il_fail_with(e), 1;
	if ((type & IL_SOCK_TYPE_MASK) != IL_SOCK_RAW)
		return *result = il_fail(ESOCKTNOSUPPORT), 1;
	if (protocol && protocol != IL_AF_INET && protocol != IL_AF_INET6)
		return *result = il_fail(EPROTONOSUPPORT), 1;
	int fd = socket(AF_UNIX, SOCK_DGRAM | (type & IL_SOCK_CLOEXEC ? SOCK_CLOEXEC : 0) |
		(type & (IL_SOCK_NONBLOCK | IL_SOCK_NDELAY) ? SOCK_NONBLOCK : 0), 0);
	if (fd < 0 || getrandom(&id, sizeof id, 0) != sizeof id || bind(fd, (void *)&name, name_of(id, &name))) {
		*result = il_fail(errno);
		if (fd >= 0)
			close(fd);
		return 1;
	}
	model_lock();
	for (int i = 0; i < READERS; i++)
		if (!net->readers[i].id) {
			net->readers[i].id = id, net->readers[i].family = protocol;
			break;
		}
	model_unlock();
	opened = 1;
	return *result = fd, 1;
}

/* To all readers of that family; one that is gone is forgotten, one that is full misses it. */
static void tell(int fd, const void *message, size_t n, int family)
{
	struct sockaddr_un name;
	for (int i = 0; i < READERS; i++) {
		if (!net->readers[i].id || (net->readers[i].family && net->readers[i].family != family))
			continue;
		socklen_t size = name_of(net->readers[i].id, &name);
		if (sendto(fd, message, n, MSG_DONTWAIT | MSG_NOSIGNAL, (void *)&name, size) < 0 && errno == ECONNREFUSED)
			net->readers[i].id = 0;
	}
}

struct question { struct route route; int found, family, index, mask; };

/* The next address of a message: its size, 0 where it is of another family than the
 * one before. The kernel goes by its family alone, without a look at what is left. */
static size_t take(const uint8_t *at, size_t left, int family, uint8_t *address, int gateway)
{
	const struct il_sockaddr_in *in = (void *)at;
	const struct il_sockaddr_in6 *in6 = (void *)at;
	uint16_t f;
	if (left < 2)
		net_refuse("routing message: it ends within an address");
	memcpy(&f, at, 2);
	if (f != family && f)
		return 0;
	size_t n = family == IL_AF_INET ? sizeof *in : sizeof *in6;
	if (!f)
		net_refuse("routing message: an address of family 0, which is kept for old programs");
	if (left < n)
		net_refuse("routing message: it ends within an address");
	memset(address, 0, 16);
	if (family == IL_AF_INET) {
		if (in->port || !net_is_zero(in->zero, 8))
			net_refuse("routing message: something beside an IPv4 address");
		memcpy(address, in->addr, 4);
	} else {
		int local = gateway && in6->addr[0] == 0xfe && (in6->addr[1] & 0xc0) == 0x80;
		if (in6->port || in6->flowinfo || in6->source || (in6->scope && !local))
			net_refuse("routing message: something beside an IPv6 address");
		memcpy(address, in6->addr, 16);
	}
	return n;
}

static void read_addresses(const struct il_rt_msghdr *m, struct question *q)
{
	const uint8_t *at = (void *)(m + 1), *end = (const uint8_t *)m + m->msglen;
	uint8_t unused[16], mask[16];
	uint16_t f = 0;
	for (int bit = IL_RTA_DST; bit <= IL_RTA_IFA && at < end; bit <<= 1) {
		size_t n = 0;
		if (!(m->addrs & bit))
			continue;
		switch (bit) {
		case IL_RTA_DST:
			if (end - at >= 2)
				memcpy(&f, at, 2);
			q->family = f;
			if (f == IL_AF_INET || f == IL_AF_INET6)
				n = take(at, end - at, f, q->route.to.address, 0);
			break;
		case IL_RTA_GATEWAY: n = take(at, end - at, q->family, q->route.gateway, 1); break;
		case IL_RTA_NETMASK:
			if ((n = take(at, end - at, q->family, mask, 0)))
				q->mask = net_mask_length(mask, q->family == IL_AF_INET6);
			break;
		case IL_RTA_IFA: n = take(at, end - at, q->family, unused, 0); break;
		case IL_RTA_IFP: {
			const struct il_sockaddr_dl *dl = (void *)at;
			if (end - at < (long)sizeof *dl)
				net_refuse("routing message: it ends within an address");
			if (dl->family == IL_AF_LINK && !net_is_zero(at + 4, sizeof *dl - 4))
				net_refuse("routing message: more than an index of the interface");
			if (dl->family == IL_AF_LINK)
				q->index = dl->index, n = sizeof *dl;
			break;
		}
		}
		if (!n) { /* of another family: as if there were no address at all */
			q->found = 0;
			return;
		}
		at += n, q->found |= bit;
	}
	if (at != end)
		net_refuse("routing message: %td bytes behind the last address", end - at);
	if (q->found != m->addrs)
		net_refuse("routing message: rtm_addrs is %#x and there are %#x", m->addrs, q->found);
}

static void check_header(const struct il_rt_msghdr *m)
{
	const int flags = IL_RTF_UP | IL_RTF_GATEWAY | IL_RTF_HOST | IL_RTF_STATIC | IL_RTF_PRIVATE;
	const int addresses = IL_RTA_DST | IL_RTA_GATEWAY | IL_RTA_NETMASK | IL_RTA_IFP | IL_RTA_IFA;
	if (m->flags & ~flags || m->addrs & ~addresses)
		net_refuse("routing message: unknown bits: rtm_flags %#x, rtm_addrs %#x", m->flags, m->addrs);
	if (m->error || m->use || m->inits || !net_is_zero((void *)m->metrics, sizeof m->metrics))
		net_refuse("routing message: rtm_errno, rtm_use or a metric is set");
	if (m->pid != getpid())
		net_refuse("routing message: rtm_pid is %d and not %d", m->pid, getpid());
}

/* Linux's errno. */
static int apply(const struct il_rt_msghdr *m, struct question *q, const struct route **got)
{
	struct route *r = &q->route;
	uint8_t mask[16];
	r->six = q->family == IL_AF_INET6, r->flags = m->flags, r->onlink = !(m->flags & IL_RTF_GATEWAY);
	r->to.length = q->found & IL_RTA_NETMASK && !(m->flags & IL_RTF_HOST) ? q->mask : r->six ? 128 : 32;
	if (!(q->found & IL_RTA_DST))
		return EINVAL;
	if (q->family != IL_AF_INET && q->family != IL_AF_INET6)
		return m->type == IL_RTM_GET ? EAFNOSUPPORT : ESRCH;
	if (q->index) {
		for (int i = 0; i < LIFS; i++)
			if (*net->lifs[i].name && net->lifs[i].index == q->index && net->lifs[i].six == r->six)
				strcpy(r->interface, net->lifs[i].name);
		if (!*r->interface)
			return EINVAL;
	}
	if (m->type == IL_RTM_GET) {
		*got = net_find_route(&r->to, r->six, (q->found & IL_RTA_NETMASK) != 0);
		return *got ? 0 : ESRCH;
	}
	if (!(q->found & IL_RTA_GATEWAY))
		return EINVAL;
	if (r->to.length < 0)
		return ENOTSUP;
	net_mask(r->to.length, r->six, mask);
	for (int i = 0; i < 16; i++)
		if (i < (r->six ? 16 : 4) && r->to.address[i] & ~mask[i])
			return -1;
	return m->type == IL_RTM_ADD ? net_add_route(r) : net_delete_route(r);
}

static uint8_t *put(uint8_t *at, int six, const uint8_t *address)
{
	if (six) {
		struct il_sockaddr_in6 a = { .family = IL_AF_INET6 };
		memcpy(a.addr, address, 16), memcpy(at, &a, sizeof a);
		return at + sizeof a;
	}
	struct il_sockaddr_in a = { .family = IL_AF_INET };
	memcpy(a.addr, address, 4), memcpy(at, &a, sizeof a);
	return at + sizeof a;
}

/* What RTM_GET answers. */
static void answer(struct il_rt_msghdr *m, const struct route *r)
{
	uint8_t mask[16], *at = (void *)(m + 1);
	net_mask(r->to.length, r->six, mask);
	at = put(put(put(at, r->six, r->to.address), r->six, r->gateway), r->six, mask);
	m->msglen = at - (uint8_t *)m, m->addrs = IL_RTA_DST | IL_RTA_GATEWAY | IL_RTA_NETMASK, m->flags = r->flags;
}

int net_write(int fd, const void *bytes, size_t n, long *result)
{
	struct sockaddr_un name = { 0 };
	socklen_t size = sizeof name;
	union { struct il_rt_msghdr header; uint8_t all[1024]; } m;
	struct question q = { 0 };
	const struct route *got = 0;
	int saved = errno, e = 0;
	if (!opened || getsockname(fd, (void *)&name, &size) || strncmp(name.sun_path + 1, "illumos-route-", 14))
		return errno = saved, 0;
	if (n < sizeof m.header)
		return *result = il_fail(EINVAL), 1;
	if (n > sizeof m - 256)
		net_refuse("routing message: %zu bytes", n);
	memset(&m, 0, sizeof m), memcpy(&m, bytes, n);
	const char *kind = m.header.type == IL_RTM_ADD ? "RTM_ADD" : m.header.type == IL_RTM_DELETE ? "RTM_DELETE" : m.header.type == IL_RTM_GET ? "RTM_GET" : "";
	int fault = model_fault(kind);
	if (fault) /* or as much as it says, negative, is taken */
		return *result = fault < 0 ? -fault : il_fail_with(fault), 1;
	if (m.header.msglen != n)
		e = EINVAL;
	else if (m.header.version != IL_RTM_VERSION)
		e = EPROTONOSUPPORT;
	else if (!*kind)
		e = EOPNOTSUPP;
	else if (m.header.type != IL_RTM_GET && geteuid())
		e = EPERM;
	if (!e) {
		check_header(&m.header);
		read_addresses(&m.header, &q);
	}
	model_lock();
	if (!e)
		e = apply(&m.header, &q, &got);
	if (!e && got)
		answer(&m.header, got);
	int code = e == EOPNOTSUPP && !*kind ? 122 : e > 0 ? il_errno_of(e) : 0; /* EOPNOTSUPP, which is ENOTSUP on Linux */
	if (e > 0)
		m.header.error = code;
	else
		m.header.flags |= IL_RTF_DONE;
	if (e >= 0)
		tell(fd, &m, m.header.msglen == n || got ? m.header.msglen : n, q.family);
	model_unlock();
	if (e < 0)
		net_refuse("routing message: the destination has bits beyond its mask");
	return *result = e ? il_fail_with(code) : (long)n, 1;
}
