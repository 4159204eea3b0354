//go:build linux

package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"dockerinit/core/metadata"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
)

// A brand has its own places for what the host gives the zone.
type brand struct {
	programs, mounted string // where they are, and what is mounted for it
	control           string // the directory of the metadata socket
	hosts             string // the hosts file
	mountsFD          bool   // /dev/fd is mounted by dockerinit
}

func brandOf(b zone.Brand) brand {
	if b == zone.JoyentMinimal {
		return brand{programs: "/usr/vm/sbin", mounted: "/usr/vm", control: "/.zonecontrol", hosts: "/etc/inet/hosts", mountsFD: true}
	}
	return brand{programs: "/native/usr/vm/sbin", mounted: "/native/usr/vm", control: "/native/.zonecontrol", hosts: "/etc/hosts"}
}

// programs puts dockerinit and dockerexec where the brand has them. What else there
// is of the platform, such as a log driver, is the image's.
func (r root) programs(c Config, b brand) error {
	path, err := r.mount("tmpfs", b.mounted, unix.MS_NOSUID|unix.MS_NODEV, "mode=0755")
	if err != nil {
		return err
	}
	dir, err := r.mkdir(b.programs)
	if err != nil {
		return err
	}
	for _, p := range [][2]string{{c.Dockerinit, "dockerinit"}, {c.Dockerexec, "dockerexec"}} {
		if err := copyProgram(p[0], filepath.Join(dir, p[1])); err != nil {
			return err
		}
	}
	return readonly(path)
}

func copyProgram(from, to string) (err error) {
	in, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", from, errNoProgram)
	}
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// control serves the zone's metadata, until ctx ends.
func (r root) control(ctx context.Context, b brand, store *host.Store) (done <-chan error, err error) {
	path, err := r.mount("tmpfs", b.control, unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=0755")
	if err != nil {
		return nil, err
	}
	l, err := host.Listen(filepath.Join(path, "metadata.sock"))
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(filepath.Join(path, "metadata.sock"), 0o600); err != nil {
		return nil, err
	}
	if err := readonly(path); err != nil {
		return nil, err
	}
	served := make(chan error, 1)
	go func() { served <- metadata.ServeListener(ctx, &metadata.Server{Store: store}, l) }()
	return served, nil
}

// devices makes the zone's /dev, with the devices of this machine that an image
// may count on, and its own terminals.
func (r root) devices(b brand) (dev string, err error) {
	if dev, err = r.mount("tmpfs", "/dev", unix.MS_NOSUID, "mode=0755"); err != nil {
		return "", err
	}
	for _, name := range []string{"null", "zero", "full", "random", "urandom", "tty"} {
		node := filepath.Join(dev, name)
		if err := errors.Join(os.WriteFile(node, nil, 0o666), bind("/dev/"+name, node)); err != nil {
			return "", err
		}
	}
	links := map[string]string{"stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2", "ptmx": "pts/ptmx"}
	directories := []string{"pts", "shm", "zfd"}
	if b.mountsFD { // itself, when it boots
		directories = append(directories, "fd")
	} else {
		links["fd"] = "/proc/self/fd"
	}
	for name, target := range links {
		if err := os.Symlink(target, filepath.Join(dev, name)); err != nil {
			return "", err
		}
	}
	for _, name := range directories {
		if err := os.Mkdir(filepath.Join(dev, name), 0o755); err != nil {
			return "", err
		}
	}
	err = unix.Mount("devpts", filepath.Join(dev, "pts"), "devpts", unix.MS_NOSUID|unix.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620")
	if err != nil {
		return "", fmt.Errorf("mount devpts on /dev/pts: %w", err)
	}
	return dev, nil
}

// hostFiles are the files that the host writes for the zone: the marker that vmadm
// waits to see gone, and those that it mounts.
func (r root) hostFiles(c Config, b brand, z *zone.Zone, uuid string) error {
	if _, err := r.file("/var/svc/provisioning"); err != nil {
		return err
	}
	hostname := cmp.Or(z.Hostname, uuid)
	for _, f := range [][2]string{
		{cmp.Or(z.Host.HostsFile, b.hosts), hostsFile(z, hostname)},
		{cmp.Or(z.Host.HostnameFile, "/etc/hostname"), hostname + "\n"},
		{cmp.Or(z.Host.ResolvConfFile, "/etc/resolv.conf"), resolvFile(z)},
	} {
		if err := r.cover(f[0], f[1], c.Work); err != nil {
			return err
		}
	}
	return nil
}

// commonHosts is what each zone's hosts file has.
// smartos-live: src/vm/node_modules/VM.js, createHostConfFileMounts
const commonHosts = "127.0.0.1\tlocalhost\n" +
	"::1\tlocalhost ip6-localhost ip6-loopback\n" +
	"fe00::0\tip6-localnet\n" +
	"ff00::0\tip6-mcastprefix\n" +
	"ff02::1\tip6-allnodes\n" +
	"ff02::2\tip6-allrouters\n"

// hostsFile is /etc/hosts as the host writes it: the zone's own addresses first,
// the last one before the others.
func hostsFile(z *zone.Zone, hostname string) string {
	var b strings.Builder
	for _, nic := range z.Network.NICs {
		if !nic.Primary {
			continue
		}
		for _, own := range slices.Backward(nic.Addresses) {
			fmt.Fprintf(&b, "%s\t%s\n", own.Addr(), hostname)
		}
	}
	b.WriteString(commonHosts)
	for _, h := range z.Host.ExtraHosts {
		fmt.Fprintf(&b, "%s\t%s\n", h.IP, h.Name)
	}
	b.WriteString(z.Host.LinkHosts)
	return b.String()
}

func resolvFile(z *zone.Zone) string {
	var b strings.Builder
	for _, r := range z.Host.Resolvers {
		fmt.Fprintf(&b, "nameserver %s\n", r)
	}
	search := append(slices.Clone(z.Host.DNSSearch), cmp.Or(z.Host.DNSDomain, "local"))
	return b.String() + "search " + strings.Join(search, " ") + "\n"
}
