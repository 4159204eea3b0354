package host

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestWhatIsNoPayload(t *testing.T) {
	for _, test := range []struct{ name, payload, want string }{
		{"empty", " \n", "payload: empty, where a JSON object is expected"},
		{"no JSON", "zone", `payload: line 1, column 1: invalid character 'z' looking for beginning of value`},
		{"a comma too many", "{\n  \"brand\": \"lx\",\n}", `payload: line 3, column 1: invalid character '}' looking for beginning of object key string`},
		{"cut off", `{"brand": "lx"`, `payload: line 1, column 14: unexpected end of JSON input`},
		{"something after the end", "{\"brand\":\"lx\"}\n{}", `payload: line 2, column 1: invalid character '{' after top-level value`},
		{"several zones", ` [{"brand":"lx"}]`, `payload: line 1, column 2: an array, where one object is expected: vmadm lookup prints arrays, vmadm get a zone`},
		{"a string", `"lx"`, `payload: line 1, column 1: a string, where an object is expected`},
		{"not UTF-8", "{\"é\": \"\xff\"}", `payload: line 1, column 8: not UTF-8`},
		{"a byte order mark", "\ufeff{}", `payload: line 1, column 1: invalid character 'ï' looking for beginning of value`},
		{"S-17 deep", strings.Repeat("[", 100) + strings.Repeat("]", 100), `payload: line 1, column 66: ` + strings.Repeat("[0]", 65) + `: deeper than 64 levels`},
		{"S-17 very deep", strings.Repeat("[", 1<<20), `payload: line 1, column 10001: invalid character '[' exceeded max depth`},
		{"a control character in a string", "{\"a\": \"\x1b\"}", `payload: line 1, column 8: invalid character '\x1b' in string literal`},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := Read(strings.NewReader(test.payload))
			if err == nil {
				t.Fatalf("read as %s", p.JSON())
			}
			if err.Error() != test.want {
				t.Errorf("\ngot  %s\nwant %s", err, test.want)
			}
		})
	}
}

func TestAPayloadThatCannotBeRead(t *testing.T) {
	broken := errors.New("broken pipe")
	if _, err := Read(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, err := Read(io.LimitReader(endless{}, maxPayload+10)); err == nil || err.Error() != "payload: larger than 64 MiB" {
		t.Errorf("endless: %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte(" "), len(p))), nil }

// FuzzPayload: whatever is read can be checked, shown and asked for everything,
// and nothing that is said of it can move a terminal's cursor.
func FuzzPayload(f *testing.F) {
	f.Add(zoneJSON)
	f.Add(`{"brand":"lx","brand":null,"nics":[{"ips":["10.0.0.5"],"ip":"dhcp"},7,{"interface":5}],"routes":{"x":"nics[99999999999999999999]"}}`)
	f.Add(`{"docker":true,"internal_metadata_namespaces":[1,null],"tags":[],"internal_metadata":7,"customer_metadata":{"\u001b":{}}}`)
	f.Add(`{"nics":[{"mac":"1:2:3:4:5:6","ips":["dhcp","::/0"],"gateways":[[]],"mtu":1e99}],"routes":{"1.2.3.4":"macs[1-2-3-4-5-6]"}}`)
	f.Fuzz(func(t *testing.T, document string) {
		p, err := Read(strings.NewReader(document))
		if err != nil {
			if strings.ContainsFunc(err.Error(), isControl) {
				t.Errorf("control characters: %q", err)
			}
			return
		}
		for _, problem := range p.Check() {
			if strings.ContainsFunc(problem.Path+problem.Text+problem.Hint, isControl) {
				t.Errorf("control characters: %q", problem)
			}
		}
		p.Links()
		store := NewStore(p)
		keys, err := store.Keys()
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range p.vm.fields {
			keys = append(keys, "sdc:"+field.name, "sdc:"+field.name+".0", "sdc:"+field.name+".0.ip", field.name)
		}
		for _, key := range keys {
			p.At(key, "[0].ips[0]")
			if text, ok, err := store.Get(key); !ok && text != "" || ok && err != nil {
				t.Errorf("GET %q: %q, %v, %v", key, text, ok, err)
			}
			if err := store.Put(key, "x"); err == nil {
				_ = store.Delete(key)
			}
		}
		if _, err := Read(strings.NewReader(p.JSON())); err != nil {
			t.Errorf("what is shown cannot be read again: %v", err)
		}
	})
}

func isControl(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e' || r == '\u2028'
}
