package oci_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"dockerinit/cmd/internal/oci"
	"dockerinit/platform_fake/need"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// made is an image with the layers and a command that tells which it is.
func made(t *testing.T, command string, layers ...[]tar.Header) v1.Image {
	t.Helper()
	image := empty.Image
	for _, files := range layers {
		b := archived(t, files)
		layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil })
		must(t, err)
		image, err = mutate.AppendLayers(image, layer)
		must(t, err)
	}
	image, err := mutate.ConfigFile(image, withCommand(t, image, command))
	must(t, err)
	return image
}

func archived(t *testing.T, files []tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range files {
		content := h.PAXRecords["content"]
		h.PAXRecords, h.Size = nil, int64(len(content))
		must(t, w.WriteHeader(&h))
		_, err := io.WriteString(w, content)
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

func withCommand(t *testing.T, image v1.Image, command string) *v1.ConfigFile {
	t.Helper()
	config, err := image.ConfigFile()
	must(t, err)
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Config.Cmd = "linux", "amd64", []string{command}
	return config
}

func file(name, content string) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, PAXRecords: map[string]string{"content": content}}
}

func link(name, target string) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: target, Mode: 0o777}
}

var linux = oci.Options{Platform: "linux/amd64"}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	image := made(t, "one", []tar.Header{file("etc/hello", "hello\n")})
	other := made(t, "other", []tar.Header{file("etc/other", "")})

	saved := filepath.Join(dir, "saved.tar")
	tag, err := name.NewTag("example/one:1")
	must(t, err)
	otherTag, err := name.NewTag("example/other:1")
	must(t, err)
	must(t, tarball.MultiWriteToFile(saved, map[name.Tag]v1.Image{tag: image, otherTag: other}))

	laidOut := filepath.Join(dir, "layout")
	path, err := layout.Write(laidOut, empty.Index)
	must(t, err)
	arm := &v1.Platform{OS: "linux", Architecture: "arm64"}
	must(t, path.AppendImage(other, layout.WithPlatform(*arm)))
	amd := &v1.Platform{OS: "linux", Architecture: "amd64"}
	must(t, path.AppendImage(image, layout.WithPlatform(*amd)))
	archive := filepath.Join(dir, "layout.tar")
	must(t, pack(laidOut, archive))

	named := filepath.Join(dir, "named")
	path, err = layout.Write(named, empty.Index)
	must(t, err)
	must(t, path.AppendImage(image, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": "one"})))
	must(t, path.AppendImage(other, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": "other"})))

	// An index within the index, as docker buildx has it.
	nested := filepath.Join(dir, "nested")
	inner := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: amd}})
	path, err = layout.Write(nested, empty.Index)
	must(t, err)
	must(t, path.AppendIndex(inner))

	served := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer served.Close()
	ref, err := name.ParseReference(strings.TrimPrefix(served.URL, "http://") + "/team/one:latest")
	must(t, err)
	must(t, remote.Write(ref, image))

	config := filepath.Join(dir, "config")
	must(t, os.WriteFile(config, []byte("\n"+`{"config": {"Cmd": ["one"]}}`), 0o644))
	none := filepath.Join(dir, "none")
	must(t, os.WriteFile(none, []byte("{}"), 0o644))
	put := func(name, content string) string {
		file := filepath.Join(dir, name)
		must(t, os.WriteFile(file, []byte(content), 0o644))
		return file
	}
	inspected := put("inspected", `[{"Os": "linux", "Config": {"Cmd": ["one"]}}]`)
	whole, err := os.ReadFile(saved)
	must(t, err)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, err = z.Write(whole)
	must(t, errors.Join(err, z.Close()))
	plain := filepath.Join(dir, "plain.tar")
	must(t, pack(filepath.Join(laidOut, "blobs"), plain))

	for _, tt := range []struct {
		name, source string
		o            oci.Options
		want         string // the command, or the error
	}{
		{"an archive of docker save, by the name", saved, oci.Options{Platform: "linux/amd64", Tag: "example/one:1"}, "one"},
		{"another image of it", saved, oci.Options{Platform: "linux/amd64", Tag: "example/other:1"}, "other"},
		{"an archive of several without a name", saved, linux, "error: saved.tar: several images, of which --tag names one: "},
		{"an image that an archive has not", saved, oci.Options{Platform: "linux/amd64", Tag: "example/none:1"}, "error: saved.tar: no image example/none:1: there are example/"},
		{"a layout of several without a name", named, linux, "error: named: several images, of which --tag names one: one, other"},
		{"one of a layout by its name", named, oci.Options{Platform: "linux/amd64", Tag: "one"}, "one"},
		{"an image that a layout has not", named, oci.Options{Platform: "linux/amd64", Tag: "none"}, "error: named: no image none for linux/amd64: there are one, other"},
		{"a layout", laidOut, linux, "one"},
		{"a layout for another machine", laidOut, oci.Options{Platform: "linux/arm64"}, "other"},
		{"a layout without this machine", laidOut, oci.Options{Platform: "linux/s390x"}, "error: layout: no image for linux/s390x: there are one for linux/arm64, one for linux/amd64"},
		{"a layout in an archive", archive, linux, "one"},
		{"an index in a layout", nested, linux, "one"},
		{"a registry", ref.Name(), linux, "one"},
		{"a registry that has no such image", strings.TrimPrefix(served.URL, "http://") + "/team/two", linux, "error: "},
		{"a configuration", config, linux, "one"},
		{"what docker inspect prints", inspected, linux, "one"},
		{"of two images", put("two", "[{}, {}]"), linux, "error: two: an array of 2, where that of one image is expected"},
		{"an array that is none", put("array", "[{}, "), linux, "error: array: line 1: unexpected end of JSON input"},
		{"an object that is cut short", put("object", `{"config": {`), linux, "error: object: line 1: unexpected end of JSON input"},
		{"a configuration larger than any", put("large", strings.Repeat(" ", 8<<20)+"{}"), linux, "error: large: larger than any configuration (8 MiB)"},
		{"a compressed archive", put("saved.tgz", zipped.String()), oci.Options{Platform: "linux/amd64", Tag: "example/one:1"}, "one"},
		{"what is not compressed as it says", put("magic", "\x1f\x8b and no more"), linux, "error: magic: neither JSON nor a whole archive: gzip: invalid header"},
		{"the beginning of an archive", put("half", string(whole[:600])), linux, "error: half: neither JSON nor a whole archive: cut short"},
		{"an empty file", put("empty", ""), linux, "error: empty: empty or cut short"},
		{"a name that is none", saved, oci.Options{Platform: "linux/amd64", Tag: "no name"}, "error: "},
		{"a machine that is none", saved, oci.Options{Platform: "linux"}, "error: "},
		{"an object that is none", none, linux, "error: no config in it"},
		{"an archive of something else", plain, linux, "error: neither of docker save nor of an OCI layout"},
		{"a path with a typing mistake is asked of no registry", "./saved", linux, "error: no such file"},
		{"nor is one by its name", "saved.json", linux, "error: stat saved.json: no such file"},
		{"of any kind", "saved.tgz", linux, "error: stat saved.tgz: no such file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			image, err := oci.Open(t.Context(), tt.source, nil, tt.o)
			if text, isError := strings.CutPrefix(tt.want, "error: "); isError {
				if err == nil || !strings.Contains(err.Error(), text) {
					t.Errorf("%v, want %q", err, text)
				}
				return
			}
			must(t, err)
			if got := fmt.Sprint(image.Config.Cmd); got != "["+tt.want+"]" {
				t.Errorf("command %s, want %s", got, tt.want)
			}
			root := t.TempDir()
			switch _, err := unpack(t, image, root); {
			case tt.source == config || tt.source == inspected:
				if !errors.Is(err, oci.ErrNoFiles) {
					t.Errorf("a configuration was unpacked: %v", err)
				}
			case tt.want == "one":
				must(t, err)
				if text, err := os.ReadFile(root + "/etc/hello"); string(text) != "hello\n" || err != nil {
					t.Errorf("%q, %v", text, err)
				}
			}
			must(t, image.Close())
		})
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "dockerzone-layout-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A layer that is another than the configuration says.
func TestADamagedImage(t *testing.T) {
	image := made(t, "x", []tar.Header{file("a", "1")}, []tar.Header{file("b", "1")})
	config, err := image.ConfigFile()
	must(t, err)
	config = config.DeepCopy()
	config.RootFS.DiffIDs[1] = config.RootFS.DiffIDs[0]
	image, err = mutate.ConfigFile(image, config)
	must(t, err)
	saved := filepath.Join(t.TempDir(), "image.tar")
	tag, err := name.NewTag("x")
	must(t, err)
	must(t, tarball.WriteToFile(saved, tag, image))
	opened, err := oci.Open(t.Context(), saved, nil, linux)
	must(t, err)
	const want = "its content is not what the image's configuration says: a damaged image"
	if _, err := unpack(t, opened, t.TempDir()); err == nil || !strings.Contains(err.Error(), "layer 2 of 2 (") || !strings.Contains(err.Error(), want) {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
}

func unpack(t *testing.T, image *oci.Image, root string) (all oci.Unpacked, err error) {
	t.Helper()
	err = image.Layers(t.Context(), func(_, _ int, layer io.Reader) error {
		done, err := oci.UnpackLayer(root, layer)
		all.LeftOut = append(all.LeftOut, done.LeftOut...)
		return err
	})
	return all, err
}

// pack makes an archive of a directory.
func pack(dir, name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := tar.NewWriter(f)
	return errors.Join(w.AddFS(os.DirFS(dir)), w.Close(), f.Close())
}

func TestUnpack(t *testing.T) {
	dir := func(name string, mode int64) tar.Header {
		return tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: mode}
	}
	outside := t.TempDir()
	setuid := file("bin/su", "x")
	setuid.Mode = 0o4755
	hard := tar.Header{Name: "bin/hard", Typeflag: tar.TypeLink, Linkname: "bin/su"}
	fifo := tar.Header{Name: "fifo", Typeflag: tar.TypeFifo, Mode: 0o644}
	disk := func(name string) tar.Header {
		return tar.Header{Name: name, Typeflag: tar.TypeBlock, Devmajor: 8, Mode: 0o666}
	}
	for _, tt := range []struct {
		name   string
		layers [][]tar.Header
		want   string
	}{
		{"modes, links and what has no place in a zone", [][]tar.Header{{dir("bin", 0o755), setuid, hard, link("sh", "bin/su"), dir("tmp", 0o1777), dir("locked", 0o555), file("locked/x", "y"), fifo, disk("srv/disk"), disk("dev/sda")}},
			"bin drwxr-xr-x; bin/hard urwxr-xr-x; bin/su urwxr-xr-x; dev drwxr-xr-x; locked dr-xr-xr-x; locked/x -rw-r--r--; sh -> bin/su; srv drwxr-xr-x; tmp dtrwxrwxrwx"},
		{"a later layer deletes and replaces", [][]tar.Header{{file("a", "1"), file("b", "1"), file("d/c", "1")}, {file(".wh.a", ""), file("b", "22"), file("d/.wh..wh..opq", ""), file("d/e", "")}},
			"b -rw-r--r--; d drwxr-xr-x; d/e -rw-r--r--"},
		{"a directory is emptied after the layer has put files into it", [][]tar.Header{{file("d/old/y", ""), file("d/new/z", ""), dir("d/both", 0o755), file("d/both/z", "")}, {file("d/new/x", ""), dir("d/both", 0o700), file("d/.wh..wh..opq", "")}},
			"d drwxr-xr-x; d/both drwx------; d/new drwxr-xr-x; d/new/x -rw-r--r--"},
		{"a directory that no layer names", [][]tar.Header{{file("srv/www/index", "")}}, "srv drwxr-xr-x; srv/www drwxr-xr-x; srv/www/index -rw-r--r--"},
		{"a directory in the place of a file, and the other way round", [][]tar.Header{{file("a", ""), file("b/c", "")}, {dir("a", 0o755), file("b", "")}}, "a drwxr-xr-x; b -rw-r--r--"},
		{"a file in the place of a link, whose target stays", [][]tar.Header{{file("b", "1"), link("a", "b")}, {file("a", "22")}}, "a -rw-r--r--; b -rw-r--r--"},
		{"a link in the place of a directory, between two files of it", [][]tar.Header{{file("a/x", ""), file("b/x", ""), link("a", "b"), file("a/y", "")}}, "a -> b; b drwxr-xr-x; b/x -rw-r--r--; b/y -rw-r--r--"},
		{"a directory that goes between two files of it", [][]tar.Header{{file("a/x", ""), file(".wh.a", ""), file("a/y", "")}}, "a drwxr-xr-x; a/y -rw-r--r--"},
		{"a file behind a link of the layer below", [][]tar.Header{{dir("usr/lib", 0o755), link("lib", "usr/lib"), dir("run", 0o755), link("var", "/run")}, {dir("lib", 0o755), file("lib/x", ""), dir("var", 0o750), file("var/pid", "1")}},
			"lib -> usr/lib; run drwxr-x---; run/pid -rw-r--r--; usr drwxr-xr-x; usr/lib drwxr-xr-x; usr/lib/x -rw-r--r--; var -> /run"},
		{"S-9 a link out of it leads into it", [][]tar.Header{{link("out", outside), file("out/planted", "")}}, "out -> " + outside + below(outside) + strings.TrimPrefix(outside, "/") + "/planted -rw-r--r--"},
		{"S-9 names that climb", [][]tar.Header{{file("../../climbed", ""), tar.Header{Name: "hard", Typeflag: tar.TypeLink, Linkname: "../../climbed"}}}, "climbed -rw-r--r--; hard -rw-r--r--"},
		{"S-9 a whiteout of all that is above", [][]tar.Header{{file("a", ""), file(".wh...", ""), file(".wh..", "")}}, ".wh.. -rw-r--r--; .wh... -rw-r--r--; a -rw-r--r--"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			saved := filepath.Join(t.TempDir(), "image.tar")
			tag, err := name.NewTag("x")
			must(t, err)
			must(t, tarball.WriteToFile(saved, tag, made(t, "x", tt.layers...)))
			image, err := oci.Open(t.Context(), saved, nil, linux)
			must(t, err)
			old := syscall.Umask(0o022)
			defer syscall.Umask(old)
			root := t.TempDir()
			t.Cleanup(func() { _ = os.Chmod(root+"/locked", 0o755) }) // to be removed
			done, err := unpack(t, image, root)
			must(t, err)
			if want := map[bool]string{true: "fifo srv/disk"}[strings.HasPrefix(tt.name, "modes")]; strings.Join(done.LeftOut, " ") != want {
				t.Errorf("left out %q, want %q", done.LeftOut, want)
			}
			got := tree(t, root)
			if got := strings.Join(got, "; "); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
			if planted, err := os.ReadDir(outside); len(planted) > 0 || err != nil {
				t.Errorf("outside of the image: %v, %v", planted, err)
			}
		})
	}
}

