package zone

import "sort"

// sortStable sorts with package sort, whose code a program has once. Package
// slices has it for each type, 7 to 10 kB, in a program that is read from disk
// when every container starts.
func sortStable[T any](list []T, compare func(a, b T) int) {
	sort.Stable(places{
		len(list),
		func(i, j int) bool { return compare(list[i], list[j]) < 0 },
		func(i, j int) { list[i], list[j] = list[j], list[i] },
	})
}

type places struct {
	n    int
	less func(i, j int) bool
	swap func(i, j int)
}

func (p places) Len() int           { return p.n }
func (p places) Less(i, j int) bool { return p.less(i, j) }
func (p places) Swap(i, j int)      { p.swap(i, j) }
