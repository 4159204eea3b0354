/* The network's daemons, as far as init has to do with them: they are started with
 * SMF_FMRI alone, make themselves daemons, and serve until SIGTERM. A test may give
 * them orders, see net_set:
 *
 *	NAME slow MILLISECONDS | say WORD | status N | signal N | hang | deaf   deaf: to SIGTERM
 *	in.ndpd INTERFACE PREFIX ROUTER     what is advertised there
 */
#include "model.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

long il_door_create(void *procedure, void *cookie, unsigned attributes);
long il_fattach(int door, const char *path);

int net_daemon(const char *name)
{
	for (int i = 0; i < DOORS; i++)
		if (net->daemons[i].pid && !strcmp(net->daemons[i].name, name))
			return 1;
	return 0;
}

/* The n-th order to the daemon, from 0; "" where there are no more. */
static const char *order(const char *name, int n)
{
	for (int i = 0; i < DOORS; i++)
		if (!strcmp(net->orders[i].name, name) && !n--)
			return net->orders[i].text;
	return "";
}

static void fail(const char *name, const char *why)
{
	dprintf(2, "%s: %s\n", name, why);
	_exit(1);
}

/* One that is started by hand says so and ends; so does a second one. */
static void check_start(const char *name, const char *service)
{
	extern char **environ;
	char wanted[96];
	model_attach();
	snprintf(wanted, sizeof wanted, "SMF_FMRI=%s", service);
	if (!environ[0] || strcmp(environ[0], wanted) || environ[1])
		fail(name, "the service's name is to be all of the environment");
	if (geteuid())
		fail(name, "not started by root");
	if (net_daemon(name))
		fail(name, "it runs already");
}

static volatile sig_atomic_t ended;
static int deaf;
static void end(int s) { ended = s; }

/* What it is told about how to start. */
static void obey(const char *name)
{
	char word[64];
	int n;
	for (int i = 0; *order(name, i); i++) {
		const char *told = order(name, i);
		if (sscanf(told, "slow %d", &n) == 1)
			usleep(n * 1000);
		else if (sscanf(told, "say %63s", word) == 1)
			dprintf(2, "%s: %s\n", name, word);
		else if (sscanf(told, "status %d", &n) == 1) {
			dprintf(2, "%s: told to fail\n", name);
			_exit(n);
		} else if (sscanf(told, "signal %d", &n) == 1)
			kill(getpid(), n);
		else if (!strcmp(told, "hang"))
			pause();
		else
			deaf |= !strcmp(told, "deaf");
	}
}

/* In the child: it serves, and the starter may end. The starter's output stays open,
 * as it does with daemons that mean to be told of at their end. */
static void serve(const char *name, int ready, void (*work)(void))
{
	sigset_t none;
	struct sigaction a = { .sa_handler = end };
	int i = 0;
	if (!deaf)
		sigaction(SIGTERM, &a, 0);
	else
		signal(SIGTERM, SIG_IGN);
	model_lock();
	while (i < DOORS - 1 && net->daemons[i].pid) i++;
	net->daemons[i].pid = getpid();
	snprintf(net->daemons[i].name, NAME_SIZE, "%s", name);
	model_unlock();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, 0);
	if (work)
		work();
	if (write(ready, "", 1) != 1)
		_exit(1);
	close(ready);
	for (useconds_t pause = 1000; !ended; pause = pause < 20000 ? pause * 2 : pause) {
		usleep(work ? pause : 1000000);
		if (work && !ended)
			work();
	}
	model_lock();
	memset(&net->daemons[i], 0, sizeof net->daemons[i]);
	model_unlock();
	_exit(0);
}

/* The starter: it ends when the child is ready, or has failed. */
static int start(const char *name, void (*first)(void), void (*work)(void))
{
	int ready[2];
	char byte;
	if (pipe(ready))
		fail(name, "no pipe");
	pid_t pid = fork();
	if (pid < 0)
		fail(name, "no child");
	if (!pid) {
		setsid();
		close(ready[0]);
		if (first)
			first();
		serve(name, ready[1], work);
	}
	close(ready[1]);
	return read(ready[0], &byte, 1) == 1 ? 0 : 1;
}

static void open_door(void)
{
	char path[128];
	snprintf(path, sizeof path, "%s/etc/svc/volatile/ipadm/ipmgmt_door", model->nroot);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	int door = fd < 0 ? -1 : il_door_create(open_door, 0, 0);
	if (fd < 0 || close(fd) || door < 0 || il_fattach(door, path))
		fail("ipmgmtd", path);
}

int stand_in_ipmgmtd(int argc, char **argv)
{
	(void)argc, (void)argv;
	check_start("ipmgmtd", "svc:/network/ip-interface-management:default");
	obey("ipmgmtd");
	return start("ipmgmtd", open_door, 0);
}

int stand_in_dhcpagent(int argc, char **argv)
{
	(void)argc, (void)argv;
	model_attach();
	obey("dhcpagent");
	return start("dhcpagent", 0, 0);
}

/* What is advertised on an interface whose IPv6 side is up: an address of the prefix,
 * on a logical interface, and a default route through the router, on this link. */
static void autoconfigure(const char *told)
{
	char name[NAME_SIZE], prefix[64], router[64];
	struct prefix p, gateway;
	struct route r = { .used = 1, .six = 1, .flags = IL_RTF_UP | IL_RTF_GATEWAY };
	int six;
	uint8_t a[16];
	if (sscanf(told, "%31s %63s %63s", name, prefix, router) != 3 || !net_parse_prefix(prefix, &p, &six) || !six ||
	    p.length != 64 || !net_parse_prefix(router, &gateway, &six) || !six)
		fail("in.ndpd", "an order that it does not know");
	struct lif *l = net_lif(name, 0, 1);
	const struct link *link = net_link(name);
	if (!l || !link || !(l->flags & IL_IFF_UP))
		return;
	net_link_local(link, a);
	memcpy(a, p.address, 8);
	for (int i = 0; i < LIFS; i++)
		if (net->lifs[i].six && !memcmp(net->lifs[i].at.address, a, 16))
			return; /* done before */
	l = net_add(name, net_next_number(name, 1), 1);
	if (!l)
		return;
	l->at.length = 64;
	if (net_set_address(l, a) || net_set_flags(l, l->flags | IL_IFF_UP | IL_IFF_ADDRCONF)) {
		net_remove(l);
		return;
	}
	memcpy(r.gateway, gateway.address, 16);
	strcpy(r.interface, name);
	net_add_route(&r);
}

static void advertised(void)
{
	model_lock();
	for (int i = 0; *order("in.ndpd", i); i++)
		if (strchr(order("in.ndpd", i), '/'))
			autoconfigure(order("in.ndpd", i));
	model_unlock();
}

/* Where libipadm's requests would come (ipadm_ndpd.h). Why that is not to be had, it
 * tells syslog, and nobody else. */
static void listen_here(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "/var/run/in.ndpd_ipadm" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	unlink(at.sun_path);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 30))
		_exit(1);
}

int stand_in_in_ndpd(int argc, char **argv)
{
	(void)argc, (void)argv;
	check_start("in.ndpd", "svc:/network/routing/ndp:default");
	listen_here();
	obey("in.ndpd");
	return start("in.ndpd", 0, advertised);
}
