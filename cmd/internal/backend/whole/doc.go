// Package whole makes the whole platform, which only dockerinit needs: see
// package backend.
package whole
