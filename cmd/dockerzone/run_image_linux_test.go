// The programs that are tested here have no tags in any run: one is enough.

//go:build linux && !fake

package main_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/platform_fake/need"
)

// layerOf packs files into a layer, each a header with its content.
func layerOf(t *testing.T, write func(w *tar.Writer)) v1.Layer {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	write(w)
	must(t, w.Close())
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil })
	must(t, err)
	return layer
}

func add(t *testing.T, w *tar.Writer, h tar.Header, content string) {
	t.Helper()
	h.Size = int64(len(content))
	must(t, w.WriteHeader(&h))
	_, err := io.WriteString(w, content)
	must(t, err)
}

// small is an image of two layers with busybox and what a layer can have: owners,
// whiteouts, a device, a directory that its owner may not write to.
func small(t *testing.T, change func(*v1.ConfigFile)) v1.Image {
	t.Helper()
	program, err := os.ReadFile(need.Program(t, "busybox", "busybox-static"))
	must(t, err)
	lower := layerOf(t, func(w *tar.Writer) {
		add(t, w, tar.Header{Name: "bin/", Typeflag: tar.TypeDir, Mode: 0o555}, "")
		add(t, w, tar.Header{Name: "bin/busybox", Typeflag: tar.TypeReg, Mode: 0o755}, string(program))
		add(t, w, tar.Header{Name: "etc/passwd", Typeflag: tar.TypeReg, Mode: 0o644}, "root:x:0:0::/root:/bin/sh\nweb:x:33:34::/srv:/bin/sh\n")
		add(t, w, tar.Header{Name: "etc/gone", Typeflag: tar.TypeReg, Mode: 0o644}, "of the lower layer")
		add(t, w, tar.Header{Name: "bin/busybox.net", Typeflag: tar.TypeReg, Mode: 0o755, PAXRecords: map[string]string{"SCHILY.xattr.security.capability": netRaw}}, string(program))
		add(t, w, tar.Header{Name: "disk", Typeflag: tar.TypeBlock, Devmajor: 8, Mode: 0o666}, "")
	})
	upper := layerOf(t, func(w *tar.Writer) {
		for _, applet := range []string{"sh", "id", "stat", "ls", "cat", "httpd", "sleep"} {
			add(t, w, tar.Header{Name: "bin/" + applet, Typeflag: tar.TypeSymlink, Linkname: "busybox"}, "")
		}
		add(t, w, tar.Header{Name: "etc/.wh.gone", Typeflag: tar.TypeReg}, "")
		add(t, w, tar.Header{Name: "srv/page", Typeflag: tar.TypeReg, Mode: 0o640, Uid: 33, Gid: 34}, "hello\n")
		add(t, w, tar.Header{Name: "entry", Typeflag: tar.TypeReg, Mode: 0o755}, "#!/bin/sh\necho entry with $# as $A$B\nexec \"$@\"\n")
	})
	image, err := mutate.AppendLayers(empty.Image, lower, upper)
	must(t, err)
	config, err := image.ConfigFile()
	must(t, err)
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", runtime.GOARCH
	config.Config = v1.Config{
		Volumes:      map[string]struct{}{"/data/made": {}, "/srv": {}},
		ExposedPorts: map[string]struct{}{"80/tcp": {}, "53/udp": {}},
		Env:          []string{"A=image", "B=image"}, Entrypoint: []string{"/entry"}, WorkingDir: "/srv",
		Cmd: []string{"sh", "-c", "pwd; stat -c '%u:%g %a %n' page /bin /data/made; ls /etc/gone /disk; exit 5"},
	}
	if change != nil {
		change(config)
	}
	image, err = mutate.ConfigFile(image, config)
	must(t, err)
	return image
}

// netRaw is what setcap cap_net_raw=ep writes. linux: include/uapi/linux/capability.h
const netRaw = "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// saved is the image as docker save writes it.
func saved(t *testing.T, image v1.Image) string {
	t.Helper()
	file := cmdtest.File(t, "small.tar", "")
	tag, err := name.NewTag("example/small:1")
	must(t, err)
	must(t, tarball.WriteToFile(file, tag, image))
	return file
}

// laidOut is the image as a directory of an OCI layout.
func laidOut(t *testing.T, image v1.Image) string {
	t.Helper()
	dir := filepath.Join(cmdtest.Folder(t), "small")
	path, err := layout.Write(dir, empty.Index)
	must(t, err)
	must(t, path.AppendImage(image))
	must(t, filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chmod(name, 0o755)) // an ordinary user's too
	}))
	return dir
}

