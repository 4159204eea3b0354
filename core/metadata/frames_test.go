package metadata

import (
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
)

// The protocol's own examples: every text was computed by other programs.
var workedExamples = []struct {
	name, line, id, word, payload string
}{
	{"GET sdc:brand", "V2 25 1781a7fb dc4fae17 GET c2RjOmJyYW5k", "dc4fae17", "GET", "sdc:brand"},
	{"found", "V2 21 4f757107 dc4fae17 SUCCESS bHg=", "dc4fae17", "SUCCESS", "lx"},
	{"found and empty", "V2 16 25aea963 dc4fae17 SUCCESS", "dc4fae17", "SUCCESS", ""},
	{"not found", "V2 17 11525eac dc4fae17 NOTFOUND", "dc4fae17", "NOTFOUND", ""},
	{"failure with text", "V2 69 f96f7ff5 dc4fae17 FAILURE Q2Fubm90IHVwZGF0ZSB0aGUgImRvY2tlciIgTmFtZXNwYWNlLg==",
		"dc4fae17", "FAILURE", `Cannot update the "docker" Namespace.`},
	{"failure without text", "V2 16 6b357510 dc4fae17 FAILURE", "dc4fae17", "FAILURE", ""},
	{"GET docker:tty", "V2 29 7ecdac22 dc4fae17 GET ZG9ja2VyOnR0eQ==", "dc4fae17", "GET", "docker:tty"},
	{"true", "V2 25 1e6869f0 dc4fae17 SUCCESS dHJ1ZQ==", "dc4fae17", "SUCCESS", "true"},
	{"KEYS", "V2 13 7c5eff90 dc4fae17 KEYS", "dc4fae17", "KEYS", ""},
	{"DELETE of the attach marker", "V2 60 0484b1ea dc4fae17 DELETE X19kb2NrZXJpbml0X3dhaXRpbmdfZm9yX2F0dGFjaA==",
		"dc4fae17", "DELETE", "__dockerinit_waiting_for_attach"},
	{"PUT of the attach marker", "V2 101 88818863 dc4fae17 PUT WDE5a2IyTnJaWEpwYm1sMFgzZGhhWFJwYm1kZlptOXlYMkYwZEdGamFBPT0gTVRjd01EQXdNREEyTURBd01BPT0=",
		"dc4fae17", "PUT", string(putArgument("__dockerinit_waiting_for_attach", "1700000060000"))},
	{"PUT done", "V2 21 ee7938c7 dc4fae17 SUCCESS T0s=", "dc4fae17", "SUCCESS", "OK"},
}

func TestFrameWorkedExamples(t *testing.T) {
	for _, test := range workedExamples {
		t.Run(test.name, func(t *testing.T) {
			want := Frame{test.id, test.word, test.payload}
			got, err := ParseFrame([]byte(test.line))
			if err != nil || got != want {
				t.Errorf("parsed\n got %q, %v\nwant %q", got, err, want)
			}
			if line := string(AppendFrame(nil, test.id, test.word, test.payload)); line != test.line+"\n" {
				t.Errorf("built\n got %q\nwant %q", line, test.line+"\n")
			}
			wrapped, _ := strings.CutPrefix(test.line, "V2 ")
			if got, ok := parseRequest([]byte(wrapped)); !ok || got != want {
				t.Errorf("the agent parsed\n got %q, %v\nwant %q", got, ok, want)
			}
		})
	}
}

func TestFrameThatIsNone(t *testing.T) {
	for _, test := range []struct{ name, line, want string }{
		{"empty", "", errNotFrame.Error()},
		{"another version", "V3 21 4f757107 dc4fae17 SUCCESS bHg=", errNotFrame.Error()},
		{"junk before the numbers", "V2 x 21 4f757107 dc4fae17 SUCCESS bHg=", errNotFrame.Error()},
		{"junk before the frame", "xV2 21 4f757107 dc4fae17 SUCCESS bHg=", errNotFrame.Error()},
		{"cut off", "V2 21 4f757107", errNotFrame.Error()},
		{"length is no number", "V2 2x 4f757107 dc4fae17 SUCCESS bHg=", errNotFrame.Error()},
		{"length overflows", "V2 99999999999999999999 4f757107 dc4fae17 SUCCESS bHg=", errNotFrame.Error()},
		{"length is negative", "V2 -21 4f757107 dc4fae17 SUCCESS bHg=", errNotFrame.Error()},
		{"too short", "V2 22 4f757107 dc4fae17 SUCCESS bHg=", "it is 21 bytes long and says 22"},
		{"too long", "V2 20 4f757107 dc4fae17 SUCCESS bHg=", "it is 21 bytes long and says 20"},
		{"wrong CRC", "V2 21 4f757108 dc4fae17 SUCCESS bHg=", errCRC.Error()},
		{"CRC of nine digits", "V2 21 04f757107 dc4fae17 SUCCESS bHg=", errNotFrame.Error()},
		{"one bit differs", "V2 21 4f757107 dc4fae17 SUCCESS bHg>", errCRC.Error()},
		{"no id", frameAround(" SUCCESS bHg="), errNotFrame.Error()},
		{"id in capitals", frameAround("DC4FAE17 SUCCESS bHg="), errNotFrame.Error()},
		{"no word", frameAround("dc4fae17 "), errNotFrame.Error()},
		{"word in small letters", frameAround("dc4fae17 success bHg="), errNotFrame.Error()},
		{"payload outside the alphabet", frameAround("dc4fae17 SUCCESS b!g="), errBase64.Error()},
		{"payload without padding", frameAround("dc4fae17 SUCCESS bHg"), errBase64.Error()},
		{"payload of the URL alphabet", frameAround("dc4fae17 SUCCESS __-_"), errBase64.Error()},
		{"payload with a carriage return", frameAround("dc4fae17 SUCCESS bH\rg="), errBase64.Error()},
		{"payload with bits behind its end", frameAround("dc4fae17 SUCCESS bHh="), errBase64.Error()},
		{"payload in two words", frameAround("dc4fae17 SUCCESS bHg= bHg="), errBase64.Error()},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := ParseFrame([]byte(test.line))
			if err == nil || err.Error() != test.want {
				t.Errorf("got %q, %v\nwant %s", f, err, test.want)
			}
		})
	}
}

