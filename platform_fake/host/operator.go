package host

import (
	"slices"
	"strings"

	"dockerinit/core/metadata"
)

// What follows is not for the zone: it is what the host itself does with a
// store, and what a test or a person watching wants of it.

// Set changes a key from the host's side, where the zone's GET of it looks: an
// attach that begins, say. A key of sdc: has this answer from now on, so that a
// test can be told what older hosts tell.
func (s *Store) Set(key, text string) {
	s.fromHost(metadata.Change{Key: key, Value: text})
}

// Unset removes a key from the host's side.
func (s *Store) Unset(key string) {
	s.fromHost(metadata.Change{Key: key, Delete: true})
}

func (s *Store) fromHost(c metadata.Change) {
	s.mu.Lock()
	property := "customer_metadata"
	switch {
	case strings.HasPrefix(c.Key, "sdc:"):
		s.forced[c.Key] = answer{text: c.Value, absent: c.Delete}
		s.mu.Unlock()
		return
	case isInternal(s.vm, c.Key):
		property = "internal_metadata"
	}
	delete(s.forced, c.Key)
	s.mu.Unlock()
	s.apply(property, c)
}

// Refuse makes the host answer GET of the key with FAILURE and these words.
func (s *Store) Refuse(key, words string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forced[key] = answer{err: failure(words)}
}

// OnChange has f called after each change, from whichever side. f may use the
// store.
func (s *Store) OnChange(f func(metadata.Change)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onChange = f
}

// Written is what has become of the customer's metadata since the payload: one
// change a key, in the order of the keys.
func (s *Store) Written() (all []metadata.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.vm.get("customer_metadata")
	for _, f := range now.fields {
		before := s.original.get(f.name)
		text, _ := f.value.render()
		if before == nil || before.json() != f.value.json() {
			all = append(all, metadata.Change{Key: f.name, Value: text})
		}
	}
	for _, f := range s.original.fields {
		if now.get(f.name) == nil {
			all = append(all, metadata.Change{Key: f.name, Delete: true})
		}
	}
	slices.SortFunc(all, func(a, b metadata.Change) int { return strings.Compare(a.Key, b.Key) })
	return all
}
