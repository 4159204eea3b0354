/* Sockets of the families unix, IPv4 and IPv6 (sys/socket.h, netinet/in.h, netinet/tcp.h). */
#include "abi.h"
#include "model.h"
#include "sockets.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static int family_to_linux(int f)
{
	return f == IL_AF_INET6 ? AF_INET6 : f == IL_AF_INET ? AF_INET : f == IL_AF_UNIX ? AF_UNIX : f ? -1 : AF_UNSPEC;
}
static int family_from_linux(int f)
{
	return f == AF_INET6 ? IL_AF_INET6 : f == AF_INET ? IL_AF_INET : f == AF_UNIX ? IL_AF_UNIX : f;
}

static int type_flags(int t)
{
	return (t & IL_SOCK_CLOEXEC ? SOCK_CLOEXEC : 0) | (t & (IL_SOCK_NONBLOCK | IL_SOCK_NDELAY) ? SOCK_NONBLOCK : 0);
}

static const struct { int il, host; } types[] = {
	{ IL_SOCK_DGRAM, SOCK_DGRAM }, { IL_SOCK_STREAM, SOCK_STREAM }, { IL_SOCK_RAW, SOCK_RAW },
	{ IL_SOCK_SEQPACKET, SOCK_SEQPACKET },
};

static int type_to_linux(int t)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (types[i].il == (t & IL_SOCK_TYPE_MASK))
			return types[i].host | type_flags(t);
	return -1;
}

static int type_from_linux(int t)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (types[i].host == t)
			return types[i].il;
	return 0;
}

static long result(long r) { return r < 0 && errno == EOPNOTSUPP ? il_unsupported() : il_result(r); }

/* NULL, and too long ones, go to the kernel as they are: it knows what to say. */
const struct sockaddr *address_to_linux(const void *a, socklen_t *n, struct sockaddr_storage *s)
{
	if (!a || *n > sizeof *s || *n < sizeof s->ss_family)
		return a;
	memset(s, 0, sizeof *s);
	memcpy(s, a, *n);
	s->ss_family = family_to_linux(s->ss_family);
	if (s->ss_family == AF_INET6 && *n == sizeof(struct il_sockaddr_in6))
		*n = sizeof(struct sockaddr_in6); /* less the source id */
	return (void *)s;
}

void address_from_linux(struct sockaddr_storage *s, socklen_t n, void *to, socklen_t *room)
{
	if (!to || !room)
		return;
	if (n >= sizeof s->ss_family && s->ss_family == AF_INET6) {
		n = sizeof(struct il_sockaddr_in6);
		((struct il_sockaddr_in6 *)s)->source = 0;
	}
	if (n >= sizeof s->ss_family)
		s->ss_family = family_from_linux(s->ss_family);
	memcpy(to, s, n < *room ? n : *room);
	*room = n;
}

long il___xnet_socket(int f, int t, int p)
{
	int l = family_to_linux(f), k = type_to_linux(t);
	long r;
	if (net_socket(f, t, p, &r))
		return r;
	return l < 0 ? il_fail(EAFNOSUPPORT) : k < 0 ? il_fail(EPROTOTYPE) : result(socket(l, k, p));
}
long il_socket(int f, int t, int p) { return il___xnet_socket(f, t, p); }
long il___xnet_socketpair(int f, int t, int p, int *fds)
{
	return result(socketpair(family_to_linux(f), type_to_linux(t), p, fds));
}
long il___xnet_bind(int fd, const void *a, socklen_t n)
{
	struct sockaddr_storage s;
	a = address_to_linux(a, &n, &s);
	return result(bind(fd, a, n));
}
long il___xnet_connect(int fd, const void *a, socklen_t n)
{
	struct sockaddr_storage s;
	a = address_to_linux(a, &n, &s);
	return result(connect(fd, a, n));
}
long il___xnet_listen(int fd, int n) { return result(listen(fd, n)); }
long il_shutdown(int fd, int how) { return il_result(shutdown(fd, how)); }
long il_accept4(int fd, void *a, socklen_t *n, int f)
{
	struct sockaddr_storage s = { 0 };
	socklen_t k = sizeof s;
	long r = accept4(fd, (void *)&s, &k, type_flags(f));
	if (r < 0)
		return result(r);
	address_from_linux(&s, k, a, n);
	return r;
}
long il_accept(int fd, void *a, socklen_t *n) { return il_accept4(fd, a, n, 0); }
long il_getsockname(int fd, void *a, socklen_t *n)
{
	struct sockaddr_storage s = { 0 };
	socklen_t k = sizeof s;
	if (getsockname(fd, (void *)&s, &k))
		return il_fail(errno);
	address_from_linux(&s, k, a, n);
	return 0;
}
long il_getpeername(int fd, void *a, socklen_t *n)
{
	struct sockaddr_storage s = { 0 };
	socklen_t k = sizeof s;
	if (getpeername(fd, (void *)&s, &k))
		return il_fail(errno);
	address_from_linux(&s, k, a, n);
	return 0;
}

