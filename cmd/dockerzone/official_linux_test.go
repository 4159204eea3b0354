// The programs that are tested here have no tags nor the race detector in any run: one is enough.

//go:build linux && !fake && !race

package main_test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/platform_fake/need"
)

// Images of software that nobody here wrote, with a configuration and an entrypoint
// of the shape that Docker's official ones have. They boot without a payload, are
// asked from outside of the zone, and are told to stop as they want it.
func TestRunOfficialImages(t *testing.T) {
	image := debian(t)
	archive, dir := official(t, image)
	self := visible(t)

	t.Run("a web server", func(t *testing.T) {
		t.Parallel()
		cmd := booting(t, root, "--image", archive, "--tag", "web")
		p := cmdtest.Start(t, cmd)
		p.AwaitLong("zone z0 at 10.88.0.14")
		fetch(t, cmd, "a page of the image's last layer\n")
		p.Signal(syscall.SIGTERM)
		if r := p.Wait(); r.Status != 0 || !strings.Contains(r.Stderr, "signal 3 (SIGQUIT) received") || !strings.HasSuffix(r.Stderr, "exit_status 0\n") {
			t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
		}
	})
	for who, source := range map[string]string{"root": archive, "an ordinary user": dir} {
		t.Run("a database of "+who, func(t *testing.T) {
			t.Parallel()
			cmd := booting(t, root, "--image", source, "--tag", "database")
			if who != "root" {
				cmd = withRanges(t, cmd)
			}
			p := cmdtest.Start(t, cmd)
			p.AwaitLong("listening on IPv6 address")
			other := cmd
			if who != "root" {
				other = &exec.Cmd{Env: cmd.Env}
				cmdtest.Ordinary(other)
			}
			for _, address := range []string{"10.88.0.14:5432", "[fd00:88::14]:5432"} {
				var r cmdtest.Result
				if !cmdtest.Until(func() bool {
					r = inZone(t, other, "net", "z0", "--", self, "probe-sql", address)
					return r.Status == 0
				}) || r.Stdout != "42\n" {
					t.Errorf("asked at %s: status %d\n%s%s", address, r.Status, r.Stdout, r.Stderr)
				}
			}
			// Its processes are those of the image's user, who owns what it has written.
			r := inZone(t, other, "exec", "z0", "sh", "-c", `for p in /proc/[0-9]*; do [ "$(cat $p/comm 2>/dev/null)" = postgres ] && stat -c %U $p; done | sort -u; stat -c '%U %a' "$PGDATA"`)
			if r.Stdout != "postgres\npostgres 700\n" {
				t.Errorf("status %d, it runs as %q\n%s", r.Status, r.Stdout, r.Stderr)
			}
			p.Signal(syscall.SIGTERM)
			if r := p.Wait(); r.Status != 0 || !strings.Contains(r.Stderr, "received fast shutdown request") || !strings.Contains(r.Stderr, "database system is shut down") {
				t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
			}
		})
	}
}

const databaseEntrypoint = `#!/bin/sh
set -e
if [ "$(id -u)" = 0 ]; then
	mkdir -p "$PGDATA"
	chown -R postgres "$PGDATA" && chmod 700 "$PGDATA"
	exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
	initdb --no-sync --username=postgres --auth=trust >/dev/null
	echo 'host all all all trust' >>"$PGDATA/pg_hba.conf"
	echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
fi
exec "$@"
`

