package zone

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"dockerinit/core/exit"
)

// FuzzDecode takes the pieces between NULs for keys and values: the first byte
// is the key's place in the table, the rest is its value.
func FuzzDecode(f *testing.F) {
	keys := Names(Init | Exec | Host)
	pack := func(values map[string]string) string {
		var b strings.Builder
		for i, key := range keys {
			if value, there := values[key]; there {
				b.WriteByte(byte(i + 1))
				b.WriteString(strings.ReplaceAll(value, "\x00", ""))
				b.WriteByte(0)
			}
		}
		return b.String()
	}
	f.Add(pack(least()))
	f.Add(pack(typical()))
	f.Add(pack(wrongAll()))
	for _, key := range keys {
		f.Add(pack(map[string]string{key: `[{"a":"\ud83d\ude00"},5,null,"x"]`}))
	}
	f.Fuzz(func(t *testing.T, packed string) {
		values := map[string]string{}
		for piece := range strings.SplitSeq(packed, "\x00") {
			if piece != "" {
				values[keys[int(piece[0])%len(keys)]] = piece[1:]
			}
		}
		for _, reader := range []Reader{Init, Exec, Init | Exec | Host} {
			z, err := Decode(reader, values)
			if z == nil {
				t.Fatal("no zone")
			}
			text := told(z, err)
			again, errAgain := Decode(reader, values)
			if other := told(again, errAgain); other != text {
				t.Fatalf("told differently a second time\n%s\n%s", text, other)
			}
			for line := range strings.SplitSeq(text, "\n") {
				if i := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
					t.Errorf("%q is told, which no terminal should see", line)
				}
			}
			for _, e := range exit.Each(err) {
				if p, ok := errors.AsType[*Problem](e); !ok || len(p.Text) > 2000 {
					t.Errorf("%T %.100q", e, e)
				}
			}
			if lines := strings.Count(text, "\n") + 1; text != "" && lines != len(exit.Each(err))+len(z.Warnings) {
				t.Errorf("%d lines for %d problems and %d warnings", lines, len(exit.Each(err)), len(z.Warnings))
			}
			for _, nic := range z.Network.NICs {
				_ = nic.String()
			}
			for _, r := range z.Network.Ordered() {
				if !r.Dst.IsValid() || !r.Gateway.IsValid() || r.Dst.Addr().Is4() != r.Gateway.Is4() {
					t.Errorf("route %v", r)
				}
			}
			if reader == Exec && (len(z.Network.NICs) > 0 || len(z.Cmd) > 0) {
				t.Error("dockerexec has decoded what it does not read")
			}
		}
	})
}
