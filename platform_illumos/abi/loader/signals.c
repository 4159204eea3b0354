/* Signals: numbers, sets, handlers and their frames both ways (sys/signal.h, sys/ucontext.h). */
#include "abi.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

/* sys/iso/signal_iso.h */
static const unsigned char to_linux[] = {
	[1] = SIGHUP, [2] = SIGINT, [3] = SIGQUIT, [4] = SIGILL, [5] = SIGTRAP, [6] = SIGABRT, [8] = SIGFPE,
	[9] = SIGKILL, [10] = SIGBUS, [11] = SIGSEGV, [12] = SIGSYS, [13] = SIGPIPE, [14] = SIGALRM,
	[15] = SIGTERM, [16] = SIGUSR1, [17] = SIGUSR2, [18] = SIGCHLD, [19] = SIGPWR, [20] = SIGWINCH,
	[21] = SIGURG, [22] = SIGIO, [23] = SIGSTOP, [24] = SIGTSTP, [25] = SIGCONT, [26] = SIGTTIN,
	[27] = SIGTTOU, [28] = SIGVTALRM, [29] = SIGPROF, [30] = SIGXCPU, [31] = SIGXFSZ,
};

int signal_to_linux(int s)
{
	if (s >= 42 && s <= 72) /* _SIGRTMIN 42 */
		return s - 42 + 34;
	return s > 0 && s < (int)sizeof to_linux ? to_linux[s] : 0;
}

int signal_from_linux(int l)
{
	for (int s = 1; s <= 72; s++)
		if (signal_to_linux(s) == l)
			return s;
	return 0;
}

typedef struct { uint32_t bits[4]; } il_sigset;

static sigset_t set_to_linux(const il_sigset *s)
{
	sigset_t l;
	sigemptyset(&l);
	for (int i = 1; i <= 72; i++)
		if (s->bits[(i - 1) / 32] >> (i - 1) % 32 & 1 && signal_to_linux(i))
			sigaddset(&l, signal_to_linux(i));
	return l;
}

static il_sigset set_from_linux(const sigset_t *l)
{
	il_sigset s = { { 0 } };
	for (int i = 1; i <= 72; i++)
		if (signal_to_linux(i) && sigismember(l, signal_to_linux(i)) == 1)
			s.bits[(i - 1) / 32] |= 1u << (i - 1) % 32;
	return s;
}

struct il_siginfo { int signo, code, err, pad; uint64_t data[30]; };
struct il_stack { void *sp; size_t size; int flags, pad; };
struct il_ucontext {
	uint64_t flags, link;
	il_sigset mask;
	struct il_stack stack;
	uint64_t pad;
	int64_t gregs[28];
	unsigned char fp[528];
	int64_t filler[5];
	uint64_t pad1;
};
struct il_sigaction { int flags, pad; void *handler; il_sigset mask; };

static struct il_sigaction actions[73];

/* sys/regset.h: the numbers of the registers, by Linux's. */
static const signed char greg[][2] = {
	{ REG_R15, 0 }, { REG_R14, 1 }, { REG_R13, 2 }, { REG_R12, 3 }, { REG_R11, 4 }, { REG_R10, 5 },
	{ REG_R9, 6 }, { REG_R8, 7 }, { REG_RDI, 8 }, { REG_RSI, 9 }, { REG_RBP, 10 }, { REG_RBX, 11 },
	{ REG_RDX, 12 }, { REG_RCX, 13 }, { REG_RAX, 14 }, { REG_TRAPNO, 15 }, { REG_ERR, 16 },
	{ REG_RIP, 17 }, { REG_EFL, 19 }, { REG_RSP, 20 },
};