// frameAround vouches for any body.
func frameAround(body string) string {
	return fmt.Sprintf("V2 %d %08x %s", len(body), crc32.ChecksumIEEE([]byte(body)), body)
}

// 0x00000000 is the CRC of this body as it may be of any other.
func TestFrameCRCZeroIsLegal(t *testing.T) {
	line := frameAround("00000006 SUCCESS WDj3AAAA")
	if !strings.HasPrefix(line, "V2 25 00000000 ") {
		t.Fatalf("the body's CRC is not zero: %q", line)
	}
	f, err := ParseFrame([]byte(line))
	if err != nil || f.Word != "SUCCESS" {
		t.Errorf("got %q, %v", f, err)
	}
	if short := strings.Replace(line, " 00000000 ", " 0 ", 1); short != line {
		if _, err := ParseFrame([]byte(short)); err != nil {
			t.Errorf("CRC 0 without leading zeros: %v", err)
		}
	}
}

func FuzzFrame(fuzz *testing.F) {
	for _, test := range workedExamples {
		fuzz.Add([]byte(test.line))
	}
	fuzz.Add([]byte("V2 x 25 1781a7fb dc4fae17 GET c2RjOmJyYW5k"))
	fuzz.Add([]byte("V2 16 25aea963 dc4fae17 SUCCESS "))
	fuzz.Add([]byte(frameAround("dc4fae17 SUCCESS bH\rg=")))
	fuzz.Fuzz(func(t *testing.T, line []byte) {
		// The agent reads anything as a request; it is enough that it survives.
		wrapped, _ := strings.CutPrefix(string(line), "V2 ")
		_, accepted := parseRequest([]byte(wrapped))

		f, err := ParseFrame(line)
		if err != nil {
			return
		}
		built := string(AppendFrame(nil, f.ID, f.Word, f.Payload))
		if built == string(line)+"\n" && !accepted {
			t.Fatalf("the agent would not take %q", line)
		}
		again, err := ParseFrame([]byte(strings.TrimSuffix(built, "\n")))
		if err != nil || again != f {
			t.Fatalf("%q became %q, %v", f, again, err)
		}
		if len(f.Payload) > base64.StdEncoding.DecodedLen(len(line)) {
			t.Fatalf("a line of %d bytes held %d", len(line), len(f.Payload))
		}
	})
}

// Just inside and just outside of what a number may be.
func TestNumbersOfAFrame(t *testing.T) {
	for _, tt := range []struct{ text, decimal, hex string }{
		{"", "none", "none"},
		{"0", "0", "0"},
		{"0129", "129", "297"},
		{"12:", "none", "none"},
		{"1/2", "none", "none"},
		{"af09", "none", "44809"},
		{"AF09", "none", "44809"},
		{"ag", "none", "none"},
		{"`a", "none", "none"},
		{"AG", "none", "none"},
		{"@A", "none", "none"},
		{"99999999", "99999999", "2576980377"},
		{"999999999", "999999999", "none"},
		{"1000000000", "none", "none"},
	} {
		decimal, hex := "none", "none"
		if n, ok := parseDecimal([]byte(tt.text)); ok {
			decimal = fmt.Sprint(n)
		}
		if n, ok := parseHex([]byte(tt.text)); ok {
			hex = fmt.Sprint(n)
		}
		if decimal != tt.decimal || hex != tt.hex {
			t.Errorf("%q\n got %s, %s\nwant %s, %s", tt.text, decimal, hex, tt.decimal, tt.hex)
		}
	}
}
