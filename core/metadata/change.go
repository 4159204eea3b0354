package metadata

// A Change is a write to the zone's customer metadata: a PUT, or a DELETE.
type Change struct {
	Key    string
	Value  string
	Delete bool
}
