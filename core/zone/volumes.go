package zone

import (
	"cmp"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"dockerinit/core/exit"
)

var volumeFields = []string{"nfsvolume", "mountpoint", "readonly", "mode"}

func (d *decoder) nfsVolumes(text string) {
	d.code = exit.InvalidVolumes
	seen := make(map[string]int)
	for at, v := range d.objects(text, "volume") {
		f := d.fields(at, v, volumeFields)
		source, sourceOK := d.required(at.in("nfsvolume"), f[0])
		target, targetOK := d.required(at.in("mountpoint"), f[1])
		if sourceOK {
			if why := badSource(source); why != "" {
				d.bad(at.in("nfsvolume"), source, "%s", why)
				sourceOK = false
			}
		}
		if targetOK {
			target, targetOK = d.mountpoint(at.in("mountpoint"), target, target)
		}
		readOnly := d.truth(at.in("readonly"), f[2])
		if f[3] != "" && f[2] == "" {
			d.warn(at.in("mode"), "", "not read here; readonly is, and without it the volume can be written")
		}
		if !targetOK {
			continue
		}
		if first, there := seen[target]; there {
			d.bad(at.in("mountpoint"), target, "volume %d is mounted there", first)
			continue
		}
		if seen[target] = at.index; sourceOK {
			d.zone.Volumes = append(d.zone.Volumes, Volume{source, target, readOnly})
		}
	}
	sortStable(d.zone.Volumes, func(a, b Volume) int {
		return cmp.Compare(strings.Count(a.Mountpoint, "/"), strings.Count(b.Mountpoint, "/"))
	})
}

func (d *decoder) required(at spot, v value) (string, bool) {
	if v == "" {
		d.bad(at, "", "missing")
		return "", false
	}
	return d.text(at, v)
}

// badSource says why a text is no HOST:/path. The host goes to a program as a
// word of its own, so it must not look like an option.
func badSource(source string) string {
	host, dir, cut := strings.Cut(source, ":/")
	switch {
	case plain(source) != "":
		return plain(source)
	case !cut || host == "":
		return "HOST:/path is expected"
	case host[0] == '-':
		return "a host does not begin with -"
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		if _, why := parseAddr(inner); !ok || why != "" {
			return "an IPv6 address is expected between [ and ]"
		}
	} else if !plainName(host) || strings.IndexByte(host, '/') >= 0 {
		return "HOST:/path is expected"
	}
	if slices.Contains(strings.Split(dir, "/"), "..") {
		return "a path without .. is expected"
	}
	return ""
}

// platformDirs are the host's in every zone. A mount over them would put a
// tenant's files where we and the host look for our own.
var platformDirs = []string{"/native", "/proc", "/dev", "/system", "/.zonecontrol"}

// Reserved is the directory on account of which nothing of a tenant's is mounted
// on dir, a clean path: the root itself, or the platform's that dir is or is in.
// "": something may be.
func Reserved(dir string) string {
	if dir == "/" {
		return dir
	}
	for _, own := range platformDirs {
		if dir == own || strings.HasPrefix(dir, own+"/") {
			return own
		}
	}
	return ""
}

// mountpoint is an absolute path that something may be mounted on.
func (d *decoder) mountpoint(at spot, text, shown string) (clean string, ok bool) {
	why := plain(text)
	clean = path.Clean(text)
	switch {
	case why != "":
	case !path.IsAbs(text):
		why = "an absolute path is expected"
	case slices.Contains(strings.Split(text, "/"), ".."):
		why = "a path without .. is expected"
	case clean == "/":
		why = "the root itself cannot be covered"
	default:
		if dir := Reserved(clean); dir != "" {
			why = "nothing is mounted under " + dir + ", which is the platform's"
		}
	}
	if why != "" {
		d.bad(at, shown, "%s", why)
		return "", false
	}
	return clean, true
}

