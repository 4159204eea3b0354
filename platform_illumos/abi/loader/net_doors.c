/* Doors (door.h, stropts.h). A door is told apart by the
 * file that it is attached to, which its server keeps locked for as long as it lives.
 * Nothing is ever called through one: whoever would call asks whether it is served. */
#include "model.h"
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

long il_door_create(void *procedure, void *cookie, unsigned attributes)
{
	(void)cookie;
	MODEL_FAULT("door_create");
	if (!procedure || attributes)
		net_refuse("door_create: procedure %p, attributes %#x", procedure, attributes);
	return il_result(eventfd(0, EFD_CLOEXEC));
}

long il_fattach(int door, const char *path)
{
	struct stat s;
	struct flock lock = { .l_type = F_WRLCK };
	MODEL_FAULT("fattach");
	if (fstat(door, &s))
		return il_fail(errno);
	int fd = open(path, O_RDWR | O_CLOEXEC); /* stays open: closing it would unlock it */
	if (fd < 0 || fcntl(fd, F_SETLK, &lock) || fstat(fd, &s))
		return il_fail(errno == EAGAIN ? EBUSY : errno);
	model_lock();
	int i = 0;
	while (i < DOORS - 1 && net->doors[i].pid && (net->doors[i].device != s.st_dev || net->doors[i].file != s.st_ino)) i++;
	net->doors[i].device = s.st_dev, net->doors[i].file = s.st_ino, net->doors[i].pid = getpid();
	model_unlock();
	return 0;
}

/* The server's process, -1 where there is none any more, 0 of what is no door. */
static int server(int fd)
{
	struct stat s;
	struct flock lock = { .l_type = F_WRLCK };
	int pid = 0;
	if (fstat(fd, &s) || !S_ISREG(s.st_mode))
		return 0;
	model_lock();
	for (int i = 0; i < DOORS; i++)
		if (net->doors[i].pid && net->doors[i].device == s.st_dev && net->doors[i].file == s.st_ino)
			pid = net->doors[i].pid;
	model_unlock();
	if (!pid || fcntl(fd, F_GETLK, &lock))
		return 0;
	return lock.l_type == F_UNLCK ? -1 : pid;
}

int net_door_state(const char *path)
{
	char below[256];
	snprintf(below, sizeof below, "%s%s", model->nroot, path);
	int fd = open(below, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? ENOENT : EBADF;
	int pid = server(fd);
	close(fd);
	return pid > 0 ? 0 : EBADF;
}

_Static_assert(sizeof(struct il_door_info) == 48, "struct door_info");

long il_door_info(int fd, struct il_door_info *to)
{
	int pid = server(fd), fault = model_fault("door_info");
	if (fault > 0)
		return il_fail_with(fault);
	if (fault < 0)
		pid = -1; /* who served it is gone */
	if (!pid)
		return il_fail(EBADF);
	memset(to, 0xff, sizeof *to); /* nothing but the target is to be relied on */
	to->target = pid;
	to->attributes = pid < 0 ? 4 : 0; /* DOOR_REVOKED */
	return 0;
}
