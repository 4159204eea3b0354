/* The console's devices in /dev/zfd (sys/zfd.h, io/zfd.c). A FIFO or terminal of
 * that name is shown as the driver's character device; what is written to it is
 * copied to another one by whoever has its other end. */
#include "model.h"
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A zone's devices are some of the machine's: the numbers begin nowhere, and are
 * even on the zone's side. */
enum { MAJOR = 243, FIRST_MINOR = 46 };

int device_number(const char *path)
{
	if (strncmp(path, "/dev/zfd/", 9) || path[9] < '0' || path[9] >= '0' + ZFDS || path[10])
		return -1;
	return path[9] - '0';
}

int zfd_number(const struct stat *s)
{
	char path[] = "/dev/zfd/0";
	struct stat d;
	if (!S_ISFIFO(s->st_mode) && !S_ISCHR(s->st_mode))
		return -1;
	for (int n = 0; n < ZFDS; n++) {
		path[9] = '0' + n;
		if (!lstat(path, &d) && d.st_dev == s->st_dev && d.st_ino == s->st_ino)
			return n;
	}
	return -1;
}

int model_minor(const struct stat *s)
{
	int n = zfd_number(s);
	return n < 0 ? -1 : FIRST_MINOR + 2 * n;
}

void model_missed(const char *path)
{
	int n = device_number(path);
	if (n >= 0)
		model->zfd[n].missed = 1;
}

long zfd_ioctl(int fd, unsigned request, void *arg)
{
	struct stat s;
	if (fstat(fd, &s))
		return il_fail(errno);
	int n = zfd_number(&s), value = (int)(intptr_t)arg, from = (value - FIRST_MINOR) / 2, e = 0;
	if (n < 0)
		return il_fail(ENOTTY);
	struct zfd *z = &model->zfd[n];
	switch (request & 0xff) {
	case 3: /* ZFD_MUX; a device has one link, and for ever */
		MODEL_FAULT("ZFD_MUX");
		model_lock();
		if (value < FIRST_MINOR || from >= ZFDS || z->copies >= 0 || z->copied || model->zfd[from].copies >= 0 || model->zfd[from].copied)
			e = EINVAL;
		else
			z->copies = from, model->zfd[from].copied = 1;
		break;
	case 4: /* ZFD_MUX_FLOWCON, on the copy */
		MODEL_FAULT("ZFD_MUX_FLOWCON");
		model_lock();
		if (z->copies < 0 || (value != 0 && value != 1))
			e = EINVAL;
		else
			z->flow = value;
		break;
	default:
		return NOT_MODELLED;
	}
	model_unlock();
	return e ? il_fail(e) : 0;
}

void print_zfd(FILE *to)
{
	static const char *const ways[] = { "read", "write", "read and write" };
	for (int n = 0; n < ZFDS; n++) {
		const struct zfd *z = &model->zfd[n];
		for (int way = 0; way < 3; way++)
			if (z->opened & 1 << way)
				fprintf(to, "zfd %d opened to %s\n", n, ways[way]);
		if (z->copies >= 0)
			fprintf(to, "zfd %d copies %d%s\n", n, z->copies, z->flow ? ", which waits for it" : "");
	}
}