static const struct { int il, host; } message_flags[] = {
	{ IL_MSG_OOB, MSG_OOB }, { IL_MSG_PEEK, MSG_PEEK }, { IL_MSG_DONTROUTE, MSG_DONTROUTE }, { IL_MSG_EOR, MSG_EOR },
	{ IL_MSG_CTRUNC, MSG_CTRUNC }, { IL_MSG_TRUNC, MSG_TRUNC }, { IL_MSG_WAITALL, MSG_WAITALL },
	{ IL_MSG_DONTWAIT, MSG_DONTWAIT }, { IL_MSG_NOSIGNAL, MSG_NOSIGNAL },
};

int message_flags_to_linux(int f)
{
	int l = 0;
	for (size_t i = 0; i < sizeof message_flags / sizeof *message_flags; i++)
		if (f & message_flags[i].il) l |= message_flags[i].host;
	return l;
}

int message_flags_from_linux(int l)
{
	int f = 0;
	for (size_t i = 0; i < sizeof message_flags / sizeof *message_flags; i++)
		if (l & message_flags[i].host) f |= message_flags[i].il;
	return f;
}

long il___xnet_sendto(int fd, const void *b, size_t n, int f, const void *a, socklen_t k)
{
	struct sockaddr_storage s;
	a = address_to_linux(a, &k, &s);
	return result(sendto(fd, b, n, message_flags_to_linux(f), a, k));
}
long il_recvfrom(int fd, void *b, size_t n, int f, void *a, socklen_t *k)
{
	struct sockaddr_storage s = { 0 };
	socklen_t l = sizeof s;
	long r = recvfrom(fd, b, n, message_flags_to_linux(f), (void *)&s, &l);
	if (r < 0)
		return result(r);
	address_from_linux(&s, l, a, k);
	return r;
}

enum kind { PLAIN, TYPE, ERROR, MILLISECONDS, PROBES, ABORT };
#define SOCKET(name, kind) { IL_SOL_SOCKET, IL_SO_##name, SOL_SOCKET, SO_##name, kind }
#define LEVEL(level, name) { IL_IPPROTO_##level, IL_##name, IPPROTO_##level, name, PLAIN }
static const struct { int level, name, linux_level, linux_name; enum kind kind; } options[] = {
	SOCKET(DEBUG, PLAIN), SOCKET(ACCEPTCONN, PLAIN), SOCKET(REUSEADDR, PLAIN), SOCKET(KEEPALIVE, PLAIN),
	SOCKET(DONTROUTE, PLAIN), SOCKET(BROADCAST, PLAIN), SOCKET(LINGER, PLAIN), SOCKET(OOBINLINE, PLAIN),
	SOCKET(SNDBUF, PLAIN), SOCKET(RCVBUF, PLAIN), SOCKET(SNDTIMEO, PLAIN), SOCKET(RCVTIMEO, PLAIN),
	SOCKET(ERROR, ERROR), SOCKET(TYPE, TYPE),
	LEVEL(IP, IP_TOS), LEVEL(IP, IP_TTL), LEVEL(IP, IP_MULTICAST_IF), LEVEL(IP, IP_MULTICAST_TTL),
	LEVEL(IP, IP_MULTICAST_LOOP), LEVEL(IP, IP_ADD_MEMBERSHIP), LEVEL(IP, IP_DROP_MEMBERSHIP),
	LEVEL(IPV6, IPV6_UNICAST_HOPS), LEVEL(IPV6, IPV6_MULTICAST_IF), LEVEL(IPV6, IPV6_MULTICAST_HOPS),
	LEVEL(IPV6, IPV6_MULTICAST_LOOP), LEVEL(IPV6, IPV6_JOIN_GROUP), LEVEL(IPV6, IPV6_LEAVE_GROUP),
	LEVEL(IPV6, IPV6_V6ONLY),
	LEVEL(TCP, TCP_NODELAY), LEVEL(TCP, TCP_KEEPIDLE),
	{ IL_IPPROTO_TCP, IL_TCP_KEEPINTVL, IPPROTO_TCP, TCP_KEEPINTVL, PROBES },
	{ IL_IPPROTO_TCP, IL_TCP_KEEPCNT, IPPROTO_TCP, TCP_KEEPCNT, PROBES },
	{ IL_IPPROTO_TCP, IL_TCP_KEEPALIVE_ABORT_THRESHOLD, IPPROTO_TCP, TCP_USER_TIMEOUT, ABORT },
	{ IL_IPPROTO_TCP, IL_TCP_KEEPALIVE_THRESHOLD, IPPROTO_TCP, TCP_KEEPIDLE, MILLISECONDS },
};

