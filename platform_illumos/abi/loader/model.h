/* The model of a zone: what its kernel and its daemons know and Linux does not.
 * All processes of a zone share it: it is the file model_path of the zone's root,
 * mapped by the loader when a program starts. Without that file a program, and
 * what it forks, has an empty model of its own.
 *
 * A test makes the file and reads it as text from outside:
 *
 *	loader --model FILE KEY=VALUE...    see model_set
 *	loader --state FILE                 a line a thing, see model_print
 *	loader --executed FILE              what was executed and as what, see executed.c
 */
#pragma once
#include "abi.h"
#include "net.h"
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

#define model_path "/dev/.model"

/* The next calls of a function that are to fail: number nth from now, from 1, or
 * each where nth is 0, with illumos' errno, or what else the function tells. */
struct fault { char call[40]; int32_t nth, value, seen; };

/* A console's device: zfd.c. */
struct zfd {
	int32_t copies, flow; /* the device whose output it gets, or -1; 1: that one waits for it */
	int32_t opened, copied; /* by the program, a bit a way to open; 1: another one gets its output */
	int32_t missed;         /* 1: the program has looked for it, and it was not there */
};

/* What a template says of the contracts that are made under it: contracts.c. */
struct terms { uint64_t critical, informative, fatal, parameters, cookie; char service[64]; };

struct contract { int32_t id, holder; struct terms terms; };
struct process { int32_t pid, contract, gone; char path[128]; };
struct active { int32_t thread; struct terms terms; }; /* a template */

struct mounted { char source[256], target[256], type[16], options[256]; };

enum { FAULTS = 32, ZFDS = 5, CONTRACTS = 128, PROCESSES = 1024, ACTIVE = 64, MOUNTS = 64, EXECUTED = 8 << 20 };

struct model {
	struct zfd zfd[ZFDS]; /* at the beginning: the host's side of the console reads it there */
	uint64_t size;
	pthread_mutex_t lock;
	char brand[32], nroot[64], hostname[256];
	char coverage[256]; /* where a program that was built for it writes what it has run */
	int32_t zone, locks; /* locks: the brand was asked for NFS' lock daemon */
	struct fault faults[FAULTS];
	struct contract contracts[CONTRACTS];
	struct process processes[PROCESSES];
	struct active active[ACTIVE];
	struct mounted mounts[MOUNTS];
	struct network network; /* net.h */
	uint64_t executed_size;
	char executed[EXECUTED]; /* text: executed.c */
};

extern struct model *model; /* never null in a program */
extern int model_is_zone;   /* 0: it is the program's own, and empty */

/* From lock to unlock nothing may end the process or call the program. */
void model_lock(void), model_unlock(void);

/* What the call is to fail with, 0 for nothing. Each modelled call asks once, by
 * its own name, before it does anything and without the lock. */
int model_fault(const char *call);
/* As an errno: il_fail's result and illumos' number. */
#define MODEL_FAULT(call) do { int model_e = model_fault(call); if (model_e) return il_fail_with(model_e); } while (0)
long il_fail_with(int illumos_errno);

/* What the calls that the model shares with Linux ask it. */
enum { NOT_MODELLED = -2 };
long model_open(const char *path, int illumos_flags);   /* a descriptor, -1 or NOT_MODELLED */
long model_ioctl(int fd, unsigned request, void *arg);  /* a result or NOT_MODELLED */
int model_minor(const struct stat *);                   /* of a console's device, or -1 */
void model_missed(const char *path);                    /* there is nothing of that name */
void model_fork(void), model_forked(int pid);           /* before and after, in the parent; in the child with 0 */
void model_started(const char *path);                   /* a program, when it starts */
const char *model_coverage(void);                       /* a setting of its environment, or null */
uint64_t model_executes(const char *path, char **argv, char **envp); /* about to, and if it could not: */
void model_executes_not(uint64_t what);

/* Programs of the platform which the loader itself plays: where its file is found
 * under their name, stand_in_NAME is its main (stand_in_in_ndpd for in.ndpd). It
 * calls model_attach first. */

int device_number(const char *path), zfd_number(const struct stat *); /* 1 for /dev/zfd/1, -1 for what is no console's */
long contract_open(int illumos_flags);
long contract_ioctl(int fd, unsigned request, void *arg), zfd_ioctl(int fd, unsigned request, void *arg);
void print_mounts(FILE *), print_contracts(FILE *), print_zfd(FILE *), print_executed(FILE *);

/* Any function of libc that an illumos program imports fails by the fault
 * libc.NAME: with the errno, or, where that is negative, by doing nothing and
 * saying that it has. model_gate tells what is to be: 0 to go on, 1 to fail, 2. */
int model_gates(const char *name), model_gate(const char *name);

void model_attach(void);
int model_command(int argc, char **argv); /* the loader's own: its status */
