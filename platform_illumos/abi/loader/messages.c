/* sendmsg and recvmsg, and the descriptors that go with a message (sys/socket.h). */
#include "abi.h"
#include "sockets.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DESCRIPTORS = 253 }; /* Linux takes no more in one message */

/* Data and the next header lie at multiples of 4 bytes. */
static size_t align(size_t n) { return (n + 3) & ~(size_t)3; }

/* Translates what is sent with a message. The size, or -1. */
static ssize_t control_to_linux(const char *from, size_t size, char *to, size_t room)
{
	size_t put = 0;
	for (size_t at = 0; at + sizeof(struct il_cmsghdr) <= size;) {
		const struct il_cmsghdr *h = (void *)(from + at);
		if (h->len < sizeof *h || h->len > size - at)
			return il_fail(EINVAL);
		if (h->level != IL_SOL_SOCKET || h->type != IL_SCM_RIGHTS)
			die("sendmsg", "control data that is not known here");
		size_t data = h->len - sizeof *h;
		struct cmsghdr *l = (void *)(to + put);
		if (put + CMSG_SPACE(data) > room)
			return il_fail(EINVAL);
		l->cmsg_len = CMSG_LEN(data), l->cmsg_level = SOL_SOCKET, l->cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(l), h + 1, data);
		put += CMSG_SPACE(data);
		at += align(h->len);
	}
	return put;
}

long il___xnet_sendmsg(int fd, const struct il_msghdr *m, int flags)
{
	struct sockaddr_storage s;
	socklen_t n = m->namelen;
	char control[CMSG_SPACE(DESCRIPTORS * sizeof(int))];
	struct msghdr l = { .msg_iov = m->iov, .msg_iovlen = m->iovlen, .msg_control = control };
	memset(control, 0, sizeof control);
	l.msg_name = (void *)address_to_linux(m->name, &n, &s), l.msg_namelen = n;
	ssize_t size = control_to_linux(m->control, m->control ? m->controllen : 0, control, sizeof control);
	if (size < 0)
		return -1;
	l.msg_controllen = size;
	return il_result(sendmsg(fd, &l, message_flags_to_linux(flags)));
}

/* Descriptors that do not fit are closed: they are nobody's. */
static void control_from_linux(struct msghdr *l, struct il_msghdr *m, int *flags)
{
	size_t put = 0, room = m->control ? m->controllen : 0;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(l); h; h = CMSG_NXTHDR(l, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			die("recvmsg", "control data that is not known here");
		size_t data = h->cmsg_len - CMSG_LEN(0), fits = 0;
		if (put + sizeof(struct il_cmsghdr) <= room)
			fits = (room - put - sizeof(struct il_cmsghdr)) / sizeof(int) * sizeof(int);
		if (fits > data)
			fits = data;
		for (size_t i = fits; i < data; i += sizeof(int)) {
			int fd;
			memcpy(&fd, CMSG_DATA(h) + i, sizeof fd);
			close(fd);
			*flags |= IL_MSG_CTRUNC;
		}
		if (!fits)
			continue;
		struct il_cmsghdr *to = (void *)((char *)m->control + put);
		*to = (struct il_cmsghdr){ sizeof *to + fits, IL_SOL_SOCKET, IL_SCM_RIGHTS };
		memcpy(to + 1, CMSG_DATA(h), fits);
		put += align(to->len);
	}
	m->controllen = put;
}

long il___xnet_recvmsg(int fd, struct il_msghdr *m, int flags)
{
	struct sockaddr_storage s = { 0 };
	char control[CMSG_SPACE(DESCRIPTORS * sizeof(int))];
	struct msghdr l = { .msg_name = m->name ? &s : 0, .msg_namelen = m->name ? sizeof s : 0, .msg_iov = m->iov,
			    .msg_iovlen = m->iovlen, .msg_control = control, .msg_controllen = sizeof control };
	long n = recvmsg(fd, &l, message_flags_to_linux(flags));
	if (n < 0)
		return il_fail(errno);
	int told = message_flags_from_linux(l.msg_flags);
	if (m->name)
		address_from_linux(&s, l.msg_namelen, m->name, &m->namelen);
	control_from_linux(&l, m, &told);
	m->flags = told;
	return n;
}
