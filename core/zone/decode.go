package zone

import (
	"fmt"
	"time"

	"github.com/hashicorp/go-multierror"

	"dockerinit/core/exit"
)

// Decode turns what the host said into a Zone. It judges the keys that the
// reader reads and no others, and returns everything that is wrong with them as
// one *multierror.Error in the order of Keys: each a *Problem with its exit
// code. The zone is there even then, with all that could be understood, so that
// a plan can show it.
func Decode(reader Reader, values map[string]string) (*Zone, error) {
	return decode(reader, values, zoneKeys, ProcessKeys, otherKeys)
}

// Decode does so with the keys of the table alone.
func (t Table) Decode(reader Reader, values map[string]string) (*Zone, error) {
	return decode(reader, values, t)
}

func decode(reader Reader, values map[string]string, parts ...Table) (*Zone, error) {
	d := decoder{values: values, zone: &Zone{
		Umask: 0o022,
		Supervise: Supervise{
			StopSignal:  SIGTERM,
			StopTimeout: 10 * time.Second,
			Restart:     Restart{Policy: "no"},
		},
		Host: HostValues{RestartPolicy: Restart{Policy: "no"}},
	}}
	for _, part := range parts {
		for i := range part {
			if key := &part[i]; key.Readers&reader != 0 && key.decode != nil {
				d.begin(key)
				key.decode(&d, values[key.Name])
				d.end()
			}
		}
	}
	return d.zone, d.problems.ErrorOrNil()
}

// A million elements can be wrong; more lines than this about one key help nobody.
const maxTold = 20

// A decoder works through the keys, one after the other.
type decoder struct {
	values   map[string]string
	zone     *Zone
	problems *multierror.Error
	nics     []spot // where each of zone.Network.NICs stands
	unclear  bool   // docker:entrypoint was not understood

	key    *Key
	code   exit.Code // what a bad value of this key ends with
	wrong  int       // problems and warnings of this key so far
	warned int
}

func (d *decoder) begin(key *Key) {
	d.key, d.code, d.wrong, d.warned = key, exit.InvalidValue, 0, 0
}

func (d *decoder) end() {
	if more := d.wrong - maxTold; more > 0 {
		text := fmt.Sprintf("%s: and %d more", d.key.Name, more)
		d.problems = multierror.Append(d.problems, &exit.Error{Code: d.code, Err: &Problem{d.key.Name, "", text}})
	}
	if more := d.warned - maxTold; more > 0 {
		d.zone.Warnings = append(d.zone.Warnings, fmt.Sprintf("%s: and %d more", d.key.Name, more))
	}
}
