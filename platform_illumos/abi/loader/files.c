/* Files and folders (sys/fcntl.h, sys/stat.h, sys/dirent.h). */
#include "model.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/sendfile.h>
#include <unistd.h>

static const int flags[][2] = { /* sys/fcntl.h */
	{ 0x8, O_APPEND }, { 0x80, O_NONBLOCK }, { 0x100, O_CREAT }, { 0x200, O_TRUNC }, { 0x400, O_EXCL },
	{ 0x800, O_NOCTTY }, { 0x10, O_SYNC }, { 0x40, O_DSYNC }, { 0x20000, O_NOFOLLOW },
	{ 0x800000, O_CLOEXEC }, { 0x1000000, O_DIRECTORY },
};

int open_flags_to_linux(int f)
{
	int l = f & 3;
	if (f & 4) l |= O_NONBLOCK; /* FNDELAY */
	if (f & 0x600000) l |= O_PATH; /* O_SEARCH, O_EXEC */
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (f & flags[i][0]) l |= flags[i][1];
	return l;
}

int open_flags_from_linux(int l)
{
	int f = l & 3;
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if ((l & flags[i][1]) == flags[i][1]) f |= flags[i][0];
	return f;
}

int dirfd_to_linux(int fd) { return (unsigned)fd == AT_FDCWD_IL ? AT_FDCWD : fd; }

static int at_flags(int f) /* AT_SYMLINK_NOFOLLOW 0x1000, AT_SYMLINK_FOLLOW 0x2000 */
{
	return (f & 0x1000 ? AT_SYMLINK_NOFOLLOW : 0) | (f & 0x2000 ? AT_SYMLINK_FOLLOW : 0);
}

