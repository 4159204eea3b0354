package main

import (
	"fmt"
	"slices"
	"strings"

	"dockerinit/cmd/internal/payload"
	"dockerinit/core"
	"dockerinit/core/exit"
	"dockerinit/core/image"
	"dockerinit/core/zone"
	"dockerinit/platform_fake/host"
)

// A report is a plan as people and programs see it. plan --help tells its fields.
type report struct {
	Boots       bool              `json:"boots"`
	Brand       string            `json:"brand"`
	Hostname    string            `json:"hostname"`
	User        user              `json:"user"`
	Workdir     string            `json:"workdir"`
	Argv        []string          `json:"argv"`
	Program     string            `json:"program,omitempty"`
	Environment []string          `json:"environment"`
	Umask       string            `json:"umask"`
	Stdio       stdioPlan         `json:"stdio"`
	LogDriver   string            `json:"log_driver,omitempty"`
	HealthCheck *healthCheck      `json:"health_check,omitempty"`
	NICs        []nic             `json:"nics"`
	Routes      []route           `json:"routes"`
	Mounts      []string          `json:"mounts"`
	Steps       []step            `json:"steps"`
	Problems    []payload.Problem `json:"problems"`
}

type user struct {
	Asked    string   `json:"asked"`
	Resolved bool     `json:"resolved"`
	UID      uint32   `json:"uid"`
	GID      uint32   `json:"gid"`
	Groups   []uint32 `json:"groups"`
	Home     string   `json:"home,omitempty"`
}

type stdioPlan struct {
	TTY       bool `json:"tty"`
	OpenStdin bool `json:"open_stdin"`
}

type healthCheck struct {
	Test          []string `json:"test"`
	Interval      string   `json:"interval"`
	Timeout       string   `json:"timeout"`
	StartPeriod   string   `json:"start_period"`
	StartInterval string   `json:"start_interval"`
	Retries       int      `json:"retries"`
}

type nic struct {
	Interface string   `json:"interface"`
	Primary   bool     `json:"primary"`
	MAC       string   `json:"mac,omitempty"`
	MTU       int      `json:"mtu,omitempty"`
	Addresses []string `json:"addresses"`
	DHCP      bool     `json:"dhcp"`
	Addrconf  bool     `json:"addrconf"`
	Gateways  []string `json:"gateways"`
}

type route struct {
	Dst       string `json:"dst"`
	Gateway   string `json:"gateway"`
	OnLink    bool   `json:"on_link"`
	Interface string `json:"interface,omitempty"`
}

type step struct {
	Name    string   `json:"step"`
	Actions []string `json:"actions"`
}

// planOf works out the report. root may be nil.
func planOf(p *host.Payload, root *image.Root) report {
	values, refused := payload.Values(p)
	z, wrong := zone.Decode(zone.Init|zone.Host, values)
	plan := core.NewPlan(z, root, nil)
	errs := slices.Concat(exit.Each(refused), exit.Each(wrong), exit.Each(plan.Err))

	r := report{
		Brand: string(z.Brand), Hostname: z.Hostname,
		User:    user{Asked: z.User, Resolved: len(plan.Unresolved) == 0 && !slices.ContainsFunc(errs, ofUser)},
		Workdir: plan.Command.Dir, Argv: notNil(plan.Command.Args), Program: plan.Command.Path,
		Environment: []string{}, Umask: fmt.Sprintf("%04o", plan.Command.Umask),
		Stdio: stdioPlan{TTY: z.Console.TTY, OpenStdin: z.Console.OpenStdin}, LogDriver: z.Logger.Driver,
		NICs: []nic{}, Routes: []route{}, Mounts: []string{}, Steps: []step{},
		Problems: notNil(payload.Problems(p, z, errs, plan.Warnings)),
	}
	if root != nil {
		r.User.Home = plan.User.Home
	} else if strings.HasPrefix(z.Workdir, "~") {
		r.Workdir = z.Workdir // only the image knows the user's home
	}
	if r.User.Resolved {
		c := plan.Command.Credentials
		r.User.UID, r.User.GID, r.User.Groups = c.UID, c.GID, c.Groups
	}
	r.User.Groups = notNil(r.User.Groups)
	for _, v := range plan.Command.Env {
		name, _, _ := strings.Cut(v, "=")
		r.Environment = append(r.Environment, name)
	}
	if h := z.Supervise.Health; h != nil {
		r.HealthCheck = &healthCheck{h.Test, h.Interval.String(), h.Timeout.String(), h.StartPeriod.String(), h.StartInterval.String(), h.Retries}
	}
	for _, n := range z.Network.NICs {
		r.NICs = append(r.NICs, nic{n.Interface, n.Primary, n.MAC, n.MTU, texts(n.Addresses), n.DHCP, n.Addrconf, texts(n.Gateways)})
	}
	for _, o := range z.Network.Ordered() {
		r.Routes = append(r.Routes, route{o.Dst.String(), o.Gateway.String(), o.OnLink, o.Interface})
	}
	for _, s := range plan.Steps {
		done := step{Name: s.Step, Actions: []string{}}
		for _, a := range s.Actions {
			done.Actions = append(done.Actions, a.What)
			if mount, ok := strings.CutPrefix(a.What, "mount "); ok {
				r.Mounts = append(r.Mounts, mount)
			}
		}
		r.Steps = append(r.Steps, done)
	}
	r.Boots = !slices.ContainsFunc(r.Problems, func(p payload.Problem) bool { return !p.Warning })
	return r
}

// ofUser tells whether a mistake keeps the user from being known.
func ofUser(err error) bool {
	text := err.Error()
	return strings.HasPrefix(text, "docker:user") || strings.HasPrefix(text, "docker:group_add")
}

func texts[T fmt.Stringer](all []T) []string {
	out := []string{}
	for _, v := range all {
		out = append(out, v.String())
	}
	return out
}

// notNil is an empty array in JSON where nil would be null.
func notNil[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}
