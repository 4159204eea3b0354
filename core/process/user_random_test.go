package process

import (
	"bytes"
	"math/rand/v2"
	"strings"
)

// What random look-ups are made of: mostly what is usual, and some of what no
// administrator would write.
var (
	usualNames    = []string{"root", "bob", "eve", "staff"}
	randomNames   = []string{"1000", "0", "#c", "", "a b", "+", "é", "x\xff", "Bob", "bobby"}
	randomNumbers = []string{"0", "1", "5", "1000", "1000", "100", "+5", "-0", "007", "2147483647", "50"}
	oddNumbers    = []string{"", "oops", "-1", "2147483648", "4294967296", "99999999999999999999", "0x10", " 5", "5 ", "1e3", "5\x00"}
	randomHomes   = []string{"", "/root", "/home/bob", "/home/eve", "rel", "/a\x00b", "/ö"}
	oddSpecs      = []string{"", ":", "::", "bob:staff:x", "\n", "bob\x00", "bob:\x7f", "\u0085", " ", "+5:+5", "eve:"}
)

func one(r *rand.Rand, of []string) string { return of[r.IntN(len(of))] }

func randomNumber(r *rand.Rand) string {
	if r.IntN(20) == 0 {
		return one(r, oddNumbers)
	}
	return one(r, randomNumbers)
}

func randomName(r *rand.Rand) string {
	if r.IntN(5) == 0 {
		return one(r, randomNames)
	}
	return one(r, usualNames)
}

func randomPart(r *rand.Rand) string {
	if r.IntN(3) == 0 {
		return randomNumber(r)
	}
	return randomName(r)
}

func randomCase(r *rand.Rand) (c userCase) {
	switch r.IntN(16) {
	case 0:
		c.spec = one(r, oddSpecs)
	case 1, 2, 3, 4, 5:
		c.spec = randomPart(r) + ":" + randomPart(r)
	default:
		c.spec = randomPart(r)
	}
	for r.IntN(4) == 0 {
		c.add = append(c.add, randomPart(r))
	}
	if r.IntN(12) > 0 {
		c.passwd = randomFile(r, 70_000, func() string {
			return strings.Join([]string{randomName(r), "x", randomNumber(r), randomNumber(r), "gecos", one(r, randomHomes), "/bin/sh"}, ":")
		})
	}
	if r.IntN(12) > 0 {
		c.group = randomFile(r, 1_100_000, func() string {
			var members []string
			for r.IntN(3) > 0 {
				members = append(members, randomName(r))
			}
			return strings.Join([]string{randomName(r), "x", randomNumber(r), strings.Join(members, ",")}, ":")
		})
	}
	return c
}

// randomFile is a few lines, some of which are cut, commented or indented; once
// in a while one is far too long.
func randomFile(r *rand.Rand, tooLong int, line func() string) []byte {
	text := []byte{}
	for range r.IntN(12) {
		s := line()
		switch r.IntN(40) {
		case 0:
			s = s[:r.IntN(len(s)+1)]
		case 1:
			s = "# " + s
		case 2:
			s = " \t" + s + " \r"
		case 3:
			s = "\n" + s + "::"
		}
		if r.IntN(2_000) == 0 {
			s += strings.Repeat("x", tooLong)
		}
		text = append(text, s+"\n"...)
	}
	if r.IntN(10) == 0 {
		text = bytes.TrimSuffix(text, []byte("\n"))
	}
	return text
}
