// Package contract is what the process contract file system is told: the
// numbers, the structure, and the template under which dockerinit forks. It
// makes no calls.
//
// A fork of a thread with an active template puts the child into a contract of
// its own; without one it joins its parent's. Templates are the thread's.
package contract

import "encoding/binary"

// Template is opened to read and write; what is set in it counts for the thread
// that activates it.
const Template = "/system/contract/process/template"

// illumos: usr/src/uts/common/sys/ctfs.h
const (
	Activate = 0x63747400 // CT_TACTIVATE
	Clear    = 0x63747401 // CT_TCLEAR
	Set      = 0x63747403 // CT_TSET
)

// illumos: usr/src/uts/common/sys/contract.h, sys/contract/process.h
const (
	critical    = 100 // CTP_EV_CRITICAL
	informative = 101 // CTP_EV_INFO
	fatal       = 0   // CTPP_EV_FATAL
	parameters  = 1   // CTPP_PARAMS
	creator     = 3   // CTPP_SVC_FMRI, a text

	hardwareError = 0x20 // CT_PR_EV_HWERR
	keepExec      = 0x10 // CT_PR_KEEP_EXEC
)

// fmri is the service that the contracts of children are said to belong to.
const fmri = "svc:/dockerinit/child:default"

// ParameterSize is the size of struct ct_param: id, size, and a pointer to the
// value at ValueAt.
const (
	ParameterSize = 16
	ValueAt       = 8
)

// A Parameter is one term of a template.
type Parameter struct {
	Name     string
	ID       uint32
	Value    []byte
	Optional bool // to set it takes a privilege that a zone may lack
}

// Header is struct ct_param without its pointer, which is where Value will lie.
func (p Parameter) Header() (b [ParameterSize]byte) {
	binary.LittleEndian.PutUint32(b[0:], p.ID)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(p.Value)))
	return b
}

// Terms are those of a child: nothing that it does is an event for anybody, and
// a hardware error ends it and what it has started. With keep the template also
// stays through an exec: what a log driver starts is not in its contract.
func Terms(keep bool) []Parameter {
	flags := uint64(0)
	if keep {
		flags = keepExec
	}
	return []Parameter{
		{Name: "critical events", ID: critical, Value: number(0)},
		{Name: "informative events", ID: informative, Value: number(0)},
		{Name: "fatal events", ID: fatal, Value: number(hardwareError)},
		{Name: "parameters", ID: parameters, Value: number(flags)},
		{Name: "service", ID: creator, Value: append([]byte(fmri), 0), Optional: true},
	}
}

func number(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }
