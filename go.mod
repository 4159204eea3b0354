module dockerinit

go 1.26.0

require (
	github.com/hashicorp/go-multierror v1.1.1
	github.com/moby/sys/user v0.5.0
	github.com/vishvananda/netlink v1.3.1
	golang.org/x/sys v0.49.0
)

require (
	github.com/hashicorp/errwrap v1.0.0 // indirect
	github.com/vishvananda/netns v0.0.5 // indirect
)
