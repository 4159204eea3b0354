/* Sockets of the families unix, IPv4 and IPv6 (sys/socket.h, netinet/in.h, netinet/tcp.h). */
#include "abi.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

enum { INET6_IL = 26, IN6_SIZE_IL = 32 };

static int family_to_linux(int f) { return f == INET6_IL ? AF_INET6 : f == 1 || f == 2 ? f : -1; }
static int family_from_linux(int f) { return f == AF_INET6 ? INET6_IL : f; }

/* SOCK_DGRAM 1, SOCK_STREAM 2, SOCK_CLOEXEC 0x80000, SOCK_NONBLOCK 0x100000, SOCK_NDELAY 0x200000 */
static int type_flags(int t)
{
	return (t & 0x80000 ? SOCK_CLOEXEC : 0) | (t & 0x300000 ? SOCK_NONBLOCK : 0);
}
static int type_to_linux(int t)
{
	int k = t & 0xffff;
	return (k == 1 ? SOCK_DGRAM : k == 2 ? SOCK_STREAM : k == 4 ? SOCK_RAW : k == 6 ? SOCK_SEQPACKET : 15) | type_flags(t);
}

static const struct sockaddr *address_to_linux(const void *a, socklen_t *n, struct sockaddr_storage *s)
{
	if (!a || *n > sizeof *s || *n < 2)
		return a;
	memset(s, 0, sizeof *s);
	memcpy(s, a, *n);
	s->ss_family = family_to_linux(s->ss_family);
	if (s->ss_family == AF_INET6 && *n == IN6_SIZE_IL)
		*n = sizeof(struct sockaddr_in6); /* less the source id */
	return (void *)s;
}

static void address_from_linux(struct sockaddr_storage *s, socklen_t n, void *to, socklen_t *room)
{
	if (!to || !room)
		return;
	if (n >= 2 && s->ss_family == AF_INET6) {
		n = IN6_SIZE_IL;
		memset((char *)s + sizeof(struct sockaddr_in6), 0, 4);
	}
	if (n >= 2)
		s->ss_family = family_from_linux(s->ss_family);
	memcpy(to, s, n < *room ? n : *room);
	*room = n;
}

