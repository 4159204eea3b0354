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
	return *a ? 0 : IL_ENOMEM;
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
		return IL_EAGAIN;
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

int il_clock_gettime(int c, struct timespec *t)
{
	switch (c) {
	case IL_CLOCK_REALTIME: return il_result(clock_gettime(CLOCK_REALTIME, t));
	case IL_CLOCK_MONOTONIC: return il_result(clock_gettime(CLOCK_MONOTONIC, t)); /* CLOCK_HIGHRES too */
	case IL_CLOCK_PROCESS_CPUTIME_ID: return il_result(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, t));
	case IL_CLOCK_THREAD_CPUTIME_ID: return il_result(clock_gettime(CLOCK_THREAD_CPUTIME_ID, t));
	}
	return il_fail(EINVAL);
}

/* ITIMER_REALPROF, which Linux lacks, is never on. */
int il_setitimer(int which, const struct itimerval *n, struct itimerval *old)
{
	if (which != IL_ITIMER_REALPROF)
		return il_result(setitimer(which, n, old));
	if (n && (n->it_value.tv_sec || n->it_value.tv_usec))
		die("setitimer", "ITIMER_REALPROF is not known here");
	if (old)
		*old = (struct itimerval){ 0 };
	return 0;
}
_Static_assert(IL_ITIMER_REAL == ITIMER_REAL && IL_ITIMER_VIRTUAL == ITIMER_VIRTUAL && IL_ITIMER_PROF == ITIMER_PROF, "timers");

void *il_malloc(size_t n) { return malloc(n); }

long il_sysconf(int n)
{
	switch (n) {
	case IL_SC_CLK_TCK: return sysconf(_SC_CLK_TCK);
	case IL_SC_PAGESIZE: return sysconf(_SC_PAGESIZE);
	case IL_SC_NPROCESSORS_CONF: return sysconf(_SC_NPROCESSORS_CONF);
	case IL_SC_NPROCESSORS_ONLN: return sysconf(_SC_NPROCESSORS_ONLN);
	}
	die_at("a name of sysconf that is not known here", n);
}

_Static_assert(IL_MAP_SHARED == MAP_SHARED && IL_MAP_PRIVATE == MAP_PRIVATE && IL_MAP_FIXED == MAP_FIXED &&
	       IL_PROT_READ == PROT_READ && IL_PROT_WRITE == PROT_WRITE && IL_PROT_EXEC == PROT_EXEC, "mmap");

void *il_mmap(void *a, size_t n, int prot, int f, int fd, off_t off)
{
	int l = f & (MAP_SHARED | MAP_PRIVATE | MAP_FIXED);
	if (f & ~(l | IL_MAP_NORESERVE | IL_MAP_ANON))
		die_at("flags of mmap that are not known here", f);
	if (f & IL_MAP_NORESERVE) l |= MAP_NORESERVE;
	if (f & IL_MAP_ANON) l |= MAP_ANONYMOUS;
	return (void *)il_result((long)mmap(a, n, prot, l, fd, off));
}
int il_munmap(void *a, size_t n) { return il_result(munmap(a, n)); }
_Static_assert(IL_MS_ASYNC == MS_ASYNC && IL_MS_INVALIDATE == MS_INVALIDATE && IL_MS_SYNC == MS_SYNC, "msync");
int il_msync(void *a, size_t n, int f) { return il_result(msync(a, n, f)); }
int il_mprotect(void *a, size_t n, int p) { return il_result(mprotect(a, n, p)); }
int il_madvise(void *a, size_t n, int how)
{
	switch (how) {
	case IL_MADV_DONTNEED: return il_result(madvise(a, n, MADV_DONTNEED));
	case IL_MADV_FREE: return il_result(madvise(a, n, MADV_FREE));
	case IL_MADV_WILLNEED: return il_result(madvise(a, n, MADV_WILLNEED));
	}
	die_at("an advice of madvise that is not known here", how);
}

int il_gettimeofday(struct timeval *t, void *zone) { (void)zone; return il_result(gettimeofday(t, 0)); }
