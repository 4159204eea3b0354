//go:build linux

package rtnl

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestPollingEnds(t *testing.T) {
	for _, tt := range []struct {
		name  string
		after time.Duration // the answer is yes; 0: never
		want  string
	}{
		{"soon", time.Nanosecond, "<nil> after 1ms"},
		{"soon after something is there, at first", 8 * time.Millisecond, "<nil> after 8.2ms"},
		{"never later than 50ms after", 2 * time.Second, "<nil> after 2.018s"},
		{"at the bound", 0, "too late after 10s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				err := poll(t.Context(), routerPatience, func() (bool, error) {
					return tt.after != 0 && time.Since(start) >= tt.after, nil
				})
				got := fmt.Sprintf("%v after %s", err, time.Since(start).Round(time.Millisecond/10))
				if got != tt.want {
					t.Errorf("\n got %s\nwant %s", got, tt.want)
				}
			})
		})
	}
}
