//go:build linux

package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"dockerinit/cmd/internal/oci"
	"dockerinit/cmd/internal/terminal"
	"dockerinit/core/bootlog"
	"dockerinit/core/image"
	"dockerinit/platform_fake/sim"
)

// unpackName is what the process that unpacks a layer is called in a list of
// processes.
const unpackName = "dockerzone-unpack"

// unpackImage takes the image from where it is, and puts its files where the zone
// can be booted with them. The caller removes the directory.
func unpackImage(ctx context.Context, source string, o oci.Options, anyPlatform bool, std stdio) (dir *sim.Image, config oci.Config, err error) {
	if source == "-" {
		return nil, config, errors.New("--image -: an image's configuration alone boots no zone: name an archive, a directory or a reference into a registry")
	}
	if info, err := os.Stat(source); err == nil && info.IsDir() && !isLayout(source) {
		return nil, config, fmt.Errorf("%s: a directory without index.json, so no OCI layout; an image's own files are for --rootfs", source)
	}
	if dir, err = sim.NewImage(ctx); err != nil {
		return nil, config, err
	}
	defer func() {
		if err != nil {
			_ = dir.Remove() // else the next run does it
			dir = nil
		}
	}()
	show := &progress{on: terminal.Is(os.Stderr), w: std.err}
	defer show.clear()
	show.say("read %s", source)
	o.Scratch = dir.Dir
	found, err := oci.Open(ctx, source, std.in, o)
	if err != nil {
		return dir, config, err
	}
	defer found.Close() // its directory is in dir
	config = found.Config
	if is := cmp.Or(config.OS, "linux") + "/" + cmp.Or(config.Architecture, runtime.GOARCH); !anyPlatform && is != o.Platform {
		return dir, config, fmt.Errorf("%s: the image is for %s, and this machine is %s; --platform %[2]s boots it all the same, where its programs are emulated", source, is, o.Platform)
	}
	all, err := unpackLayers(ctx, found, dir, show)
	if err == nil {
		err = makeVolumes(ctx, config, dir)
	}
	show.clear()
	if err != nil {
		return dir, config, err
	}
	if n := len(all.LeftOut); n > 0 {
		tell(std, "run", fmt.Sprintf("%s: left out %s, because a zone has devices of its host alone: %s", source, count(n, "file"), strings.Join(all.LeftOut[:min(n, 5)], ", ")))
	}
	if n := len(all.Stripped); n > 0 {
		tell(std, "run", fmt.Sprintf("%s: %s left out, because the file system of %s does not take them: %s", source, count(n, "extended attribute"), os.TempDir(), strings.Join(all.Stripped[:min(n, 5)], ", ")))
	}
	if all.Foreign {
		tell(std, "run", fmt.Sprintf("%s: files of users that the zone cannot have are root's in it: run it as root, or %s", source, rangeRemedy))
	}
	return dir, config, nil
}

func isLayout(dir string) bool {
	_, err := os.Stat(path.Join(dir, "index.json"))
	return err == nil
}

// meantAsImage tells whether what is given for a payload can only be an image.
func meantAsImage(name string) bool {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return false
	case info.IsDir():
		return isLayout(name)
	case !info.Mode().IsRegular(): // a pipe can be read once
		return false
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 262)
	n, _ := io.ReadFull(f, head) // less is none
	return bytes.HasPrefix(head[:n], []byte{0x1f, 0x8b}) || bytes.HasSuffix(head[:n], []byte("ustar"))
}

// rangeRemedy is how an ordinary user's zones get more than one id.
const rangeRemedy = "install newuidmap (Debian: uidmap) and have a range in /etc/subuid and /etc/subgid"

func unpackLayers(ctx context.Context, from *oci.Image, dir *sim.Image, show *progress) (all oci.Unpacked, err error) {
	err = from.Layers(ctx, func(number, of int, layer io.Reader) error {
		var out bytes.Buffer
		counted := show.counting(layer, fmt.Sprintf("unpack layer %d of %d", number, of))
		if err := sim.AsRoot(ctx, []string{unpackName, dir.Root()}, counted, &out); err != nil {
			return err
		}
		var done oci.Unpacked
		if err := json.Unmarshal(out.Bytes(), &done); err != nil {
			return err
		}
		all.LeftOut = append(all.LeftOut, done.LeftOut...)
		all.Stripped = append(all.Stripped, done.Stripped...)
		all.Foreign = all.Foreign || done.Foreign
		return nil
	})
	return all, err
}

