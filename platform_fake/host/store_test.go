package host

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"dockerinit/core/metadata"
)

func TestWritingFromTheZone(t *testing.T) {
	for _, test := range []struct{ name, request, key, value, want, reads string }{
		{"1.4 PUT of sdc:", "PUT", "sdc:hostname", "x", `Cannot update the "sdc" Namespace.`, "SUCCESS web0"},
		{"1.4 DELETE of sdc:", "DELETE", "sdc:hostname", "", `Cannot update the "sdc" Namespace.`, "SUCCESS web0"},
		{"1.4 PUT in an internal namespace", "PUT", "docker:cmd", "x", `Cannot update the "docker" Namespace.`, `SUCCESS ["sleep"]`},
		{"1.4 DELETE in an internal namespace", "DELETE", "docker:cmd", "", `Cannot update the "docker" Namespace.`, `SUCCESS ["sleep"]`},
		{"1.4 PUT in another internal namespace", "PUT", "other:x", "x", `Cannot update the "other" Namespace.`, "SUCCESS y"},
		{"1.4 PUT of a _pw changes internal_metadata", "PUT", "root_pw", "new", "OK", "SUCCESS new"},
		{"1.4 DELETE of a _pw changes internal_metadata", "DELETE", "root_pw", "", "OK", "NOTFOUND"},
		{"1.4 PUT of a _pw in an internal namespace", "PUT", "docker:x_pw", "x", `Cannot update the "docker" Namespace.`, "NOTFOUND"},
		{"1.4 PUT of operator-script does not change what GET of it reads", "PUT", "operator-script", "x", "OK", "SUCCESS customer's"},
		{"1.4 PUT of any other key", "PUT", "new", "text\nof two lines", "OK", "SUCCESS text\nof two lines"},
		{"1.4 PUT over another value", "PUT", "mine", "other", "OK", "SUCCESS other"},
		{"1.4 PUT in a namespace that is not internal", "PUT", "free:form", "g", "OK", "SUCCESS g"},
		{"1.4 PUT of an empty value does not delete", "PUT", "mine", "", "Invalid PUT Request", "SUCCESS m"},
		{"1.4 DELETE", "DELETE", "mine", "", "OK", "NOTFOUND"},
		{"1.4 DELETE of an absent key", "DELETE", "never", "", "OK", "NOTFOUND"},
	} {
		t.Run(test.name, func(t *testing.T) {
			store := NewStore(read(t, zoneJSON))
			var err error
			if test.request == "PUT" {
				err = store.Put(test.key, test.value)
			} else {
				err = store.Delete(test.key)
			}
			got := "OK"
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("%s %s\ngot  %s\nwant %s", test.request, test.key, got, test.want)
			}
			if reads := ask(store, test.key); reads != test.reads {
				t.Errorf("GET %s afterwards\ngot  %s\nwant %s", test.key, reads, test.reads)
			}
		})
	}
	store := NewStore(read(t, zoneJSON))
	if err := store.Put("operator-script", "new"); err != nil || ask(store, "sdc:operator-script") != "SUCCESS new" {
		t.Errorf("PUT operator-script: %v, then GET sdc:operator-script: %s", err, ask(store, "sdc:operator-script"))
	}
}

func TestKeysAreTheCustomersThenTheOperators(t *testing.T) {
	keys, err := NewStore(read(t, zoneJSON)).Keys()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(keys, " ")
	want := "mine operator-script free:form flag n docker:cmd docker:tty docker:restartcount docker:user other:x root_pw docker:id"
	if got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
}

func TestTheHostsSide(t *testing.T) {
	store := NewStore(read(t, zoneJSON))
	var changes []string
	store.OnChange(func(c metadata.Change) { changes = append(changes, fmt.Sprint(c)) })
	store.Set("docker:wait_for_attach", "1700000060000")
	store.Set("sdc:nics", `[{"interface":"eth0","ip":"10.0.0.5","netmask":"255.255.255.0"}]`)
	store.Refuse("docker:env", "no")
	for key, want := range map[string]string{
		"docker:wait_for_attach": "SUCCESS 1700000060000",
		"sdc:nics":               `SUCCESS [{"interface":"eth0","ip":"10.0.0.5","netmask":"255.255.255.0"}]`,
		"docker:env":             "FAILURE no",
	} {
		if got := ask(store, key); got != want {
			t.Errorf("GET %s: got %s, want %s", key, got, want)
		}
	}
	store.Unset("docker:wait_for_attach")
	store.Unset("sdc:brand")
	for _, key := range []string{"docker:wait_for_attach", "sdc:brand"} {
		if got := ask(store, key); got != "NOTFOUND" {
			t.Errorf("GET %s after Unset: %s", key, got)
		}
	}
	if err := store.Put("mine", "2"); err != nil {
		t.Fatal(err)
	}
	want := "{docker:wait_for_attach 1700000060000 false} {docker:wait_for_attach  true} {mine 2 false}"
	if got := strings.Join(changes, " "); got != want {
		t.Errorf("changes\ngot  %s\nwant %s", got, want)
	}
}

func TestWrittenIsWhatDiffersFromThePayload(t *testing.T) {
	store := NewStore(read(t, `{"brand":"lx","customer_metadata":{"a":"1","b":"2","c":"3"}}`))
	for _, err := range []error{store.Put("b", "9"), store.Put("z", "8"), store.Delete("c"), store.Put("y", "7"), store.Delete("y")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got, want := fmt.Sprint(store.Written()), "[{b 9 false} {c  true} {z 8 false}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAnyNumberOfClientsAtOnce(t *testing.T) {
	store := NewStore(read(t, zoneJSON))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			key := fmt.Sprint("key", i)
			for range 100 {
				if err := store.Put(key, key); err != nil {
					t.Error(err)
				}
				if got := ask(store, key); got != "SUCCESS "+key {
					t.Errorf("GET %s: %s", key, got)
				}
				ask(store, "sdc:nics")
				if err := store.Delete(key); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got := store.Written(); len(got) > 0 {
		t.Errorf("left behind: %v", got)
	}
}
