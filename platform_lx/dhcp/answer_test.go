package dhcp

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// An odd part of a message takes the place of the good one.
type odd struct {
	at   int
	text string
}

// message is an answer with the options, of whose fields some are others.
func message(t testing.TB, options string, odds ...odd) []byte {
	t.Helper()
	b := make([]byte, atOptions)
	for _, o := range append([]odd{
		{0, "02 01 06 00 01020304"}, {atYours, "0a000009"}, {atMAC, "90b8d0000005"}, {atCookie, "63825363"},
	}, odds...) {
		copy(b[o.at:], fromHex(t, o.text))
	}
	return append(b, fromHex(t, options)...)
}

func (a answer) String() string {
	words := []string{a.kind.String(), a.yours.String()}
	var codes []int
	for code := range a.options {
		codes = append(codes, int(code))
	}
	slices.Sort(codes)
	for _, code := range codes {
		if code != optionKind {
			words = append(words, fmt.Sprintf("%d=%x", code, a.options[byte(code)]))
		}
	}
	return strings.Join(words, " ")
}

func TestAnswers(t *testing.T) {
	filled := func(field string, size int) string { return field + strings.Repeat("00", size-len(field)/2) }
	for _, tt := range []struct {
		name    string
		message []byte
		want    string
	}{
		{"an offer", message(t, "350102 0104ffffff00 36040a000001 330400000e10 ff"), "OFFER 10.0.0.9 1=ffffff00 51=00000e10 54=0a000001"},
		{"an acknowledgement", message(t, "350105 ff"), "ACK 10.0.0.9"},
		{"a refusal has no address", message(t, "350106 ff", odd{atYours, "00000000"}), "NAK 0.0.0.0"},
		{"padding is nothing, nor is what is behind the end", message(t, "00 350105 0000 1a0205dc 00 ff 0304"), "ACK 10.0.0.9 26=05dc"},
		{"an option without a value is there", message(t, "350105 0f00 ff"), "ACK 10.0.0.9 15="},
		{"RFC 3396: the parts of an option are put together", message(t, "790318 0a09 350105 790608 0a000001 08 ff"), "ACK 10.0.0.9 121=180a09080a00000108"},
		{"RFC 3396: beyond 255 bytes", message(t, "350105 79ff"+strings.Repeat("aa", 255)+"7901bb ff"), "ACK 10.0.0.9 121=" + strings.Repeat("aa", 255) + "bb"},
		{"option overload: the file's field", message(t, "350105 340101 ff", odd{atFile, "0f0161 ff"}), "ACK 10.0.0.9 15=61 52=01"},
		{"option overload: the server's name", message(t, "350105 340102 ff", odd{atSname, "0f0161 ff"}), "ACK 10.0.0.9 15=61 52=02"},
		{"option overload: the file's field comes before the server's name", message(t, "350105 340103 0f0161 ff", odd{atSname, "0f0163 ff"}, odd{atFile, "0f0162 ff"}), "ACK 10.0.0.9 15=616263 52=03"},
		{"option overload: a field that is full to its end", message(t, "350105 340102 ff", odd{atSname, "0f3d" + strings.Repeat("61", 61) + "ff"}), "ACK 10.0.0.9 15=" + strings.Repeat("61", 61) + " 52=02"},
		{"option overload: the type may stand there", message(t, "340101 ff", odd{atFile, "350105 ff"}), "ACK 10.0.0.9 52=01"},
		{"the other fields are a boot loader's", message(t, "350105 ff", odd{atFile, "0f0161 ff"}, odd{atSname, "0f0161 ff"}), "ACK 10.0.0.9"},

		{"S-32 no message", nil, "a message of 0 bytes, where the least has 240"},
		{"S-32 one cut off before the options", message(t, "")[:239], "a message of 239 bytes, where the least has 240"},
		{"S-32 a request", message(t, "350103 ff", odd{0, "01"}), "for somebody else: operation 1, not an answer"},
		{"S-32 another's transaction", message(t, "350105 ff", odd{atXID, "01020305"}), "for somebody else: transaction 01020305, not 01020304"},
		{"S-32 another's hardware", message(t, "350105 ff", odd{atMAC, "90b8d0000006"}), "for somebody else: 90:b8:d0:00:00:06, not 90:b8:d0:00:00:05"},
		{"S-32 hardware that is longer", message(t, "350105 ff", odd{2, "10"}), "for somebody else: a hardware address of 16 bytes"},
		{"S-32 hardware beyond its field", message(t, "350105 ff", odd{2, "ff"}), "for somebody else: a hardware address of 255 bytes"},
		{"S-32 a bad cookie", message(t, "350105 ff", odd{atCookie, "63825364"}), "the cookie 63825364, not 63825363"},
		{"S-32 no options", message(t, ""), "the options have no end"},
		{"S-32 options without an end", message(t, "350105 0f0161"), "the options have no end"},
		{"S-32 a length that is cut off", message(t, "350105 0f"), "option 15: its length is cut off"},
		{"S-32 a value that is cut off", message(t, "350105 0f046162 ff"), "option 15: 4 bytes, of which 3 are there"},
		{"S-32 a length beyond everything", message(t, "350105 79ff ff"), "option 121: 255 bytes, of which 1 are there"},
		{"S-32 no type", message(t, "0104ffffff00 ff"), "a message type of 0 bytes"},
		{"S-32 an empty type", message(t, "3500 ff"), "a message type of 0 bytes"},
		{"S-32 two types", message(t, "350105 350106 ff"), "a message type of 2 bytes"},
		{"S-32 a client's type", message(t, "350101 ff"), "DISCOVER, which no server says to a client"},
		{"S-32 a type that nobody knows", message(t, "3501ff ff"), "type 255, which no server says to a client"},
		{"S-32 option overload without a field", message(t, "350105 3400 ff"), "options in other fields: , not 1, 2 or 3"},
		{"S-32 option overload of no field", message(t, "350105 340100 ff"), "options in other fields: 00, not 1, 2 or 3"},
		{"S-32 option overload of a field that is none", message(t, "350105 340104 ff"), "options in other fields: 04, not 1, 2 or 3"},
		{"S-32 option overload twice", message(t, "350105 340101 340102 ff"), "options in other fields: 01 02, not 1, 2 or 3"},
		{"S-32 option overload that leads in a circle", message(t, "350105 340101 ff", odd{atFile, "340102 ff"}, odd{atSname, "340101 ff"}), "field file: it speaks of options in other fields itself"},
		{"S-32 option overload that leads to itself", message(t, "350105 340102 ff", odd{atSname, "340102 ff"}), "field sname: it speaks of options in other fields itself"},
		{"S-32 option overload without an end", message(t, "350105 340101 ff", odd{atFile, filled("0f0161", 128)}), "field file: the options have no end"},
		{"S-32 option overload that goes on in the next field", message(t, "350105 340102 ff", odd{atSname, filled("0f40", 64)}, odd{atFile, filled("ff", 128)}), "field sname: option 15: 64 bytes, of which 62 are there"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := readAnswer(tt.message, testXID, testMAC)
			got := a.String()
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
			// Who has the link to others is not told of what is theirs.
			if others := strings.HasPrefix(tt.want, "for somebody else"); errors.Is(err, errOthers) != others {
				t.Errorf("for somebody else: %v", !others)
			}
		})
	}
}

