/* What was executed, and as what: a paragraph of text each, a line a thing.
 *
 *	path "/bin/app"
 *	pid 1 contract 1
 *	arg "app"
 *	env "PATH=/bin"
 *	directory "/"
 *	user 0 0 0
 *	group 0 0 0
 *	groups 4 50
 *	umask 022
 *	session 1 group 1 terminal own foreground 1
 *	limit nofile 1024 4096
 *	blocked 0 not default 0
 *	descriptor 0 zfd 1
 *	descriptor 1 null
 *	descriptor 3 file
 */
#include "model.h"
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

void contract_exec(const char *path);

static void put(const char *format, ...)
{
	va_list a;
	va_start(a, format);
	size_t room = EXECUTED - model->executed_size;
	int n = vsnprintf(model->executed + model->executed_size, room, format, a);
	va_end(a);
	if ((size_t)n < room)
		model->executed_size += n;
}

/* In quotes, as Go unquotes it. */
static void quoted(const char *word, const char *text)
{
	put("%s \"", word);
	for (; *text; text++) {
		unsigned char c = *text;
		if (c == '"' || c == '\\')
			put("\\%c", c);
		else if (c < ' ' || c > '~')
			put("\\x%02x", c);
		else if (model->executed_size + 1 < EXECUTED)
			model->executed[model->executed_size++] = c;
	}
	put("\"\n");
}

static void credentials(void)
{
	uid_t u[3];
	gid_t g[3], groups[1024];
	getresuid(u, u + 1, u + 2);
	getresgid(g, g + 1, g + 2);
	put("user %u %u %u\ngroup %u %u %u\ngroups", u[0], u[1], u[2], g[0], g[1], g[2]);
	int n = getgroups(1024, groups);
	for (int i = 0; i < n; i++)
		put(" %u", groups[i]);
	mode_t mask = umask(0);
	umask(mask);
	put("\numask %03o\n", mask);
}

static void limits(void)
{
	static const struct { const char *name; int resource; } all[] = {
		{ "core", RLIMIT_CORE }, { "cpu", RLIMIT_CPU }, { "data", RLIMIT_DATA }, { "fsize", RLIMIT_FSIZE },
		{ "nofile", RLIMIT_NOFILE }, { "stack", RLIMIT_STACK },
	};
	struct rlimit l;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (!getrlimit(all[i].resource, &l))
			put("limit %s %lu %lu\n", all[i].name, l.rlim_cur, l.rlim_max);
}

/* An execve gives every handler up, and keeps what is blocked and ignored. */
static void signals(void)
{
	sigset_t set;
	struct sigaction a;
	int blocked = 0, odd = 0;
	pthread_sigmask(SIG_SETMASK, 0, &set);
	for (int s = 1; s <= 64; s++) {
		blocked += sigismember(&set, s) == 1;
		odd += !sigaction(s, 0, &a) && a.sa_handler != SIG_DFL;
	}
	put("blocked %d not default %d\n", blocked, odd);
}

static void descriptors(void)
{
	struct stat s;
	for (int fd = 0; fd < 1024; fd++) {
		int f = fcntl(fd, F_GETFD);
		if (f < 0 || f & FD_CLOEXEC || fstat(fd, &s))
			continue;
		int zfd = zfd_number(&s);
		if (zfd >= 0)
			put("descriptor %d zfd %d%s\n", fd, zfd, fcntl(fd, F_GETFL) & O_NONBLOCK ? " non-blocking" : "");
		else
			put("descriptor %d %s\n", fd, S_ISCHR(s.st_mode) && s.st_rdev == makedev(1, 3) ? "null" : "file");
	}
}

uint64_t model_executes(const char *path, char **argv, char **envp)
{
	char dir[PATH_MAX];
	model_lock();
	uint64_t before = model->executed_size;
	quoted("path", path);
	struct process *p = 0;
	for (int i = 0; i < PROCESSES && !p; i++)
		if (model->processes[i].pid == getpid())
			p = &model->processes[i];
	put("pid %d contract %d\n", getpid(), p ? p->contract : 0);
	for (; argv && *argv; argv++)
		quoted("arg", *argv);
	for (; envp && *envp; envp++)
		quoted("env", *envp);
	quoted("directory", getcwd(dir, sizeof dir) ? dir : "");
	credentials();
	put("session %d group %d", getsid(0), getpgrp());
	if (tcgetsid(0) == getsid(0))
		put(" terminal own foreground %d", tcgetpgrp(0));
	put("\n");
	limits();
	signals();
	descriptors();
	put("\n");
	contract_exec(path);
	model_unlock();
	return before;
}

/* Others may have executed something since: then it stays as the one before. */
void model_executes_not(uint64_t before)
{
	model_lock();
	const char *end = memmem(model->executed + before, model->executed_size - before, "\n\n", 2);
	if (end && end + 2 == model->executed + model->executed_size)
		model->executed_size = before;
	model_unlock();
}

void print_executed(FILE *to) { fwrite(model->executed, 1, model->executed_size, to); }