long il___xnet_socket(int f, int t, int p)
{
	int l = family_to_linux(f);
	return l < 0 ? il_fail(EAFNOSUPPORT) : il_result(socket(l, type_to_linux(t), p));
}
long il_socket(int f, int t, int p) { return il___xnet_socket(f, t, p); }
long il___xnet_socketpair(int f, int t, int p, int *fds)
{
	return il_result(socketpair(family_to_linux(f), type_to_linux(t), p, fds));
}
long il___xnet_bind(int fd, const void *a, socklen_t n)
{
	struct sockaddr_storage s;
	a = address_to_linux(a, &n, &s);
	return il_result(bind(fd, a, n));
}
long il___xnet_connect(int fd, const void *a, socklen_t n)
{
	struct sockaddr_storage s;
	a = address_to_linux(a, &n, &s);
	long r = connect(fd, a, n);
	/* a unix socket whose backlog is full: EAGAIN on Linux only */
	return il_result(r);
}
long il___xnet_listen(int fd, int n) { return il_result(listen(fd, n)); }
long il_shutdown(int fd, int how) { return il_result(shutdown(fd, how)); }
long il_accept4(int fd, void *a, socklen_t *n, int f)
{
	struct sockaddr_storage s = { 0 };
	socklen_t k = sizeof s;
	long r = accept4(fd, (void *)&s, &k, type_flags(f));
	if (r < 0)
		return il_fail(errno);
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

static int message_flags(int f)
{
	return (f & 7) | (f & 8 ? MSG_EOR : 0) | (f & 0x40 ? MSG_WAITALL : 0) | (f & 0x80 ? MSG_DONTWAIT : 0) |
	       (f & 0x200 ? MSG_NOSIGNAL : 0);
}

long il___xnet_sendto(int fd, const void *b, size_t n, int f, const void *a, socklen_t k)
{
	struct sockaddr_storage s;
	a = address_to_linux(a, &k, &s);
	return il_result(sendto(fd, b, n, message_flags(f), a, k));
}
long il_recvfrom(int fd, void *b, size_t n, int f, void *a, socklen_t *k)
{
	struct sockaddr_storage s = { 0 };
	socklen_t l = sizeof s;
	long r = recvfrom(fd, b, n, message_flags(f), (void *)&s, &l);
	if (r < 0)
		return il_fail(errno);
	address_from_linux(&s, l, a, k);
	return r;
}

enum option { PLAIN, TYPE, ERROR, MILLISECONDS };
static const struct { int level, name, linux_level, linux_name; enum option kind; } options[] = {
	{ 0xffff, 0x0002, SOL_SOCKET, SO_ACCEPTCONN, PLAIN }, { 0xffff, 0x0004, SOL_SOCKET, SO_REUSEADDR, PLAIN },
	{ 0xffff, 0x0008, SOL_SOCKET, SO_KEEPALIVE, PLAIN },  { 0xffff, 0x0010, SOL_SOCKET, SO_DONTROUTE, PLAIN },
	{ 0xffff, 0x0020, SOL_SOCKET, SO_BROADCAST, PLAIN },  { 0xffff, 0x0080, SOL_SOCKET, SO_LINGER, PLAIN },
	{ 0xffff, 0x1001, SOL_SOCKET, SO_SNDBUF, PLAIN },     { 0xffff, 0x1002, SOL_SOCKET, SO_RCVBUF, PLAIN },
	{ 0xffff, 0x1005, SOL_SOCKET, SO_SNDTIMEO, PLAIN },   { 0xffff, 0x1006, SOL_SOCKET, SO_RCVTIMEO, PLAIN },
	{ 0xffff, 0x1007, SOL_SOCKET, SO_ERROR, ERROR },      { 0xffff, 0x1008, SOL_SOCKET, SO_TYPE, TYPE },
	{ 6, 0x01, IPPROTO_TCP, TCP_NODELAY, PLAIN },         { 6, 0x22, IPPROTO_TCP, TCP_KEEPIDLE, PLAIN },
	{ 6, 0x23, IPPROTO_TCP, TCP_KEEPCNT, PLAIN },         { 6, 0x24, IPPROTO_TCP, TCP_KEEPINTVL, PLAIN },
	{ 6, 0x16, IPPROTO_TCP, TCP_KEEPIDLE, MILLISECONDS }, { 41, 0x27, IPPROTO_IPV6, IPV6_V6ONLY, PLAIN },
};

static int find(int level, int name)
{
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (options[i].level == level && options[i].name == name)
			return i;
	return -1;
}

long il_setsockopt(int fd, int level, int name, const void *v, socklen_t n)
{
	int i = find(level, name), seconds;
	if (i < 0)
		return il_fail(ENOPROTOOPT);
	if (options[i].kind == MILLISECONDS && n == sizeof seconds)
		seconds = *(const int *)v / 1000, v = &seconds;
	return il_result(setsockopt(fd, options[i].linux_level, options[i].linux_name, v, n));
}

long il___xnet_getsockopt(int fd, int level, int name, void *v, socklen_t *n)
{
	int i = find(level, name), *word = v;
	if (i < 0)
		return il_fail(ENOPROTOOPT);
	if (getsockopt(fd, options[i].linux_level, options[i].linux_name, v, n))
		return il_fail(errno);
	if (options[i].kind == ERROR && *word)
		*word = il_errno_of(*word);
	if (options[i].kind == TYPE)
		*word = *word == SOCK_STREAM ? 2 : *word == SOCK_DGRAM ? 1 : *word == SOCK_RAW ? 4 : 6;
	if (options[i].kind == MILLISECONDS)
		*word *= 1000;
	return 0;
}

long il_poll(struct pollfd *p, nfds_t n, int t) { return il_result(poll(p, n, t)); }

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
