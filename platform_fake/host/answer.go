package host

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
)

// find is what GET of a key answers from: the rules of the agent, in its order.
// nil: there is nothing.
func find(vm *value, key string) *value {
	rest, sdc := strings.CutPrefix(key, "sdc:")
	if !sdc {
		if isInternal(vm, key) {
			return vm.get("internal_metadata").get(key)
		}
		return vm.get("customer_metadata").get(key)
	}
	switch rest {
	case "nics", "resolvers", "tmpfs":
		if property := vm.get(rest); property != nil {
			return textValue(property.json())
		}
		return nil
	case "routes":
		_, array := routes(vm)
		return textValue(array.json())
	case "operator-script":
		return vm.get("internal_metadata").get(rest)
	case "volumes":
		return vm.get("internal_metadata").get(key)
	}
	if name, ok := strings.CutPrefix(rest, "tags."); ok {
		return vm.get("tags").get(name)
	}
	f, ok := flatten(rest)
	switch {
	case !ok:
		return vm.get(rest)
	case f.key != "":
		return vm.get(f.property).get(f.key)
	case f.field != "":
		return vm.get(f.property).at(f.index).get(f.field)
	default:
		return vm.get(f.property).at(f.index)
	}
}

// A flattened name reaches into a property of the VM object.
type flattened struct {
	property string
	key      string // of a map
	index    int    // of an array
	field    string // of an array's object
}

var (
	maps    = []string{"customer_metadata", "internal_metadata", "routes", "tags"}
	arrays  = []string{"internal_metadata_namespaces", "resolvers"}
	objects = []string{"nics", "disks", "pci_devices"}
)

// flatten takes a name apart at its dots. It fails for every other form, which
// stands for a property of exactly that name: so a key with a dot in it cannot
// be reached, and nics.0 is nothing.
func flatten(name string) (f flattened, ok bool) {
	parts := strings.Split(name, ".")
	f.property = parts[0]
	switch {
	case len(parts) == 2 && slices.Contains(maps, f.property):
		f.key = parts[1]
		return f, f.key != ""
	case len(parts) == 2 && slices.Contains(arrays, f.property),
		len(parts) == 3 && slices.Contains(objects, f.property):
		n, err := strconv.ParseUint(parts[1], 10, 31)
		f.index, f.field = int(n), strings.Join(parts[2:], "")
		return f, err == nil && (len(parts) == 2 || f.field != "")
	}
	return f, false
}

// render is the text of an answer. ok is false for what the agent answers with
// FAILURE: an object, or an array that JavaScript takes for no number.
func (v *value) render() (answer string, ok bool) {
	switch v.kind {
	case text, boolean:
		return v.text, true
	case number:
		return v.number(), true
	case list:
		joined, ok := v.join()
		return joined, ok && isJavaScriptNumber(joined)
	default:
		return "", false
	}
}

// join is an array as JavaScript turns it into a string.
func (v *value) join() (string, bool) {
	var all []string
	for _, e := range v.list {
		switch e.kind {
		case null:
			all = append(all, "")
		case list:
			inner, ok := e.join()
			if !ok {
				return "", false
			}
			all = append(all, inner)
		case object:
			return "", false
		case number:
			all = append(all, e.number())
		default:
			all = append(all, e.text)
		}
	}
	return strings.Join(all, ","), true
}

// isJavaScriptNumber tells whether JavaScript's Number makes a number of s; it
// makes 0 of white space.
func isJavaScriptNumber(s string) bool {
	s = strings.TrimSpace(s)
	if s == "" || s == "Infinity" || s == "+Infinity" || s == "-Infinity" {
		return true
	}
	if len(s) > 2 && s[0] == '0' {
		if base, ok := map[byte]int{'x': 16, 'o': 8, 'b': 2}[s[1]|0x20]; ok {
			digits := strings.TrimLeft(s[2:], "0")
			_, err := strconv.ParseUint(digits, base, 64)
			return err == nil || digits == "" || errors.Is(err, strconv.ErrRange)
		}
	}
	if strings.ContainsAny(s, "xXpP_nNiI") { // what Go's numbers may have beyond JavaScript's
		return false
	}
	f, err := strconv.ParseFloat(s, 64)
	return err == nil || math.IsInf(f, 0)
}
