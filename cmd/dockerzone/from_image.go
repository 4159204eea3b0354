package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"dockerinit/cmd/internal/oci"
	"dockerinit/platform_fake/host"
)

const fromImageUsage = `Usage: dockerzone from-image [FLAG…] IMAGE

Prints the payload of a docker zone for an image: its command, environment,
user, working directory, stop signal and health check as internal_metadata,
ready for vmadm create, dockerzone plan and dockerzone run.

IMAGE is the first of these that it can be:
  -               an image's configuration on standard input, as Docker and the
                  OCI have it, or what docker inspect prints of one image
  FILE            the same; an archive of docker save, or of an OCI layout
  DIRECTORY       an OCI layout
  NAME[:TAG]      a reference into a registry, which is asked with the
                  credentials of docker login

  --into PAYLOAD  start from this payload: what the image decides replaces what
                  stands there, all else stays; - is standard input
  --platform P    where there are several: OS/ARCH, linux and this machine's
                  where it is left out
  --tag NAME      which image of an archive or a layout that has several

Exit status:
  0  the payload was printed
  2  the image or the payload cannot be read
  3  wrong usage

Examples:
  docker save nginx >nginx.tar; dockerzone from-image nginx.tar >zone.json
  docker inspect nginx | dockerzone from-image --into zone.json -
`

func runFromImage(args []string, std stdio) int {
	flags := flag.NewFlagSet("from-image", flag.ContinueOnError)
	into := flags.String("into", "", "")
	o := oci.Options{ConfigOnly: true}
	flags.StringVar(&o.Platform, "platform", "linux/"+runtime.GOARCH, "")
	flags.StringVar(&o.Tag, "tag", "", "")
	if status, ok := parseOne(flags, args, fromImageUsage, "an image", std); !ok {
		return status
	}
	if *into == "-" && flags.Arg(0) == "-" {
		return misused(std, "from-image", "standard input is either the image's configuration or the payload")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	image, err := oci.Open(ctx, flags.Arg(0), std.in, o)
	if ctx.Err() != nil {
		err = fmt.Errorf("%s: interrupted", flags.Arg(0))
	}
	if err != nil {
		return failed(std, "from-image", err)
	}
	config := image.Config
	if err := image.Close(); err != nil {
		return failed(std, "from-image", err)
	}
	zone := map[string]any{"brand": "lx", "docker": true, "internal_metadata_namespaces": []string{"docker"}}
	if *into != "" {
		if zone, err = readObject(*into, std.in); err != nil {
			return failed(std, "from-image", err)
		}
	}
	if err := mergeImage(zone, config); err != nil {
		return failed(std, "from-image", fmt.Errorf("%s: %w", *into, err))
	}
	text := indented(zone)
	for _, w := range oddities(text, config) {
		tell(std, "from-image", w)
	}
	if _, err := io.WriteString(std.out, text); err != nil {
		return failed(std, "from-image", err)
	}
	return exitOK
}

// mergeImage puts what the image says into the zone's internal_metadata. What it
// does not say is taken out: it would be another image's.
func mergeImage(zone map[string]any, c oci.Config) error {
	internal := map[string]any{}
	switch there := zone["internal_metadata"].(type) {
	case nil:
	case map[string]any:
		maps.Copy(internal, there)
	default:
		return errors.New("internal_metadata: not an object")
	}
	for key, value := range imageMetadata(c) {
		if value == "" {
			delete(internal, key)
		} else {
			internal[key] = value
		}
	}
	zone["internal_metadata"] = internal
	return nil
}

// imageMetadata are the keys that an image decides, empty where it says nothing.
func imageMetadata(c oci.Config) map[string]string {
	list := func(values []string) string {
		if len(values) == 0 {
			return ""
		}
		return strings.TrimSuffix(encoded(values, ""), "\n")
	}
	return map[string]string{
		"docker:entrypoint": list(c.Entrypoint), "docker:cmd": list(c.Cmd), "docker:env": list(c.Env),
		"docker:user": c.User, "docker:workdir": c.WorkingDir, "docker:stopsignal": c.StopSignal, "docker:healthcheck": healthOf(c),
	}
}

// healthOf is the health check as it stands in the image. A shell of the image's
// own is put into it, since no key says which.
func healthOf(c oci.Config) string {
	text := string(c.Healthcheck)
	if text == "null" {
		return ""
	}
	var check map[string]any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber() // as they are written
	if len(c.Shell) == 0 || d.Decode(&check) != nil {
		return text
	}
	test, _ := check["Test"].([]any)
	if len(test) == 0 || test[0] != "CMD-SHELL" {
		return text
	}
	words := []any{"CMD"}
	for _, word := range c.Shell {
		words = append(words, word)
	}
	check["Test"] = append(words, test[1:]...)
	return strings.TrimSuffix(encoded(check, ""), "\n")
}

func indented(v any) string { return encoded(v, "  ") }

// encoded is JSON as a person would write it, with < and & as they are. What it is
// given has come from JSON or is text, so that it can be encoded.
func encoded(v any, indent string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	_ = e.Encode(v)
	return b.String()
}

// oddities are what a person should know of the payload before it is used.
func oddities(text string, c oci.Config) (all []string) {
	if c.OS != "" && c.OS != "linux" {
		all = append(all, fmt.Sprintf("the image is for %s: an lx zone runs programs of Linux", c.OS))
	}
	if c.Architecture != "" && c.Architecture != "amd64" {
		all = append(all, fmt.Sprintf("the image is for %s: SmartOS runs programs of amd64", c.Architecture))
	}
	if p, err := host.Read(strings.NewReader(text)); err != nil {
		all = append(all, err.Error())
	} else {
		for _, found := range planOf(p, nil).Problems {
			all = append(all, strings.TrimPrefix(found.Path+": "+found.Text, ": "))
		}
	}
	return all
}

// readObject is a payload to be changed. What the host would not take is an error
// here already, told as everywhere.
func readObject(name string, stdin io.Reader) (object map[string]any, err error) {
	text, err := content(name, stdin)
	if err != nil {
		return nil, err
	}
	if _, err := host.Read(bytes.NewReader(text)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // as they are written
	if err := d.Decode(&object); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return object, nil
}
