/* Process contracts: who is in which, and the templates that a fork goes by
 * (sys/ctfs.h, sys/contract.h, sys/contract/process.h; os/lwp.c, contract/process.c).
 * A template is a file, so that it is inherited and duplicated as one; activating
 * it copies it to the thread. */
#include "model.h"
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { EVENTS = 0x3f, PARAMETERS = 0x1f, KEEP_EXEC = 0x10, INIT = 1 };
static const char template_name[] = "contract template";

long contract_open(int flags)
{
	MODEL_FAULT("contract_open");
	if ((flags & 3) != O_RDWR)
		return il_fail(EACCES);
	struct terms none = { .fatal = 0x20 }; /* CT_PR_EV_HWERR */
	int fd = memfd_create(template_name, flags & 0x800000 ? MFD_CLOEXEC : 0); /* O_CLOEXEC */
	if (fd >= 0 && pwrite(fd, &none, sizeof none, 0) != sizeof none)
		return close(fd), il_fail(EIO);
	return il_result(fd);
}

static int is_template(int fd)
{
	char link[64], to[64];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, to, sizeof to);
	return n > 7 && !strncmp(to, "/memfd:", 7) && !strncmp(to + 7, template_name, strlen(template_name));
}

static struct active *active_on(int thread)
{
	for (int i = 0; i < ACTIVE; i++)
		if (model->active[i].thread == thread)
			return &model->active[i];
	return 0;
}

static int activate(int thread, const struct terms *terms)
{
	struct active *a = active_on(thread);
	if (!a)
		a = active_on(0);
	if (!a)
		return EAGAIN;
	a->thread = thread, a->terms = *terms;
	return 0;
}

static void clear(int thread)
{
	struct active *a = active_on(thread);
	if (a)
		a->thread = 0;
}

struct parameter { uint32_t id, size; void *value; };

static int set(struct terms *t, const struct parameter *p)
{
	uint64_t number;
	if (p->id == 3) { /* CTPP_SVC_FMRI */
		if (!p->size || p->size > sizeof t->service || memchr(p->value, 0, p->size) != (char *)p->value + p->size - 1)
			return EINVAL;
		memcpy(t->service, p->value, p->size);
		return 0;
	}
	if (p->size != sizeof number)
		return EINVAL;
	memcpy(&number, p->value, sizeof number);
	switch (p->id) {
	case 100: case 101: case 0: /* CTP_EV_CRITICAL, CTP_EV_INFO, CTPP_EV_FATAL */
		if (number & ~(uint64_t)EVENTS)
			return EINVAL;
		*(p->id == 100 ? &t->critical : p->id ? &t->informative : &t->fatal) = number;
		return 0;
	case 1: /* CTPP_PARAMS */
		if (number & ~(uint64_t)PARAMETERS)
			return EINVAL;
		t->parameters = number;
		return 0;
	case 102: /* CTP_COOKIE */
		t->cookie = number;
		return 0;
	}
	return EINVAL;
}

long contract_ioctl(int fd, unsigned request, void *arg)
{
	struct terms t;
	int e = 0;
	if (!is_template(fd))
		return il_fail(ENOTTY);
	if (pread(fd, &t, sizeof t, 0) != sizeof t)
		return il_fail(EIO);
	switch (request & 0xff) {
	case 0: /* CT_TACTIVATE */
		MODEL_FAULT("contract_activate");
		model_lock();
		e = activate(gettid(), &t);
		model_unlock();
		break;
	case 1: /* CT_TCLEAR */
		MODEL_FAULT("contract_clear");
		model_lock();
		clear(gettid());
		model_unlock();
		break;
	case 3: /* CT_TSET */
		MODEL_FAULT("contract_set");
		if (!arg)
			return il_fail(EFAULT);
		e = set(&t, arg);
		if (!e && pwrite(fd, &t, sizeof t, 0) != sizeof t)
			e = EIO;
		break;
	default:
		return NOT_MODELLED;
	}
	return e ? il_fail(e) : 0;
}

