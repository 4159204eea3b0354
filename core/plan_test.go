package core_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"dockerinit/core"
	"dockerinit/core/exit"
	"dockerinit/core/image"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/scenario"
)

// A plan is the list that the boot goes through, and its mistakes are those that
// the boot ends with.
func TestAPlanIsWhatABootDoes(t *testing.T) {
	each(t, func(t *testing.T, s scenario.Scenario) {
		z := s.New(t)
		values, err := z.Platform().Metadata.Ask(context.Background(), zone.Names(zone.Init)...)()
		if err != nil {
			return // there is no plan of what the host does not say
		}
		decoded, wrong := zone.Decode(zone.Init, values)
		root, err := image.Open(z.Root)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		plan := core.NewPlan(decoded, root, nil)
		var planned []string
		for _, step := range plan.Steps {
			for _, a := range step.Actions {
				planned = append(planned, step.Step+": "+a.What)
			}
		}

		var w watch
		r := scenario.Boot(t, z, w.options())
		const known = 4 // log: two, metadata, validate
		if len(w.planned) > known && !slices.Equal(planned, w.planned[known:]) {
			t.Errorf("planned\n%s\nbooted\n%s", strings.Join(planned, "\n"), strings.Join(w.planned[known:], "\n"))
		}
		mistakes := append(exit.Each(wrong), exit.Each(plan.Err)...)
		if len(w.planned) > known {
			if len(mistakes) > 0 {
				t.Errorf("the plan has mistakes that the boot has not: %q", mistakes)
			}
			return
		}
		if got, want := texts(mistakes), texts(exit.Each(r.Err)); !slices.Equal(got, want) {
			t.Errorf("the plan has the mistakes\n%s\nthe boot\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func texts(errs []error) (all []string) {
	for _, err := range errs {
		all = append(all, err.Error())
	}
	return all
}

// Without an image, what only an image can tell is taken to be found.
func TestAPlanWithoutAnImage(t *testing.T) {
	z, err := zone.Decode(zone.Init, map[string]string{
		"sdc:brand": "lx", "docker:user": "app:web", "docker:group_add": `["tty"]`, "docker:cmd": `["serve"]`,
		"sdc:internal_metadata_namespaces.0": "docker", "sdc:nics": "[]",
	})
	if err != nil {
		t.Fatal(err)
	}
	plan := core.NewPlan(z, nil, nil)
	if plan.Err != nil {
		t.Error(plan.Err)
	}
	if len(plan.Unresolved) == 0 {
		t.Error("nothing is told to be unresolved")
	}
	last := plan.Steps[len(plan.Steps)-1]
	if want := `"serve" with 0 arguments as "app:web" in /`; last.Actions[0].What != want {
		t.Errorf("got %s, want %s", last.Actions[0].What, want)
	}
}
