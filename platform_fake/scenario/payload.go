package scenario

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
)

// bases are zones that boot, with one NIC and a command of one word.
var bases = map[zone.Brand]string{
	zone.LX:            base("lx", "eth0"),
	zone.JoyentMinimal: base("joyent-minimal", "net0"),
}

func base(brand, nic string) string {
	return fmt.Sprintf(`{
		"brand": %q,
		"docker": true,
		"uuid": "5d1c3c1e-5b7e-4a7e-9d0b-2f6f4a3b1c00",
		"alias": "web",
		"hostname": "web0",
		"create_timestamp": "2026-03-02T09:14:31.204Z",
		"resolvers": ["10.0.0.2"],
		"nics": [{
			"interface": %q,
			"mac": "90:b8:d0:00:00:05",
			"nic_tag": "external",
			"ips": ["10.0.0.5/24"],
			"gateways": ["10.0.0.1"],
			"primary": true
		}],
		"internal_metadata": {"docker:cmd": "[\"/bin/app\"]"}
	}`, brand, nic)
}

// VM is what an operator would have given to vmadm.
func (s Scenario) VM() (*host.Payload, error) {
	brand := s.Brand
	if brand == "" {
		brand = zone.LX
	}
	document := json.RawMessage(bases[brand])
	if s.Payload != "" {
		patch := json.RawMessage(s.Payload)
		if !json.Valid(patch) {
			return nil, fmt.Errorf("%s: the payload is not JSON", s.Name)
		}
		document = merge("", document, patch)
	}
	return host.Read(bytes.NewReader(document))
}

// merge is a JSON merge patch: null deletes, objects are merged, all else takes
// the place of what was there. RFC 7396
func merge(name string, document, patch json.RawMessage) json.RawMessage {
	var changes map[string]json.RawMessage
	if json.Unmarshal(patch, &changes) != nil || changes == nil {
		return patch
	}
	result := map[string]json.RawMessage{}
	_ = json.Unmarshal(document, &result) // what is no object is replaced
	for member, change := range changes {
		switch {
		case string(change) == "null":
			delete(result, member)
		case name == "internal_metadata":
			result[member] = asText(change)
		default:
			result[member] = merge(member, result[member], change)
		}
	}
	return must(json.Marshal(result))
}

// asText is an array or object as the host keeps it: as a string that holds it.
func asText(value json.RawMessage) json.RawMessage {
	if !strings.ContainsAny(string(value[:1]), "[{") {
		return value
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, value); err != nil {
		panic(err)
	}
	return must(json.Marshal(compact.String()))
}

func must(text []byte, err error) json.RawMessage {
	if err != nil {
		panic(err)
	}
	return text
}
