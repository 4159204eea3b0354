/* Event ports (port.h, sys/port.h) on epoll. An association holds for one event. */
#include "abi.h"
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* A port's number is its epoll's. */
struct port {
	struct port *next;
	int epoll, alarm; /* the alarm is readable while the port is alerted */
	int alert_events;
	void *alert_user;
	int size;
	struct object { char known, associated; int events; void *user; } *objects; /* by descriptor; known to epoll */
};

static struct port *ports;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What is asked and told of descriptors is the same here and there (sys/poll.h). */
enum { ASKED = POLLIN | POLLPRI | POLLOUT };
_Static_assert(IL_POLLIN == POLLIN && IL_POLLPRI == POLLPRI && IL_POLLOUT == POLLOUT && IL_POLLERR == POLLERR &&
	       IL_POLLHUP == POLLHUP && IL_POLLNVAL == POLLNVAL && EPOLLIN == POLLIN && EPOLLPRI == POLLPRI &&
	       EPOLLOUT == POLLOUT && EPOLLERR == POLLERR && EPOLLHUP == POLLHUP, "poll's events");

/* A child has no associations, and epoll's are its parent's too. */
static void prepare(void) { pthread_mutex_lock(&lock); }
static void parent(void) { pthread_mutex_unlock(&lock); }
static void child(void) { ports = 0, pthread_mutex_unlock(&lock); }

__attribute__((constructor)) static void on_fork(void)
{
	if (pthread_atfork(prepare, parent, child))
		abort();
}

static struct port *find(int number)
{
	struct port *p = ports;
	while (p && p->epoll != number)
		p = p->next;
	return p;
}

/* Takes the lock where the number is a port's. */
static struct port *take(int number)
{
	pthread_mutex_lock(&lock);
	struct port *p = find(number);
	if (!p)
		pthread_mutex_unlock(&lock);
	return p;
}

static long give(long result)
{
	pthread_mutex_unlock(&lock);
	return result;
}

long il_port_create(void)
{
	struct port *p = calloc(1, sizeof *p);
	if (!p)
		return il_fail(ENOMEM);
	p->epoll = epoll_create1(0), p->alarm = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct epoll_event e = { .events = EPOLLIN, .data.fd = p->alarm };
	if (p->epoll < 0 || p->alarm < 0 || epoll_ctl(p->epoll, EPOLL_CTL_ADD, p->alarm, &e)) {
		il_fail(errno);
		close(p->epoll), close(p->alarm), free(p);
		return -1;
	}
	pthread_mutex_lock(&lock);
	p->next = ports, ports = p;
	return give(p->epoll);
}

static void drop(struct port *p, int fd)
{
	if (p->objects[fd].known)
		epoll_ctl(p->epoll, EPOLL_CTL_DEL, fd, 0);
	p->objects[fd] = (struct object){ 0 };
}

/* A descriptor that is closed is associated no more; a port that is closed is none. */
void ports_forget(int fd)
{
	pthread_mutex_lock(&lock);
	for (struct port **at = &ports, *p; (p = *at);) {
		if (fd >= 0 && fd < p->size)
			drop(p, fd);
		if (p->epoll == fd) {
			*at = p->next;
			close(p->alarm), free(p->objects), free(p);
		} else
			at = &p->next;
	}
	pthread_mutex_unlock(&lock);
}

static int grow(struct port *p, int fd)
{
	if (fd < p->size)
		return 1;
	struct object *o = realloc(p->objects, (fd + 64) * sizeof *o);
	if (!o)
		return 0;
	memset(o + p->size, 0, (fd + 64 - p->size) * sizeof *o);
	p->objects = o, p->size = fd + 64;
	return 1;
}

long il_port_associate(int number, int source, uintptr_t fd, int events, void *user)
{
	if (source != IL_PORT_SOURCE_FD)
		die_at("a source of events that is not known here", source);
	struct epoll_event e = { .events = (events & ASKED) | EPOLLONESHOT, .data.fd = fd };
	if (fd > INT32_MAX)
		return il_fail(EBADF);
	struct port *p = take(number);
	if (!p)
		return il_fail(EBADFD);
	if (!grow(p, fd))
		return give(il_fail(ENOMEM));
	struct object *o = &p->objects[fd];
	if (epoll_ctl(number, o->known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e))
		return give(il_fail(errno == EPERM ? EBADFD : errno)); /* a regular file, which is always ready */
	*o = (struct object){ 1, 1, events & ASKED, user };
	if (!o->events) { /* epoll would tell of hang-ups unasked */
		drop(p, fd);
		o->associated = 1, o->user = user;
	}
	return give(0);
}

