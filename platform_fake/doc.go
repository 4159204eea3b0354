// Package fake is a docker zone in memory: a Platform for people who have no
// SmartOS at hand, and for every test of a boot.
//
//	payload, err := host.Read(file)
//	zone := fake.New(payload, root)
//	err = core.Init(ctx, zone.Platform(), log, core.Options{})
//	err = zone.Close()
//	fmt.Print(zone.State())
//
// It is no mock. What is configured is kept, and what a kernel would refuse is
// refused: a route to a gateway on no link, an address twice, an address that
// the host has not allowed, a mount on something that is no directory. The
// metadata client is the one that every zone has, over a connection to a store
// with the rules of the host's agent (package host).
//
// Each interface of core has a file of its name. faults.go breaks a call of any
// of them on purpose; state.go tells what has become of the zone.
package fake