func TestALayerThatCannotBeUnpacked(t *testing.T) {
	hard := func(target string) tar.Header {
		return tar.Header{Name: "hard", Typeflag: tar.TypeLink, Linkname: target}
	}
	for _, tt := range []struct {
		name  string
		files []tar.Header
		cut   int
		want  string
	}{
		{"below a file", []tar.Header{file("a", ""), file("a/b", "")}, 0, "a/b: /a is not a directory"},
		{"a file in the root's place", []tar.Header{file(".", "")}, 0, ".: "},
		{"a link in the root's place", []tar.Header{link(".", "x")}, 0, ".: "},
		{"a second name of nothing", []tar.Header{hard("none")}, 0, "hard: linkat none hard: no such file or directory"},
		{"a second name of what is below a file", []tar.Header{file("a", ""), hard("a/b")}, 0, "hard: /a is not a directory"},
		{"a directory through a link that leads nowhere", []tar.Header{link("a", "a"), file("a/b", "")}, 0, "a/b: mkdir /a/: too many levels of symbolic links"},
		{"cut short in a file", []tar.Header{file("a", strings.Repeat("x", 1000))}, 800, "cut short"},
		{"cut short between two", []tar.Header{file("a", "x"), file("b", "x")}, 1300, "cut short"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			layer := archived(t, tt.files)
			if tt.cut > 0 {
				layer = layer[:tt.cut]
			}
			if _, err := oci.UnpackLayer(t.TempDir(), bytes.NewReader(layer)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("\n got %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestOwnersAndTimes(t *testing.T) {
	need.Root(t)
	of := func(h tar.Header, uid int) tar.Header {
		h.Uid, h.Gid, h.ModTime = uid, uid+1, time.Unix(int64(1000*uid), 0)
		return h
	}
	root := t.TempDir()
	files := []tar.Header{
		of(tar.Header{Name: "d", Typeflag: tar.TypeDir, Mode: 0o755}, 4), of(file("d/f", "x"), 5), of(link("d/l", "f"), 6), file("of-root", ""),
	}
	_, err := oci.UnpackLayer(root, bytes.NewReader(archived(t, files)))
	must(t, err)
	for name, want := range map[string]string{"d": "4:5 4000", "d/f": "5:6 5000", "d/l": "6:7 ", "of-root": "0:0 "} {
		info, err := os.Lstat(filepath.Join(root, name))
		must(t, err)
		st := info.Sys().(*syscall.Stat_t)
		if got := fmt.Sprintf("%d:%d %d", st.Uid, st.Gid, info.ModTime().Unix()); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// below is how the tree shows the directories down to dir, which is absolute.
func below(dir string) (lines string) {
	at := ""
	for _, part := range strings.Split(strings.TrimPrefix(dir, "/"), "/") {
		at = filepath.Join(at, part)
		lines += "; " + at + " drwxr-xr-x"
	}
	return lines + "; "
}

// tree is what is in a directory, a line a file.
func tree(t *testing.T, root string) (lines []string) {
	t.Helper()
	must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		line := strings.TrimPrefix(path, root+"/") + " " + info.Mode().String()
		if target, err := os.Readlink(path); err == nil {
			line = strings.TrimPrefix(path, root+"/") + " -> " + target
		}
		lines = append(lines, line)
		return nil
	}))
	return lines
}