static void handle(int l, siginfo_t *info, void *context)
{
	int saved = errno, s = signal_from_linux(l);
	ucontext_t *u = context;
	struct il_siginfo i = { .signo = s };
	struct il_ucontext c;
	memset(&c, 0, sizeof c);
	if (l == SIGCHLD && !child_news(info, !(actions[s].flags & 0x20000))) { /* SA_NOCLDSTOP */
		errno = saved;
		return;
	}
	i.code = info->si_code;
	if (l == SIGSEGV || l == SIGBUS || l == SIGILL || l == SIGFPE || l == SIGTRAP) {
		/* Linux says SI_KERNEL of a non-canonical address, illumos SEGV_MAPERR. */
		if (info->si_code == SI_KERNEL)
			i.code = 1;
		i.data[0] = (uintptr_t)info->si_addr;
	} else {
		if (info->si_code == SI_USER || info->si_code == SI_TKILL)
			i.code = info->si_code == SI_USER ? 0 : -1; /* SI_USER, SI_LWP: sys/siginfo.h */
		i.data[0] = (uint32_t)info->si_pid;
	}
	c.mask = set_from_linux(&u->uc_sigmask);
	c.stack = (struct il_stack){ u->uc_stack.ss_sp, u->uc_stack.ss_size, u->uc_stack.ss_flags, 0 };
	for (size_t k = 0; k < sizeof greg / sizeof *greg; k++)
		c.gregs[greg[k][1]] = u->uc_mcontext.gregs[greg[k][0]];
	((void (*)(int, void *, void *))actions[s].handler)(s, &i, &c);
	for (size_t k = 0; k < sizeof greg / sizeof *greg; k++)
		u->uc_mcontext.gregs[greg[k][0]] = c.gregs[greg[k][1]];
	u->uc_sigmask = set_to_linux(&c.mask);
	errno = saved;
}

int il_sigaction(int s, const struct il_sigaction *a, struct il_sigaction *old)
{
	if (s < 1 || s > 72)
		return il_fail(EINVAL);
	int l = signal_to_linux(s);
	struct il_sigaction before = actions[s];
	struct sigaction n, was;
	if (l && sigaction(l, 0, &was))
		return il_fail(errno);
	if (l && was.sa_handler == SIG_IGN)
		before.handler = (void *)1;
	else if (l && was.sa_handler == SIG_DFL)
		before.handler = 0;
	if (a) {
		if (l == SIGKILL || l == SIGSTOP)
			return il_fail(EINVAL);
		struct il_sigaction copy = *a;
		memset(&n, 0, sizeof n);
		n.sa_mask = set_to_linux(&copy.mask);
		n.sa_flags = SA_SIGINFO | (copy.flags & 1 ? SA_ONSTACK : 0) | (copy.flags & 2 ? SA_RESETHAND : 0) |
			     (copy.flags & 4 ? SA_RESTART : 0) | (copy.flags & 0x10 ? SA_NODEFER : 0) |
			     (copy.flags & 0x10000 ? SA_NOCLDWAIT : 0) | (copy.flags & 0x20000 ? SA_NOCLDSTOP : 0);
		if ((uintptr_t)copy.handler <= 1)
			n.sa_flags = 0, n.sa_handler = copy.handler ? SIG_IGN : SIG_DFL;
		else
			n.sa_sigaction = handle;
		if ((uintptr_t)copy.handler > 1)
			actions[s] = copy;
		if (l && sigaction(l, &n, 0))
			return il_fail(errno);
		actions[s] = copy;
	}
	if (old)
		*old = before;
	return 0;
}

int il_sigprocmask(int how, const il_sigset *s, il_sigset *old) /* SIG_BLOCK 1, UNBLOCK 2, SETMASK 3 */
{
	sigset_t n, o;
	if (s)
		n = set_to_linux(s);
	int e = pthread_sigmask(how == 1 ? SIG_BLOCK : how == 2 ? SIG_UNBLOCK : SIG_SETMASK, s ? &n : 0, &o);
	if (e)
		return il_fail(e);
	if (old)
		*old = set_from_linux(&o);
	return 0;
}
int il_pthread_sigmask(int how, const il_sigset *s, il_sigset *old) { return il_sigprocmask(how, s, old); }

int il_sigaltstack(const struct il_stack *s, struct il_stack *old) /* SS_ONSTACK 1, SS_DISABLE 2 */
{
	stack_t n, o;
	if (s)
		n = (stack_t){ .ss_sp = s->sp, .ss_size = s->size, .ss_flags = s->flags & 2 };
	if (sigaltstack(s ? &n : 0, &o))
		return il_fail(errno);
	if (old)
		*old = (struct il_stack){ o.ss_sp, o.ss_size, o.ss_flags, 0 };
	return 0;
}

int il_kill(int pid, int s)
{
	int l = s ? signal_to_linux(s) : 0;
	if (s && !l)
		return il_fail(EINVAL);
	return il_result(kill(pid, l));
}
