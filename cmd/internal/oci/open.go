package oci

import (
	"archive/tar"
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// An Image is its configuration and, unless that is all there is, its files.
type Image struct {
	Config Config
	source string
	files  v1.Image // nil: a configuration alone
	own    string   // a directory of ours, to be removed
}

// Options are what tells one image of several from the others.
type Options struct {
	Platform   string // OS/ARCHITECTURE[/VARIANT], where an index has several
	Tag        string // NAME[:TAG], where an archive has several
	ConfigOnly bool   // the image's files are not wanted
	Scratch    string // where what must be unpacked is, until Close; "" is the system's place
}

// Open finds the image. A source that is a file or directory is read; "-" is
// stdin, and a configuration then; any other is a reference into a registry,
// which is asked with the credentials of docker login.
func Open(ctx context.Context, source string, stdin io.Reader, o Options) (*Image, error) {
	platform, err := v1.ParsePlatform(o.Platform)
	if err != nil || platform.OS == "" || platform.Architecture == "" {
		return nil, fmt.Errorf("platform %q: OS/ARCHITECTURE is expected, as linux/amd64", o.Platform)
	}
	if source == "-" {
		return fromConfig("standard input", stdin)
	}
	info, err := os.Stat(source)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !isPath(source):
		return fromRegistry(ctx, source, *platform)
	case err != nil:
		return nil, err
	case info.IsDir():
		return fromLayout(source, source, *platform, o.Tag)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: neither a file nor a directory", source)
	}
	return fromFile(ctx, source, *platform, o)
}

// Close removes what Open had to unpack.
func (i *Image) Close() error {
	if i.own == "" {
		return nil
	}
	return os.RemoveAll(i.own)
}

// isPath tells whether the source can only be meant as a path, or is named as
// images on disk are: a typing mistake in it is not to be asked of a registry.
func isPath(source string) bool {
	return strings.HasPrefix(source, "/") || strings.HasPrefix(source, ".") ||
		strings.HasSuffix(source, ".json") || strings.HasSuffix(source, ".tar") || strings.HasSuffix(source, ".tgz")
}

// fromFile tells a configuration from an archive by how it begins.
func fromFile(ctx context.Context, source string, platform v1.Platform, o Options) (*Image, error) {
	f, err := os.Open(source)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	begin := bufio.NewReader(f)
	first, err := begin.Peek(1)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, readErr(err))
	}
	if bytes.ContainsAny(first, "{[ \t\r\n") {
		return fromConfig(source, begin)
	}
	has, err := indexes(ctx, source)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: neither JSON nor a whole archive: %w", source, readErr(err))
	case has.manifest:
		return fromSaved(ctx, source, o.Tag)
	case has.index:
		return fromLayoutArchive(ctx, source, platform, o)
	}
	return nil, fmt.Errorf("%s: an archive without manifest.json and index.json: neither of docker save nor of an OCI layout", source)
}

func readErr(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("cut short")
	case errors.Is(err, io.EOF):
		return errors.New("empty or cut short")
	}
	return err
}

// fromSaved reads an archive of docker save.
func fromSaved(ctx context.Context, source, tag string) (*Image, error) {
	var wanted *name.Tag
	if tag != "" {
		t, err := name.NewTag(tag)
		if err != nil {
			return nil, err
		}
		wanted = &t
	}
	archive := func() (io.ReadCloser, error) { return openArchive(ctx, source) }
	image, err := tarball.Image(archive, wanted)
	if err != nil {
		if list, unread := tarball.LoadManifest(archive); unread == nil && len(list) > 0 {
			err = among(list, tag, err)
		}
		return nil, fmt.Errorf("%s: %w", source, readErr(err))
	}
	return of(source, image)
}

// among tells which images there are to choose from.
func among(list tarball.Manifest, tag string, err error) error {
	var names []string
	for _, image := range list {
		names = append(names, image.RepoTags...)
	}
	switch there := strings.Join(names, ", "); {
	case tag != "" && !slices.Contains(names, tag):
		return fmt.Errorf("no image %s: there are %s", tag, cmp.Or(there, "only ones without a name"))
	case tag == "" && len(list) > 1:
		return fmt.Errorf("several images, of which --tag names one: %s", there)
	}
	return err
}

