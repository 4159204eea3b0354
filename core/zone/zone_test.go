package zone

import (
	"net/netip"
	"strings"
	"testing"
)

func TestValuesAsTheLogShowsThem(t *testing.T) {
	tests := []struct{ got, want string }{
		{Lo(LX).String(), "lo 127.0.0.1/8 ::1/128"},
		{Lo(JoyentMinimal).String(), "lo0 127.0.0.1/8 ::1/128"},
		{Mount{Type: "tmpfs", Source: "shm", Target: "/dev/shm", Options: []string{"mode=1777", "nosuid"}}.String(), "tmpfs on /dev/shm (mode=1777,nosuid)"},
		{Mount{Type: "nfs", Source: "10.0.0.5:/data", Target: "/data"}.String(), "10.0.0.5:/data on /data"},
		{Route{Dst: netip.MustParsePrefix("::/0"), Gateway: netip.MustParseAddr("fd00::1")}.String(), "default6 via fd00::1"},
		{LX.NativeRoot() + "," + JoyentMinimal.NativeRoot(), "/native,"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("\n got %s\nwant %s", tt.got, tt.want)
		}
	}
}

func TestEscapesOfTexts(t *testing.T) {
	const doc = `"a\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00z"`
	if f := check(doc, false); f != nil {
		t.Fatal(f.what)
	}
	if got, want := value(doc).text(), "a\"\\/\b\f\n\r\tAé😀z"; got != want {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

func TestLongValuesAreShownByTheirBeginning(t *testing.T) {
	for n := range 4 {
		text := strings.Repeat("a", 61+n) + "€€€"
		got := quote(text)
		if strings.Contains(got, `\x`) || !strings.HasSuffix(got, " bytes)") || len(got) > 100 {
			t.Errorf("%q is shown as %s", text, got)
		}
	}
}

func TestManyWarningsAreTwentyAndACount(t *testing.T) {
	values := least()
	values["sdc:routes"] = "[" + strings.Repeat(`{"dst":"10.0.0.0/8","gateway":"10.0.0.1"},`, 99) + `{"dst":"10.0.0.0/8","gateway":"10.0.0.1"}]`
	z, err := Decode(Init, values)
	if err != nil || len(z.Warnings) != 21 || z.Warnings[20] != "sdc:routes: and 79 more" {
		t.Errorf("%v %q", err, z.Warnings)
	}
}