// makeVolumes makes the directories of the image's volumes where no layer has them.
func makeVolumes(ctx context.Context, config oci.Config, dir *sim.Image) error {
	root, err := image.Open(dir.Root())
	if err != nil {
		return err
	}
	defer root.Close()
	var layer, out bytes.Buffer
	w := tar.NewWriter(&layer)
	for _, name := range slices.Sorted(maps.Keys(config.Volumes)) {
		if _, err := root.Stat(name); errors.Is(err, fs.ErrNotExist) {
			if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: 0o755, ModTime: time.Now()}); err != nil {
				return fmt.Errorf("the volume %q: %w", name, err)
			}
		}
	}
	if layer.Len() == 0 {
		return nil
	}
	if err := w.Close(); err != nil {
		return err
	}
	return sim.AsRoot(ctx, []string{unpackName, dir.Root()}, &layer, &out)
}

// unpackHere is the life of the process that unpacks a layer.
func unpackHere() error {
	done, err := oci.UnpackLayer(os.Args[1], os.Stdin)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(done)
}

// underPayload puts what the image says below what the payload says, as docker run
// does it: the payload's keys stand, of environments the payload's comes last, and
// an entrypoint of the payload's is not given the image's command.
func underPayload(internal map[string]any, c oci.Config) {
	_, entrypoint := internal["docker:entrypoint"]
	for key, value := range imageMetadata(c) {
		there, ok := internal[key]
		switch {
		case value == "" || key == "docker:cmd" && entrypoint:
		case !ok:
			internal[key] = value
		case key == "docker:env":
			internal[key] = joined(c.Env, there)
		}
	}
}

// joined is the environment with the payload's added; where that is none, it is for
// dockerinit to say.
func joined(env []string, there any) any {
	text, ok := there.(string)
	var own []string
	if !ok || json.Unmarshal([]byte(text), &own) != nil {
		return there
	}
	return strings.TrimSpace(encoded(append(env[:len(env):len(env)], own...), ""))
}

// imageZone is the payload of a zone for an image that is booted without one: it
// can be reached, and told to stop as the image wants it.
func imageZone(source string, c oci.Config) map[string]any {
	internal := map[string]any{}
	if c.StopSignal != "" || len(c.Healthcheck) > 0 {
		internal["docker:init"] = "true" // of the host comes TERM, and no question
	}
	name := imageName(source)
	return map[string]any{
		"brand": "lx", "docker": true, "alias": name, "hostname": name,
		"internal_metadata": internal, "internal_metadata_namespaces": []string{"docker"},
		"nics": []any{map[string]any{
			"interface": "eth0", "mac": "90:b8:d0:00:00:01", "primary": true,
			"ips": []string{imageIPv4 + "/24", imageIPv6 + "/64"}, "gateways": []string{"10.88.0.1"},
		}},
	}
}

// tellImageZone tells how such a zone can be reached, which its user has not written.
func tellImageZone(name string, c oci.Config, std stdio) {
	ports := ""
	if len(c.ExposedPorts) > 0 {
		ports = ", " + strings.Join(slices.Sorted(maps.Keys(c.ExposedPorts)), " ")
	}
	tell(std, "run", fmt.Sprintf("zone %s at %s and %s%s; dockerzone net %[1]s -- CMD runs a program that can ask it", name, imageIPv4, imageIPv6, ports))
}

const imageIPv4, imageIPv6 = "10.88.0.14", "fd00:88::14"

var notOfAName = regexp.MustCompile(`[^A-Za-z0-9]+`)

// imageName is "nginx" for registry.example.com/team/nginx:1.27 and for
// ./nginx.tar.gz.
func imageName(source string) string {
	name := path.Base(path.Clean(source))
	if _, err := os.Stat(source); err != nil { // a reference
		name, _, _ = strings.Cut(name, "@")
		name, _, _ = strings.Cut(name, ":")
	}
	for _, ending := range []string{".gz", ".tgz", ".tar"} {
		name = strings.TrimSuffix(name, ending)
	}
	name = strings.Trim(notOfAName.ReplaceAllString(name, "-"), "-")
	if name == "" {
		return "image"
	}
	return name[:min(len(name), 63)] // RFC 1123, 2.1
}

// thisPlatform is the one that images are booted for here.
const thisPlatform = "linux/" + runtime.GOARCH

// A progress is one line at a terminal, written over and over.
type progress struct {
	on    bool
	w     io.Writer
	shown time.Time
}

func (p *progress) say(format string, args ...any) {
	if p.on {
		text := []rune(fmt.Sprintf(format, args...))
		fmt.Fprintf(p.w, "\r\x1b[K%s", bootlog.Escape(string(text[:min(len(text), 78)]))) // a second row could not be written over
		p.shown = time.Now()
	}
}

func (p *progress) clear() {
	if p.on && !p.shown.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = time.Time{}
	}
}

// counting tells how much of r has been read.
func (p *progress) counting(r io.Reader, what string) io.Reader {
	p.say("%s", what)
	return &countingReader{r, p, what, 0}
}

type countingReader struct {
	io.Reader
	show *progress
	what string
	n    int64
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += int64(n)
	if time.Since(c.show.shown) > 100*time.Millisecond {
		c.show.say("%s, %d MiB", c.what, c.n>>20)
	}
	return n, err
}
