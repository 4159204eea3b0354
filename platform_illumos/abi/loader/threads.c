/* Threads, semaphores, clocks and memory (pthread.h, semaphore.h, time.h, sys/mman.h). */
#include "abi.h"
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* pthread_t is 32 bits: the kernel's thread id serves. */
unsigned il_pthread_self(void) { return gettid(); }

int signal_to_linux(int);

int il_pthread_kill(unsigned t, int s)
{
	if (s && !(s = signal_to_linux(s)))
		return 0;
	return syscall(SYS_tgkill, getpid(), t, s) ? il_errno_of(errno) : 0;
}

int il_raise(int s) { return il_pthread_kill(gettid(), s); }

struct attr { void *stack; size_t size; };

int il_pthread_attr_init(struct attr **a)
{
	*a = calloc(1, sizeof **a);
	return *a ? 0 : 12;
}
int il_pthread_attr_destroy(struct attr **a) { free(*a); return 0; }
int il_pthread_attr_setdetachstate(struct attr **a, int s) { (void)a, (void)s; return 0; }
int il_pthread_attr_setstack(struct attr **a, void *p, size_t n) { (*a)->stack = p, (*a)->size = n; return 0; }
int il_pthread_attr_getstack(struct attr **a, void **p, size_t *n) { *p = (*a)->stack, *n = (*a)->size; return 0; }

struct start { void *(*f)(void *); void *arg; };

static void *run(void *p)
{
	struct start s = *(struct start *)p;
	free(p);
	il____errno(); /* allocated outside of any signal handler */
	return s.f(s.arg);
}

int il_pthread_create(unsigned *id, struct attr **a, void *(*f)(void *), void *arg)
{
	struct start *s = malloc(sizeof *s);
	pthread_attr_t at;
	pthread_t t;
	if (!s)
		return 11;
	s->f = f, s->arg = arg;
	pthread_attr_init(&at);
	pthread_attr_setdetachstate(&at, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&at, a && *a && (*a)->size ? (*a)->size : 2ul << 20);
	int e = pthread_create(&t, &at, run, s);
	pthread_attr_destroy(&at);
	if (e) {
		free(s);
		return il_errno_of(e);
	}
	if (id)
		*id = 0;
	return 0;
}

int il_sem_init(sem_t *s, int shared, unsigned n) { return il_result(sem_init(s, shared, n)); }
int il_sem_post(sem_t *s) { return il_result(sem_post(s)); }
int il_sem_wait(sem_t *s) { return il_result(sem_wait(s)); }

int il_sem_reltimedwait_np(sem_t *s, const struct timespec *d)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += d->tv_sec, t.tv_nsec += d->tv_nsec;
	if (t.tv_nsec >= 1000000000)
		t.tv_sec++, t.tv_nsec -= 1000000000;
	return il_result(sem_clockwait(s, CLOCK_MONOTONIC, &t));
}

int il_sched_yield(void) { return sched_yield(); }
int il_usleep(unsigned us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000l };
	return il_result(nanosleep(&t, 0));
}
int il_nanosleep(const struct timespec *a, struct timespec *b) { return il_result(nanosleep(a, b)); }

int il_clock_gettime(int c, struct timespec *t) /* sys/time_impl.h: REALTIME 3, HIGHRES 4 */
{
	return il_result(clock_gettime(c == 3 ? CLOCK_REALTIME : CLOCK_MONOTONIC, t));
}

void *il_malloc(size_t n) { return malloc(n); }

long il_sysconf(int n) /* sys/unistd.h */
{
	switch (n) {
	case 11: return sysconf(_SC_PAGESIZE);
	case 14: return sysconf(_SC_NPROCESSORS_CONF);
	case 15: return sysconf(_SC_NPROCESSORS_ONLN);
	}
	return il_fail(EINVAL);
}

void *il_mmap(void *a, size_t n, int prot, int f, int fd, off_t off) /* sys/mman.h */
{
	int l = f & 0x1f;
	if (f & 0x40) l |= MAP_NORESERVE;
	if (f & 0x100) l |= MAP_ANONYMOUS;
	return (void *)il_result((long)mmap(a, n, prot, l, fd, off));
}
int il_munmap(void *a, size_t n) { return il_result(munmap(a, n)); }
int il_mprotect(void *a, size_t n, int p) { return il_result(mprotect(a, n, p)); }
int il_madvise(void *a, size_t n, int how) { return il_result(madvise(a, n, how == 5 ? MADV_FREE : how)); }

int il_gettimeofday(struct timeval *t, void *zone) { (void)zone; return il_result(gettimeofday(t, 0)); }

/* sys/time.h: ITIMER_REAL 0, VIRTUAL 1, PROF 2, and REALPROF 3, which Linux lacks. */
int il_setitimer(int which, const struct itimerval *v, struct itimerval *old)
{
	return which == 3 ? il_fail(EINVAL) : il_result(setitimer(which, v, old));
}
