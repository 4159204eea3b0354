// Package host is the host's side of a docker zone: it reads the payload that
// an operator has, the JSON which `vmadm create` takes and `vmadm get` prints,
// adds what vmadm adds to it, and answers the zone's metadata requests with the
// rules of the host's agent.
//
//	payload, err := host.Read(file)     one JSON document, strict
//	payload.Check()                     what vmadm would refuse or change, with JSON paths
//	store := host.NewStore(payload)     GET, PUT, DELETE, KEYS as the agent answers them
//	host.Listen(path)                   a socket to serve it on, with a metadata.Server
//
// A created zone and one that has been running for years look alike to their
// init, so both forms of a payload give the same answers. What a zone makes of
// these answers is core/zone's business and not judged here.
//
// The agent's rules stand in smartos-live: src/vm/lib/metadata/agent.js, what
// vmadm adds in src/vm/node_modules/VM.js.
package host