long il_port_dissociate(int number, int source, uintptr_t fd)
{
	if (source != IL_PORT_SOURCE_FD)
		die_at("a source of events that is not known here", source);
	struct port *p = take(number);
	if (!p)
		return il_fail(EBADFD);
	if (fd >= (uintptr_t)p->size || !p->objects[fd].associated)
		return give(il_fail(ENOENT));
	drop(p, fd);
	return give(0);
}

/* An alerted port answers everyone at once until it is told that it is over. */
long il_port_alert(int number, int flags, int events, void *user)
{
	uint64_t n = 1;
	struct port *p = take(number);
	if (!p)
		return il_fail(EBADFD);
	if (!events) {
		while (read(p->alarm, &n, sizeof n) > 0)
			;
		p->alert_events = 0;
		return give(0);
	}
	if (p->alert_events && flags != IL_PORT_ALERT_UPDATE)
		return give(il_fail(EBUSY));
	p->alert_events = events, p->alert_user = user;
	return give(write(p->alarm, &n, sizeof n) < 0 ? il_fail(errno) : 0);
}

/* How many associated descriptors have something to tell, without telling it. */
static long pending(int number, unsigned *n)
{
	struct port *p = take(number);
	if (!p)
		return il_fail(EBADFD);
	*n = p->alert_events != 0;
	for (int fd = 0; fd < p->size; fd++) {
		struct pollfd f = { fd, p->objects[fd].events, 0 };
		if (p->objects[fd].associated && f.events)
			*n += poll(&f, 1, 0) > 0;
	}
	return give(0);
}

/* What epoll told, as the port tells it. Returns how many that are. */
static int translate(int number, const struct epoll_event *e, int count, struct il_port_event *to)
{
	int n = 0;
	struct port *p = take(number);
	for (int i = 0; p && i < count; i++) {
		int fd = e[i].data.fd;
		if (fd == p->alarm) {
			if (p->alert_events)
				to[n++] = (struct il_port_event){ p->alert_events, IL_PORT_SOURCE_ALERT, 0, 0, p->alert_user };
			continue;
		}
		struct object *o = &p->objects[fd];
		int events = e[i].events & (o->events | POLLERR | POLLHUP);
		if (!o->associated || !events)
			continue; /* it was associated for something else meanwhile */
		o->associated = 0;
		to[n++] = (struct il_port_event){ events, IL_PORT_SOURCE_FD, 0, fd, o->user };
	}
	if (p)
		give(0);
	return n;
}

static struct timespec since(const struct timespec *begun)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec -= begun->tv_sec, t.tv_nsec -= begun->tv_nsec;
	if (t.tv_nsec < 0)
		t.tv_sec--, t.tv_nsec += 1000000000;
	return t;
}

/* What is left of a time-out; 0 where it is over. */
static int left(const struct timespec *of, const struct timespec *begun, struct timespec *to)
{
	struct timespec t = since(begun);
	to->tv_sec = of->tv_sec - t.tv_sec, to->tv_nsec = of->tv_nsec - t.tv_nsec;
	if (to->tv_nsec < 0)
		to->tv_sec--, to->tv_nsec += 1000000000;
	if (to->tv_sec >= 0)
		return 1;
	to->tv_sec = to->tv_nsec = 0;
	return 0;
}

/* Waits until there are *n events, and tells at most max. */
long il_port_getn(int number, struct il_port_event *to, unsigned max, unsigned *n, const struct timespec *timeout)
{
	enum { ONCE = 128 };
	struct epoll_event e[ONCE];
	struct timespec begun, rest;
	unsigned least = *n ? *n : 1, got = 0;
	if (!max)
		return pending(number, n);
	if (least > max)
		return il_fail(EINVAL);
	if (!take(number))
		return il_fail(EBADFD);
	give(0);
	*n = 0;
	clock_gettime(CLOCK_MONOTONIC, &begun);
	for (int more = 1; got < least && more;) {
		more = !timeout || left(timeout, &begun, &rest);
		int k = epoll_pwait2(number, e, max - got < ONCE ? max - got : ONCE, timeout ? &rest : 0, 0);
		if (k < 0) {
			*n = got;
			return il_fail(errno);
		}
		k = translate(number, e, k, to + got);
		for (int i = 0; i < k; i++)
			if (to[got + i].source == IL_PORT_SOURCE_ALERT)
				least = 1; /* and no more is waited for */
		got += k;
	}
	*n = got;
	if (got >= least || (timeout && !timeout->tv_sec && !timeout->tv_nsec))
		return 0;
	return il_fail(ETIME);
}

/* Here no time at all is ETIME too. */
long il_port_get(int number, struct il_port_event *to, const struct timespec *timeout)
{
	unsigned n = 1;
	return il_port_getn(number, to, 1, &n, timeout) ? -1 : n ? 0 : il_fail(ETIME);
}