func TestAnAnswerCutShortIsNone(t *testing.T) {
	whole := message(t, "350105 0104ffffff00 340103 36040a000001 ff", odd{atSname, "0f0161 ff"}, odd{atFile, "0f0162 ff"})
	if _, err := readAnswer(whole, testXID, testMAC); err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if a, err := readAnswer(whole[:n], testXID, testMAC); err == nil {
			t.Errorf("%d of %d bytes are enough: %s", n, len(whole), a)
		}
	}
}

func TestNames(t *testing.T) {
	label := func(n int) string { return string(rune(n)) + strings.Repeat("a", n) }
	most := strings.Repeat(label(63), 3) + label(61) + "\x00" // 255 bytes
	for _, tt := range []struct{ name, list, want string }{
		{"none", "", "[]"},
		{"two", "\x03eng\x05apple\x03com\x00\x09marketing\x05apple\x03com\x00", "[eng.apple.com marketing.apple.com]"},
		{"RFC 3397: the second one ends as the first", "\x03eng\x05apple\x03com\x00\x09marketing\xc0\x04", "[eng.apple.com marketing.apple.com]"},
		{"a pointer to a pointer", "\x01c\x00\x01b\xc0\x00\x01a\xc0\x03", "[c b.c a.b.c]"},
		{"the root", "\x00", "[]"},
		{"the longest name", most, "[" + strings.Repeat(strings.Repeat("a", 63)+".", 3) + strings.Repeat("a", 61) + "]"},
		{"S-32 a longer one", "\x01a\x00" + strings.Repeat(label(63), 3) + label(62) + "\x00", "[a]: a name of more than 255 bytes"},
		{"S-32 one that is longer by a pointer", most + "\x01b\xc0\x00", "[" + strings.Repeat(strings.Repeat("a", 63)+".", 3) + strings.Repeat("a", 61) + "]: a name of more than 255 bytes"},
		{"S-32 no end", "\x01a\x00\x01b", "[a]: it ends within a name"},
		{"S-32 a label that is cut off", "\x01a\x00\x05b", "[a]: it ends within a name"},
		{"S-32 a pointer that is cut off", "\x01a\x00\x01b\xc0", "[a]: it ends within a name"},
		{"S-32 a pointer to itself", "\xc0\x00", "[]: a name that goes on in what does not stand before it"},
		{"S-32 a pointer into its own name", "\x01a\xc0\x00", "[]: a name that goes on in what does not stand before it"},
		{"S-32 a pointer ahead", "\x01a\x00\xc0\x05\x01b\x00", "[a]: a name that goes on in what does not stand before it"},
		{"S-32 two pointers to each other", "\x01a\xc0\x04\x01b\xc0\x00", "[]: a name that goes on in what does not stand before it"},
		{"S-32 a label of another kind", "\x01a\x00\x40", "[a]: a label that is neither text nor a pointer"},
		{"S-32 and of another", "\x01a\x00\x80\x00", "[a]: a label that is neither text nor a pointer"},
	} {
		names, err := readNames([]byte(tt.list))
		got := fmt.Sprint(names)
		if err != nil {
			got += ": " + err.Error()
		}
		if got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}
