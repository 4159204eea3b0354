// Package bench puts a benchmark's figures beside those of a peer that does the
// same in the same run. What a machine needs for anything says little; how often
// it needs what the peer needs says it all, and holds on other machines too.
//
// It is for benchmarks alone: a test has no business with the clock.
package bench
