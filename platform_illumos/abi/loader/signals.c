/* Signals: numbers, sets, handlers and their frames both ways (sys/signal.h, sys/ucontext.h). */
#include "model.h"
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#define S(name) [IL_##name] = name
static const unsigned char to_linux[] = {
	S(SIGHUP), S(SIGINT), S(SIGQUIT), S(SIGILL), S(SIGTRAP), S(SIGABRT), S(SIGFPE), S(SIGKILL), S(SIGBUS),
	S(SIGSEGV), S(SIGSYS), S(SIGPIPE), S(SIGALRM), S(SIGTERM), S(SIGUSR1), S(SIGUSR2), S(SIGCHLD), S(SIGPWR),
	S(SIGWINCH), S(SIGURG), S(SIGIO), S(SIGSTOP), S(SIGTSTP), S(SIGCONT), S(SIGTTIN), S(SIGTTOU),
	S(SIGVTALRM), S(SIGPROF), S(SIGXCPU), S(SIGXFSZ),
};

enum { LINUX_RTMIN = 34, LINUX_RTMAX = 64 }; /* less than illumos has: the last two are never sent */

int signal_to_linux(int s)
{
	if (s >= IL_SIGRTMIN && s <= IL_SIGRTMAX)
		return s - IL_SIGRTMIN + LINUX_RTMIN <= LINUX_RTMAX ? s - IL_SIGRTMIN + LINUX_RTMIN : 0;
	return s > 0 && s < (int)sizeof to_linux ? to_linux[s] : 0;
}

int signal_from_linux(int l)
{
	for (int s = 1; s <= IL_SIGRTMAX; s++)
		if (signal_to_linux(s) == l)
			return s;
	return 0;
}

static sigset_t set_to_linux(const struct il_sigset *s)
{
	sigset_t l;
	sigemptyset(&l);
	for (int i = 1; i <= IL_SIGRTMAX; i++)
		if (s->bits[(i - 1) / 32] >> (i - 1) % 32 & 1 && signal_to_linux(i))
			sigaddset(&l, signal_to_linux(i));
	return l;
}

static struct il_sigset set_from_linux(const sigset_t *l)
{
	struct il_sigset s = { { 0 } };
	for (int i = 1; i <= IL_SIGRTMAX; i++)
		if (signal_to_linux(i) && sigismember(l, signal_to_linux(i)) == 1)
			s.bits[(i - 1) / 32] |= 1u << (i - 1) % 32;
	return s;
}

static struct il_sigaction actions[IL_SIGRTMAX + 1];

#define R(name) { REG_##name, IL_REG_##name }
static const signed char greg[][2] = {
	R(R15), R(R14), R(R13), R(R12), R(R11), R(R10), R(R9), R(R8), R(RDI), R(RSI), R(RBP), R(RBX), R(RDX),
	R(RCX), R(RAX), R(TRAPNO), R(ERR), R(RIP), R(RSP), { REG_EFL, IL_REG_RFLAGS },
};

/* The codes of faults are the same (sys/siginfo.h). */
_Static_assert(IL_SEGV_MAPERR == SEGV_MAPERR && IL_SEGV_ACCERR == SEGV_ACCERR && IL_BUS_ADRALN == BUS_ADRALN &&
	       IL_BUS_ADRERR == BUS_ADRERR && IL_BUS_OBJERR == BUS_OBJERR && IL_FPE_INTDIV == FPE_INTDIV &&
	       IL_FPE_INTOVF == FPE_INTOVF && IL_FPE_FLTDIV == FPE_FLTDIV && IL_FPE_FLTSUB == FPE_FLTSUB, "si_code");
_Static_assert(IL_CLD_EXITED == CLD_EXITED && IL_CLD_CONTINUED == CLD_CONTINUED, "si_code of SIGCHLD");

void siginfo_from_linux(int l, const siginfo_t *info, struct il_siginfo *i)
{
	memset(i, 0, sizeof *i);
	i->signo = signal_from_linux(l), i->code = info->si_code;
	switch (info->si_code) {
	case SI_USER: i->code = IL_SI_USER; break;
	case SI_TKILL: i->code = IL_SI_LWP; break;
	case SI_KERNEL: i->code = IL_SI_NOINFO; break;
	}
	if (l == SIGSEGV || l == SIGBUS || l == SIGILL || l == SIGFPE || l == SIGTRAP) {
		if (info->si_code == SI_KERNEL) /* Linux has nothing better for an address that is none */
			i->code = IL_SEGV_MAPERR;
		i->data.addr = info->si_addr;
		return;
	}
	i->data.proc.pid = info->si_pid;
	if (l != SIGCHLD || info->si_code <= 0)
		i->data.proc.data.kill.uid = info->si_uid;
	else
		i->data.proc.data.cld.status = info->si_code == CLD_EXITED ? info->si_status : signal_from_linux(info->si_status);
}

