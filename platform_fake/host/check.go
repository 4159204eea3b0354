package host

import (
	"fmt"
	"slices"
	"strings"

	"dockerinit/core/bootlog"
	"dockerinit/core/zone"
)

// A Problem is something in a payload that vmadm would refuse or change, or that
// cannot reach the zone. It never shows a value of metadata, which may be secret.
type Problem struct {
	Path    string // internal_metadata["docker:cmd"], nics[1].ips[0]
	Text    string
	Hint    string // what was probably meant; may be empty
	Warning bool   // the zone would boot all the same
}

// String is the problem on one line.
func (p Problem) String() string {
	s := p.Text
	if p.Path != "" {
		s = p.Path + ": " + s
	}
	if p.Hint != "" {
		s += " (" + p.Hint + ")"
	}
	return s
}

// A check collects what is wrong with a payload.
type check struct {
	source *value
	vm     *value
	found  []Problem
}

// Check is everything that is wrong with the payload before the zone is asked:
// what vmadm would refuse, silently change, or keep where the zone never looks.
// What the values mean is judged by zone.Decode.
func (p *Payload) Check() []Problem {
	c := &check{source: p.source, vm: derive(p.source), found: slices.Clone(p.duplicates)}
	c.properties()
	c.docker()
	c.nics()
	c.routes()
	for _, name := range []string{"customer_metadata", "internal_metadata", "tags"} {
		c.flat(name)
	}
	c.strayKeys()
	return c.found
}

func (c *check) add(p Problem) {
	p.Path, p.Text, p.Hint = bootlog.Escape(p.Path), bootlog.Escape(p.Text), bootlog.Escape(p.Hint)
	c.found = append(c.found, p)
}

func (c *check) bad(path, hint, format string, args ...any) {
	c.add(Problem{Path: path, Text: fmt.Sprintf(format, args...), Hint: hint})
}

func (c *check) odd(path, hint, format string, args ...any) {
	c.add(Problem{Path: path, Text: fmt.Sprintf(format, args...), Hint: hint, Warning: true})
}

// kinds is what the properties that matter to a docker zone must be.
var kinds = []struct {
	name string
	kind kind
}{
	{"brand", text}, {"uuid", text}, {"zonename", text}, {"hostname", text}, {"alias", text},
	{"dns_domain", text}, {"init_name", text}, {"kernel_version", text}, {"create_timestamp", text},
	{"docker", boolean}, {"autoboot", boolean}, {"restart_init", boolean}, {"firewall_enabled", boolean},
	{"maintain_resolvers", boolean},
	{"tmpfs", number}, {"quota", number}, {"max_physical_memory", number},
	{"nics", list}, {"resolvers", list}, {"internal_metadata_namespaces", list},
	{"routes", object}, {"internal_metadata", object}, {"customer_metadata", object}, {"tags", object},
}

// properties checks the types of what stands at the top.
func (c *check) properties() {
	for _, want := range kinds {
		if v := c.source.get(want.name); v != nil && v.kind != want.kind {
			c.bad(want.name, "", "%s, where %s is expected", v.kind, want.kind)
		}
	}
	if c.source.get("brand") == nil {
		c.bad("brand", "lx or joyent-minimal", "missing; vmadm creates no zone without it")
	}
	for _, name := range []string{"resolvers", "internal_metadata_namespaces"} {
		if v := c.source.get(name); v.is(list) {
			for i, e := range v.list {
				if !e.is(text) {
					c.bad(fmt.Sprintf("%s[%d]", name, i), "", "%s, where a string is expected", e.kind)
				}
			}
		}
	}
	for _, f := range c.source.fields {
		switch meant := near(f.name, propertyNames()); {
		case f.value.is(null):
			c.bad(member("", f.name), "leave it out", "null, which the metadata agent does not survive")
		case meant != "":
			c.odd(member("", f.name), "meant: "+meant, "not a property that vmadm knows")
		}
	}
}

