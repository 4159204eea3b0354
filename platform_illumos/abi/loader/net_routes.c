/* The table of routes, as ip_rt_add and its like keep it.
 * illumos: usr/src/uts/common/inet/ip/ip_if.c, ip6_if.c, ip_ftable.c */
#include "model.h"
#include <string.h>

static int same(const struct route *a, const struct route *b)
{
	return a->six == b->six && a->onlink == b->onlink && a->to.length == b->to.length &&
	       !memcmp(a->to.address, b->to.address, 16) && !memcmp(a->gateway, b->gateway, 16) &&
	       !strcmp(a->interface, b->interface);
}

static const struct lif *owner(const uint8_t *address, int six, const char *interface)
{
	for (int i = 0; i < LIFS; i++) {
		const struct lif *l = &net->lifs[i];
		if (*l->name && l->six == six && l->flags & IL_IFF_UP && !memcmp(l->at.address, address, 16) &&
		    (!*interface || !strcmp(l->name, interface)) && !net_is_zero(address, 16))
			return l;
	}
	return 0;
}

/* The interface through which an address is a neighbour: by the longest prefix of an
 * address that is up, or of an on-link route. Where there are several, the first. */
const char *net_way_to(const uint8_t *address, int six, const char *interface)
{
	const char *best = 0;
	int length = -1;
	for (int i = 0; i < LIFS; i++) {
		const struct lif *l = &net->lifs[i];
		if (*l->name && l->six == six && l->flags & IL_IFF_UP && !(l->flags & IL_IFF_LOOPBACK) && l->at.length > length &&
		    (!*interface || !strcmp(l->name, interface)) && net_holds(&l->at, address, six))
			length = l->at.length, best = l->name;
	}
	for (int i = 0; i < ROUTES; i++) {
		const struct route *r = &net->routes[i];
		if (r->used && r->onlink && r->six == six && r->to.length > length &&
		    (!*interface || !strcmp(r->interface, interface)) && net_holds(&r->to, address, six))
			length = r->to.length, best = r->interface;
	}
	return best;
}

/* A route without RTF_GATEWAY is the interface's whose address is in the gateway's
 * place; another one needs a gateway that is a neighbour. */
int net_add_route(const struct route *wanted)
{
	struct route r = *wanted;
	if (net_is_zero(r.gateway, 16))
		return ENETUNREACH;
	if (r.onlink) {
		const struct lif *l = owner(r.gateway, r.six, r.interface);
		if (!l)
			return ENETUNREACH;
		strcpy(r.interface, l->name);
	} else if (!net_way_to(r.gateway, r.six, r.interface)) {
		return ENETUNREACH;
	}
	struct route *free = 0;
	for (int i = ROUTES - 1; i >= 0; i--) {
		if (!net->routes[i].used)
			free = &net->routes[i];
		else if (same(&net->routes[i], &r))
			return EEXIST;
	}
	if (!free)
		return ENOMEM;
	*free = r;
	free->used = 1;
	return 0;
}

int net_delete_route(const struct route *r)
{
	for (int i = 0; i < ROUTES; i++) {
		struct route *have = &net->routes[i], named = *have;
		if (!*r->interface)
			*named.interface = 0;
		if (have->used && same(&named, r)) {
			have->used = 0;
			return 0;
		}
	}
	return ESRCH;
}

/* By the longest prefix, or that one and no other. */
const struct route *net_find_route(const struct prefix *to, int six, int exact)
{
	const struct route *best = 0;
	for (int i = 0; i < ROUTES; i++) {
		const struct route *r = &net->routes[i];
		if (!r->used || r->six != six || !net_holds(&r->to, to->address, six))
			continue;
		if (exact ? r->to.length == to->length : !best || r->to.length > best->to.length)
			best = r;
	}
	return best;
}

int net_reaches(const uint8_t *address, int six)
{
	struct prefix to = { .length = six ? 128 : 32 };
	memcpy(to.address, address, 16);
	return owner(address, six, "") || net_way_to(address, six, "") || net_find_route(&to, six, 0);
}

/* The on-link routes of an address go with it. */
void net_forget_routes(const struct lif *l)
{
	for (int i = 0; i < ROUTES; i++) {
		struct route *r = &net->routes[i];
		if (r->used && r->onlink && r->six == l->six && !strcmp(r->interface, l->name) &&
		    !memcmp(r->gateway, l->at.address, 16))
			r->used = 0;
	}
}
