package zone

import (
	"strconv"
	"strings"

	"dockerinit/core/exit"
)

func (d *decoder) brand(text string) {
	switch brand := Brand(text); {
	case text == "":
		d.problem(exit.NoBrand, spot{}, "", "absent; lx or joyent-minimal is expected")
	case brand == LX || brand == JoyentMinimal:
		d.zone.Brand = brand
	default:
		d.problem(exit.InvalidBrand, spot{}, text, "lx or joyent-minimal is expected")
	}
}

// namespaces looks whether docker:* is the operator's. Without docker among the
// namespaces the host answers from customer_metadata, which every process of
// the zone can write: as root in the container, it says who docker exec is.
func (d *decoder) namespaces(string) {
	name := []byte("sdc:internal_metadata_namespaces.0")
	for i := range byte(8) {
		name[len(name)-1] = '0' + i
		if d.values[string(name)] == "docker" {
			return
		}
	}
	d.zone.Warnings = append(d.zone.Warnings, "sdc:internal_metadata_namespaces: docker is not among them: "+
		"the container's own processes can write its docker:* keys, docker:user too")
}

// hostname takes 1 to 253 bytes of a safe set, because the name goes into files
// and into the environment of programs that trust it. The host takes any text,
// and where a kernel refused one, zones have always gone on with their own name.
// smartos-live: src/vm/node_modules/proptable.js
func (d *decoder) hostname(text string) {
	if text == "" {
		return
	}
	if len(text) > 253 {
		d.warn(spot{}, text, "longer than 253 bytes; the zone keeps its own name")
		return
	}
	for i := range len(text) {
		if c := text[i]; !isLetter(c) && !isDigit(c) && c != '-' && c != '.' && c != '_' {
			d.warn(spot{}, text, "letters, digits, _ - and . are expected; the zone keeps its own name")
			return
		}
	}
	d.zone.Hostname = text
	if d.zone.Brand == LX && len(text) > 64 {
		d.warn(spot{}, text, "Linux programs have room for 64 bytes")
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(text, "."), ".") {
		switch {
		case label == "":
			d.warn(spot{}, text, "an empty part between dots")
		case len(label) > 63:
			d.warn(spot{}, text, "a part has more than 63 bytes, which no name server takes")
		case label[0] == '-' || label[len(label)-1] == '-':
			d.warn(spot{}, text, "a part begins or ends with -")
		}
	}
}

// user is judged against the image later. Here it only has to be text that can
// stand in a passwd file, and of a length that a name may have.
func (d *decoder) user(text string) {
	why := plain(text)
	if len(text) > 512 {
		why = "longer than 512 bytes"
	}
	if why != "" {
		d.bad(spot{}, text, "%s", why)
		return
	}
	d.zone.User = text
}

func (d *decoder) groupAdd(text string) {
	array, ok := d.json(text, isArray)
	if !ok {
		return
	}
	for at, group := range d.texts(spot{}, array) {
		why := plain(group)
		switch {
		case group == "":
			why = "a group's name or number is expected"
		case len(group) > 256:
			why = "longer than 256 bytes"
		}
		if why != "" {
			d.bad(at, group, "%s", why)
			continue
		}
		d.zone.GroupAdd = append(d.zone.GroupAdd, group)
	}
}

func (d *decoder) workdir(text string) {
	if why := plain(text); why != "" {
		d.bad(spot{}, text, "%s", why)
		return
	}
	d.zone.Workdir = text
	if text != "" && text[0] != '/' && text != "~" && !strings.HasPrefix(text, "~/") {
		d.warn(spot{}, text, "not absolute; taken from /")
	}
}

// workingdir is what payloads written by hand have: Docker's own word.
func (d *decoder) workingdir(text string) {
	official := d.values["docker:workdir"]
	switch {
	case text == "":
	case official == "":
		d.warn(spot{}, text, "not a key of docker zones; taken for docker:workdir")
		d.workdir(text)
	case official == text:
		d.warn(spot{}, text, "not a key of docker zones; docker:workdir says the same")
	default:
		d.warn(spot{}, text, "not a key of docker zones; docker:workdir counts")
	}
}

// environment keeps an element without "=": it takes the variable away.
func (d *decoder) environment(text string) []string {
	array, ok := d.json(text, isArray)
	if !ok {
		return nil
	}
	var env []string
	for at, entry := range d.texts(spot{}, array) {
		name, _, assigned := strings.Cut(entry, "=")
		if assigned && plainName(name) {
			at.name = name
		}
		switch {
		case name == "":
			d.bad(at, "", "a variable without a name")
		case strings.IndexByte(entry, 0) >= 0:
			d.bad(at, "", "a NUL byte")
		default:
			env = append(env, entry)
		}
	}
	return env
}

func (d *decoder) umask(text string) {
	if text == "" {
		return
	}
	mask, err := strconv.ParseUint(text, 8, 32)
	if err != nil || mask > 0o777 {
		d.bad(spot{}, text, "an octal number up to 0777 is expected")
		return
	}
	d.zone.Umask = uint32(mask)
}

// entrypoint takes one empty word for none, as Docker does: docker run
// --entrypoint "" is how the image's own is done away with, and the host passes
// the word on. moby: daemon/create.go, mergeAndVerifyConfig
func (d *decoder) entrypoint(text string) {
	words := d.words(text)
	d.unclear = d.wrong > 0
	if len(words) != 1 || words[0] != "" {
		d.zone.Entrypoint = words
	}
}

// cmd is the last chance for a command: the entrypoint may be one by itself.
// Where either was not understood, that is what is told.
func (d *decoder) cmd(text string) {
	d.zone.Cmd = d.words(text)
	if len(d.zone.Entrypoint) == 0 && len(d.zone.Cmd) == 0 && d.wrong == 0 && !d.unclear {
		d.problem(exit.NoCommand, spot{}, "", "there is no command, and none in docker:entrypoint; one of them is expected")
	}
}
