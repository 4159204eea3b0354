/* What the files of the loader share. Functions that the program may import are
 * called il_NAME: load.c finds them by that name. They tolerate the misaligned
 * stack of Go's illumos port by the compiler's flags, see loader_test.go. */
#pragma once
#define _GNU_SOURCE
#include "illumos.h"
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

long il_fail(int linux_errno);             /* sets illumos' errno, returns -1 */
int il_errno_of(int linux_errno);          /* sys/errno.h */
long il_unsupported(void);                 /* EOPNOTSUPP; Linux has one number for it and ENOTSUP */
static inline long il_result(long r) { return r < 0 ? il_fail(errno) : r; }
int *il____errno(void);

_Noreturn void die(const char *what, const char *name); /* ends the run: status 126 */
_Noreturn void die_at(const char *what, long number);

int open_flags_to_linux(int), open_flags_from_linux(int);
int dirfd_to_linux(int);
int signal_to_linux(int), signal_from_linux(int); /* 0: there is none */
void siginfo_from_linux(int linux_signal, const siginfo_t *, struct il_siginfo *);
void ports_forget(int fd); /* before it is closed */

/* 1 where the request was about interfaces: interfaces.c. */
int interfaces_ioctl(int fd, unsigned request, void *arg, long *result);

/* Whether a SIGCHLD tells the program something, and then what: children.c. */
int child_news(siginfo_t *, int stops);
void give_children(char *text, size_t size), take_children(const char *text);

extern char loader_path[], program_path[];
int is_illumos_binary(const char *path);
