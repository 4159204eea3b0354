/*
 * stayed is a command for which something stays as its parent. It writes the time,
 * as 64 bits of monotonic ns, when it has begun, and
 *
 *   for USR1    when that came
 *   for USR2    when it has made 10,000 orphans; the next one ends them, all at once
 *
 * gcc -O2 -static
 */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define	ORPHANS	10000

static void
tell(struct timespec now)
{
	uint64_t ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;

	if (write(1, &ns, sizeof (ns)) != sizeof (ns))
		exit(1);
}

static struct timespec
now(void)
{
	struct timespec t;

	(void) clock_gettime(CLOCK_MONOTONIC, &t);
	return (t);
}

static void
orphans(int *gate)
{
	char c;

	for (int i = 0; i < ORPHANS; i++) {
		switch (fork()) {
		case -1:
			_exit(1);
		case 0:
			(void) close(gate[1]);
			(void) read(gate[0], &c, 1);
			_exit(0);
		}
	}
	_exit(0);
}

int
main(void)
{
	sigset_t wanted;
	int gate[2], open = 0, status;

	(void) sigemptyset(&wanted);
	(void) sigaddset(&wanted, SIGUSR1);
	(void) sigaddset(&wanted, SIGUSR2);
	(void) sigprocmask(SIG_BLOCK, &wanted, NULL);
	tell(now());
	for (;;) {
		int n = sigwaitinfo(&wanted, NULL);
		struct timespec at = now();

		if (n == SIGUSR1)
			tell(at);
		if (n == SIGUSR2 && open) {
			(void) close(gate[0]);
			(void) close(gate[1]);
			open = 0;
		} else if (n == SIGUSR2) {
			pid_t pid;

			if (pipe(gate) != 0 || (pid = fork()) < 0)
				return (1);
			if (pid == 0)
				orphans(gate);
			(void) waitpid(pid, &status, 0);
			if (status != 0)
				return (1);
			open = 1;
			tell(now());
		}
	}
}
