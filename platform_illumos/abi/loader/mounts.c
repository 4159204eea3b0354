/* mount(2) and the helper that mounts NFS (sys/mount.h, sys/mntent.h). A tmpfs is
 * a real one; the others are only known to be there. */
#include "model.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* sys/mount.h; the flags of Linux have the same names. */
enum { IL_RDONLY = 1, IL_DATA = 4, IL_NOSUID = 0x10, IL_REMOUNT = 0x20, IL_OVERLAY = 0x80, IL_OPTIONSTR = 0x100, IL_MAX_OPTIONS = 1024 };

/* The words that mount(2) itself or tmpfs knows, and what they are on Linux: a
 * flag, or an option's text. Others are passed over, as there. */
static const struct { const char *word; unsigned long flag; } words[] = {
	{ "ro", MS_RDONLY }, { "rw", 0 }, { "nosuid", MS_NOSUID }, { "suid", 0 }, { "nodevices", MS_NODEV }, { "devices", 0 },
	{ "noexec", MS_NOEXEC }, { "exec", 0 }, { "nosetuid", MS_NOSUID }, { "noxattr", 0 }, { "xattr", 0 },
};

static int tmpfs_words(const char *options, const struct stat *below, unsigned long *flags, char *data, char *known)
{
	char copy[IL_MAX_OPTIONS], *rest = copy, *word;
	snprintf(copy, sizeof copy, "%s", options);
	*data = *known = 0;
	while ((word = strsep(&rest, ","))) {
		size_t i = 0, n = sizeof words / sizeof *words;
		for (; i < n && strcmp(word, words[i].word); i++);
		if (i < n) {
			if (words[i].flag == MS_RDONLY)
				return EINVAL; /* there is no such tmpfs */
			*flags |= words[i].flag;
		} else if (!strncmp(word, "mode=", 5) || !strncmp(word, "size=", 5)) {
			char *end;
			unsigned long number = strtoul(word + 5, &end, *word == 'm' ? 8 : 10);
			int percent = *word == 's' && !strcmp(end, "%");
			if (end == word + 5 || (!percent && strspn(end, *word == 'm' ? "" : "kmgKMG") != strlen(end)) || (*word == 'm' && number > 07777))
				return EINVAL;
			if (*word == 's' && (!number || (percent && number > 100)))
				return EINVAL; /* tmp_convnum */
			sprintf(data + strlen(data), "%s%s", *data ? "," : "", word);
		} else {
			continue;
		}
		sprintf(known + strlen(known), "%s%s", *known ? "," : "", word);
	}
	/* Its root is as what it covers, but for a mode that is asked for. */
	if (!strstr(data, "mode="))
		sprintf(data + strlen(data), "%smode=%o", *data ? "," : "", below->st_mode & 07777);
	sprintf(data + strlen(data), ",uid=%u,gid=%u", below->st_uid, below->st_gid);
	return 0;
}

/* With the lock. */
static int record(const char *source, const char *target, const char *type, const char *options)
{
	for (int i = 0; i < MOUNTS; i++) {
		struct mounted *m = &model->mounts[i];
		if (*m->target)
			continue;
		snprintf(m->source, sizeof m->source, "%s", source);
		snprintf(m->type, sizeof m->type, "%s", type);
		snprintf(m->options, sizeof m->options, "%s", options);
		snprintf(m->target, sizeof m->target, "%s", target);
		return 0;
	}
	return ENOSPC;
}

static int mounted_on(const char *target)
{
	for (int i = 0; i < MOUNTS; i++)
		if (!strcmp(model->mounts[i].target, target))
			return 1;
	return 0;
}

static int mount_here(const char *source, const char *target, int flags, const char *type, char *options)
{
	char real[PATH_MAX], data[IL_MAX_OPTIONS + 64], known[IL_MAX_OPTIONS];
	unsigned long linux_flags = (flags & IL_RDONLY ? MS_RDONLY : 0) | (flags & IL_NOSUID ? MS_NOSUID : 0);
	struct stat s;
	if (geteuid())
		return EPERM;
	if (*target != '/')
		return EINVAL;
	if (!realpath(target, real) || stat(real, &s))
		return errno;
	if (!S_ISDIR(s.st_mode))
		return ENOTDIR;
	if (mounted_on(real) && !(flags & (IL_OVERLAY | IL_REMOUNT)))
		return EBUSY;
	if (flags & IL_REMOUNT)
		return EINVAL; /* neither of the two takes it here */
	if (!strcmp(type, "tmpfs")) {
		int e = tmpfs_words(options ? options : "", &s, &linux_flags, data, known);
		if (e)
			return e;
		if (mount(source, real, "tmpfs", linux_flags, data))
			return errno;
	} else if (strcmp(type, "fd")) {
		return EINVAL;
	} else {
		*known = 0;
	}
	int e = record(source, real, type, options ? options : "");
	if (options)
		strcpy(options, known); /* the kernel says which it has taken */
	return e;
}

long il_mount(const char *source, const char *target, int flags, const char *type, char *data, int data_size, char *options, int options_size)
{
	MODEL_FAULT("mount");
	if (flags & ~(IL_RDONLY | IL_DATA | IL_NOSUID | IL_REMOUNT | IL_OVERLAY | IL_OPTIONSTR) || !(flags & IL_DATA) || data || data_size || !source || !type)
		return il_fail(EINVAL);
	if (!(flags & IL_OPTIONSTR))
		options = 0;
	else if (!options || options_size < 1 || options_size > IL_MAX_OPTIONS || !memchr(options, 0, options_size))
		return il_fail(EINVAL);
	model_lock();
	int e = mount_here(source, target, flags, type, options);
	model_unlock();
	return e ? il_fail(e) : 0;
}

/* mount -o OPTIONS HOST:/PATH DIRECTORY (man page mount_nfs). */
int stand_in_mount(int argc, char **argv)
{
	char real[PATH_MAX];
	if (argc != 5 || strcmp(argv[1], "-o") || !strchr(argv[3], ':')) {
		fprintf(stderr, "Usage: mount [-o options] server:path mountpoint\n");
		return 32;
	}
	model_attach();
	int e = model_fault("mount_nfs");
	if (e) {
		fprintf(stderr, "nfs mount: %s: %s\n", argv[3], "RPC: Rpcbind failure - RPC: Timed out");
		return e;
	}
	if (!realpath(argv[4], real)) {
		fprintf(stderr, "nfs mount: %s: %s\n", argv[4], strerror(errno));
		return 32;
	}
	char server[64];
	struct prefix address;
	int six;
	snprintf(server, sizeof server, "%.*s", (int)strcspn(argv[3], ":"), argv[3]);
	model_lock();
	if (net_parse_prefix(server, &address, &six) && !net_reaches(address.address, six)) {
		model_unlock();
		fprintf(stderr, "nfs mount: %s: network is unreachable\n", server);
		return 32;
	}
	e = record(argv[3], real, "nfs", argv[2]);
	model_unlock();
	return e ? 32 : 0;
}

void print_mounts(FILE *to)
{
	for (int i = 0; i < MOUNTS && *model->mounts[i].target; i++) {
		const struct mounted *m = &model->mounts[i];
		fprintf(to, "mount %s on %s type %s", m->source, m->target, m->type);
		fprintf(to, *m->options ? " (%s)\n" : "\n", m->options);
	}
}