/* Both systems keep the floating-point state in the form of FXSAVE. What newer
 * processors have beyond it stays as it was. */
enum { FXSAVE = 512 };

static void handle(int l, siginfo_t *info, void *context)
{
	int saved = errno, s = signal_from_linux(l);
	ucontext_t *u = context;
	greg_t *g = u->uc_mcontext.gregs;
	struct il_siginfo i;
	struct il_ucontext c;
	if (l == SIGCHLD && !child_news(info, !(actions[s].flags & IL_SA_NOCLDSTOP))) {
		errno = saved;
		return;
	}
	siginfo_from_linux(l, info, &i);
	memset(&c, 0, sizeof c);
	c.flags = IL_UC_ALL;
	c.mask = set_from_linux(&u->uc_sigmask);
	c.stack = (struct il_stack){ u->uc_stack.ss_sp, u->uc_stack.ss_size, u->uc_stack.ss_flags, 0 };
	for (size_t k = 0; k < sizeof greg / sizeof *greg; k++)
		c.gregs[greg[k][1]] = g[greg[k][0]];
	c.gregs[IL_REG_CS] = g[REG_CSGSFS] & 0xffff;
	if (u->uc_mcontext.fpregs)
		memcpy(c.fp, u->uc_mcontext.fpregs, FXSAVE);
	((void (*)(int, void *, void *))actions[s].handler)(s, &i, &c);
	for (size_t k = 0; k < sizeof greg / sizeof *greg; k++)
		g[greg[k][0]] = c.gregs[greg[k][1]];
	if (u->uc_mcontext.fpregs)
		memcpy(u->uc_mcontext.fpregs, c.fp, offsetof(struct _libc_fpstate, __glibc_reserved1)); /* there the kernel has its own */
	u->uc_sigmask = set_to_linux(&c.mask);
	errno = saved;
}

static int flags_to_linux(int f)
{
	return (f & IL_SA_ONSTACK ? SA_ONSTACK : 0) | (f & IL_SA_RESETHAND ? SA_RESETHAND : 0) |
	       (f & IL_SA_RESTART ? SA_RESTART : 0) | (f & IL_SA_NODEFER ? SA_NODEFER : 0) |
	       (f & IL_SA_NOCLDWAIT ? SA_NOCLDWAIT : 0) | (f & IL_SA_NOCLDSTOP ? SA_NOCLDSTOP : 0);
}

int il_sigaction(int s, const struct il_sigaction *a, struct il_sigaction *old)
{
	if (s < 1 || s > IL_SIGRTMAX)
		return il_fail(EINVAL);
	if (a && !a->handler && s == IL_SIGHUP) /* which Go's runtime never gives it */
		MODEL_FAULT("default_HUP");
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
		n.sa_flags = flags_to_linux(copy.flags);
		if ((uintptr_t)copy.handler <= 1)
			n.sa_handler = copy.handler ? SIG_IGN : SIG_DFL;
		else {
			n.sa_flags |= SA_SIGINFO;
			n.sa_sigaction = handle;
			actions[s] = copy; /* before the first may come */
		}
		if (l && sigaction(l, &n, 0))
			return il_fail(errno);
		actions[s] = copy;
	}
	if (old)
		*old = before;
	return 0;
}

int il_sigprocmask(int how, const struct il_sigset *s, struct il_sigset *old)
{
	sigset_t n, o;
	if (s && how != IL_SIG_BLOCK && how != IL_SIG_UNBLOCK && how != IL_SIG_SETMASK)
		return il_fail(EINVAL);
	if (s)
		n = set_to_linux(s);
	int e = pthread_sigmask(how == IL_SIG_BLOCK ? SIG_BLOCK : how == IL_SIG_UNBLOCK ? SIG_UNBLOCK : SIG_SETMASK,
				s ? &n : 0, &o);
	if (e)
		return il_fail(e);
	if (old)
		*old = set_from_linux(&o);
	return 0;
}

int il_pthread_sigmask(int how, const struct il_sigset *s, struct il_sigset *old)
{
	return il_sigprocmask(how, s, old) ? *il____errno() : 0;
}

_Static_assert(IL_SS_ONSTACK == SS_ONSTACK && IL_SS_DISABLE == SS_DISABLE, "ss_flags");

int il_sigaltstack(const struct il_stack *s, struct il_stack *old)
{
	stack_t n, o;
	if (s)
		n = (stack_t){ .ss_sp = s->sp, .ss_size = s->size, .ss_flags = s->flags & SS_DISABLE };
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
