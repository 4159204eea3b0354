/* The model of a zone: what its kernel and its daemons know and Linux does not.
 * All processes of a zone share it: it is the file model_path of the zone's root,
 * mapped by the loader when a program starts. Without that file a program, and
 * what it forks, has an empty model of its own.
 *
 * A test makes the file and reads it as text from outside:
 *
 *	loader --model FILE KEY=VALUE...    see model_set
 *	loader --state FILE                 a line a thing, see model_print
 */
#pragma once
#include "abi.h"
#include <pthread.h>
#include <stdio.h>

#define model_path "/dev/.model"

/* The next calls of a function that are to fail: number nth from now, from 1, or
 * each where nth is 0, with illumos' errno, or what else the function tells. */
struct fault { char call[40]; int32_t nth, value, seen; };

struct model {
	/* What the host's side of the console reads from the file: at its beginning. */
	struct { int32_t copied, flow; } zfd[8]; /* the minor number that is copied to it, and 1; or -1 */
	uint64_t size;
	pthread_mutex_t lock;
	char brand[32], nroot[64];
	int32_t zone;
	struct fault faults[32];
};

extern struct model *model; /* never null in a program */

/* From lock to unlock nothing may end the process or call the program. */
void model_lock(void), model_unlock(void);

/* What the call is to fail with, 0 for nothing. Each modelled call asks once, by
 * its own name, before it does anything and without the lock. */
int model_fault(const char *call);
/* As an errno: il_fail's result and illumos' number. */
#define MODEL_FAULT(call) do { int model_e = model_fault(call); if (model_e) return il_fail_with(model_e); } while (0)
long il_fail_with(int illumos_errno);

void model_attach(void);
int model_command(int argc, char **argv); /* the loader's own: its status */
