/* Files and folders (sys/fcntl.h, sys/stat.h, sys/dirent.h). */
#include "model.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/sendfile.h>
#include <unistd.h>

static const struct { int il, host; } flags[] = {
	{ IL_O_APPEND, O_APPEND }, { IL_O_NONBLOCK, O_NONBLOCK }, { IL_O_CREAT, O_CREAT },
	{ IL_O_TRUNC, O_TRUNC }, { IL_O_EXCL, O_EXCL }, { IL_O_NOCTTY, O_NOCTTY },
	{ IL_O_SYNC, O_SYNC }, { IL_O_DSYNC, O_DSYNC }, { IL_O_NOFOLLOW, O_NOFOLLOW },
	{ IL_O_CLOEXEC, O_CLOEXEC }, { IL_O_DIRECTORY, O_DIRECTORY },
};
_Static_assert(IL_O_RDONLY == O_RDONLY && IL_O_WRONLY == O_WRONLY && IL_O_RDWR == O_RDWR, "how to open");

int open_flags_to_linux(int f)
{
	int l = f & O_ACCMODE;
	if (f & IL_O_NDELAY) l |= O_NONBLOCK;
	if (f & (IL_O_SEARCH | IL_O_EXEC)) l |= O_PATH;
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (f & flags[i].il) l |= flags[i].host;
	return l;
}

int open_flags_from_linux(int l)
{
	int f = l & O_ACCMODE;
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if ((l & flags[i].host) == flags[i].host) f |= flags[i].il;
	return f;
}

int dirfd_to_linux(int fd) { return (unsigned)fd == IL_AT_FDCWD ? AT_FDCWD : fd; }

static int at_flags(int f)
{
	return (f & IL_AT_SYMLINK_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0) | (f & IL_AT_SYMLINK_FOLLOW ? AT_SYMLINK_FOLLOW : 0);
}

/* A path that ends in a slash means what a link at its end leads to, also where the
 * end is what is made, removed or renamed; Linux follows it there only at times. */
static const char *follow(int d, const char *path, char *to)
{
	char target[PATH_MAX];
	size_t n = strlen(path);
	for (int links = 0; links < 40 && n > 1 && path[n - 1] == '/' && n < PATH_MAX; links++) {
		while (n > 1 && path[n - 1] == '/') n--;
		memmove(to, path, n);
		to[n] = 0;
		ssize_t k = readlinkat(dirfd_to_linux(d), to, target, sizeof target - 1);
		if (k <= 0) {
			to[n] = '/', to[n + 1] = 0;
			return to;
		}
		target[k] = 0;
		size_t folder = 0;
		for (size_t i = 0; i < n && *target != '/'; i++)
			if (to[i] == '/') folder = i + 1;
		if (folder + k + 2 > PATH_MAX)
			break;
		memcpy(to + folder, target, k);
		memcpy(to + folder + k, "/", 2);
		path = to, n = folder + k + 1;
	}
	return path;
}

static long renamed(long r) { return r < 0 ? il_fail(errno == ENOTEMPTY ? EEXIST : errno) : r; }

