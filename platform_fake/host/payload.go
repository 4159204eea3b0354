package host

import (
	"fmt"
	"strconv"
	"strings"
)

// A Payload is what an operator says of a zone. Fields that nothing here knows
// are kept: the zone can ask for each of them as sdc:NAME.
type Payload struct {
	source     *value // as it stands in the document
	vm         *value // with all that vmadm adds: the VM object that the agent answers from
	duplicates []Problem
}

// Brand, Hostname and UUID are the zone's, "" where there is none. A payload
// without UUID gets one that depends on its content alone.
func (p *Payload) Brand() string    { return p.vm.str("brand") }
func (p *Payload) Hostname() string { return p.vm.str("hostname") }
func (p *Payload) UUID() string     { return p.vm.str("uuid") }

// JSON is the VM object as `vmadm get` would print it, on one line.
func (p *Payload) JSON() string { return p.vm.json() }

// Path is where in the payload the answer for a metadata key comes from:
// internal_metadata["docker:cmd"], nics[1].ips, hostname.
func (p *Payload) Path(key string) string {
	rest, sdc := strings.CutPrefix(key, "sdc:")
	if !sdc {
		if p.internal(key) {
			return member("internal_metadata", key)
		}
		return member("customer_metadata", key)
	}
	switch rest {
	case "operator-script":
		return member("internal_metadata", rest)
	case "volumes":
		return member("internal_metadata", key)
	}
	if name, ok := strings.CutPrefix(rest, "tags."); ok {
		return member("tags", name)
	}
	f, ok := flatten(rest)
	switch {
	case !ok:
		return member("", rest)
	case f.key != "":
		return member(f.property, f.key)
	case f.field != "":
		return member(fmt.Sprintf("%s[%d]", f.property, f.index), f.field)
	default:
		return fmt.Sprintf("%s[%d]", f.property, f.index)
	}
}

// At is where in the payload an element of a key's value stands. inner is its
// path within the value, as "[1].ips[0]". The zone sees its NICs sorted and its
// routes as an array; here they stand as the operator wrote them.
func (p *Payload) At(key, inner string) string {
	path := p.Path(key)
	number, rest, found := strings.Cut(strings.TrimPrefix(inner, "["), "]")
	n, err := strconv.Atoi(number)
	if !found || err != nil || n < 0 {
		return path + inner
	}
	switch key {
	case "sdc:routes":
		if names, _ := routes(p.vm); n < len(names) {
			return member(path, names[n])
		}
	case "sdc:nics":
		nic := p.vm.get("nics").at(n)
		if nic == nil {
			break
		}
		for i, source := range p.source.get("nics").list {
			if source.offset == nic.offset {
				return fmt.Sprintf("%s[%d]%s", path, i, rest)
			}
		}
	}
	return path + inner
}

func (p *Payload) internal(key string) bool { return isInternal(p.vm, key) }

// isInternal tells whether GET of a key that is not sdc: reads internal_metadata.
func isInternal(vm *value, key string) bool {
	return strings.HasSuffix(key, "_pw") || internalNamespace(vm, key) != ""
}

// AsDocker is the payload as it is once it says what makes its zone a docker zone:
// a person who has forgotten that is told at once what else is wrong. Check finds
// the same as before.
func (p *Payload) AsDocker() *Payload {
	if internalNamespace(p.vm, "docker:") != "" {
		return p
	}
	vm := p.vm.clone()
	deriveDocker(vm, vm.str("uuid"))
	return &Payload{source: p.source, vm: vm, duplicates: p.duplicates}
}

// internalNamespace is the key's namespace where that is the operator's.
func internalNamespace(vm *value, key string) string {
	prefix, _, found := strings.Cut(key, ":")
	if !found || prefix == "" {
		return ""
	}
	namespaces := vm.get("internal_metadata_namespaces")
	if !namespaces.is(list) {
		return ""
	}
	for _, n := range namespaces.list {
		if n.is(text) && n.text == prefix {
			return prefix
		}
	}
	return ""
}

// member is the JSON path of a member: a.b, or a["b:c"] where the name is no word.
func member(path, name string) string {
	if !isWord(name) {
		return path + "[" + strconv.Quote(name) + "]"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

func isWord(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if s[i] != '_' && (c < 'a' || c > 'z') && (i == 0 || s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return s != ""
}