/* -1 for 0, which is no option's number. */
static int find(int level, int name)
{
	if (!name)
		return -1;
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (options[i].level == level && options[i].name == name)
			return i;
	die_at("an option of sockets that is not known here, of level and name", (long)level << 32 | name);
}

/* The time until a silent connection is given up is the interval of the probes times
 * their count: whichever is set first gives the other, 8 minutes being the default.
 * illumos: usr/src/uts/common/inet/tcp/tcp_opt_data.c */
enum { GIVE_UP = 480000, MOST_PROBES = 127 }; /* Linux counts no further; what is more is told from the time */

static int most(int name, int value) { return name == TCP_KEEPCNT && value > MOST_PROBES ? MOST_PROBES : value; }

static long probes(int fd, int name)
{
	int value, interval, give_up;
	socklen_t n = sizeof value, k = sizeof interval, l = sizeof give_up;
	if (getsockopt(fd, IPPROTO_TCP, name, &value, &n) || getsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, &k) ||
	    getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &give_up, &l))
		return il_fail(errno);
	return name == TCP_KEEPCNT && value == MOST_PROBES && give_up ? give_up / 1000 / interval : value;
}

static long set_probes(int fd, int name, int value)
{
	int give_up, other_name = name == TCP_KEEPCNT ? TCP_KEEPINTVL : TCP_KEEPCNT;
	socklen_t n = sizeof give_up;
	int other = probes(fd, other_name);
	if (other < 0)
		return -1;
	if (getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &give_up, &n))
		return il_fail(errno);
	if (value <= 0)
		return il_fail(EINVAL);
	if (!give_up) {
		give_up = GIVE_UP, other = most(other_name, GIVE_UP / 1000 / value);
		if (setsockopt(fd, IPPROTO_TCP, other_name, &other, sizeof other))
			return il_fail(errno);
	} else
		give_up = value * other * 1000;
	value = most(name, value);
	if (setsockopt(fd, IPPROTO_TCP, name, &value, sizeof value))
		return il_fail(errno);
	return il_result(setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &give_up, sizeof give_up));
}

long il_setsockopt(int fd, int level, int name, const void *v, socklen_t n)
{
	int i = find(level, name), seconds;
	if (i < 0)
		return il_fail(ENOPROTOOPT);
	if (options[i].kind == MILLISECONDS && n == sizeof seconds)
		seconds = *(const int *)v / 1000, v = &seconds;
	if (options[i].kind == PROBES && n == sizeof(int))
		return set_probes(fd, options[i].linux_name, *(const int *)v);
	return il_result(setsockopt(fd, options[i].linux_level, options[i].linux_name, v, n));
}

long il___xnet_getsockopt(int fd, int level, int name, void *v, socklen_t *n)
{
	int i = find(level, name), *word = v;
	if (i < 0)
		return il_fail(ENOPROTOOPT);
	if (getsockopt(fd, options[i].linux_level, options[i].linux_name, v, n))
		return il_fail(errno);
	if (options[i].kind == ERROR) {
		int fault = model_fault("SO_ERROR");
		*word = fault ? fault : *word ? il_errno_of(*word) : 0;
	}
	if (options[i].kind == TYPE)
		*word = type_from_linux(*word);
	if (options[i].kind == MILLISECONDS)
		*word *= 1000;
	if (options[i].kind == PROBES)
		*word = probes(fd, options[i].linux_name);
	if (options[i].kind == ABORT && !*word)
		*word = GIVE_UP;
	return 0;
}

long il_select(int n, fd_set *r, fd_set *w, fd_set *e, const struct timeval *t)
{
	struct timeval copy; /* Linux changes it */
	if (t)
		copy = *t;
	return il_result(select(n, r, w, e, t ? &copy : 0));
}

_Static_assert(IL_POLLRDNORM == POLLRDNORM && IL_POLLRDBAND == POLLRDBAND, "and those in ports.c");
long il_poll(struct pollfd *p, nfds_t n, int t)
{
	for (nfds_t i = 0; i < n; i++)
		if (p[i].events & ~(POLLIN | POLLPRI | POLLOUT | POLLERR | POLLHUP | POLLNVAL | POLLRDNORM | POLLRDBAND))
			die_at("events of poll that are not known here", p[i].events);
	return il_result(poll(p, n, t));
}

/* ucred.h */
long il_getpeerucred(int fd, struct ucred **to)
{
	socklen_t n = sizeof **to;
	struct ucred *u = malloc(n);
	if (!u)
		return il_fail(ENOMEM);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, u, &n)) {
		il_fail(errno);
		free(u);
		return -1;
	}
	*to = u;
	return 0;
}
long il_ucred_geteuid(const struct ucred *u) { return u->uid; }
long il_ucred_getegid(const struct ucred *u) { return u->gid; }
long il_ucred_getpid(const struct ucred *u) { return u->pid; }
void il_ucred_free(struct ucred *u) { free(u); }
