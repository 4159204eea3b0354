package core_test

import (
	"encoding/json"
	"testing"
	"time"

	"dockerinit/core"
	"dockerinit/core/exit"
	"dockerinit/platform_fake/scenario"
)

// The record of a failure is what an operator finds in the global zone: one JSON
// object with the FATAL line's text, where it was, and what to look at.
func TestTheRecordOfAFailure(t *testing.T) {
	each(t, func(t *testing.T, s scenario.Scenario) {
		z := s.New(t)
		begun := time.Now().Truncate(time.Second)
		r := scenario.Boot(t, z, core.Options{Version: "1.2.3"})
		text, there, err := z.Store.Get("__dockerinit_failure")
		if err != nil || there != (r.Err != nil && !s.V1Only) {
			t.Fatalf("there is %q (%v), and the boot ended with %v", text, err, r.Err)
		}
		if !there {
			return
		}
		var record core.Failure
		if err := json.Unmarshal([]byte(text), &record); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		row, _ := r.Code().Row()
		if record.Code != int(r.Code()) || record.Hint != row.Hint || record.Version != "1.2.3" {
			t.Errorf("got %+v", record)
		}
		if at, err := time.Parse(time.RFC3339, record.Time); err != nil || at.Before(begun) || at.After(time.Now()) {
			t.Errorf("the time is %q", record.Time)
		}
		known := false
		for _, step := range core.StepNames() {
			known = known || step == record.Step
		}
		if !known {
			t.Errorf("the step is %q", record.Step)
		}
		var all map[string]any
		if err := json.Unmarshal([]byte(text), &all); err != nil || len(all) != 6 {
			t.Errorf("%d members, want 6: %s", len(all), text)
		}
	})
}

// The step is the one that the boot ended in.
func TestTheRecordNamesTheStep(t *testing.T) {
	for name, want := range map[string]string{
		"U5: an unknown name is fatal":                                             "validate",
		"S-11: /dev/shm is a link":                                                 "mounts",
		"W3: a file in the working directory's way is fatal":                       "workdir",
		"a directory in the marker's way is fatal":                                 "provisioned",
		"several keys that the host refuses are all named":                         "metadata",
		"an address that the host does not allow is fatal, and all NICs are tried": "nics",
	} {
		z := scenario.Find(name).New(t)
		scenario.Boot(t, z, core.Options{})
		var record core.Failure
		text, _, _ := z.Store.Get("__dockerinit_failure")
		if err := json.Unmarshal([]byte(text), &record); err != nil || record.Step != want {
			t.Errorf("%s: got %q, want step %s (%v)", name, text, want, err)
		}
	}
}

// A code without a hint would leave an operator alone.
func TestEveryCodeHasAHint(t *testing.T) {
	for _, row := range exit.Table {
		if row.Hint == "" || row.Meaning == "" {
			t.Errorf("%d has no hint or no meaning", row.Code)
		}
	}
}