// packed is a directory as a compressed archive.
func packed(t *testing.T, dir string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	must(t, w.AddFS(os.DirFS(dir)))
	must(t, w.Close())
	must(t, z.Close())
	return cmdtest.File(t, "small.tar.gz", b.String())
}

func TestRunAnImageFromWhereverItIs(t *testing.T) {
	image := small(t, nil)
	served := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(served.Close)
	ref, err := name.ParseReference(strings.TrimPrefix(served.URL, "http://") + "/team/small:1")
	must(t, err)
	must(t, remote.Write(ref, image))
	dir := laidOut(t, image)
	for from, source := range map[string]string{"an archive of docker save": saved(t, image), "a layout": dir, "a layout's archive": packed(t, dir), "a registry": ref.Name()} {
		for who, as := range everybody {
			t.Run(from+" "+who, func(t *testing.T) {
				t.Parallel()
				cmd := booting(t, as, "--image", source)
				cmd.Stdin = strings.NewReader("")
				r := cmdtest.Run(t, cmd)
				owner, says := "33:34", "dockerzone run: "+source+": left out 1 file, because a zone has devices of its host alone: disk\n"
				if who != "root" {
					owner = "0:0"
					says += "dockerzone run: " + source + ": files of users that the zone cannot have are root's in it: "
				}
				want := "entry with 3 as imageimage\n/srv\n" + owner + " 640 page\n0:0 555 /bin\n0:0 755 /data/made\n"
				if r.Status != 5 || r.Stdout != want || !strings.HasPrefix(r.Stderr, says) || !strings.Contains(r.Stderr, "dockerzone run: zone small at 10.88.0.14 and fd00:88::14, 53/udp 80/tcp; ") {
					t.Errorf("status %d\n got %q\nwant %q\nstderr\n%s\nwant\n%s", r.Status, r.Stdout, want, r.Stderr, says)
				}
			})
		}
	}
}

// What the payload says stands, as what is given to docker run.
func TestRunAnImageUnderAPayload(t *testing.T) {
	source := saved(t, small(t, nil))
	for _, tt := range []struct {
		name     string
		internal map[string]any
		args     []string
		want     string
	}{
		{"its command, with the image's entrypoint", map[string]any{"docker:cmd": `["echo", "x"]`}, nil, "entry with 2 as imageimage\nx\n"},
		{"an entrypoint does not get the image's command", map[string]any{"docker:cmd": nil, "docker:entrypoint": `["/bin/busybox", "echo"]`}, nil, "\n"},
		{"its environment, over the image's", map[string]any{"docker:cmd": `["true"]`, "docker:env": `["B=payload"]`}, nil, "entry with 1 as imagepayload\n"},
		{"its directory and user", map[string]any{"docker:cmd": `["sh", "-c", "pwd; id -u"]`, "docker:workdir": "/etc", "docker:user": "web"}, nil, "entry with 3 as imageimage\n/etc\n33\n"},
		{"nothing", map[string]any{"docker:cmd": nil}, []string{"--", "cat", "page"}, "hello\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := cmdtest.Run(t, booting(t, root, append([]string{"--image", source, zonePayload(t, tt.internal)}, tt.args...)...))
			if r.Status != 0 || r.Stdout != tt.want {
				t.Errorf("status %d\n got %q\nwant %q\n%s", r.Status, r.Stdout, tt.want, r.Stderr)
			}
		})
	}
}

