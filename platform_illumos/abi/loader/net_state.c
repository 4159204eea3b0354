/* The network's model as text. */
#include "model.h"
#include <stdlib.h>
#include <string.h>

/* Interfaces in the order of their indexes, IPv4 before IPv6, and then by number. */
static int by_order(const void *a, const void *b)
{
	const struct lif *x = *(const struct lif *const *)a, *y = *(const struct lif *const *)b;
	return x->index != y->index ? x->index - y->index : x->six != y->six ? x->six - y->six : x->number - y->number;
}

/* Routes by destination, IPv4 first; among those the default is the lowest. */
static int by_destination(const void *a, const void *b)
{
	const struct route *x = *(const struct route *const *)a, *y = *(const struct route *const *)b;
	int c;
	if (x->six != y->six)
		return x->six - y->six;
	if ((c = memcmp(x->to.address, y->to.address, 16)))
		return c;
	if (x->to.length != y->to.length)
		return x->to.length - y->to.length;
	return memcmp(x->gateway, y->gateway, 16);
}

static void print_lif(FILE *to, const struct lif *l)
{
	char text[64], name[48];
	snprintf(name, sizeof name, l->number ? "%s:%d" : "%s", l->name, l->number);
	if (!l->number)
		fprintf(to, "if %s v%d mtu %u%s\n", name, l->six ? 6 : 4, l->mtu, l->flags & IL_IFF_UP ? " up" : "");
	if (net_is_zero(l->at.address, 16) && !l->number && !l->type)
		return;
	fprintf(to, "addr %s %s/%d", name, net_format(l->at.address, l->six, text), l->at.length);
	if (*l->object)
		fprintf(to, " object %s", l->object);
	fprintf(to, "%s%s%s\n", l->flags & IL_IFF_DHCPRUNNING ? " dhcp" : "", l->flags & IL_IFF_ADDRCONF ? " addrconf" : "",
		l->flags & IL_IFF_UP ? "" : " down");
}

static void print_route(FILE *to, const struct route *r)
{
	char text[64];
	const char *way = r->onlink ? r->interface : net_way_to(r->gateway, r->six, r->interface);
	if (!r->to.length && net_is_zero(r->to.address, 16))
		fprintf(to, "route default%s", r->six ? "6" : "");
	else
		fprintf(to, "route %s/%d", net_format(r->to.address, r->six, text), r->to.length);
	fprintf(to, r->onlink ? " on-link from %s" : " via %s", net_format(r->gateway, r->six, text));
	fprintf(to, way ? " dev %s\n" : " unreachable\n", way);
}

void net_print(FILE *to)
{
	static const struct lif *lifs[LIFS];
	static const struct route *routes[ROUTES];
	size_t n = 0, k = 0;
	for (int i = 0; i < LIFS; i++)
		if (*net->lifs[i].name)
			lifs[n++] = &net->lifs[i];
	for (int i = 0; i < ROUTES; i++)
		if (net->routes[i].used)
			routes[k++] = &net->routes[i];
	qsort(lifs, n, sizeof *lifs, by_order);
	qsort(routes, k, sizeof *routes, by_destination);
	for (size_t i = 0; i < n; i++)
		print_lif(to, lifs[i]);
	for (size_t i = 0; i < k; i++)
		print_route(to, routes[i]);
	for (int i = 0; i < DOORS; i++)
		if (net->daemons[i].pid)
			fprintf(to, "daemon %s\n", net->daemons[i].name);
	if (*net->refused)
		fprintf(to, "refused %s\n", net->refused);
}