long il_open(const char *p, int f, int m)
{
	long r = model_open(p, f);
	return r != NOT_MODELLED ? r : il_result(open(p, open_flags_to_linux(f), m));
}
long il_openat(int d, const char *p, int f, int m)
{
	long r = *p == '/' ? model_open(p, f) : NOT_MODELLED;
	return r != NOT_MODELLED ? r : il_result(openat(dirfd_to_linux(d), p, open_flags_to_linux(f), m));
}
long il_close(int fd) { return il_result(close(fd)); }
long il_read(int fd, void *b, size_t n) { return il_result(read(fd, b, n)); }
long il_write(int fd, const void *b, size_t n) { return il_result(write(fd, b, n)); }
long il_pread(int fd, void *b, size_t n, off_t o) { return il_result(pread(fd, b, n, o)); }
long il_pwrite(int fd, const void *b, size_t n, off_t o) { return il_result(pwrite(fd, b, n, o)); }
long il_readv(int fd, const struct iovec *v, int n) { return il_result(readv(fd, v, n)); }
long il_writev(int fd, const struct iovec *v, int n) { return il_result(writev(fd, v, n)); }
long il_lseek(int fd, off_t o, int w) { return il_result(lseek(fd, o, w)); }
long il_dup(int fd) { return il_result(dup(fd)); }
long il_dup2(int a, int b) { return il_result(dup2(a, b)); }
long il_fsync(int fd) { return il_result(fsync(fd)); }
long il_ftruncate(int fd, off_t n) { return il_result(ftruncate(fd, n)); }
long il_truncate(const char *p, off_t n) { return il_result(truncate(p, n)); }
long il_pipe2(int *fds, int f) { return il_result(pipe2(fds, open_flags_to_linux(f))); }
long il_chdir(const char *p) { return il_result(chdir(p)); }
long il_fchdir(int fd) { return il_result(fchdir(fd)); }
long il_chroot(const char *p) { return il_result(chroot(p)); }
long il_access(const char *p, int m) { return il_result(access(p, m)); }
long il_faccessat(int d, const char *p, int m, int f)
{
	return il_result(faccessat(dirfd_to_linux(d), p, m, f & 4 ? AT_EACCESS : 0));
}
long il_mkdir(const char *p, int m) { return il_result(mkdir(p, m)); }
long il_mkdirat(int d, const char *p, int m) { return il_result(mkdirat(dirfd_to_linux(d), p, m)); }
long il_rmdir(const char *p) { return il_result(rmdir(p)); }
long il_unlink(const char *p) { return il_result(unlink(p)); }
long il_unlinkat(int d, const char *p, int f)
{
	return il_result(unlinkat(dirfd_to_linux(d), p, f & 1 ? AT_REMOVEDIR : 0));
}
long il_rename(const char *a, const char *b) { return il_result(rename(a, b)); }
long il_renameat(int d, const char *a, int e, const char *b)
{
	return il_result(renameat(dirfd_to_linux(d), a, dirfd_to_linux(e), b));
}
long il_link(const char *a, const char *b) { return il_result(link(a, b)); }
long il_linkat(int d, const char *a, int e, const char *b, int f)
{
	return il_result(linkat(dirfd_to_linux(d), a, dirfd_to_linux(e), b, at_flags(f)));
}
long il_symlink(const char *a, const char *b) { return il_result(symlink(a, b)); }
long il_symlinkat(const char *a, int d, const char *b) { return il_result(symlinkat(a, dirfd_to_linux(d), b)); }
long il_readlink(const char *p, char *b, size_t n) { return il_result(readlink(p, b, n)); }
long il_readlinkat(int d, const char *p, char *b, size_t n)
{
	return il_result(readlinkat(dirfd_to_linux(d), p, b, n));
}
long il_chmod(const char *p, int m) { return il_result(chmod(p, m)); }
long il_fchmod(int fd, int m) { return il_result(fchmod(fd, m)); }
long il_fchmodat(int d, const char *p, int m, int f)
{
	return il_result(fchmodat(dirfd_to_linux(d), p, m, at_flags(f)));
}
long il_chown(const char *p, int u, int g) { return il_result(chown(p, u, g)); }
long il_lchown(const char *p, int u, int g) { return il_result(lchown(p, u, g)); }
long il_fchown(int fd, int u, int g) { return il_result(fchown(fd, u, g)); }
long il_fchownat(int d, const char *p, int u, int g, int f)
{
	return il_result(fchownat(dirfd_to_linux(d), p, u, g, at_flags(f)));
}
long il_utimensat(int d, const char *p, const struct timespec *t, int f)
{
	struct timespec l[2];
	for (int i = 0; t && i < 2; i++) { /* sys/stat.h: UTIME_NOW -1, UTIME_OMIT -2 */
		l[i] = t[i];
		if (l[i].tv_nsec == -1) l[i].tv_nsec = UTIME_NOW;
		if (l[i].tv_nsec == -2) l[i].tv_nsec = UTIME_OMIT;
	}
	return il_result(utimensat(dirfd_to_linux(d), p, t ? l : 0, at_flags(f)));
}
long il_umask(int m) { return umask(m); }
void *il_getcwd(char *b, size_t n)
{
	if (!getcwd(b, n)) {
		il_fail(errno);
		return 0;
	}
	return b;
}

struct il_stat {
	uint64_t dev, ino;
	uint32_t mode, nlink, uid, gid;
	uint64_t rdev;
	int64_t size;
	struct timespec atim, mtim, ctim;
	int32_t blksize, pad;
	int64_t blocks;
	char fstype[16];
};

static long stat_from_linux(long r, const struct stat *l, struct il_stat *s)
{
	if (r < 0)
		return il_fail(errno);
	memset(s, 0, sizeof *s);
	s->dev = l->st_dev, s->ino = l->st_ino, s->mode = l->st_mode, s->nlink = l->st_nlink;
	s->uid = l->st_uid, s->gid = l->st_gid, s->size = l->st_size;
	/* 32 bits of major and 32 of minor number, sys/mkdev.h */
	s->rdev = l->st_rdev ? (uint64_t)(l->st_rdev >> 8 & 0xfff) << 32 | ((l->st_rdev & 0xff) | (l->st_rdev >> 12 & 0xfff00)) : 0;
	int minor = model_minor(l);
	if (minor >= 0)
		s->mode = S_IFCHR | (l->st_mode & 07777), s->rdev = 0xf3ull << 32 | minor;
	s->atim = l->st_atim, s->mtim = l->st_mtim, s->ctim = l->st_ctim;
	s->blksize = l->st_blksize, s->blocks = l->st_blocks;
	strcpy(s->fstype, "zfs");
	return 0;
}