/* rmdir(2), rename(2): a folder that is not empty is EEXIST. unlink(2): a folder is EPERM. */
static long removed(long r)
{
	return r < 0 ? il_fail(errno == ENOTEMPTY ? EEXIST : errno == EISDIR ? EPERM : errno) : r;
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
long il_close(int fd)
{
	ports_forget(fd);
	return il_result(close(fd));
}
long il_read(int fd, void *b, size_t n) { return il_result(read(fd, b, n)); }
long il_write(int fd, const void *b, size_t n)
{
	long r;
	return net_write(fd, b, n, &r) ? r : il_result(write(fd, b, n));
}
long il_pread(int fd, void *b, size_t n, off_t o) { return il_result(pread(fd, b, n, o)); }
long il_pwrite(int fd, const void *b, size_t n, off_t o) { return il_result(pwrite(fd, b, n, o)); }
long il_readv(int fd, const struct iovec *v, int n) { return il_result(readv(fd, v, n)); }
long il_writev(int fd, const struct iovec *v, int n) { return il_result(writev(fd, v, n)); }
long il_lseek(int fd, off_t o, int w) { return il_result(lseek(fd, o, w)); }
long il_dup(int fd) { return il_result(dup(fd)); }
long il_dup2(int a, int b)
{
	if (a != b)
		ports_forget(b);
	return il_result(dup2(a, b));
}
long il_fsync(int fd) { return il_result(fsync(fd)); }
long il_ftruncate(int fd, off_t n) { return il_result(ftruncate(fd, n)); }
long il_truncate(const char *p, off_t n) { return il_result(truncate(p, n)); }
long il_pipe(int *fds) { return il_result(pipe(fds)); }
long il_mkfifo(const char *p, int m) { return il_result(mkfifo(p, m)); }
long il_pipe2(int *fds, int f) { return il_result(pipe2(fds, open_flags_to_linux(f))); }
long il_chdir(const char *p) { return il_result(chdir(p)); }
long il_fchdir(int fd) { return il_result(fchdir(fd)); }
long il_chroot(const char *p) { return il_result(chroot(p)); }
long il_access(const char *p, int m) { return il_result(access(p, m)); }
long il_faccessat(int d, const char *p, int m, int f)
{
	return il_result(faccessat(dirfd_to_linux(d), p, m, f & IL_AT_EACCESS ? AT_EACCESS : 0));
}
long il_mkdirat(int d, const char *p, int m)
{
	char to[PATH_MAX + 1];
	return il_result(mkdirat(dirfd_to_linux(d), follow(d, p, to), m));
}
long il_mkdir(const char *p, int m) { return il_mkdirat(IL_AT_FDCWD, p, m); }
long il_unlinkat(int d, const char *p, int f)
{
	char to[PATH_MAX + 1];
	return removed(unlinkat(dirfd_to_linux(d), follow(d, p, to), f & IL_AT_REMOVEDIR ? AT_REMOVEDIR : 0));
}
long il_rmdir(const char *p) { return il_unlinkat(IL_AT_FDCWD, p, IL_AT_REMOVEDIR); }
long il_unlink(const char *p) { return il_unlinkat(IL_AT_FDCWD, p, 0); }
long il_renameat(int d, const char *a, int e, const char *b)
{
	char from[PATH_MAX + 1], to[PATH_MAX + 1];
	return renamed(renameat(dirfd_to_linux(d), follow(d, a, from), dirfd_to_linux(e), follow(e, b, to)));
}
long il_rename(const char *a, const char *b) { return il_renameat(IL_AT_FDCWD, a, IL_AT_FDCWD, b); }
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
	long r = fchmodat(dirfd_to_linux(d), p, m, at_flags(f));
	return r < 0 && errno == EOPNOTSUPP ? il_unsupported() : il_result(r);
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
	for (int i = 0; t && i < 2; i++) {
		l[i] = t[i];
		if (l[i].tv_nsec == IL_UTIME_NOW) l[i].tv_nsec = UTIME_NOW;
		if (l[i].tv_nsec == IL_UTIME_OMIT) l[i].tv_nsec = UTIME_OMIT;
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

/* sys/mkdev.h: 32 bits of major and 32 of minor number */
static uint64_t device(unsigned major, unsigned minor) { return (uint64_t)major << 32 | minor; }
uint64_t il___makedev(int version, unsigned major, unsigned minor) { (void)version; return device(major, minor); }
unsigned il___major(int version, uint64_t d) { (void)version; return d >> 32; }
unsigned il___minor(int version, uint64_t d) { (void)version; return d; }

long il_mknodat(int d, const char *p, int m, uint64_t dev)
{
	return il_result(mknodat(dirfd_to_linux(d), p, m, makedev(dev >> 32, (unsigned)dev)));
}
long il_mknod(const char *p, int m, uint64_t dev) { return il_mknodat(IL_AT_FDCWD, p, m, dev); }

/* The kinds of files and the bits of permission are Linux's. */
_Static_assert(IL_S_IFMT == S_IFMT && IL_S_IFIFO == S_IFIFO && IL_S_IFCHR == S_IFCHR && IL_S_IFDIR == S_IFDIR &&
	       IL_S_IFBLK == S_IFBLK && IL_S_IFREG == S_IFREG && IL_S_IFLNK == S_IFLNK && IL_S_IFSOCK == S_IFSOCK &&
	       IL_S_ISUID == S_ISUID && IL_S_ISGID == S_ISGID && IL_S_ISVTX == S_ISVTX, "st_mode");

static long stat_from_linux(long r, const struct stat *l, struct il_stat *s)
{
	if (r < 0)
		return il_fail(errno);
	memset(s, 0, sizeof *s);
	s->dev = l->st_dev, s->ino = l->st_ino, s->mode = l->st_mode, s->nlink = l->st_nlink;
	s->uid = l->st_uid, s->gid = l->st_gid, s->size = l->st_size;
	s->rdev = device(major(l->st_rdev), minor(l->st_rdev));
	int zfd = model_minor(l);
	if (zfd >= 0)
		s->mode = S_IFCHR | (l->st_mode & 07777), s->rdev = device(0xf3, zfd);
	s->atim = l->st_atim, s->mtim = l->st_mtim, s->ctim = l->st_ctim;
	s->blksize = l->st_blksize, s->blocks = l->st_blocks;
	strcpy(s->fstype, "zfs");
	return 0;
}

long il_stat(const char *p, struct il_stat *s) { struct stat l; return stat_from_linux(stat(p, &l), &l, s); }
long il_lstat(const char *p, struct il_stat *s)
{
	struct stat l;
	int r = lstat(p, &l);
	if (r && errno == ENOENT)
		model_missed(p);
	return stat_from_linux(r, &l, s);
}
long il_fstat(int fd, struct il_stat *s) { struct stat l; return stat_from_linux(fstat(fd, &l), &l, s); }
long il_fstatat(int d, const char *p, struct il_stat *s, int f)
{
	struct stat l;
	return stat_from_linux(fstatat(dirfd_to_linux(d), p, &l, at_flags(f)), &l, s);
}

long il_getdents(int fd, char *to, size_t n)
{
	struct linux_entry { uint64_t ino; int64_t off; uint16_t len; uint8_t type; char name[]; } *l;
	struct il_dirent *e;
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
		e->ino = l->ino, e->off = l->off, e->reclen = (offsetof(struct il_dirent, name) + name + 7) & ~7ul;
		memcpy(e->name, l->name, name);
		put += e->reclen;
	}
	free(from);
	return put;
}

static long lock(int fd, int command, struct il_flock *f)
{
	struct flock l = { .l_type = f->type == IL_F_RDLCK ? F_RDLCK : f->type == IL_F_WRLCK ? F_WRLCK : F_UNLCK,
			   .l_whence = f->whence, .l_start = f->start, .l_len = f->len };
	if (fcntl(fd, command, &l) < 0)
		return il_fail(errno);
	if (command == F_GETLK) {
		f->type = l.l_type == F_RDLCK ? IL_F_RDLCK : l.l_type == F_WRLCK ? IL_F_WRLCK : IL_F_UNLCK;
		f->whence = l.l_whence, f->start = l.l_start, f->len = l.l_len, f->pid = l.l_pid;
	}
	return 0;
}

long il_fcntl(int fd, int command, long arg)
{
	long r;
	switch (command) {
	case IL_F_DUPFD: return il_result(fcntl(fd, F_DUPFD, arg));
	case IL_F_DUPFD_CLOEXEC: return il_result(fcntl(fd, F_DUPFD_CLOEXEC, arg));
	case IL_F_DUP2FD: return il_dup2(fd, arg);
	case IL_F_DUP2FD_CLOEXEC: ports_forget(arg); return il_result(dup3(fd, arg, O_CLOEXEC));
	case IL_F_GETFD: return il_result(fcntl(fd, F_GETFD)); /* FD_CLOEXEC 1 */
	case IL_F_SETFD: return il_result(fcntl(fd, F_SETFD, arg));
	case IL_F_GETFL: r = fcntl(fd, F_GETFL); return r < 0 ? il_fail(errno) : open_flags_from_linux(r);
	case IL_F_SETFL: return il_result(fcntl(fd, F_SETFL, open_flags_to_linux(arg)));
	case IL_F_SETLK: return lock(fd, F_SETLK, (void *)arg);
	case IL_F_SETLKW: return lock(fd, F_SETLKW, (void *)arg);
	case IL_F_GETLK: return lock(fd, F_GETLK, (void *)arg);
	}
	die_at("a command of fcntl that is not known here", command);
}

long il_sendfile(int out, int in, off_t *off, size_t n) { return il_result(sendfile(out, in, off, n)); }

/* Of the file system below, as lofs answers: that it is read-only here is not told.
 * illumos: usr/src/uts/common/fs/lofs/lofs_vfsops.c */
long il_statvfs(const char *p, struct il_statvfs *s)
{
	struct statvfs l;
	if (statvfs(p, &l))
		return il_fail(errno);
	*s = (struct il_statvfs){ l.f_bsize, l.f_frsize, l.f_blocks, l.f_bfree, l.f_bavail, l.f_files, l.f_ffree,
				  l.f_favail, l.f_fsid, "zfs",
				  (l.f_flag & ST_NOSUID ? IL_ST_NOSUID : 0),
				  l.f_namemax, "" };
	return 0;
}