// fromLayoutArchive unpacks an OCI layout first: it is read out of order.
func fromLayoutArchive(ctx context.Context, source string, platform v1.Platform, o Options) (i *Image, err error) {
	dir, err := os.MkdirTemp(o.Scratch, "dockerzone-layout-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(dir) // the first error is the one to tell
		}
	}()
	if err := unpackLayout(ctx, source, dir, o.ConfigOnly); err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	if i, err = fromLayout(source, dir, platform, o.Tag); err != nil {
		return nil, err
	}
	i.own = dir
	return i, nil
}

// The annotation that names an image of a layout.
// opencontainers/image-spec: annotations.md
const refName = "org.opencontainers.image.ref.name"

// fromLayout reads the layout in dir, which people know as source.
func fromLayout(source, dir string, platform v1.Platform, tag string) (*Image, error) {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: no OCI layout: %w", source, err)
	}
	image, err := choose(index, platform, tag)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	return of(source, image)
}

// choose takes the image that fits out of an index and of those within it.
func choose(index v1.ImageIndex, platform v1.Platform, tag string) (v1.Image, error) {
	list, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	var fitting []v1.Descriptor
	var seen, names []string
	for _, m := range list.Manifests {
		name := m.Annotations[refName]
		text := name
		if m.Platform != nil {
			text = cmp.Or(name, "one") + " for " + m.Platform.String()
		}
		seen = append(seen, cmp.Or(text, m.Digest.String()))
		ofName := tag == "" || name == tag || path.Base(name) == path.Base(tag)
		ofKind := m.MediaType.IsIndex() || m.MediaType.IsImage() && (m.Platform == nil || m.Platform.Satisfies(platform))
		if ofName && ofKind {
			fitting = append(fitting, m)
			if name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	switch {
	case len(fitting) == 0:
		return nil, fmt.Errorf("%s for %s: there are %s", strings.TrimSpace("no image "+tag), platform, strings.Join(seen, ", "))
	case len(names) > 1:
		return nil, fmt.Errorf("several images, of which --tag names one: %s", strings.Join(names, ", "))
	case fitting[0].MediaType.IsIndex():
		inner, err := index.ImageIndex(fitting[0].Digest)
		if err != nil {
			return nil, err
		}
		return choose(inner, platform, "")
	}
	return index.Image(fitting[0].Digest)
}

func fromRegistry(ctx context.Context, source string, platform v1.Platform) (*Image, error) {
	ref, err := name.ParseReference(source)
	if err != nil {
		return nil, fmt.Errorf("%s: neither a file nor a reference into a registry: %w", source, err)
	}
	image, err := remote.Image(ref, remote.WithContext(ctx), remote.WithPlatform(platform), remote.WithAuthFromKeychain(authn.DefaultKeychain))
	if err != nil {
		return nil, fmt.Errorf("%s: no such file, and the registry: %w", source, err)
	}
	return of(source, image)
}

// of is the image with its configuration read.
func of(source string, image v1.Image) (*Image, error) {
	raw, err := image.RawConfigFile()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	config, err := parseConfig(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: the image's configuration: %w", source, err)
	}
	return &Image{Config: config, source: source, files: image}, nil
}

func fromConfig(source string, r io.Reader) (*Image, error) {
	raw, err := io.ReadAll(io.LimitReader(r, configLimit+1))
	if err == nil && len(raw) > configLimit {
		err = fmt.Errorf("larger than any configuration (%d MiB)", configLimit>>20)
	}
	i := &Image{source: source}
	if err == nil {
		i.Config, err = parseConfig(raw)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	return i, nil
}

// openArchive opens an archive, which may be compressed.
func openArchive(ctx context.Context, source string) (io.ReadCloser, error) {
	f, err := os.Open(source)
	if err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(interruptible{ctx, f}, 64<<10)
	if magic, err := r.Peek(2); err != nil || !bytes.Equal(magic, []byte{0x1f, 0x8b}) { // RFC 1952, 2.3.1
		return readCloser{r, f}, nil
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		f.Close()
		return nil, err
	}
	return readCloser{z, f}, nil
}

// An interruptible reader ends with its context: an archive may have gigabytes.
type interruptible struct {
	ctx context.Context
	io.Reader
}

func (r interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

type readCloser struct {
	io.Reader
	io.Closer
}

// contents are the files that tell what an archive is.
type contents struct{ manifest, index bool }

func indexes(ctx context.Context, source string) (has contents, err error) {
	err = eachFile(ctx, source, func(h *tar.Header, _ io.Reader) error {
		switch path.Clean(h.Name) {
		case "manifest.json":
			has.manifest = true
		case "index.json":
			has.index = true
		}
		return nil
	})
	return has, err
}

func eachFile(ctx context.Context, source string, do func(*tar.Header, io.Reader) error) error {
	archive, err := openArchive(ctx, source)
	if err != nil {
		return err
	}
	defer archive.Close()
	return entries(archive, do)
}

func entries(r io.Reader, do func(*tar.Header, io.Reader) error) error {
	for t := tar.NewReader(r); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = do(h, t)
		}
		if err != nil {
			return err
		}
	}
}

func unpackLayout(ctx context.Context, source, dir string, configOnly bool) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return eachFile(ctx, source, func(h *tar.Header, r io.Reader) error {
		name := strings.TrimPrefix(path.Clean("/"+h.Name), "/")
		if h.Typeflag != tar.TypeReg || name == "" || configOnly && h.Size > configLimit {
			return nil
		}
		if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		f, err := root.Create(name)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, r)
		return errors.Join(err, f.Close())
	})
}

