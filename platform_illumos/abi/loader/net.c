/* Names, addresses and the interfaces of the network's model; what a test sets of it. */
#include "model.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void net_refuse(const char *format, ...)
{
	char text[sizeof net->refused];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	dprintf(2, "illumos loader: %s\n", text);
	if (!*net->refused)
		strcpy(net->refused, text);
	_exit(126);
}

int net_is_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return 0;
	return 1;
}

/* ifparse_ifspec, libinetutil.h: a name that begins with a letter and ends with the
 * number of its unit, and perhaps a colon and the number of a logical interface. */
int net_parse_name(const char *text, char *name, int *number, int *logical)
{
	size_t n = strcspn(text, ":");
	if (n < 2 || n >= NAME_SIZE || strlen(text) >= NAME_SIZE || !isalpha(text[0]) || !isdigit(text[n - 1]))
		return 0;
	for (size_t i = 0; i < n; i++)
		if (!isalnum(text[i]) && !strchr("_.-", text[i]))
			return 0;
	memcpy(name, text, n), name[n] = 0;
	*number = 0, *logical = text[n] == ':';
	if (!*logical)
		return 1;
	for (const char *p = text + n + 1; *p; p++)
		if (!isdigit(*p) || (*number = *number * 10 + *p - '0') > 8192)
			return 0;
	return text[n + 1] != 0;
}

int net_parse_prefix(const char *text, struct prefix *p, int *six)
{
	char address[INET6_ADDRSTRLEN];
	size_t n = strcspn(text, "/");
	if (n >= sizeof address)
		return 0;
	memcpy(address, text, n), address[n] = 0;
	memset(p, 0, sizeof *p);
	*six = strchr(address, ':') != 0;
	if (inet_pton(*six ? AF_INET6 : AF_INET, address, p->address) != 1)
		return 0;
	p->length = -1;
	if (!text[n])
		return 1;
	char *end;
	p->length = strtol(text + n + 1, &end, 10);
	return isdigit(text[n + 1]) && !*end && p->length <= (*six ? 128 : 32);
}

const char *net_format(const uint8_t *address, int six, char *to)
{
	return inet_ntop(six ? AF_INET6 : AF_INET, address, to, 64);
}

void net_mask(int length, int six, uint8_t *mask)
{
	for (int i = 0; i < (six ? 16 : 4); i++, length -= 8)
		mask[i] = length >= 8 ? 0xff : length > 0 ? 0xff << (8 - length) : 0;
}

int net_mask_length(const uint8_t *mask, int six)
{
	uint8_t again[16];
	int n = 0, all = six ? 16 : 4;
	while (n < all * 8 && mask[n / 8] >> (7 - n % 8) & 1) n++;
	net_mask(n, six, again);
	return memcmp(mask, again, all) ? -1 : n;
}

int net_holds(const struct prefix *p, const uint8_t *address, int six)
{
	uint8_t mask[16];
	net_mask(p->length, six, mask);
	for (int i = 0; i < (six ? 16 : 4); i++)
		if ((p->address[i] ^ address[i]) & mask[i])
			return 0;
	return 1;
}

struct link *net_link(const char *name)
{
	for (int i = 0; i < LINKS; i++)
		if (!strcmp(net->links[i].name, name))
			return *name ? &net->links[i] : 0;
	return 0;
}

struct lif *net_lif(const char *name, int number, int six)
{
	for (int i = 0; i < LIFS; i++) {
		struct lif *l = &net->lifs[i];
		if (*l->name && !strcmp(l->name, name) && l->number == number && l->six == six)
			return l;
	}
	return 0;
}

int net_next_number(const char *name, int six)
{
	int n = 1;
	while (net_lif(name, n, six)) n++;
	return n;
}

/* The index is the same on both sides of an interface, and lo0's is 1. */
static int index_of(const char *name)
{
	const struct link *l = net_link(name);
	return l ? l - net->links + 2 : 1;
}

struct lif *net_add(const char *name, int number, int six)
{
	struct lif *zero = net_lif(name, 0, six);
	if (net_lif(name, number, six) || (number && !zero))
		return 0;
	for (int i = 0; i < LIFS; i++) {
		struct lif *l = &net->lifs[i];
		if (*l->name)
			continue;
		memset(l, 0, sizeof *l);
		strcpy(l->name, name);
		l->number = number, l->six = six, l->index = index_of(name);
		if (zero)
			l->mtu = zero->mtu, l->flags = zero->flags & ~(IL_IFF_UP | IL_IFF_DHCPRUNNING | IL_IFF_ADDRCONF);
		l->at.length = 0;
		return l;
	}
	return 0;
}

void net_remove(struct lif *l)
{
	net_forget_routes(l);
	memset(l, 0, sizeof *l);
}

void net_unplumb(const char *name, int six)
{
	for (int i = LIFS - 1; i >= 0; i--)
		if (!strcmp(net->lifs[i].name, name) && net->lifs[i].six == six)
			net_remove(&net->lifs[i]);
}

/* RFC 4291, appendix A */
void net_link_local(const struct link *l, uint8_t *a)
{
	memset(a, 0, 16);
	a[0] = 0xfe, a[1] = 0x80, a[8] = l->mac[0] ^ 2, a[9] = l->mac[1], a[10] = l->mac[2];
	a[11] = 0xff, a[12] = 0xfe, a[13] = l->mac[3], a[14] = l->mac[4], a[15] = l->mac[5];
}

int net_plumb(const struct link *link, int six, int linklocal)
{
	struct lif *l = net_add(link->name, 0, six);
	if (!l)
		return EEXIST;
	l->mtu = link->mtu;
	l->flags = IL_IFF_RUNNING | IL_IFF_MULTICAST | (six ? IL_IFF_IPV6 : IL_IFF_IPV4 | IL_IFF_BROADCAST);
	if (six && linklocal)
		net_link_local(link, l->at.address), l->at.length = 10;
	else if (six)
		l->flags |= IL_IFF_NOLINKLOCAL;
	return 0;
}

