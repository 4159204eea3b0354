/* Processes, their names and their limits (unistd.h, sys/resource.h). */
#include "model.h"
#include <grp.h>
#include <stdlib.h>
#include <string.h>
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
long il_sethostname(const char *b, size_t n)
{
	MODEL_FAULT("sethostname");
	if (sethostname(b, n))
		return il_fail(errno);
	model_lock();
	snprintf(model->hostname, sizeof model->hostname, "%.*s", (int)n, b);
	model_unlock();
	return 0;
}

long il_uname(char *to) /* sys/utsname.h: five fields of 257 */
{
	struct utsname u;
	if (uname(&u))
		return il_fail(errno);
	const char *fields[] = { "SunOS", u.nodename, "5.11", "joyent_00000000T000000Z", "i86pc" };
	memset(to, 0, 5 * 257);
	for (int i = 0; i < 5; i++)
		strncpy(to + i * 257, fields[i], 256);
	return 0;
}

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

/* sys/resource.h: CPU 0, FSIZE 1, DATA 2, STACK 3, CORE 4, NOFILE 5, AS 6; infinity -3. */
static const int limits[] = { RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_CORE, RLIMIT_NOFILE, RLIMIT_AS };

long il_getrlimit(int n, uint64_t *to)
{
	struct rlimit l;
	if (n < 0 || n > 6 || getrlimit(limits[n], &l))
		return il_fail(EINVAL);
	to[0] = l.rlim_cur == RLIM_INFINITY ? (uint64_t)-3 : l.rlim_cur;
	to[1] = l.rlim_max == RLIM_INFINITY ? (uint64_t)-3 : l.rlim_max;
	return 0;
}

long il_setrlimit(int n, const uint64_t *v)
{
	struct rlimit l = { v[0] == (uint64_t)-3 ? RLIM_INFINITY : v[0], v[1] == (uint64_t)-3 ? RLIM_INFINITY : v[1] };
	if (n < 0 || n > 6)
		return il_fail(EINVAL);
	return il_result(setrlimit(limits[n], &l));
}

/* sys/rctl.h: no resource control is set here. */
long il_getrctl(const char *name, void *a, void *b, int f) { (void)name, (void)a, (void)b, (void)f; return il_fail(ESRCH); }
long il_rctlblk_size(void) { return 256; }
long il_rctlblk_get_local_flags(void *b) { (void)b; return 0; }
long il_rctlblk_get_local_action(void *b, int *s) { (void)b, *s = 0; return 0; }
uint64_t il_rctlblk_get_value(void *b) { (void)b; return 0; }

/* stdlib.h */
const char *il_getexecname(void) { return program_path; }

long il_getsid(int p) { return il_result(getsid(p)); }
