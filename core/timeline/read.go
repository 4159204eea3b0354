package timeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"dockerinit/core/bootlog"
)

// Read finds the last boot in a log: in text, as dockerinit writes it, or as JSON, a
// bootlog.Record or an object with an array of them as its boots. steps are the
// names of the boot's steps.
func Read(log []byte, steps []string) (bootlog.Record, error) {
	boots, err := read(log, steps)
	switch {
	case err != nil:
		return bootlog.Record{}, err
	case len(boots) == 0 || len(boots[len(boots)-1].Events) == 0:
		return bootlog.Record{}, errors.New("a JSON object that is no boot: no events in it")
	}
	return boots[len(boots)-1], nil
}

func read(log []byte, steps []string) ([]bootlog.Record, error) {
	start := bytes.TrimSpace(log)
	if len(start) == 0 || start[0] != '{' {
		return bootlog.Parse(bytes.NewReader(log), steps)
	}
	var all struct {
		bootlog.Record
		Boots []bootlog.Record `json:"boots"`
	}
	if err := json.Unmarshal(start, &all); err != nil {
		return nil, fmt.Errorf("not the JSON of a boot: %w", err)
	}
	if all.Boots == nil {
		all.Boots = []bootlog.Record{all.Record}
	}
	return all.Boots, nil
}
