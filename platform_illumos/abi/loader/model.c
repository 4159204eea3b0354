/* The model's file: mapping it, locking it, setting and printing it. */
#include "model.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct model *model;
int model_is_zone;

void model_lock(void)
{
	int e = pthread_mutex_lock(&model->lock);
	if (e == EOWNERDEAD) /* somebody was killed in the middle; each change is small */
		e = pthread_mutex_consistent(&model->lock);
	if (e)
		die("the model's lock", strerror(e));
}

void model_unlock(void) { pthread_mutex_unlock(&model->lock); }

long model_open(const char *path, int flags)
{
	int n = device_number(path);
	if (n >= 0) {
		MODEL_FAULT("open_zfd");
		model_lock();
		model->zfd[n].opened |= 1 << (flags & 3);
		model_unlock();
		return NOT_MODELLED;
	}
	if (!strcmp(path, "/dev/null"))
		MODEL_FAULT("open_null");
	return strcmp(path, "/system/contract/process/template") ? NOT_MODELLED : contract_open(flags);
}

long model_ioctl(int fd, unsigned request, void *arg)
{
	switch (request >> 8) {
	case 0x637474: return contract_ioctl(fd, request, arg); /* sys/ctfs.h: CTT */
	case 0x5a6664: return zfd_ioctl(fd, request, arg);      /* sys/zfd.h: ZFD */
	}
	return NOT_MODELLED;
}

long il_fail_with(int illumos_errno)
{
	*il____errno() = illumos_errno;
	return -1;
}

static void initialise(void)
{
	pthread_mutexattr_t a;
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&model->lock, &a);
	for (int i = 0; i < ZFDS; i++)
		model->zfd[i].copies = -1;
	strcpy(model->brand, "joyent-minimal");
	model->zone = 7;
	model->size = sizeof *model;
}

/* The first who maps a file that is empty makes the model in it. */
static int map_file(const char *path, int make)
{
	struct stat s;
	int fd = open(path, O_RDWR | O_CLOEXEC | (make ? O_CREAT : 0), 0666);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &s) || (s.st_size != sizeof *model && !(make && s.st_size == 0)) ||
	    (make && (fchmod(fd, 0666) || ftruncate(fd, sizeof *model))))
		die("not a model of this loader", path);
	model = mmap(0, sizeof *model, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (model == MAP_FAILED)
		die("cannot be mapped", path);
	if (!model->size)
		initialise();
	return 1;
}

void model_attach(void)
{
	if ((model_is_zone = map_file(model_path, 0)))
		return;
	model = mmap(0, sizeof *model, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (model == MAP_FAILED)
		die("no memory", "model");
	initialise();
}

const char *model_coverage(void)
{
	static char setting[sizeof model->coverage + 16];
	snprintf(setting, sizeof setting, "GOCOVERDIR=%s", model->coverage);
	return *model->coverage ? setting : 0;
}

int model_fault(const char *call)
{
	int value = 0;
	model_lock();
	for (int i = 0; i < FAULTS; i++) {
		struct fault *f = &model->faults[i];
		if (!strcmp(f->call, call) && (++f->seen == f->nth || !f->nth))
			value = f->value;
	}
	model_unlock();
	return value;
}

int model_gates(const char *name)
{
	for (int i = 0; i < FAULTS; i++)
		if (!strncmp(model->faults[i].call, "libc.", 5) && !strcmp(model->faults[i].call + 5, name))
			return 1;
	return 0;
}

int model_gate(const char *name)
{
	char call[sizeof model->faults->call];
	snprintf(call, sizeof call, "libc.%s", name);
	int value = model_fault(call);
	if (value > 0)
		il_fail_with(value);
	return value > 0 ? 1 : value < 0 ? 2 : 0;
}

/* fault=CALL:NTH:VALUE */
static int set_fault(const char *text)
{
	for (int i = 0; i < FAULTS; i++) {
		struct fault *f = &model->faults[i];
		if (*f->call)
			continue;
		struct fault new = { 0 };
		if (sscanf(text, "%39[^:]:%d:%d", new.call, &new.nth, &new.value) != 3)
			return 0;
		*f = new;
		return 1;
	}
	return 0;
}

static int set_text(char *to, size_t size, const char *value)
{
	return (size_t)snprintf(to, size, "%s", value) < size;
}

/* Sets one thing of the zone; 0 where there is none of that name. */
static int model_set(const char *key, const char *value)
{
	if (!strcmp(key, "brand"))
		return set_text(model->brand, sizeof model->brand, value);
	if (!strcmp(key, "nroot"))
		return set_text(model->nroot, sizeof model->nroot, value);
	if (!strcmp(key, "coverage"))
		return set_text(model->coverage, sizeof model->coverage, value);
	if (!strcmp(key, "zone"))
		return sscanf(value, "%d", &model->zone) == 1;
	if (!strcmp(key, "fault"))
		return set_fault(value);
	return net_set(key, value);
}

/* Prints what the zone has become, not what it was made as. */
static void model_print(FILE *to)
{
	if (*model->hostname)
		fprintf(to, "hostname %s\n", model->hostname);
	print_mounts(to);
	net_print(to);
	if (model->locks)
		fprintf(to, "lock daemon started\n");
	print_zfd(to);
	print_contracts(to);
	for (int i = 0; i < FAULTS; i++) {
		const struct fault *f = &model->faults[i];
		if (*f->call && (!f->seen || f->seen < f->nth))
			fprintf(to, "fault %s:%d:%d has not come up in %d calls\n", f->call, f->nth, f->value, f->seen);
	}
}

int model_command(int argc, char **argv)
{
	int state = argc == 3 && !strcmp(argv[1], "--state"), executed = argc == 3 && !strcmp(argv[1], "--executed");
	if (state || executed) {
		if (!map_file(argv[2], 0))
			die("no model", argv[2]);
		model_lock();
		(state ? model_print : print_executed)(stdout);
		model_unlock();
		return fflush(stdout) ? 1 : 0;
	}
	if (argc < 3 || strcmp(argv[1], "--model"))
		die("usage", "loader PROGRAM [ARGUMENT]... | --model FILE [KEY=VALUE]... | --state FILE | --executed FILE");
	if (!map_file(argv[2], 1))
		die("cannot be made", argv[2]);
	for (int i = 3; i < argc; i++) {
		char *key = argv[i], *value = strchr(key, '=');
		if (value)
			*value++ = 0;
		model_lock();
		int known = value && model_set(key, value);
		model_unlock();
		if (!known)
			die("nothing of that name can be set, or not to that", key);
	}
	return 0;
}
