package zone

import "slices"

// Resource limits by Docker's names. Natively a joyent-minimal zone has those
// of limitsEverywhere alone; an lx zone has all.
var (
	limitFields      = []string{"Name", "Soft", "Hard"}
	limitsEverywhere = []string{"core", "cpu", "data", "fsize", "nofile", "stack", "as"}
	limitsLinux      = []string{"locks", "memlock", "msgqueue", "nice", "nproc", "rss", "rtprio", "rttime", "sigpending"}
)

func (d *decoder) ulimits(text string) {
	seen := make(map[string]int)
	for at, v := range d.objects(text, "limit") {
		f := d.fields(at, v, limitFields)
		name, ok := d.text(at.in("Name"), f[0])
		if !ok {
			if f[0] == "" {
				d.bad(at.in("Name"), "", "missing")
			}
			continue
		}
		at.name = name
		everywhere, linux := slices.Contains(limitsEverywhere, name), slices.Contains(limitsLinux, name)
		if !everywhere && !linux {
			d.bad(at.in("Name"), name, "no resource limit has this name")
			continue
		}
		if first, there := seen[name]; there {
			d.bad(at.in("Name"), name, "limit %d sets it too", first)
			continue
		}
		seen[name] = at.index
		soft, softOK := d.limit(at.in("Soft"), f[1])
		hard, hardOK := d.limit(at.in("Hard"), f[2])
		if !softOK || !hardOK {
			continue
		}
		if hard != -1 && (soft == -1 || soft > hard) {
			d.bad(at.in("Soft"), string(f[1]), "more than Hard, %d", hard)
			continue
		}
		if linux && d.zone.Brand == JoyentMinimal {
			d.warn(at, "", "not a limit of this platform; it is left out")
			continue
		}
		d.zone.Limits = append(d.zone.Limits, Ulimit{name, soft, hard})
	}
}

func (d *decoder) limit(at spot, v value) (n int64, ok bool) {
	if v == "" {
		d.bad(at, "", "missing")
		return 0, false
	}
	n, ok = d.integer(at, v)
	if ok && n < -1 {
		d.bad(at, string(v), "-1 (unlimited) or more is expected")
		return 0, false
	}
	return n, ok
}
