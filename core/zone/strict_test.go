package zone

import (
	"encoding/json"
	"io"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// S-17: what encoding/json lets pass and we do not, and what both refuse.
func TestS17StrictJSON(t *testing.T) {
	tests := []struct{ name, doc, want string }{
		{"array", `["a",1,-1.5e3,true,false,null,{"b":[]}]`, "good"},
		{"white space", " \t\r\n[ 1 , 2 ]\n", "good"},
		{"escapes", `"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"`, "good"},
		{"number that nobody can hold, where nobody reads it", `[1e999]`, "good"},
		{"64 levels", strings.Repeat("[", 64) + strings.Repeat("]", 64), "good"},
		{"same name in two objects", `[{"a":1},{"a":1}]`, "good"},
		{"DEL", "\"\x7f\"", "good"},
		{"noncharacter", `"\uffff"`, "good"},

		{"65 levels", strings.Repeat("[", 65) + strings.Repeat("]", 65), strings.Repeat("element 1: ", 64) + "more than 64 levels at byte 65"},
		{"a million levels", strings.Repeat("[", 1_000_000), strings.Repeat("element 1: ", 64) + "more than 64 levels at byte 65"},
		{"a million levels of objects", strings.Repeat(`{"":`, 1_000_000), strings.Repeat(`"": `, 64) + "more than 64 levels at byte 257"},
		{"byte order mark", "\ufeff[]", "it begins with a byte order mark"},
		{"text after the end", `[] []`, "text after the end of the value at byte 4"},
		{"NUL after the end", "[]\x00", "text after the end of the value at byte 3"},
		{"nothing", " ", "there is nothing but white space"},
		{"half a surrogate pair, first", `["a","\ud83d"]`, "element 2: half a surrogate pair at byte 7"},
		{"half a surrogate pair, second", `"\ude00"`, "half a surrogate pair at byte 2"},
		{"two first halves", `"\ud83d\ud83d"`, "half a surrogate pair at byte 2"},
		{"same name twice", `[{"a":1,"b":2,"a":3}]`, `element 1: the name "a" for the second time at byte 15`},
		{"same name twice, written differently", `{"a":1,"\u0061":3}`, `the name "a" for the second time at byte 8`},
		{"bytes that are no UTF-8", "{\"a\":[\"\xff\"]}", `"a": element 1: no valid UTF-8 in the text that begins at byte 8`},
		{"surrogate as bytes", "\"\xed\xa0\x80\"", "no valid UTF-8 in the text that begins at byte 2"},
		{"bytes that are no UTF-8 in a name", "{\"\xff\":1}", "no valid UTF-8 in the text that begins at byte 3"},
		{"J7 control character", "\"a\nb\"", "a control character in a text at byte 3"},
		{"unknown escape", `"\x41"`, "an unknown escape at byte 2"},
		{"short escape", `"\u00e"`, `\u without four hexadecimal digits at byte 2`},
		{"leading zero", `[01]`, "unexpected character at byte 3"},
		{"leading plus", `+1`, "unexpected character at byte 1"},
		{"number without digits", `[-]`, "element 1: no number at byte 2"},
		{"fraction without digits", `1.`, "no number at byte 1"},
		{"exponent without digits", `1e+`, "no number at byte 1"},
		{"NaN", `NaN`, "unexpected character at byte 1"},
		{"word in upper case", `True`, "unexpected character at byte 1"},
		{"word with more", `trueish`, "text after the end of the value at byte 5"},
		{"single quotes", `['a']`, "element 1: unexpected character at byte 2"},
		{"comma at the end", `["a",]`, "element 2: unexpected character at byte 6"},
		{"comma at the end of an object", `{"a":1,}`, "unexpected character at byte 8"},
		{"comment", `[] // x`, "text after the end of the value at byte 4"},
		{"no colon", `{"a" 1}`, "unexpected character at byte 6"},
		{"name that is no text", `{1:2}`, "unexpected character at byte 2"},
		{"cut in an array", `["a",`, "element 2: it ends too early"},
		{"cut in a text", `["a`, "element 1: it ends too early"},
		{"cut in an escape", `["a\`, "element 1: it ends too early"},
		{"cut in an object", `{"a":1`, "it ends too early"},
		{"cut after a name", `{"a"`, "it ends too early"},
		{"cut in a word", `tru`, "unexpected character at byte 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := "good"
			if f := check(tt.doc, false); f != nil {
				got = f.where + f.what
			}
			if got != tt.want {
				t.Errorf("%.60q\n got %s\nwant %s", tt.doc, got, tt.want)
			}
			if got == "good" && !json.Valid([]byte(tt.doc)) {
				t.Error("encoding/json does not take it")
			}
		})
	}
}

// S-17: what is not wrong costs next to nothing but the look at each byte, and
// that in proportion to the length. Time is not asserted; benchmarks show it.
func TestS17AMillionElementsAllocateNothingEach(t *testing.T) {
	many := func(n int) string { return "[" + strings.Repeat(`"element",`, n) + `"last"]` }
	few, lots := many(1_000), many(1_000_000)
	walk := func(doc string) float64 {
		return testing.AllocsPerRun(1, func() {
			if f := check(doc, true); f != nil {
				t.Fatal(f.what)
			}
			n := 0
			for _, v := range value(doc).elements() {
				n += len(v.text())
			}
			if n < 7_000 {
				t.Fatal(n)
			}
		})
	}
	if a, b := walk(few), walk(lots); b > a+2 {
		t.Errorf("%v allocations for a thousand elements, %v for a million", a, b)
	}

	values := least()
	values["docker:env"] = "[" + strings.Repeat(`"A=1",`, 999_999) + `"B=2"]`
	z, err := Decode(Init, values)
	if err != nil || len(z.Env) != 1_000_000 || z.Env[999_999] != "B=2" {
		t.Errorf("%d elements, %v", len(z.Env), err)
	}
}

func TestAMillionNames(t *testing.T) {
	var b strings.Builder
	b.WriteString("{")
	for i := range 1_000_000 {
		b.WriteString(`"` + strconv.Itoa(i) + `":0,`)
	}
	if f := check(b.String()+`"last":0}`, false); f != nil {
		t.Error(f.what)
	}
	if f := check(b.String()+`"77":0}`, false); f == nil || !strings.HasPrefix(f.what, `the name "77" for the second time`) {
		t.Errorf("%+v", f)
	}
}

func TestWholeNumbers(t *testing.T) {
	tests := []struct {
		text string
		n    int64
		why  string
	}{
		{"0", 0, ""}, {"-0", 0, ""}, {"1500", 1500, ""}, {"1.5e3", 1500, ""}, {"1E+3", 1000, ""}, {"100e-2", 1, ""},
		{"9223372036854775807", 1<<63 - 1, ""}, {"-9223372036854775808", -1 << 63, ""},
		{"9223372036854775808", 0, "out of range"}, {"1e999", 0, "out of range"}, {"-1e999", 0, "out of range"},
		{"1.5", 0, "not a whole number"}, {"1e-999", 0, ""}, {"", 0, "not a number"}, {"x", 0, "not a number"},
		{"+1", 0, "not a number"}, {"01", 0, "not a number"}, {"0x10", 0, "not a number"}, {" 1", 0, "not a number"},
		{"1 ", 0, "not a number"}, {"1_000", 0, "not a number"}, {"Inf", 0, "not a number"}, {".5", 0, "not a number"},
	}
	for _, tt := range tests {
		if n, why := whole(tt.text); n != tt.n || why != tt.why {
			t.Errorf("%q: got %d %q, want %d %q", tt.text, n, why, tt.n, tt.why)
		}
	}
}

// tree is a checked document as encoding/json would give it.
func tree(v value) any {
	switch v.kind() {
	case isText:
		return v.text()
	case isNumber:
		return json.Number(v)
	case isBoolean:
		return v == "true"
	case isArray:
		list := []any{}
		for _, e := range v.elements() {
			list = append(list, tree(e))
		}
		return list
	case isObject:
		members := map[string]any{}
		for name, e := range v.members() {
			members[name] = tree(e)
		}
		return members
	}
	return nil
}

func FuzzStrictJSON(f *testing.F) {
	for _, seed := range []string{
		`[]`, `{}`, `["a","\ud83d\ude00"]`, `{"a":{"b":[1,2.5e-3,null]}}`, `{"a":1,"a":2}`, `"\ud800"`, "\"\xff\"", "\ufeff[]",
		`[1,]`, ` [ { "a" : "b\\" , "c]" : [ ] } ] `, `[[[[[[]]]]]]`, `{"a":tru`, `"\u00`, `-0.0e+1`, `[] x`, `"\`, `["]","}"]`,
	} {
		f.Add(seed)
	}
	for _, value := range typical() {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		fault := check(doc, false)
		if fault != nil {
			if strings.TrimSpace(fault.what) == "" {
				t.Errorf("%q: a fault that says nothing", doc)
			}
			return
		}
		if !json.Valid([]byte(doc)) {
			t.Fatalf("%q is taken, and is no JSON", doc)
		}
		decoder := json.NewDecoder(strings.NewReader(doc))
		decoder.UseNumber()
		var want any
		if err := decoder.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if _, err := decoder.Token(); err != io.EOF {
			t.Fatalf("%q has more after the end", doc)
		}
		if got := tree(value(strings.Trim(doc, " \t\n\r"))); !reflect.DeepEqual(got, want) {
			t.Errorf("%q\n got %#v\nwant %#v", doc, got, want)
		}
	})
}

func BenchmarkStrictJSON(b *testing.B) {
	for _, n := range []int{10, 1_000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			doc := "[" + strings.Repeat(`{"interface":"net0","ips":["10.0.0.5/24"],"primary":true},`, n) + "{}]"
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if f := check(doc, false); f != nil {
					b.Fatal(f.what)
				}
			}
		})
	}
}