static struct process *process(int pid)
{
	for (int i = 0; i < PROCESSES; i++)
		if (model->processes[i].pid == pid)
			return &model->processes[i];
	return 0;
}

static struct process *join(int pid, int contract)
{
	struct process *p = process(pid);
	if (!p)
		p = process(0);
	if (!p)
		return 0;
	memset(p, 0, sizeof *p);
	p->pid = pid, p->contract = contract;
	return p;
}

/* Under terms, or with none where nobody here has made it. */
static int new_contract(int holder, const struct terms *terms)
{
	for (int i = 0; i < CONTRACTS; i++) {
		struct contract *c = &model->contracts[i];
		if (c->id)
			continue;
		c->id = i + 1, c->holder = holder;
		if (terms)
			c->terms = *terms;
		return c->id;
	}
	return 0;
}

static int contract_of(int pid)
{
	struct process *p = process(pid);
	return p ? p->contract : 0;
}

static int forker, terms_active; /* between model_fork and model_forked, with the lock */
static struct terms forked_under;

void model_fork(void)
{
	model_lock();
	struct active *a = active_on(gettid());
	forker = getpid();
	terms_active = a != 0;
	if (a)
		forked_under = a->terms;
}

/* The parent keeps the lock until the child is known, so that the child finds
 * itself there. */
void model_forked(int pid)
{
	if (!pid) /* the child has the terms, unless they are only to last through an exec */
		terms_active = terms_active && !(forked_under.parameters & KEEP_EXEC);
	if (!pid && terms_active) {
		model_lock();
		activate(getpid(), &forked_under);
		model_unlock();
	}
	if (!pid)
		return;
	if (pid > 0) {
		struct process *parent = process(forker);
		int contract = terms_active ? new_contract(forker, &forked_under) : contract_of(forker);
		struct process *child = join(pid, contract);
		if (child && parent)
			strcpy(child->path, parent->path);
	}
	model_unlock();
}

/* Init is in a contract of its own, a child of a program of Linux's joins its
 * parent's, and what comes from outside of the zone is in a new one. */
void model_started(const char *path)
{
	model_lock();
	struct process *p = process(getpid());
	if (!p) {
		int contract = contract_of(getppid());
		p = join(getpid(), contract ? contract : new_contract(0, 0));
	}
	if (p)
		snprintf(p->path, sizeof p->path, "%s", path);
	model_unlock();
}

/* With the lock: what an exec leaves of the templates of this process's threads.
 * The one that executes is the one that is left, under the process's number. */
void contract_exec(const char *path)
{
	struct active *a = active_on(gettid());
	struct process *p = process(getpid());
	if (a && a->terms.parameters & KEEP_EXEC) {
		struct terms t = a->terms;
		a->thread = 0;
		activate(getpid(), &t);
	} else if (a) {
		a->thread = 0;
	}
	if (p)
		snprintf(p->path, sizeof p->path, "%s", path);
}

void print_contracts(FILE *to)
{
	for (int i = 0; i < CONTRACTS && model->contracts[i].id; i++) {
		const struct contract *c = &model->contracts[i];
		const struct terms *t = &c->terms;
		fprintf(to, "contract %d", c->id);
		if (c->holder)
			fprintf(to, " critical %#lx informative %#lx fatal %#lx parameters %#lx service %s", t->critical, t->informative, t->fatal, t->parameters, *t->service ? t->service : "none");
		fprintf(to, ":");
		for (int k = 0; k < PROCESSES && model->processes[k].pid; k++) {
			const struct process *p = &model->processes[k];
			if (p->contract != c->id)
				continue;
			fprintf(to, " %s", p->path);
			for (int n = 0; n < ACTIVE; n++)
				if (model->active[n].thread == p->pid)
					fprintf(to, "+template");
		}
		fprintf(to, "\n");
	}
}
