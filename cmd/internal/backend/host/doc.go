// Package host is the way to the metadata service from wherever mdata runs: see
// package backend. dockerinit and dockerexec run in zones alone, and dial by
// their platforms.
package host
