// Package rules has nothing but tests: of the rules that keep the repository's
// shape. Who may never import what, and why, is the table in rules_test.go; what
// each program links stands in testdata/links, rewritten by
//
//	go test ./core/internal/rules -update
//
// so that a review sees what a change links. What this finds out comes from
// go list, which the test cache knows nothing of: run it with -count=1.
package rules
