/* Event ports (port.h, sys/port.h) on epoll. An association holds for one event. */
#include "abi.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { SOURCE_FD = 4, SOURCE_ALERT = 5, DESCRIPTORS = 1 << 16 };
struct il_event { int32_t events; uint16_t source, pad; uint64_t object; void *user; };

/* A Go program has one port; so has this. */
static int port = -1, alarm_fd = -1, alert_events;
static void *alert_user;
static void *users[DESCRIPTORS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

long il_port_create(void)
{
	if (port >= 0)
		return il_fail(EAGAIN);
	int p = epoll_create1(0), a = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct epoll_event e = { .events = EPOLLIN, .data.fd = -1 };
	if (p < 0 || a < 0 || epoll_ctl(p, EPOLL_CTL_ADD, a, &e))
		return il_fail(errno);
	alarm_fd = a;
	return port = p;
}

long il_port_associate(int p, int source, uintptr_t fd, int events, void *user)
{
	if (p != port || source != SOURCE_FD)
		return il_fail(EINVAL);
	if (fd >= DESCRIPTORS)
		return il_fail(EBADF);
	/* POLLIN 1, POLLOUT 4: the same here and there (sys/poll.h) */
	struct epoll_event e = { .events = (events & 5) | EPOLLONESHOT, .data.fd = fd };
	long r = 0;
	pthread_mutex_lock(&lock);
	users[fd] = user;
	if (epoll_ctl(p, EPOLL_CTL_MOD, fd, &e)) {
		if (errno != ENOENT || epoll_ctl(p, EPOLL_CTL_ADD, fd, &e))
			r = il_fail(errno == EPERM ? EBADFD : errno);
	}
	if (!r && !events)
		epoll_ctl(p, EPOLL_CTL_DEL, fd, 0); /* epoll would tell of hang-ups unasked */
	pthread_mutex_unlock(&lock);
	return r;
}

long il_port_dissociate(int p, int source, uintptr_t fd)
{
	if (p != port || source != SOURCE_FD)
		return il_fail(EINVAL);
	if (epoll_ctl(p, EPOLL_CTL_DEL, fd, 0) && errno != ENOENT)
		return il_fail(errno);
	return 0;
}

long il_port_alert(int p, int f, int events, void *user)
{
	uint64_t n = 1;
	if (p != port)
		return il_fail(EBADF);
	if (!events)
		return read(alarm_fd, &n, sizeof n) < 0 && errno != EAGAIN ? il_fail(errno) : 0;
	(void)f;
	alert_events = events, alert_user = user;
	return write(alarm_fd, &n, sizeof n) < 0 ? il_fail(errno) : 0;
}

long il_port_getn(int p, struct il_event *to, unsigned max, unsigned *n, const struct timespec *t)
{
	struct epoll_event e[128];
	if (p != port)
		return il_fail(EBADF);
	*n = 0;
	int k = epoll_pwait2(p, e, max < 128 ? max : 128, t, 0);
	if (k < 0)
		return il_fail(errno);
	if (!k)
		return t && !t->tv_sec && !t->tv_nsec ? 0 : il_fail(ETIME);
	pthread_mutex_lock(&lock);
	for (int i = 0; i < k; i++)
		if (e[i].data.fd == -1)
			to[i] = (struct il_event){ alert_events, SOURCE_ALERT, 0, 0, alert_user };
		else
			to[i] = (struct il_event){ e[i].events & 0x1d, SOURCE_FD, 0, e[i].data.fd, users[e[i].data.fd] };
	pthread_mutex_unlock(&lock);
	*n = k;
	return 0;
}