// official makes an OCI layout with two images, which share the layer of the system
// and that of the packages, and an archive of it.
func official(t *testing.T, debian string) (archive, dir string) {
	t.Helper()
	own := packageFiles(t, debian)
	system := directoryLayer(t, debian, func(name string) bool { return !own[name] })
	packages := directoryLayer(t, debian, func(name string) bool { return own[name] })
	all, err := filepath.Glob(debian + "/usr/lib/postgresql/*/bin") // whatever version it has
	must(t, err)
	if len(all) != 1 {
		t.Fatalf("PostgreSQL is in %v", all)
	}
	bin := strings.TrimPrefix(all[0], debian)
	const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	web := layerOf(t, func(w *tar.Writer) {
		add(t, w, tar.Header{Name: "docker-entrypoint.sh", Typeflag: tar.TypeReg, Mode: 0o755}, "#!/bin/sh\nset -e\nexec \"$@\"\n")
		add(t, w, tar.Header{Name: "var/www/html/.wh.index.nginx-debian.html", Typeflag: tar.TypeReg}, "")
		add(t, w, tar.Header{Name: "var/www/html/index.html", Typeflag: tar.TypeReg, Mode: 0o644}, "a page of the image's last layer\n")
		add(t, w, tar.Header{Name: "var/log/nginx/error.log", Typeflag: tar.TypeSymlink, Linkname: "/dev/stderr"}, "")
		add(t, w, tar.Header{Name: "var/log/nginx/access.log", Typeflag: tar.TypeSymlink, Linkname: "/dev/stdout"}, "")
	})
	database := layerOf(t, func(w *tar.Writer) {
		add(t, w, tar.Header{Name: "usr/local/bin/docker-entrypoint.sh", Typeflag: tar.TypeReg, Mode: 0o755}, databaseEntrypoint)
	})
	dir = filepath.Join(cmdtest.Folder(t), "z0")
	to, err := layout.Write(dir, empty.Index)
	must(t, err)
	for _, i := range []struct {
		name   string
		layers []v1.Layer
		config v1.Config
	}{
		{"web", []v1.Layer{system, packages, web}, v1.Config{
			Env: []string{"PATH=" + path, "PKG_RELEASE=1"}, Entrypoint: []string{"/docker-entrypoint.sh"}, Cmd: []string{"nginx", "-g", "daemon off; error_log stderr notice;"},
			ExposedPorts: map[string]struct{}{"80/tcp": {}}, Labels: map[string]string{"maintainer": "nobody"}, StopSignal: "SIGQUIT",
		}},
		{"database", []v1.Layer{system, packages, database}, v1.Config{
			Env: []string{"PATH=" + path + ":" + bin, "LANG=C.UTF-8", "PGDATA=/var/lib/postgresql/data"}, Entrypoint: []string{"docker-entrypoint.sh"}, Cmd: []string{"postgres"},
			ExposedPorts: map[string]struct{}{"5432/tcp": {}}, Volumes: map[string]struct{}{"/var/lib/postgresql/data": {}}, StopSignal: "SIGINT",
		}},
	} {
		image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
		image, err := mutate.AppendLayers(image, i.layers...)
		must(t, err)
		config, err := image.ConfigFile()
		must(t, err)
		config = config.DeepCopy()
		config.OS, config.Architecture, config.Config = "linux", runtime.GOARCH, i.config
		image, err = mutate.ConfigFile(image, config)
		must(t, err)
		must(t, to.AppendImage(image, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": i.name})))
	}
	must(t, filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chmod(name, 0o755)) // an ordinary user's too
	}))
	archive = cmdtest.File(t, "z0.tar", "")
	f, err := os.Create(archive)
	must(t, err)
	w := tar.NewWriter(f)
	must(t, w.AddFS(os.DirFS(dir)))
	must(t, w.Close())
	must(t, f.Close())
	return archive, dir
}

// packageFiles are the files of those packages that a system can do without.
func packageFiles(t *testing.T, debian string) map[string]bool {
	t.Helper()
	query := need.Program(t, "dpkg-query", "dpkg")
	database := "--admindir=" + debian + "/var/lib/dpkg"
	out, err := exec.Command(query, database, "-W", "-f", "${Priority} ${binary:Package}\n").Output()
	must(t, err)
	list := []string{database, "-L"}
	for line := range strings.Lines(string(out)) {
		if priority, name, _ := strings.Cut(strings.TrimSpace(line), " "); priority != "required" {
			list = append(list, name)
		}
	}
	out, err = exec.Command(query, list...).Output()
	must(t, err)
	files := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		name := strings.TrimSpace(line)
		if info, err := os.Lstat(debian + name); err == nil && !info.IsDir() {
			files[name] = true
		}
	}
	return files
}

// directoryLayer is a layer of those files that are taken, without what images leave
// out to be small.
func directoryLayer(t *testing.T, dir string, taken func(name string) bool) v1.Layer {
	t.Helper()
	file := cmdtest.File(t, "layer.tar", "")
	f, err := os.Create(file)
	must(t, err)
	w := tar.NewWriter(f)
	links := map[uint64]string{}
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name := strings.TrimPrefix(path, dir)
		switch name {
		case "/var/cache/apt", "/var/lib/apt/lists", "/usr/share/doc", "/usr/share/locale", "/usr/share/man":
			return fs.SkipDir
		}
		if strings.HasPrefix(d.Name(), "libLLVM") || strings.HasPrefix(d.Name(), "llvmjit") { // for queries that run long
			return nil
		}
		info, err := d.Info()
		if err != nil || !d.IsDir() && !taken(name) || info.Mode().Type() == fs.ModeSocket {
			return err
		}
		target := ""
		if d.Type() == fs.ModeSymlink {
			if target, err = os.Readlink(path); err != nil {
				return err
			}
		}
		h, err := tar.FileInfoHeader(info, target)
		if err != nil {
			return err
		}
		h.Name, h.Uname, h.Gname = strings.TrimPrefix(name, "/"), "", ""
		if st := info.Sys().(*syscall.Stat_t); info.Mode().IsRegular() && st.Nlink > 1 {
			if first, ok := links[st.Ino]; ok {
				h.Typeflag, h.Linkname, h.Size = tar.TypeLink, first, 0
			} else {
				links[st.Ino] = h.Name
			}
		}
		if err := w.WriteHeader(h); err != nil || h.Typeflag != tar.TypeReg {
			return err
		}
		content, err := os.Open(path)
		if err != nil {
			return err
		}
		defer content.Close()
		_, err = io.Copy(w, content)
		return err
	}))
	must(t, w.Close())
	must(t, f.Close())
	// To press them together would take the most time of the test.
	layer, err := tarball.LayerFromFile(file, tarball.WithMediaType(types.OCILayer), tarball.WithCompressionLevel(gzip.NoCompression))
	must(t, err)
	return layer
}