long il_stat(const char *p, struct il_stat *s) { struct stat l; return stat_from_linux(stat(p, &l), &l, s); }
long il_lstat(const char *p, struct il_stat *s) { struct stat l; return stat_from_linux(lstat(p, &l), &l, s); }
long il_fstat(int fd, struct il_stat *s) { struct stat l; return stat_from_linux(fstat(fd, &l), &l, s); }
long il_fstatat(int d, const char *p, struct il_stat *s, int f)
{
	struct stat l;
	return stat_from_linux(fstatat(dirfd_to_linux(d), p, &l, at_flags(f)), &l, s);
}

long il_getdents(int fd, char *to, size_t n)
{
	struct linux_entry { uint64_t ino; int64_t off; uint16_t len; uint8_t type; char name[]; } *l;
	struct il_entry { uint64_t ino; int64_t off; uint16_t len; char name[]; } *e;
	if (n > 65536)
		n = 65536;
	char *from = malloc(n); /* an entry of illumos' is never longer than Linux's */
	if (!from)
		return il_fail(ENOMEM);
	long got = syscall(SYS_getdents64, fd, from, n), put = 0;
	if (got < 0) {
		il_fail(errno);
		free(from);
		return -1;
	}
	for (long at = 0; at < got; at += l->len) {
		l = (void *)(from + at), e = (void *)(to + put);
		size_t name = strlen(l->name) + 1;
		e->ino = l->ino, e->off = l->off, e->len = (18 + name + 7) & ~7ul;
		memcpy(e->name, l->name, name);
		put += e->len;
	}
	free(from);
	return put;
}

struct il_flock { int16_t type, whence; int32_t pad; int64_t start, len; int32_t sysid, pid; int64_t pads[4]; };

static long lock(int fd, int command, struct il_flock *f) /* F_RDLCK 1, F_WRLCK 2, F_UNLCK 3 */
{
	struct flock l = { .l_type = f->type == 1 ? F_RDLCK : f->type == 2 ? F_WRLCK : F_UNLCK,
			   .l_whence = f->whence, .l_start = f->start, .l_len = f->len };
	if (fcntl(fd, command, &l) < 0)
		return il_fail(errno);
	if (command == F_GETLK) {
		f->type = l.l_type == F_RDLCK ? 1 : l.l_type == F_WRLCK ? 2 : 3;
		f->whence = l.l_whence, f->start = l.l_start, f->len = l.l_len, f->pid = l.l_pid;
	}
	return 0;
}

long il_fcntl(int fd, int command, long arg) /* sys/fcntl.h */
{
	long r;
	switch (command) {
	case 0: return il_result(fcntl(fd, F_DUPFD, arg));
	case 1: return il_result(fcntl(fd, F_GETFD));
	case 2: return il_result(fcntl(fd, F_SETFD, arg));
	case 3: r = fcntl(fd, F_GETFL); return r < 0 ? il_fail(errno) : open_flags_from_linux(r);
	case 4: return il_result(fcntl(fd, F_SETFL, open_flags_to_linux(arg)));
	case 6: return lock(fd, F_SETLK, (void *)arg);
	case 7: return lock(fd, F_SETLKW, (void *)arg);
	case 14: return lock(fd, F_GETLK, (void *)arg);
	case 9: return il_result(dup2(fd, arg));                        /* F_DUP2FD */
	case 36: return il_result(dup3(fd, arg, O_CLOEXEC));            /* F_DUP2FD_CLOEXEC */
	case 37: return il_result(fcntl(fd, F_DUPFD_CLOEXEC, arg));     /* F_DUPFD_CLOEXEC */
	}
	return il_fail(EINVAL);
}

long il_sendfile(int out, int in, off_t *off, size_t n) { return il_result(sendfile(out, in, off, n)); }

struct il_statvfs { /* sys/statvfs.h */
	uint64_t bsize, frsize, blocks, bfree, bavail, files, ffree, favail, fsid;
	char basetype[16];
	uint64_t flag, namemax;
	char fstr[32];
};

long il_statvfs(const char *p, struct il_statvfs *s)
{
	struct statvfs l;
	if (statvfs(p, &l))
		return il_fail(errno);
	*s = (struct il_statvfs){ l.f_bsize, l.f_frsize, l.f_blocks, l.f_bfree, l.f_bavail, l.f_files, l.f_ffree,
				  l.f_favail, l.f_fsid, "zfs", l.f_flag & 3, l.f_namemax, "" }; /* ST_RDONLY 1, ST_NOSUID 2 */
	return 0;
}
