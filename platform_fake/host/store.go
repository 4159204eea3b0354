package host

import (
	"strings"
	"sync"

	"dockerinit/core/metadata"
)

// A Store answers the metadata requests of one zone as the host's agent does.
// Any number of clients may use it at once. What the zone writes lives in the
// store alone: the payload it came from stays as it is.
// smartos-live: src/vm/lib/metadata/agent.js
type Store struct {
	mu       sync.Mutex
	vm       *value
	forced   map[string]answer // what tests of odd hosts want answered
	onChange func(metadata.Change)
	original *value // customer_metadata as the payload has it
}

var _ metadata.Store = (*Store)(nil)

type answer struct {
	text   string
	absent bool
	err    error
}

// NewStore is the store of a zone that was created from p.
func NewStore(p *Payload) *Store {
	vm := p.vm.clone()
	return &Store{vm: vm, original: vm.get("customer_metadata").clone(), forced: map[string]answer{}}
}

// A failure is an answer of FAILURE: the agent's own words, or none.
type failure string

func (f failure) Error() string { return string(f) }

// Get answers GET. Its error is an answer of FAILURE.
func (s *Store) Get(key string) (text string, ok bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, forced := s.forced[key]; forced {
		return a.text, a.err == nil && !a.absent, a.err
	}
	v := find(s.vm, key)
	if v == nil {
		return "", false, nil
	}
	if text, ok = v.render(); !ok {
		return "", false, failure("")
	}
	return text, true, nil
}

// Put answers PUT.
func (s *Store) Put(key, text string) error {
	if text == "" {
		return failure("Invalid PUT Request")
	}
	return s.write(metadata.Change{Key: key, Value: text})
}

// Delete answers DELETE, also that of a key that is not there.
func (s *Store) Delete(key string) error {
	return s.write(metadata.Change{Key: key, Delete: true})
}

// Keys answers KEYS: the customer's own keys, then the operator's that GET finds.
func (s *Store) Keys() (all []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.vm.get("customer_metadata").fields {
		if !isInternal(s.vm, f.name) {
			all = append(all, f.name)
		}
	}
	for _, f := range s.vm.get("internal_metadata").fields {
		if isInternal(s.vm, f.name) {
			all = append(all, f.name)
		}
	}
	return all, nil
}

// write is a change that the zone asks for.
func (s *Store) write(c metadata.Change) error {
	s.mu.Lock()
	property, err := s.writable(c.Key)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.apply(property, c)
	return nil
}

// writable is the map that a change of the key from the zone changes.
func (s *Store) writable(key string) (property string, err error) {
	namespace := internalNamespace(s.vm, key)
	if strings.HasPrefix(key, "sdc:") {
		namespace = "sdc"
	}
	switch {
	case namespace != "":
		return "", failure(`Cannot update the "` + namespace + `" Namespace.`)
	case strings.HasSuffix(key, "_pw") || key == "operator-script":
		return "internal_metadata", nil
	default:
		return "customer_metadata", nil
	}
}

func (s *Store) apply(property string, c metadata.Change) {
	s.mu.Lock()
	if c.Delete {
		s.vm.get(property).remove(c.Key)
	} else {
		s.vm.get(property).set(c.Key, textValue(c.Value))
	}
	hook := s.onChange
	s.mu.Unlock()
	if hook != nil {
		hook(c)
	}
}