// A Config is what an image says of its command, as Docker and the OCI have it.
// opencontainers/image-spec: config.md
type Config struct {
	OS           string
	Architecture string
	User         string
	Env          []string
	Entrypoint   []string
	Cmd          []string
	WorkingDir   string
	StopSignal   string
	Volumes      map[string]struct{}
	ExposedPorts map[string]struct{} // "80/tcp"
	Healthcheck  json.RawMessage     // as it stands there: docker:healthcheck is the same
	Shell        []string            // what runs a CMD-SHELL; empty: /bin/sh -c
}

const configLimit = 8 << 20

// parseConfig reads an image's configuration, or what docker inspect prints of
// one image, which is the same in an array and with other names around it.
func parseConfig(raw []byte) (Config, error) {
	c, err := configOf(raw)
	var (
		kind *json.UnmarshalTypeError
		text *json.SyntaxError
	)
	switch {
	case len(bytes.TrimSpace(raw)) == 0:
		err = errors.New("empty, where an image's configuration is expected")
	case errors.As(err, &kind) && kind.Field != "":
		err = fmt.Errorf("%s: JSON %s, where %s is expected", kind.Field, kind.Value, cmp.Or(kinds[kind.Type.Kind()], kind.Type.String()))
	case errors.As(err, &text):
		before := raw[:min(int(text.Offset), len(raw))]
		err = fmt.Errorf("line %d: %w", bytes.Count(before, []byte("\n"))+1, err)
	}
	return c, err
}

// kinds are what a field is in JSON.
var kinds = map[reflect.Kind]string{reflect.String: "a string", reflect.Slice: "an array of strings", reflect.Map: "an object", reflect.Struct: "an object"}

func configOf(raw []byte) (Config, error) {
	var all []json.RawMessage
	if start := bytes.TrimSpace(raw); len(start) > 0 && start[0] == '[' {
		if err := json.Unmarshal(raw, &all); err != nil {
			return Config{}, err
		}
		if len(all) != 1 {
			return Config{}, fmt.Errorf("an array of %d, where that of one image is expected", len(all))
		}
		raw = all[0]
	}
	var file struct {
		OS           string
		Architecture string
		Config       *Config
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return Config{}, err
	}
	if file.Config == nil {
		return Config{}, errors.New("no config in it: not an image's configuration")
	}
	file.Config.OS, file.Config.Architecture = file.OS, file.Architecture
	return *file.Config, nil
}