// A payload may come through a pipe, which can be read once.
func TestRunAPayloadOfAPipe(t *testing.T) {
	text, err := os.ReadFile(zonePayload(t, shell("echo well")))
	must(t, err)
	cmd := booting(t, root, "/dev/fd/3")
	r, w, err := os.Pipe()
	must(t, err)
	defer r.Close()
	cmd.ExtraFiles = []*os.File{r}
	_, err = w.Write(text)
	must(t, errors.Join(err, w.Close()))
	if r := cmdtest.Run(t, cmd); r.Status != 0 || r.Stdout != "well\n" {
		t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
}

// What is wrong with an image is told in a line that names it, before anything boots,
// and nothing of it stays.
func TestRunAnImageThatIsNone(t *testing.T) {
	archive := saved(t, small(t, nil))
	whole, err := os.ReadFile(archive)
	must(t, err)
	broken := func(how func(dir string, layer string)) string {
		dir := laidOut(t, small(t, nil))
		image, err := layout.ImageIndexFromPath(dir)
		must(t, err)
		index, err := image.IndexManifest()
		must(t, err)
		one, err := image.Image(index.Manifests[0].Digest)
		must(t, err)
		manifest, err := one.Manifest()
		must(t, err)
		how(dir, filepath.Join(dir, "blobs/sha256", manifest.Layers[1].Digest.Hex))
		return dir
	}
	other := small(t, func(c *v1.ConfigFile) { c.Architecture = "s390x" })
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"no file", []string{"--image", "./no-such.tar"}, 2, "no-such.tar: no such file"},
		{"a registry that is not there", []string{"--image", "127.0.0.1:1/team/small"}, 2, "127.0.0.1:1/team/small: no such file, and the registry: "},
		{"no reference", []string{"--image", "Team/Small"}, 2, "Team/Small: neither a file nor a reference"},
		{"a text", []string{"--image", cmdtest.File(t, "text", strings.Repeat("no image\n", 100))}, 2, "neither JSON nor a whole archive"},
		{"nothing in it", []string{"--image", cmdtest.File(t, "empty.tar", "")}, 2, "empty or cut short"},
		{"an archive that is cut short", []string{"--image", cmdtest.File(t, "short.tar", string(whole[:len(whole)/2]))}, 2, "cut short"},
		{"a layer that is cut short", []string{"--image", broken(func(_, layer string) { must(t, os.Truncate(layer, 200)) })}, 2, "layer 2 of 2 (sha256:"},
		{"a layer that is not there", []string{"--image", broken(func(_, layer string) { must(t, os.Remove(layer)) })}, 2, "layer 2 of 2 (sha256:"},
		{"a layer that is another one", []string{"--image", broken(func(_, layer string) {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			w := tar.NewWriter(z)
			add(t, w, tar.Header{Name: "evil", Typeflag: tar.TypeReg, Mode: 0o644}, "x")
			must(t, w.Close())
			must(t, z.Close())
			must(t, os.WriteFile(layer, b.Bytes(), 0o644))
		})}, 2, "its content is not what the image's configuration says"},
		{"a configuration alone", []string{"--image", cmdtest.File(t, "config.json", `{"config": {"Cmd": ["x"]}}`)}, 2, "config.json: a configuration alone, without the image's files; docker save"},
		{"a configuration on standard input", []string{"--image", "-"}, 2, "--image -: an image's configuration alone boots no zone"},
		{"another architecture", []string{"--image", saved(t, other)}, 2, "the image is for linux/s390x, and this machine is linux/" + runtime.GOARCH},
		{"another architecture, of a layout", []string{"--image", laidOut(t, other)}, 2, "the image is for linux/s390x, and this machine is linux/" + runtime.GOARCH},
		{"no command", []string{"--image", saved(t, small(t, func(c *v1.ConfigFile) { c.Config = v1.Config{} }))}, 125, "FATAL (code: 13)"},
		{"a user that it has not", []string{"--image", saved(t, small(t, func(c *v1.ConfigFile) { c.Config.User = "nobdy" }))}, 125, "FATAL (code: 29)"},
		{"an archive in the place of a payload", []string{archive}, 3, "small.tar: an image, not a payload: --image is for it"},
		{"a directory that is no layout", []string{"--image", cmdtest.Folder(t)}, 2, "an image's own files are for --rootfs"},
		{"a payload that is none", []string{"--image", archive, cmdtest.File(t, "payload", "{")}, 2, "payload"},
		{"two sources of files", []string{"--image", archive, "--rootfs", "/"}, 3, "not both"},
		{"a directory to write to", []string{"--image", archive, "--write"}, 3, "--write is for a --rootfs directory"},
		{"a command without its dashes", []string{"--image", archive, "payload.json", "sh"}, 3, `unexpected argument "sh": the command comes after --`},
		{"neither image nor payload", nil, 3, "a payload is missing, or --image IMAGE"},
		{"a platform of nothing", []string{"--platform", "linux/amd64", "payload.json"}, 3, "--platform and --tag are for --image"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := cmdtest.Run(t, booting(t, root, tt.args...))
			if r.Status != tt.status || !strings.Contains(r.Stderr, tt.want) || r.Stdout != "" || tt.status == 2 && strings.Count(r.Stderr, "\n") != 1 {
				t.Errorf("status %d, want %d and %q in\n%s%s", r.Status, tt.status, tt.want, r.Stdout, r.Stderr)
			}
		})
	}
}