/* The kernel gives the loopback its address itself. */
int net_plumb_loopback(int six)
{
	struct lif *l = net_add("lo0", 0, six);
	if (!l)
		return EEXIST;
	l->mtu = six ? 8252 : 8232; /* IP_LOOPBACK_MTU, inet/ip.h */
	l->flags = IL_IFF_RUNNING | IL_IFF_LOOPBACK | IL_IFF_MULTICAST | IL_IFF_VIRTUAL | (six ? IL_IFF_IPV6 : IL_IFF_IPV4);
	l->at.length = six ? 128 : 8;
	if (six)
		l->at.address[15] = 1;
	else
		l->at.address[0] = 127, l->at.address[3] = 1;
	return 0;
}

/* Whether an address can be up: no other one of the zone that is has it. Link-local
 * ones are each link's own. illumos: usr/src/uts/common/inet/ip/ip_if.c */
static int available(const struct lif *l, const uint8_t *a)
{
	int local = l->six && a[0] == 0xfe && (a[1] & 0xc0) == 0x80;
	for (int i = 0; i < LIFS; i++) {
		const struct lif *o = &net->lifs[i];
		if (*o->name && o != l && o->six == l->six && o->flags & IL_IFF_UP && !memcmp(o->at.address, a, 16) &&
		    (!local || !strcmp(o->name, l->name)))
			return net_is_zero(a, 16);
	}
	return 1;
}

static int allowed(const struct lif *l, const uint8_t *a)
{
	const struct link *link = net_link(l->name);
	if (!link || !link->allowed || net_is_zero(a, 16) || (l->six && a[0] == 0xfe && (a[1] & 0xc0) == 0x80))
		return 1;
	for (int i = 0; i < link->allowed; i++)
		if (link->allow[i].six == l->six && net_holds(&link->allow[i].prefix, a, l->six))
			return 1;
	return 0;
}

int net_set_address(struct lif *l, const uint8_t *a)
{
	if (l->six ? a[0] == 0xff : a[0] >= 224)
		return EADDRNOTAVAIL;
	if (!allowed(l, a))
		return EPERM;
	if (l->flags & IL_IFF_UP && !available(l, a))
		return EADDRNOTAVAIL;
	if (memcmp(l->at.address, a, 16))
		net_forget_routes(l);
	memcpy(l->at.address, a, 16);
	return 0;
}

int net_set_flags(struct lif *l, uint64_t flags)
{
	const uint64_t changeable = IL_IFF_UP | IL_IFF_DHCPRUNNING | IL_IFF_ADDRCONF;
	if (flags & IL_IFF_UP && !(l->flags & IL_IFF_UP) && !available(l, l->at.address))
		return EADDRNOTAVAIL;
	if (l->flags & IL_IFF_UP && !(flags & IL_IFF_UP))
		net_forget_routes(l);
	l->flags = (l->flags & ~changeable) | (flags & changeable);
	return 0;
}

/* NAME MTU MAC [PREFIX]...: a link, and what the host allows on it */
static int set_link(char *value)
{
	char *save, *word = strtok_r(value, " ", &save);
	struct link *l = net->links;
	int number, logical;
	while (*l->name) l++;
	if (l == net->links + LINKS - 1 || !word || !net_parse_name(word, l->name, &number, &logical) || logical)
		return 0;
	if (!(word = strtok_r(0, " ", &save)) || !(l->mtu = atoi(word)) || !(word = strtok_r(0, " ", &save)))
		return 0;
	uint8_t *m = l->mac;
	if (sscanf(word, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", m, m + 1, m + 2, m + 3, m + 4, m + 5) != 6)
		return 0;
	while ((word = strtok_r(0, " ", &save))) {
		struct prefix p;
		int six;
		if (l->allowed == ALLOWED || !net_parse_prefix(word, &p, &six))
			return 0;
		if (p.length < 0)
			p.length = six ? 128 : 32;
		l->allow[l->allowed].six = six, l->allow[l->allowed++].prefix = p;
	}
	return 1;
}

/* NAME silence: there is no server; NAME no: it refuses; NAME PREFIX [GATEWAY]: it gives that. */
static int set_dhcp(char *value)
{
	char *save, *word = strtok_r(value, " ", &save);
	struct link *l = word ? net_link(word) : 0;
	int six;
	if (!l || !(word = strtok_r(0, " ", &save)))
		return 0;
	if (!strcmp(word, "silence"))
		return !(l->dhcp = 0);
	if (!strcmp(word, "no"))
		return l->dhcp = 1;
	l->dhcp = 2;
	if (!net_parse_prefix(word, &l->lease, &six) || six || l->lease.length < 0)
		return 0;
	word = strtok_r(0, " ", &save);
	return !word || (net_parse_prefix(word, &l->gateway, &six) && !six);
}

/* NAME TEXT: for a daemon that plays its part here */
static int set_order(const char *value)
{
	for (int i = 0; i < DOORS; i++)
		if (!*net->orders[i].name)
			return sscanf(value, "%31s %199[^\n]", net->orders[i].name, net->orders[i].text) == 2;
	return 0;
}

int net_set(const char *key, const char *value)
{
	char copy[1024];
	if ((size_t)snprintf(copy, sizeof copy, "%s", value) >= sizeof copy)
		return 0;
	return !strcmp(key, "link") ? set_link(copy) : !strcmp(key, "dhcp") ? set_dhcp(copy) :
	       !strcmp(key, "order") ? set_order(copy) : 0;
}
