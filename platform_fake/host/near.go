package host

import (
	"slices"
	"strings"
)

// near is the one of names that a property was probably meant to be; "" where it
// is one of them, or like none. For keys of metadata there is zone.Suggest.
func near(s string, names []string) string {
	if slices.Contains(names, s) || len(s) > 64 {
		return ""
	}
	plain := strings.NewReplacer("-", "_", " ", "").Replace(strings.ToLower(s))
	best, least := "", 1+min(2, len(plain)/4)
	for _, name := range names {
		if strings.EqualFold(s, name) {
			return name
		}
		if d := distance(plain, strings.ToLower(name)); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance is how many letters must be put in, left out or changed.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