// The files of an image, whoever they belong to, end with the zone, also where
// dockerzone or the keeper is killed, or both: then the next zone removes them.
func TestAnImageIsRemoved(t *testing.T) {
	source := saved(t, small(t, func(c *v1.ConfigFile) { c.Config.Cmd = []string{"sh", "-c", "echo up; exec sleep 4711"} }))
	all := maps.Clone(everybody)
	all["an ordinary user with more ids"] = func(cmd *exec.Cmd) *exec.Cmd { return withRanges(t, cmd) }
	for who, as := range all {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			for _, killed := range []string{"dockerzone", "the keeper", "both"} {
				cmd := booting(t, as, "--image", source)
				p := cmdtest.Start(t, cmd)
				p.Await("up")
				keeper := onlyChild(t, p.Process.Pid)
				if killed != "the keeper" {
					p.Signal(syscall.SIGSTOP) // it cannot remove anything
				}
				if killed != "dockerzone" {
					must(t, syscall.Kill(keeper, syscall.SIGKILL))
				}
				if killed != "the keeper" {
					p.Signal(syscall.SIGKILL)
				}
				p.Wait()
				if killed == "the keeper" {
					other := dockerzone("net", "small") // which removes the socket of one that is gone
					other.Env = cmd.Env
					cmdtest.Run(t, as(other))
				}
				if killed == "both" {
					next := dockerzone("run", "--image", source, "--", "sh", "-c", "exit")
					next.Env = cmd.Env
					cmdtest.Run(t, as(next))
				}
				temporary := temporaryOf(cmd.Env)
				if !cmdtest.Until(func() bool { all, _ := filepath.Glob(temporary + "/dockerzone-image-*"); return len(all) == 0 }) {
					t.Errorf("%s was killed, and there are %s", killed, files(t, temporary))
				}
			}
		})
	}
}

func temporaryOf(env []string) (dir string) {
	for _, v := range env {
		if value, ok := strings.CutPrefix(v, "TMPDIR="); ok {
			dir = value
		}
	}
	return dir
}

// An ordinary user's zone has the owners of an image where newuidmap gives ids, and
// they can be removed.
func TestRunAnImageWithARangeOfIDs(t *testing.T) {
	cmd := booting(t, root, "--image", saved(t, small(t, nil)), zonePayload(t, map[string]any{"docker:cmd": nil}))
	r := cmdtest.Run(t, withRanges(t, cmd))
	if r.Status != 5 || r.Stdout != "entry with 3 as imageimage\n/srv\n33:34 640 page\n0:0 555 /bin\n0:0 755 /data/made\n" {
		t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
}

// A program of the image has the capabilities that its file has, for whoever runs it.
func TestAnImageHasCapabilities(t *testing.T) {
	source := saved(t, small(t, func(c *v1.ConfigFile) {
		c.Config.User = "33:34"
		c.Config.Cmd = []string{"/bin/busybox.net", "grep", "CapEff", "/proc/self/status"}
	}))
	for who, as := range map[string]func(*exec.Cmd) *exec.Cmd{"root": root, "an ordinary user": func(cmd *exec.Cmd) *exec.Cmd { return withRanges(t, cmd) }} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			r := cmdtest.Run(t, as(booting(t, root, "--image", source)))
			if r.Status != 0 || !strings.HasSuffix(r.Stdout, "CapEff:\t0000000000002000\n") {
				t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
			}
		})
	}
}

// A zone that somebody has left goes on with its image.
func TestAnImageOutlivesItsTerminal(t *testing.T) {
	cmd := booting(t, cmdtest.Ordinary, "--tty", "--image", saved(t, small(t, func(c *v1.ConfigFile) { c.Config.Cmd = []string{"sh"} })))
	term := cmdtest.StartAtTerminal(t, cmd)
	term.See("unpack layer 1 of 2", "unpack layer 2 of 2", "zone small at", "entry with 1 as")
	term.Type("\x10\x11")
	term.See("the zone runs on; dockerzone attach small shows it again")
	term.Wait()
	if r := inZone(t, cmd, "exec", "small", "cat", "/srv/page"); r.Stdout != "hello\n" {
		t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
	again := dockerzone("attach", "small")
	again.Env = cmd.Env
	term = cmdtest.StartAtTerminal(t, cmdtest.Ordinary(again))
	term.Type("\rexit 6\r")
	if r := term.Wait(); r.Status != 6 {
		t.Errorf("status %d\n%s", r.Status, term.Shown())
	}
}

// A person who does not wait for an image leaves nothing.
func TestAnImageIsInterrupted(t *testing.T) {
	asked := make(chan struct{}, 8)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(silent.Close)
	p := cmdtest.Start(t, booting(t, root, "--image", strings.TrimPrefix(silent.URL, "http://")+"/team/small"))
	<-asked
	p.Signal(syscall.SIGINT)
	if r := p.Wait(); r.Status != 2 || !strings.Contains(r.Stderr, "/team/small: interrupted\n") {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}
