/* waitid, for who waits and takes nothing (sys/wait.h, sys/procset.h, sys/siginfo.h). */
#include "model.h"
#include <string.h>
#include <sys/wait.h>

struct il_waitinfo { int signo, code, err, pad, pid; char rest[236]; }; /* SI_MAXSZ 256 */

/* P_ALL 7; WEXITED 1, WNOWAIT 0x80. Whatever else is asked for, no program here does. */
long il_waitid(int type, int id, struct il_waitinfo *to, int options)
{
	siginfo_t info = { 0 };
	(void)id;
	if (type != 7 || options != (1 | 0x80))
		die("waitid", "is known here for P_ALL with WEXITED and WNOWAIT");
	if (!to)
		return il_fail(EFAULT);
	MODEL_FAULT("waitid");
	if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT))
		return il_fail(errno);
	memset(to, 0, sizeof *to);
	to->signo = signal_from_linux(SIGCHLD);
	to->code = info.si_code, to->pid = info.si_pid;
	return 0;
}
