// Package doctor looks at a docker zone that runs, from inside of it, for what an
// operator is called for at night: children that nobody waits for, descriptors,
// memory and disks that run out, a network that leads nowhere, a host that does not
// answer, a clock that is wrong, a first process that cannot be told to stop.
//
// It reads what the kernel tells of the zone and changes nothing. What it reads
// belongs to the zone and may be anything: who shows it escapes it.
package doctor
