package metadata

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"unsafe"
)

// MaxValue is the size of the largest value that is taken from the host or sent
// to it.
const MaxValue = 16 << 20

// The words of version 2. A request has one of the first four, an answer one of
// the others.
const (
	wordGet      = "GET"
	wordPut      = "PUT"
	wordDelete   = "DELETE"
	wordKeys     = "KEYS"
	wordSuccess  = "SUCCESS"
	wordNotFound = "NOTFOUND"
	wordFailure  = "FAILURE"
)

// A Frame is a request or an answer of version 2, without its wrapping.
type Frame struct {
	ID      string // lower-case hexadecimal digits
	Word    string
	Payload string // decoded; an empty one and none are the same
}

// maxLine is the longest line that can hold a value of MaxValue.
var maxLine = len("V2 99999999 00000000 00000000 SUCCESS ") + base64.StdEncoding.EncodedLen(MaxValue)

// strict refuses set bits behind the end of the data. It still skips line ends,
// which the callers refuse themselves.
var strict = base64.StdEncoding.Strict()

// AppendFrame appends f as it travels, with its line end.
func AppendFrame[P string | []byte](dst []byte, id, word string, payload P) []byte {
	size := len(id) + 1 + len(word)
	if len(payload) > 0 {
		size += 1 + base64.StdEncoding.EncodedLen(len(payload))
	}
	dst = append(dst, "V2 "...)
	dst = strconv.AppendInt(dst, int64(size), 10)
	dst = append(dst, " 00000000 "...)
	body := len(dst)
	dst = append(dst, id...)
	dst = append(dst, ' ')
	dst = append(dst, word...)
	if len(payload) > 0 {
		dst = append(dst, ' ')
		dst = base64.StdEncoding.AppendEncode(dst, []byte(payload))
	}
	putHex(dst[body-9:body-1], crc32.ChecksumIEEE(dst[body:]))
	return append(dst, '\n')
}

// Why a line is no frame. None of them shows a part of the line, which may be
// somebody's secret.
var (
	errNotFrame = errors.New("it is not a frame of version 2")
	errCRC      = errors.New("its CRC is wrong")
	errBase64   = errors.New("its payload is not base64")
)

// ParseFrame reads one line, without its line end, as an answer of the host has
// to be.
func ParseFrame(line []byte) (Frame, error) {
	rest, ok := bytes.CutPrefix(line, []byte("V2 "))
	if !ok {
		return Frame{}, errNotFrame
	}
	length, rest, ok1 := bytes.Cut(rest, space)
	crc, body, ok2 := bytes.Cut(rest, space)
	size, ok3 := parseDecimal(length)
	// The CRC is compared as a number: 00000000 is as good as any.
	sum, ok4 := parseHex(crc)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return Frame{}, errNotFrame
	}
	if size != len(body) {
		return Frame{}, fmt.Errorf("it is %d bytes long and says %d", len(body), size)
	}
	if sum != crc32.ChecksumIEEE(body) {
		return Frame{}, errCRC
	}
	return parseBody(body)
}

var space = []byte(" ")

// parseBody reads what length and CRC have vouched for.
func parseBody(body []byte) (Frame, error) {
	id, rest, ok := bytes.Cut(body, space)
	if !ok || !isID(id) {
		return Frame{}, errNotFrame
	}
	word, payload, _ := bytes.Cut(rest, space)
	if len(word) == 0 {
		return Frame{}, errNotFrame
	}
	for _, c := range word {
		if c < 'A' || c > 'Z' {
			return Frame{}, errNotFrame
		}
	}
	value, err := decode(payload)
	if err != nil {
		return Frame{}, err
	}
	return Frame{ID: string(id), Word: intern(word), Payload: value}, nil
}

// decode is base64 with nothing but its alphabet and padding.
func decode(text []byte) (string, error) {
	if len(text) == 0 {
		return "", nil
	}
	if bytes.IndexByte(text, '\r') >= 0 || bytes.IndexByte(text, '\n') >= 0 {
		return "", errBase64
	}
	value := make([]byte, strict.DecodedLen(len(text)))
	n, err := strict.Decode(value, text)
	if err != nil {
		return "", errBase64
	}
	if n == 0 {
		return "", nil
	}
	// The bytes are ours alone; a value of 16 MiB is not copied once more.
	return unsafe.String(&value[0], n), nil
}

// putArgument is what a PUT carries: both texts in base64, so that one space
// parts them.
func putArgument(key, value string) []byte {
	enc := base64.StdEncoding
	arg := make([]byte, 0, enc.EncodedLen(len(key))+1+enc.EncodedLen(len(value)))
	arg = enc.AppendEncode(arg, []byte(key))
	arg = append(arg, ' ')
	return enc.AppendEncode(arg, []byte(value))
}

// frameID finds the id of a frame of which only the beginning is there.
func frameID(prefix []byte) string {
	fields := bytes.SplitN(prefix, space, 5)
	if len(fields) < 5 || string(fields[0]) != "V2" || !isID(fields[3]) {
		return ""
	}
	return string(fields[3])
}

// intern spares the usual words an allocation.
func intern(word []byte) string {
	for _, known := range [...]string{wordSuccess, wordNotFound, wordFailure, wordGet, wordPut, wordDelete, wordKeys} {
		if string(word) == known {
			return known
		}
	}
	return string(word)
}

func isID(text []byte) bool {
	for _, c := range text {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(text) > 0 && len(text) <= 64
}

func parseDecimal(text []byte) (n int, ok bool) {
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(text) > 0 && len(text) <= 9
}

func parseHex(text []byte) (n uint32, ok bool) {
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | uint32(c-'0')
		case c >= 'a' && c <= 'f':
			n = n<<4 | uint32(c-'a'+10)
		case c >= 'A' && c <= 'F':
			n = n<<4 | uint32(c-'A'+10)
		default:
			return 0, false
		}
	}
	return n, len(text) > 0 && len(text) <= 8
}

// putHex writes n as eight digits.
func putHex(dst []byte, n uint32) {
	const digits = "0123456789abcdef"
	for i := 7; i >= 0; i-- {
		dst[i] = digits[n&15]
		n >>= 4
	}
}
