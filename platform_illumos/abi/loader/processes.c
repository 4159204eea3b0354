/* Processes, their names and their limits (unistd.h, sys/resource.h). */
#include "model.h"
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

void il_exit(int n) { _exit(n); }
void il__exit(int n) { _exit(n); }
long il_getpid(void) { return getpid(); }
long il_getppid(void) { return getppid(); }
long il_getuid(void) { return getuid(); }
long il_geteuid(void) { return geteuid(); }
long il_getgid(void) { return getgid(); }
long il_getegid(void) { return getegid(); }
long il_getpgid(int p) { return il_result(getpgid(p)); }
long il_getpgrp(void) { return getpgrp(); }
long il_setsid(void) { return il_result(setsid()); }
long il_setpgid(int p, int g) { return il_result(setpgid(p, g)); }
long il_setuid(int u) { MODEL_FAULT("setuid"); return il_result(setuid(u)); }
long il_setgid(int g) { MODEL_FAULT("setgid"); return il_result(setgid(g)); }
long il_setgroups(int n, const gid_t *g) { MODEL_FAULT("setgroups"); return il_result(setgroups(n, g)); }
long il_getgroups(int n, gid_t *g) { return il_result(getgroups(n, g)); }
long il_issetugid(void) { return 0; }
long il_gethostname(char *b, size_t n) { return il_result(gethostname(b, n)); }
long il_sethostname(const char *b, size_t said)
{
	size_t n = strlen(b); // the kernel goes by the 0
	(void)said;
	MODEL_FAULT("sethostname");
	if (sethostname(b, n))
		return il_fail(errno);
	model_lock();
	snprintf(model->hostname, sizeof model->hostname, "%.*s", (int)n, b);
	model_unlock();
	return 0;
}

long il_uname(struct il_utsname *to)
{
	struct utsname u;
	if (uname(&u))
		return il_fail(errno);
	memset(to, 0, sizeof *to);
	strcpy(to->sysname, "SunOS"), strcpy(to->release, "5.11"), strcpy(to->machine, "i86pc");
	strcpy(to->version, "joyent_00000000T000000Z"), strcpy(to->nodename, u.nodename);
	return 0;
}

const char *il_getexecname(void) { return program_path; }

long il_execve(const char *path, char **argv, char **envp)
{
	MODEL_FAULT("execve");
	if (access(path, X_OK) || !is_illumos_binary(path)) {
		uint64_t record = model_executes(path, argv, envp);
		execve(path, argv, envp);
		int e = errno;
		model_executes_not(record);
		return il_fail(e);
	}
	size_t n = 0;
	while (argv[n]) n++;
	const char *a[n + 4]; /* no allocation between fork and exec */
	char children[1 << 16];
	give_children(children, sizeof children);
	a[0] = "illumos-execve", a[1] = path, a[2] = children;
	memcpy(a + 3, argv, (n + 1) * sizeof *a);
	uint64_t record = model_executes(path, argv, envp);
	execve(loader_path, (char **)a, envp);
	int e = errno;
	model_executes_not(record);
	return il_fail(e);
}

static const int limits[] = {
	[IL_RLIMIT_CPU] = RLIMIT_CPU, [IL_RLIMIT_FSIZE] = RLIMIT_FSIZE, [IL_RLIMIT_DATA] = RLIMIT_DATA,
	[IL_RLIMIT_STACK] = RLIMIT_STACK, [IL_RLIMIT_CORE] = RLIMIT_CORE, [IL_RLIMIT_NOFILE] = RLIMIT_NOFILE,
	[IL_RLIMIT_AS] = RLIMIT_AS,
};
enum { LIMITS = sizeof limits / sizeof *limits };

static uint64_t limit_from_linux(rlim_t l) { return l == RLIM_INFINITY ? (uint64_t)IL_RLIM_INFINITY : l; }
static rlim_t limit_to_linux(uint64_t l) { return l == (uint64_t)IL_RLIM_INFINITY ? RLIM_INFINITY : l; }

long il_getrlimit(int n, struct il_rlimit *to)
{
	struct rlimit l;
	if (n < 0 || n >= LIMITS || getrlimit(limits[n], &l))
		return il_fail(EINVAL);
	*to = (struct il_rlimit){ limit_from_linux(l.rlim_cur), limit_from_linux(l.rlim_max) };
	return 0;
}

long il_setrlimit(int n, const struct il_rlimit *v)
{
	struct rlimit l = { limit_to_linux(v->cur), limit_to_linux(v->max) };
	if (n < 0 || n >= LIMITS)
		return il_fail(EINVAL);
	return il_result(setrlimit(limits[n], &l));
}

_Static_assert(IL_RUSAGE_SELF == RUSAGE_SELF && IL_RUSAGE_CHILDREN == RUSAGE_CHILDREN, "getrusage");
long il_getrusage(int who, struct rusage *r) { return il_result(getrusage(who, r)); }

_Static_assert(IL_GRND_NONBLOCK == GRND_NONBLOCK && IL_GRND_RANDOM == GRND_RANDOM, "getrandom");
long il_getrandom(void *b, size_t n, unsigned f) { return il_result(getrandom(b, n, f)); }

/* Resource controls: of the one that Go asks for there is what every zone has, the
 * system's own value, which denies nothing. */
struct rctlblk { uint64_t value; uint32_t flags, action; };

long il_getrctl(const char *name, struct rctlblk *old, struct rctlblk *to, int f)
{
	(void)old;
	if (strcmp(name, "zone.cpu-cap"))
		die("a resource control that is not known here", name);
	if (f != IL_RCTL_FIRST)
		return il_fail(ENOENT); /* there is one only */
	*to = (struct rctlblk){ INT32_MAX, IL_RCTL_LOCAL_MAXIMAL, IL_RCTL_LOCAL_NOACTION };
	return 0;
}
long il_rctlblk_size(void) { return sizeof(struct rctlblk); }
uint64_t il_rctlblk_get_value(const struct rctlblk *b) { return b->value; }
uint64_t il_rctlblk_get_local_flags(const struct rctlblk *b) { return b->flags; }
uint64_t il_rctlblk_get_local_action(const struct rctlblk *b, int *signal)
{
	if (signal)
		*signal = 0;
	return b->action;
}

long il_getsid(int p) { return il_result(getsid(p)); }
