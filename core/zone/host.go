package zone

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// restartPolicy follows the host's own rules, under which everything that it
// does not know means never. smartos-live: src/vm/sbin/vmadmd.js
func (d *decoder) restartPolicy(text string) {
	name, count, counted := strings.Cut(text, ":")
	policy := Restart{Policy: "no"}
	switch {
	case text == "":
	case text == "always" || text == "on-failure":
		policy.Policy = text
	case name == "on-failure" && counted:
		n, err := strconv.Atoi(count)
		if count != "" && (err != nil || !isDigits(count, '9')) {
			d.bad(spot{}, text, "a number is expected after the colon")
			break
		}
		policy = Restart{name, n}
	default:
		d.warn(spot{}, text, "the host knows always and on-failure[:max], and never starts the zone again for others")
	}
	d.zone.Host.RestartPolicy = policy
}

func (d *decoder) restartCount(text string) {
	if n, ok := d.number(text, 0, 1<<31-1); ok {
		d.zone.Host.RestartCount = int(n)
	}
}

func (d *decoder) restartDelay(text string) {
	if n, ok := d.number(text, 0, 1<<40); ok {
		d.zone.Host.RestartDelay = time.Duration(n) * time.Millisecond
	}
}

func (d *decoder) resolvers(text string) {
	array, ok := d.json(text, isArray)
	if !ok {
		return
	}
	for at, text := range d.texts(spot{}, array) {
		addr, why := parseAddr(text)
		if why != "" {
			d.bad(at, text, "%s", why)
			continue
		}
		d.zone.Host.Resolvers = append(d.zone.Host.Resolvers, addr)
	}
}

func (d *decoder) dnsSearch(text string) {
	array, ok := d.json(text, isArray)
	if !ok {
		return
	}
	for at, domain := range d.texts(spot{}, array) {
		if why := badDomain(domain); why != "" {
			d.bad(at, domain, "%s", why)
			continue
		}
		d.zone.Host.DNSSearch = append(d.zone.Host.DNSSearch, domain)
	}
}

func (d *decoder) dnsDomain(text string) {
	if text == "" {
		return
	}
	if why := badDomain(text); why != "" {
		d.bad(spot{}, text, "%s", why)
		return
	}
	d.zone.Host.DNSDomain = text
}

// badDomain says why a text cannot stand as one word of resolv.conf.
func badDomain(text string) string {
	switch {
	case text == "" || len(text) > 253:
		return "1 to 253 bytes are expected"
	case plain(text) != "":
		return plain(text)
	case strings.IndexByte(text, ' ') >= 0:
		return "one domain without spaces is expected"
	}
	return ""
}

func (d *decoder) extraHosts(text string) {
	array, ok := d.json(text, isArray)
	if !ok {
		return
	}
	for at, text := range d.texts(spot{}, array) {
		name, ip, cut := strings.Cut(text, ":")
		if !cut || badDomain(name) != "" {
			d.bad(at, text, "NAME:IP is expected")
			continue
		}
		addr, err := netip.ParseAddr(ip)
		if err != nil {
			d.bad(at, text, "%s is not an IP address", quote(ip))
			continue
		}
		d.zone.Host.ExtraHosts = append(d.zone.Host.ExtraHosts, ExtraHost{name, addr})
	}
}

func (d *decoder) ports(text string) {
	array, ok := d.json(text, isArray)
	if !ok {
		return
	}
	for i, v := range array.elements() {
		at := spot{noun: "element", index: i + 1}
		if n, ok := d.integer(at, v); ok && (n < 0 || n > 65535) {
			d.bad(at, string(v), "no port has this number")
		}
	}
}

func (d *decoder) tmpfsMiB(text string) {
	if n, ok := d.number(text, 0, 1<<40); ok {
		d.zone.Host.TmpfsMiB = n
	}
}

// plainVolumes has the volumes of a docker zone too: VMAPI writes both keys.
// sdc-vmapi: lib/workflows/provision.js
func (d *decoder) plainVolumes(text string) {
	array, ok := d.json(text, isArray)
	if !ok || d.values["docker:nfsvolumes"] != "" {
		return
	}
	for range array.elements() {
		d.warn(spot{}, "", "not mounted in a docker zone; docker:nfsvolumes is")
		return
	}
}
