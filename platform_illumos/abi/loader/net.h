/* The network's part of the model: links, the interfaces that are plumbed on them,
 * their addresses, the routes, and the daemons. It is memory of all zeros at first,
 * and holds no pointers: all processes of a zone have it mapped. */
#pragma once
#include "abi.h"
#include <stdio.h>

enum {
	NAME_SIZE = IL_LIFNAMSIZ,
	OBJECT_SIZE = 64, /* IPADM_AOBJSIZ, libipadm.h */

	LINKS = 64, LIFS = 1024, ROUTES = 2048, DOORS = 8, ALLOWED = 32, READERS = 16,
};

/* An IPv4 address has the first four bytes, the others are zero. */
struct prefix { uint8_t address[16]; int32_t length; };

/* What the host has made: a link that an interface can be plumbed on. */
struct link {
	char name[NAME_SIZE];
	uint32_t mtu;
	uint8_t mac[6];
	int32_t allowed; /* how many; 0: the host minds nothing */
	struct { int32_t six; struct prefix prefix; } allow[ALLOWED];
	/* What a DHCP server on it would say: 0 nothing, 1 no, 2 this. */
	int32_t dhcp;
	struct prefix lease, gateway;
};

/* A logical interface, of one side: IPv4 or IPv6. Number 0 is the interface itself. */
struct lif {
	char name[NAME_SIZE]; /* without the number; "": this entry is free */
	int32_t number, six, index;
	uint32_t mtu;
	uint64_t flags;
	struct prefix at;
	char object[OBJECT_SIZE]; /* of libipadm; "": none */
	int32_t type;
};

struct route {
	int32_t used, six, onlink;
	uint32_t flags;
	struct prefix to;
	uint8_t gateway[16];
	char interface[NAME_SIZE]; /* of RTA_IFP, or of an on-link route's own address */
};

struct network {
	struct link links[LINKS];
	struct lif lifs[LIFS];
	struct route routes[ROUTES];
	struct { uint64_t id; int32_t family; } readers[READERS]; /* of routing messages */
	struct { uint64_t device, file; int32_t pid; } doors[DOORS]; /* by the file they are attached to */
	struct { int32_t pid; char name[NAME_SIZE]; } daemons[DOORS];
	struct { char name[NAME_SIZE], text[200]; } orders[DOORS]; /* what a test tells a daemon */
	char refused[200];
};

#define net (&model->network)

/* Of all files: what no careful program does ends the run, and is told in the state.
 * Also with the lock held, which the next one then gets. */
_Noreturn void net_refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

int net_set(const char *key, const char *value); /* 0: no such thing, or not that */
void net_print(FILE *to);

/* With the lock held. */
struct link *net_link(const char *name);
struct lif *net_lif(const char *name, int number, int six);
struct lif *net_add(const char *name, int number, int six); /* NULL: no room, or there */
void net_remove(struct lif *);
int net_next_number(const char *name, int six);
int net_plumb(const struct link *, int six, int linklocal); /* Linux's errno */
int net_plumb_loopback(int six);
void net_unplumb(const char *name, int six);
int net_set_address(struct lif *, const uint8_t *address); /* Linux's errno, as below */
int net_set_flags(struct lif *, uint64_t flags);
void net_link_local(const struct link *, uint8_t *address);
int net_holds(const struct prefix *, const uint8_t *address, int six);
int net_add_route(const struct route *);
int net_delete_route(const struct route *);
const struct route *net_find_route(const struct prefix *, int six, int exact);
void net_forget_routes(const struct lif *);
int net_reaches(const uint8_t *address, int six); /* whether a packet would find a way */
const char *net_way_to(const uint8_t *address, int six, const char *interface); /* NULL: none */

/* Without it. */
int net_parse_name(const char *text, char *name, int *number, int *logical); /* 0: none */
int net_parse_prefix(const char *text, struct prefix *, int *six); /* length -1 where there is none */
const char *net_format(const uint8_t *address, int six, char *to); /* 64 bytes */
void net_mask(int length, int six, uint8_t *mask);
int net_mask_length(const uint8_t *mask, int six); /* -1: not contiguous */
int net_is_zero(const uint8_t *, size_t);
int net_door_state(const char *path); /* 0 served, else Linux's errno of a call */
int net_daemon(const char *name); /* whether it runs, with the lock held */

/* For the functions of other files: 1 where it was theirs. */
int net_ioctl(int fd, unsigned request, void *arg, long *result);
int net_write(int fd, const void *bytes, size_t n, long *result);
int net_socket(int family, int type, int protocol, long *result);
