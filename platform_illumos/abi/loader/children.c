/* Children: forkx, wait4 and waitid, and which deaths are told by SIGCHLD (sys/fork.h, sys/wait.h).
 *
 * A child forked with FORK_NOSIGCHLD dies without SIGCHLD; when its parent dies
 * first, its new parent is told. Linux forgets a child's exit signal when it calls
 * execve, so the kernel sends SIGCHLD of every child, and what is not to be heard
 * is kept from the program here. As signals merge while they are pending, the one
 * in hand may stand for several deaths: all children are looked at each time. */
#include "model.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 4096 };
struct news { pid_t pid; int code; };

static pid_t quiet[MOST];      /* forked with FORK_NOSIGCHLD, and not waited for yet */
static struct news told[MOST]; /* still to be waited for, and SIGCHLD was delivered for it */
static int quiets, tolds;

/* Who has the tables takes no signal. SIGCHLD's handler waits for nobody: the thread
 * that it interrupts may have what the other one waits for, such as malloc's lock in
 * fork. It leaves a word, and who gives the tables back sends the signal again. */
static atomic_flag taken = ATOMIC_FLAG_INIT;
static atomic_int missed;
enum { AGAIN = 0x6d697373 };

static sigset_t block(void)
{
	sigset_t all, was;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &was);
	return was;
}

static sigset_t take(void)
{
	sigset_t was = block();
	while (atomic_flag_test_and_set(&taken))
		sched_yield();
	return was;
}

static int take_in_handler(void)
{
	if (!atomic_flag_test_and_set(&taken))
		return 1;
	atomic_store(&missed, 1);
	return !atomic_flag_test_and_set(&taken); /* it may have been given back before it saw the word */
}

static void give(const sigset_t *was)
{
	atomic_flag_clear(&taken);
	if (atomic_exchange(&missed, 0))
		sigqueue(getpid(), SIGCHLD, (union sigval){ .sival_int = AGAIN });
	pthread_sigmask(SIG_SETMASK, was, 0);
}

long il_forkx(int flags)
{
	if (flags & ~(IL_FORK_NOSIGCHLD | IL_FORK_WAITPID))
		return il_fail(EINVAL);
	if (flags & IL_FORK_WAITPID || quiets == MOST)
		die("forkx", flags & IL_FORK_WAITPID ? "FORK_WAITPID is not known here" : "too many children");
	MODEL_FAULT("forkx");
	sigset_t was = take();
	model_fork();
	long pid = fork();
	int e = errno;
	model_forked(pid);
	if (!pid)
		quiets = tolds = missed = 0;
	else if (pid > 0 && flags & IL_FORK_NOSIGCHLD)
		quiet[quiets++] = pid;
	give(&was);
	return pid < 0 ? il_fail(e) : pid;
}

static int is_quiet(pid_t pid)
{
	for (int i = 0; i < quiets; i++)
		if (quiet[i] == pid)
			return 1;
	return 0;
}

static int is_told(struct news n)
{
	for (int i = 0; i < tolds; i++)
		if (told[i].pid == n.pid && told[i].code == n.code)
			return 1;
	return 0;
}

/* What it told was taken, its death or less. */
static void forget(pid_t pid, int dead)
{
	for (int i = 0; i < quiets && dead; i++)
		if (quiet[i] == pid)
			quiet[i--] = quiet[--quiets];
	for (int i = 0; i < tolds; i++)
		if (told[i].pid == pid)
			told[i--] = told[--tolds];
}

/* What the program becomes has the same children: they are handed over as text. */
void give_children(char *text, size_t size)
{
	size_t n = 0;
	sigset_t was = take();
	*text = 0;
	for (int i = 0; i < quiets && n + 12 < size; i++)
		n += snprintf(text + n, size - n, "%d ", quiet[i]);
	give(&was);
}

void take_children(const char *text)
{
	for (char *end; quiets < MOST && *text; text = end + 1)
		quiet[quiets++] = strtol(text, &end, 10);
}

static int died(int code) { return code == CLD_EXITED || code == CLD_KILLED || code == CLD_DUMPED; }

/* What SIGCHLD may tell of this child: its death, stop or continuation. */
static int look(idtype_t type, pid_t pid, int stops, siginfo_t *info)
{
	info->si_pid = 0;
	return !waitid(type, pid, info, WEXITED | (stops ? WSTOPPED | WCONTINUED : 0) | WNOHANG | WNOWAIT) &&
	       info->si_pid && !(died(info->si_code) && is_quiet(info->si_pid));
}

struct seen { struct news now[MOST]; int count, stops, fresh; siginfo_t info; };

static void see(struct seen *s, idtype_t type, pid_t pid)
{
	siginfo_t info;
	if (s->count == MOST || !look(type, pid, s->stops, &info))
		return;
	struct news n = { info.si_pid, info.si_code };
	if (!is_told(n) && !s->fresh)
		s->fresh = 1, s->info = info;
	s->now[s->count++] = n;
}