// tmpfs decodes what HostConfig.Tmpfs is: an object from path to options.
func (d *decoder) tmpfs(text string) {
	object, ok := d.json(text, isObject)
	if !ok {
		return
	}
	seen := make(map[string]bool)
	for name, v := range object.members() {
		at := spot{field: name}
		options, ok := d.text(at, v)
		if !ok {
			continue
		}
		target := name
		if path.Clean(name) == "/dev/shm" { // as docker run --tmpfs /dev/shm
			target = "/dev/shm"
		} else if target, ok = d.mountpoint(at, name, ""); !ok {
			continue
		}
		if seen[target] {
			d.bad(at, "", "%s is there already", target)
			continue
		}
		seen[target] = true
		if options, ok := d.tmpfsOptions(at, options); ok {
			d.zone.Tmpfs = append(d.zone.Tmpfs, Tmpfs{target, options})
		}
	}
	sortStable(d.zone.Tmpfs, func(a, b Tmpfs) int { return cmp.Compare(a.Path, b.Path) })
}

// The options of a tmpfs that Docker takes, those with a value apart. The last of
// these only Linux has: illumos passes over them, and an LX zone would not start. Its
// tmpfs is never read-only, nor larger than all there is, and is not mounted where it
// is to be. Nor where its size is 0, which on Linux is no limit: as without a size here.
// illumos: usr/src/uts/common/fs/tmpfs/tmp_vfsops.c, tmp_mount, and tmp_subr.c, tmp_convnum
const (
	tmpfsFlags  = " defaults ro rw suid nosuid dev nodev exec noexec sync async dirsync atime noatime diratime nodiratime relatime norelatime strictatime nostrictatime mand nomand private rprivate shared rshared slave rslave unbindable runbindable "
	tmpfsValues = " size mode uid gid" + tmpfsLinux
	tmpfsLinux  = " nr_inodes nr_blocks mpol "
)

// tmpfsOptions are those that there are for the zone.
func (d *decoder) tmpfsOptions(at spot, options string) (kept string, good bool) {
	good = true
	var all []string
	for option := range strings.SplitSeq(options, ",") {
		name, val, valued := strings.Cut(option, "=")
		known := tmpfsFlags
		if valued {
			known = tmpfsValues
		}
		why := ""
		switch {
		case options == "" || option == "" && !strings.Contains(options, ",,"):
		case name == "" || strings.IndexByte(name, ' ') >= 0 || !strings.Contains(known, " "+name+" "):
			why = "not an option of a tmpfs"
		case name == "size" && !isSize(val), strings.HasPrefix(name, "nr_") && !isSize(val):
			why = "a number is expected, with k, m, g or % after it if need be"
		case name == "mode" && !isDigits(val, '7'):
			why = "an octal number is expected"
		case (name == "uid" || name == "gid") && !isID(val):
			why = "a number up to 4294967294 is expected"
		case plain(val) != "":
			why = plain(val)
		}
		switch {
		case why != "":
			d.bad(at, option, "%s", why)
			good = false
		case name == "ro", name == "size" && beyondAll(val), valued && strings.Contains(tmpfsLinux, " "+name+" "):
			d.warn(at, option, "not an option of this platform; it is left out")
		case name == "size" && strings.Trim(val, "0kKmMgG%") == "":
		default:
			all = append(all, option)
		}
	}
	return strings.Join(all, ","), good
}

// isID leaves out the number that stands for none.
func isID(text string) bool {
	n, err := strconv.ParseUint(text, 10, 32)
	return err == nil && n != math.MaxUint32
}

func isSize(text string) bool {
	if n := len(text); n > 1 && strings.IndexByte("kKmMgG%", text[n-1]) >= 0 {
		text = text[:n-1]
	}
	return isDigits(text, '9')
}

// beyondAll tells of more than 100 %.
func beyondAll(size string) bool {
	percent, ok := strings.CutSuffix(size, "%")
	n, err := strconv.ParseUint(percent, 10, 64)
	return ok && (err != nil || n > 100)
}

func isDigits(text string, most byte) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > most {
			return false
		}
	}
	return text != "" && len(text) < 20
}

func (d *decoder) shmSize(text string) {
	n, ok := d.number(text, 0, 1<<50)
	if ok && n > 0 && d.zone.Brand == JoyentMinimal {
		d.warn(spot{}, text, "without effect; a zone of this brand has no /dev/shm to mount")
	}
	if ok {
		d.zone.ShmSize = n
	}
}
