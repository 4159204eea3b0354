package host

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// created stands for the time at which vmadm would have created the zone.
const created = "2000-01-01T00:00:00.000Z"

// derive is the VM object that vmadm keeps of a payload. What a payload of
// `vmadm get` has already stays as it is.
// smartos-live: src/vm/node_modules/VM.js
func derive(source *value) *value {
	vm := source.clone()
	uuid := pseudoUUID(source.json())
	if vm.str("uuid") != "" {
		uuid = vm.str("uuid")
	}
	vm.setDefault("uuid", textValue(uuid))
	vm.setDefault("zonename", textValue(uuid))
	vm.setDefault("create_timestamp", textValue(created))
	vm.setDefault("dns_domain", textValue("local"))
	for _, name := range []string{"customer_metadata", "internal_metadata", "tags", "routes"} {
		if !vm.get(name).is(object) {
			vm.set(name, &value{kind: object})
		}
	}
	for _, name := range []string{"resolvers", "nics"} {
		if !vm.get(name).is(list) {
			vm.set(name, listOf())
		}
	}
	deriveNICs(vm)
	if vm.yes("docker") {
		deriveDocker(vm, uuid)
	}
	return vm
}

// deriveDocker is what vmadm does when a zone becomes a docker zone.
func deriveDocker(vm *value, uuid string) {
	namespaces := vm.get("internal_metadata_namespaces")
	if !namespaces.is(list) {
		namespaces = listOf()
		vm.set("internal_metadata_namespaces", namespaces)
	}
	if !slices.ContainsFunc(namespaces.list, func(n *value) bool { return n.is(text) && n.text == "docker" }) {
		namespaces.list = append(namespaces.list, textValue("docker"))
	}
	vm.set("restart_init", boolValue(false))
	if program, ok := initNames[vm.str("brand")]; ok {
		vm.setDefault("init_name", textValue(program))
	}
	id := strings.ReplaceAll(uuid+pseudoUUID(uuid), "-", "")
	vm.get("internal_metadata").setDefault("docker:id", textValue(id))
}

// initNames are the inits of docker zones; other brands have none.
var initNames = map[string]string{
	"joyent-minimal": "/usr/vm/sbin/dockerinit",
	"lx":             "/native/usr/vm/sbin/dockerinit",
}

// pseudoUUID is a UUID that depends on nothing but the seed: the same payload
// gives the same zone each time.
func pseudoUUID(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	sum[6] = sum[6]&0x0f | 0x40
	sum[8] = sum[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