/* The children of one thread, as /proc lists them. */
static void see_children_of(struct seen *s, int task, const char *thread)
{
	char name[64], text[1024];
	snprintf(name, sizeof name, "%s/children", thread);
	int fd = openat(task, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	pid_t pid = 0;
	if (fd < 0)
		return; /* the thread has ended, its children are another's */
	while ((n = read(fd, text, sizeof text)) > 0)
		for (ssize_t i = 0; i < n; i++)
			if (text[i] >= '0' && text[i] <= '9')
				pid = pid * 10 + text[i] - '0';
			else if (pid)
				see(s, P_PID, pid), pid = 0;
	close(fd);
}

static int see_all(struct seen *s)
{
	char self[16] = "", entries[1024];
	int task;
	if (readlink("/proc/self", self, sizeof self - 1) < 0 || atoi(self) != getpid() ||
	    (task = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return 0;
	for (long n; (n = syscall(SYS_getdents64, task, entries, sizeof entries)) > 0;)
		for (long at = 0; at < n;) {
			struct { uint64_t ino; int64_t off; uint16_t len; uint8_t type; char name[]; } *e = (void *)(entries + at);
			if (e->name[0] != '.')
				see_children_of(s, task, e->name);
			at += e->len;
		}
	close(task);
	return 1;
}

int child_news(siginfo_t *info, int stops)
{
	static struct seen s;
	int again = info->si_code == SI_QUEUE && info->si_value.sival_int == AGAIN && info->si_pid == getpid();
	if (!again && (info->si_code < CLD_EXITED || info->si_code > CLD_CONTINUED))
		return 1; /* somebody sent it */
	sigset_t was = block();
	if (!take_in_handler()) {
		pthread_sigmask(SIG_SETMASK, &was, 0);
		return 0;
	}
	s.count = s.fresh = 0, s.stops = stops;
	if (!see_all(&s))
		see(&s, P_ALL, 0); /* without a /proc of this namespace just one is seen */
	memcpy(told, s.now, s.count * sizeof *told);
	tolds = s.count;
	if (s.fresh)
		*info = s.info;
	int fresh = s.fresh;
	give(&was);
	return fresh;
}

/* A child is waited for first and taken then, while nothing else looks at the
 * tables: a number that is free again may be the next child's. Returns -1, or how
 * many there are to be taken: none or one, which somebody else may take before. */
static int wait_for(idtype_t type, id_t id, int options)
{
	siginfo_t info = { 0 };
	return waitid(type, id, &info, options | WNOWAIT) ? -1 : info.si_pid != 0;
}

/* Who ignores SIGCHLD has children that nobody waits for. */
static long no_child(idtype_t type, pid_t pid)
{
	int e = errno;
	if (e == ECHILD && type == P_PID) {
		siginfo_t info;
		sigset_t was = take();
		if (waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT))
			forget(pid, 1);
		give(&was);
	}
	return il_fail(e);
}

static int options_to_linux(int o)
{
	return (o & IL_WUNTRACED ? WUNTRACED : 0) | (o & IL_WCONTINUED ? WCONTINUED : 0);
}

long il_wait4(int pid, int *status, int options, struct rusage *r)
{
	int l = options_to_linux(options), hang = options & IL_WNOHANG ? WNOHANG : 0, s = 0, n;
	idtype_t type = pid == -1 ? P_ALL : pid > 0 ? P_PID : P_PGID;
	long p = 0;
	while (!p && (n = wait_for(type, pid < 0 ? -pid : pid, WEXITED | l | hang))) {
		if (n < 0)
			return no_child(type, pid);
		sigset_t was = take();
		p = wait4(pid, &s, l | WNOHANG, r);
		int e = errno;
		if (p > 0)
			forget(p, WIFEXITED(s) || WIFSIGNALED(s));
		give(&was);
		if (p < 0)
			return il_fail(e);
	}
	if (p && status) {
		if (WIFSIGNALED(s))
			s = signal_from_linux(WTERMSIG(s)) | (WCOREDUMP(s) ? IL_WCOREFLG : 0);
		else if (WIFSTOPPED(s))
			s = signal_from_linux(WSTOPSIG(s)) << 8 | IL_WSTOPFLG;
		else if (WIFCONTINUED(s))
			s = IL_WCONTFLG;
		*status = s;
	}
	return p;
}

long il_waitid(int il_type, int id, struct il_siginfo *to, int options)
{
	int hang = options & IL_WNOHANG ? WNOHANG : 0, keep = options & IL_WNOWAIT ? WNOWAIT : 0, n;
	int l = options_to_linux(options) | (options & IL_WEXITED ? WEXITED : 0);
	idtype_t type = il_type == IL_P_PID ? P_PID : P_PGID;
	if (il_type == IL_P_ALL)
		type = P_ALL;
	else if (il_type != IL_P_PID && il_type != IL_P_PGID)
		die_at("a kind of processes that is not known here", il_type);
	if (!to)
		return il_fail(EFAULT);
	MODEL_FAULT("waitid");
	siginfo_t info = { 0 };
	while (!info.si_pid && (n = wait_for(type, id, l | hang))) {
		if (n < 0)
			return no_child(type, id);
		sigset_t was = take();
		n = waitid(type, id, &info, l | keep | WNOHANG);
		int e = errno;
		if (info.si_pid && !keep)
			forget(info.si_pid, died(info.si_code));
		give(&was);
		if (n < 0)
			return il_fail(e);
	}
	memset(to, 0, sizeof *to);
	if (info.si_pid)
		siginfo_from_linux(SIGCHLD, &info, to);
	return 0;
}
