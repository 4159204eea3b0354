/* Error numbers, and where a thread keeps its last one (errno.h, ___errno). */
#include "abi.h"
#include <pthread.h>
#include <stdlib.h>

/* illumos' numbers by Linux's. */
#define N(name) [name] = IL_##name
static const short numbers[256] = {
	N(E2BIG), N(EACCES), N(EADDRINUSE), N(EADDRNOTAVAIL), N(EADV), N(EAFNOSUPPORT), N(EAGAIN), N(EALREADY),
	N(EBADE), N(EBADF), N(EBADFD), N(EBADMSG), N(EBADR), N(EBADRQC), N(EBADSLT), N(EBFONT), N(EBUSY), N(ECANCELED),
	N(ECHILD), N(ECHRNG), N(ECOMM), N(ECONNABORTED), N(ECONNREFUSED), N(ECONNRESET), N(EDEADLK), N(EDESTADDRREQ),
	N(EDOM), N(EDQUOT), N(EEXIST), N(EFAULT), N(EFBIG), N(EHOSTDOWN), N(EHOSTUNREACH), N(EIDRM), N(EILSEQ),
	N(EINPROGRESS), N(EINTR), N(EINVAL), N(EIO), N(EISCONN), N(EISDIR), N(EL2HLT), N(EL2NSYNC), N(EL3HLT),
	N(EL3RST), N(ELIBACC), N(ELIBBAD), N(ELIBEXEC), N(ELIBMAX), N(ELIBSCN), N(ELNRNG), N(ELOOP), N(EMFILE),
	N(EMLINK), N(EMSGSIZE), N(EMULTIHOP), N(ENAMETOOLONG), N(ENETDOWN), N(ENETRESET), N(ENETUNREACH), N(ENFILE),
	N(ENOANO), N(ENOBUFS), N(ENOCSI), N(ENODATA), N(ENODEV), N(ENOENT), N(ENOEXEC), N(ENOLCK), N(ENOLINK),
	N(ENOMEM), N(ENOMSG), N(ENONET), N(ENOPKG), N(ENOPROTOOPT), N(ENOSPC), N(ENOSR), N(ENOSTR), N(ENOSYS),
	N(ENOTBLK), N(ENOTCONN), N(ENOTDIR), N(ENOTEMPTY), N(ENOTRECOVERABLE), N(ENOTSOCK), N(ENOTSUP), N(ENOTTY),
	N(ENOTUNIQ), N(ENXIO), N(EOVERFLOW), N(EOWNERDEAD), N(EPERM), N(EPFNOSUPPORT), N(EPIPE), N(EPROTO),
	N(EPROTONOSUPPORT), N(EPROTOTYPE), N(ERANGE), N(EREMCHG), N(EREMOTE), N(ERESTART), N(EROFS), N(ESHUTDOWN),
	N(ESOCKTNOSUPPORT), N(ESPIPE), N(ESRCH), N(ESRMNT), N(ESTALE), N(ESTRPIPE), N(ETIME), N(ETIMEDOUT),
	N(ETOOMANYREFS), N(ETXTBSY), N(EUNATCH), N(EUSERS), N(EXDEV), N(EXFULL),
};

int il_errno_of(int e)
{
	return e > 0 && e < 256 && numbers[e] ? numbers[e] : IL_EINVAL;
}

/* The loader's one thread-local word is Go's g (load.c), so errno is behind a key. */
static pthread_key_t key;

__attribute__((constructor)) static void make_key(void)
{
	if (pthread_key_create(&key, free))
		abort();
}

int *il____errno(void)
{
	int *p = pthread_getspecific(key);
	if (!p) {
		p = calloc(1, sizeof *p);
		if (!p || pthread_setspecific(key, p))
			abort();
	}
	return p;
}

long il_unsupported(void)
{
	*il____errno() = IL_EOPNOTSUPP;
	return -1;
}

long il_fail(int e)
{
	*il____errno() = il_errno_of(e);
	return -1;
}