func propertyNames() (names []string) {
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// docker checks what makes a zone a docker zone.
func (c *check) docker() {
	switch {
	case c.vm.yes("docker"):
	case internalNamespace(c.vm, "docker:") == "":
		c.bad("docker", `"docker": true`,
			`not true, and internal_metadata_namespaces lacks "docker": the zone would not see any docker: key of internal_metadata`)
	default:
		c.odd("docker", `"docker": true`, "not true: vmadm sets neither init_name nor docker:id, and the kernel starts init again when it ends")
	}
	if program := c.source.str("init_name"); program != "" && initNames[c.vm.str("brand")] != "" && !strings.HasSuffix(program, "/dockerinit") {
		c.odd("init_name", initNames[c.vm.str("brand")], "%q: another program than dockerinit", program)
	}
	if c.source.yes("docker") && c.source.yes("restart_init") {
		c.odd("restart_init", "false", "true; vmadm makes it false for a docker zone")
	}
}

// flat checks one map of metadata: vmadm keeps strings, numbers and booleans.
func (c *check) flat(name string) {
	for _, f := range c.source.get(name).members() {
		path := member(name, f.name)
		switch f.value.kind {
		case list, object:
			c.bad(path, `a string that contains JSON, such as "[\"a\",\"b\"]"`, "%s, where vmadm takes a string", f.value.kind)
		case null:
			c.bad(path, "leave the key out", "null, where vmadm takes a string")
		case boolean:
			if key, known := zone.Find(f.name); known && key.Format != "true" {
				c.odd(path, inText(key), "a boolean; the zone gets the text %q", f.value.text)
			}
		case number:
			if f.value.number() == "null" {
				c.bad(path, "", "a number beyond what JavaScript can hold")
			}
		case text:
			if key, known := zone.Find(f.name); known && key.Format == "true" && name == "internal_metadata" {
				c.flag(path, f)
			}
		}
	}
}

// inText is how the key's value is written.
func inText(key zone.Key) string {
	if strings.HasPrefix(key.Format, "JSON array") {
		return `a string that contains JSON, such as "[\"a\",\"b\"]"`
	}
	return "a string: " + key.Format + "; or leave the key out"
}

// flag is for texts that the host takes for true, as every text that is not
// empty, and the zone for false.
func (c *check) flag(path string, f field) {
	if f.value.text != "" && f.value.text != "true" && f.name == "docker:tty" {
		c.odd(path, "the boolean false, or no such key",
			"the host takes every text for true and makes a terminal, the zone only %q: nobody would see the output", "true")
	}
}

// strayKeys finds keys that stand where the zone does not look, and those whose
// name is nearly that of one that means something.
func (c *check) strayKeys() {
	for _, f := range c.source.get("customer_metadata").members() {
		if isInternal(c.vm, f.name) {
			c.odd(member("customer_metadata", f.name), "move it to internal_metadata", "the zone looks for it in internal_metadata alone")
		} else if strings.HasPrefix(f.name, "docker:") {
			c.odd(member("customer_metadata", f.name), "move it to internal_metadata", "the zone itself could change it")
		} else if strings.HasPrefix(f.name, "sdc:") {
			c.odd(member("customer_metadata", f.name), "", "keys of sdc: are answered from the zone's properties")
		}
	}
	for _, f := range c.source.get("internal_metadata").members() {
		if _, known := zone.Find(f.name); known || strings.HasPrefix(f.name, "docker:label:") {
			continue
		}
		hint, meant := zone.Suggest(f.name)
		if meant {
			hint = "meant: " + strings.TrimPrefix(hint, "sdc:") // which is a property here
		}
		if meant || strings.HasPrefix(f.name, "docker:") {
			c.odd(member("internal_metadata", f.name), hint, "no key that means something to a docker zone")
		}
	}
}

// members are an object's members; none where it is no object.
func (v *value) members() []field {
	if v == nil {
		return nil
	}
	return v.fields
}
