package zone

import "slices"

// A Reader is a set of programs that read keys.
type Reader uint

// Who reads a key. A key without any of them is written or kept by the host
// alone, and stands in the table so that nobody takes it for a mistake.
const (
	Init Reader = 1 << iota // dockerinit asks for it
	Exec                    // dockerexec asks for it
	Host                    // the host acts on it; judged by `dockerzone plan`, never asked for in the zone
)

// A Key is a row of the table of keys.
type Key struct {
	Name    string
	Readers Reader
	Format  string // what its text is
	Default string // what an absent or empty one means
	Meaning string
	Secret  bool // its content appears in no log and no error
	decode  func(d *decoder, text string)
}

const (
	open   = false
	secret = true
)

// Keys is every key that means something for a docker zone, in the order in
// which problems are told. A zone reads each once; docker:wait_for_attach
// counts only as it is when the console is open.
//
// It is a table in three parts, so that dockerexec, which reads the second alone,
// links no decoder of the others.
func Keys() Table { return slices.Concat(zoneKeys, ProcessKeys, otherKeys) }

var zoneKeys = Table{
	{"sdc:brand", Init, "lx or joyent-minimal", "none: the boot ends", "the kind of zone", open, (*decoder).brand},
	{"sdc:internal_metadata_namespaces.0", Init, "text", "", "prefixes of keys that the zone itself cannot write; docker must be one", open, (*decoder).namespaces},
	{"sdc:internal_metadata_namespaces.1", Init, "text", "", "the same", open, nil},
	{"sdc:internal_metadata_namespaces.2", Init, "text", "", "the same", open, nil},
	{"sdc:internal_metadata_namespaces.3", Init, "text", "", "the same", open, nil},
	{"sdc:internal_metadata_namespaces.4", Init, "text", "", "the same", open, nil},
	{"sdc:internal_metadata_namespaces.5", Init, "text", "", "the same", open, nil},
	{"sdc:internal_metadata_namespaces.6", Init, "text", "", "the same", open, nil},
	{"sdc:internal_metadata_namespaces.7", Init, "text", "", "the same", open, nil},

	// The network.
	{"sdc:nics", Init, "JSON array of objects with interface, ips, gateways, primary, mtu …", "no network", "the network interfaces", open, (*decoder).allNICs},
	{"sdc:routes", Init, "JSON array of objects with dst, gateway, linklocal", "none", "the static routes", open, (*decoder).routes},
	{"docker:noipmgmtd", Init, "true", "the daemons stay", "end the network daemons after set-up", open, (*decoder).noIpmgmtd},

	// The file systems.
	{"docker:nfsvolumes", Init, "JSON array of objects with nfsvolume, mountpoint, readonly", "none", "the NFS volumes", open, (*decoder).nfsVolumes},
	{"docker:tmpfs", Init, "JSON object from path to mount options", "none", "the tmpfs mounts", open, (*decoder).tmpfs},
	{"docker:shmsize", Init, "bytes", "no limit of its own", "the size of /dev/shm", open, (*decoder).shmSize},
}

// ProcessKeys are those of a process in the zone, whoever starts it: all that
// dockerexec reads.
var ProcessKeys = Table{
	{"sdc:hostname", Init | Exec, "host name", "the kernel's name stays", "the zone's node name, and HOSTNAME", open, (*decoder).hostname},
	{"docker:user", Init | Exec, "user[:group], each a name or a number", "root", "who the command runs as", open, (*decoder).user},
	{"docker:group_add", Init | Exec, "JSON array of group names or numbers as text", "none", "supplementary groups", open, (*decoder).groupAdd},
	{"docker:workdir", Init | Exec, "path", "/", "where the command starts", open, (*decoder).workdir},
	{"docker:workingdir", Init | Exec, "path", "", "taken for docker:workdir where that is absent", open, (*decoder).workingdir},
	{"docker:linkEnv", Init | Exec, "JSON array of NAME=value", "none", "environment of links", secret, (*decoder).linkEnv},
	{"docker:env", Init | Exec, "JSON array of NAME=value", "none", "environment, over docker:linkEnv", secret, (*decoder).env},
	{"docker:umask", Init | Exec, "octal number", "022", "the file mode creation mask", open, (*decoder).umask},
	{"docker:ulimits", Init | Exec, "JSON array of objects with Name, Soft, Hard", "as the zone has them", "resource limits", open, (*decoder).ulimits},
}

var otherKeys = Table{
	// The command.
	{"docker:entrypoint", Init, "JSON array of strings", "none", "the command's first words", open, (*decoder).entrypoint},
	{"docker:cmd", Init, "JSON array of strings", "none", "the command's further words", open, (*decoder).cmd},

	// The console and what listens to it.
	{"docker:tty", Init, "true", "three streams", "the console is a terminal", open, (*decoder).tty},
	{"docker:open_stdin", Init, "true", "/dev/null", "the command reads the console", open, (*decoder).openStdin},
	{"docker:logdriver", Init, "json-file, none, fluentd, gelf or syslog", "json-file", "where the output goes besides the host", open, (*decoder).logDriver},
	{"docker:logconfig", Init, "JSON object of strings", "none", "the log driver's options", secret, (*decoder).logConfig},
	{"docker:id", Init, "64 hexadecimal digits", "", "the container's id, for the log driver", open, (*decoder).logged},
	{"sdc:alias", Init, "text", "", "the container's name, for the log driver", open, (*decoder).logged},
	{"sdc:create_timestamp", Init, "time", "", "when the container was created, for the log driver", open, (*decoder).logged},
	{"docker:imageid", Init, "text", "", "the image's id, for the log driver", open, (*decoder).logged},
	{"docker:imagename", Init, "text", "", "the image's name, for the log driver", open, (*decoder).logged},
	{"docker:wait_for_attach", Init, "milliseconds since 1970", "nothing is waited for", "hold the command back until somebody has attached, to that time at most", open, (*decoder).attach},

	// What is done by a dockerinit that stays.
	{"docker:stopsignal", Init, "signal name or number", "TERM", "what a request to stop sends to the command", open, (*decoder).stopSignal},
	{"docker:stoptimeout", Init, "seconds, -1 for ever", "10", "from the stop signal to KILL", open, (*decoder).stopTimeout},
	{"docker:healthcheck", Init, "JSON object with Test, Interval, Timeout …", "none", "how to tell whether the command works", open, (*decoder).healthCheck},
	{"docker:init_group", Init, "true", "the command alone", "signals go to the command's whole process group", open, (*decoder).initGroup},
	{"docker:init_grace", Init, "seconds", "0", "what the other processes get when the command has ended", open, (*decoder).initGrace},
	{"docker:init_restart", Init, "no, always, unless-stopped or on-failure[:max]", "no", "start the command again within the zone", open, (*decoder).initRestart},
	{"docker:init", Init, "true", "the command takes our place", "stay as PID 1, reap and forward", open, (*decoder).stay},

	{"__dockerinit_failure", Init, "JSON object", "", "what an earlier boot failed with; a good one deletes it", open, (*decoder).failure},
	{"__dockerinit_restart_count", Init, "number", "0", "how often docker:init_restart has started the command again", open, func(d *decoder, s string) { d.zone.Told.Restarts = s }},
	{"__dockerinit_last_exit", Init, "number", "it has not ended yet", "how the command has ended last: its status, 128+N for signal N", open, func(d *decoder, s string) { d.zone.Told.LastExit = s }},
	{"__dockerinit_health", Init, "starting, healthy or unhealthy", "no health check", "what docker:healthcheck says of the command", open, func(d *decoder, s string) { d.zone.Told.Health = s }},
	{"__dockerinit_waiting_for_attach", 0, "milliseconds since 1970", "", "written while a boot waits for docker:wait_for_attach", open, nil},

	// What the host acts on.
	{"docker:restartpolicy", Host, "always or on-failure[:max]", "no", "when the host starts the zone again", open, (*decoder).restartPolicy},
	{"docker:restartcount", Host, "number", "0", "how often it did since the last start by hand", open, (*decoder).restartCount},
	{"docker:restartdelay", Host, "milliseconds", "100", "the pause before the next time", open, (*decoder).restartDelay},
	{"docker:attach_stdin", Host, "true", "no", "as docker inspect shows it", open, func(d *decoder, s string) { d.zone.Host.AttachStdin = d.boolean(s) }},
	{"docker:attach_stdout", Host, "true", "no", "as docker inspect shows it", open, func(d *decoder, s string) { d.zone.Host.AttachStdout = d.boolean(s) }},
	{"docker:attach_stderr", Host, "true", "no", "as docker inspect shows it", open, func(d *decoder, s string) { d.zone.Host.AttachStderr = d.boolean(s) }},
	{"sdc:resolvers", Host, "JSON array of addresses", "none", "the name servers of resolv.conf", open, (*decoder).resolvers},
	{"docker:dnssearch", Host, "JSON array of strings", "none", "the search list of resolv.conf", open, (*decoder).dnsSearch},
	{"sdc:dns_domain", Host, "domain", "local", "the end of the search list", open, (*decoder).dnsDomain},
	{"docker:extraHosts", Host, "JSON array of NAME:IP", "none", "lines of the hosts file", open, (*decoder).extraHosts},
	{"docker:linkHosts", Host, "lines of a hosts file", "none", "lines of the hosts file", open, func(d *decoder, s string) { d.zone.Host.LinkHosts = s }},
	{"docker:hostsFile", Host, "path", "/etc/hosts", "where the hosts file is mounted", open, func(d *decoder, s string) { d.zone.Host.HostsFile = d.absolute(s) }},
	{"docker:hostnameFile", Host, "path", "/etc/hostname", "where the host name's file is mounted", open, func(d *decoder, s string) { d.zone.Host.HostnameFile = d.absolute(s) }},
	{"docker:resolvConfFile", Host, "path", "/etc/resolv.conf", "where resolv.conf is mounted", open, func(d *decoder, s string) { d.zone.Host.ResolvConfFile = d.absolute(s) }},
	{"docker:hostvolumes", Host, "JSON object from path to url", "none", "files that are fetched before each start", open, func(d *decoder, s string) { d.json(s, isObject) }},
	{"docker:volumesfrom", Host, "JSON array of strings", "none", "zones whose volumes are used", open, func(d *decoder, s string) { d.words(s) }},
	{"docker:publish_all_ports", Host, "true", "no", "publish every port of the image", open, func(d *decoder, s string) { d.boolean(s) }},
	{"docker:tcp_unpublished_ports", Host, "JSON array of numbers", "none", "the image's ports that are not published", open, (*decoder).ports},
	{"docker:udp_unpublished_ports", Host, "JSON array of numbers", "none", "the image's ports that are not published", open, (*decoder).ports},
	{"docker:tcp_all_ports", Host, "JSON array of numbers", "none", "the ports of old zones", open, (*decoder).ports},
	{"docker:udp_all_ports", Host, "JSON array of numbers", "none", "the ports of old zones", open, (*decoder).ports},
	{"sdc:tmpfs", Host, "MiB", "0", "the size of /tmp, 0 for none of its own", open, (*decoder).tmpfsMiB},
	{"sdc:volumes", Host, "JSON array of objects", "none", "volumes of plain lx zones; a docker zone mounts docker:nfsvolumes", open, (*decoder).plainVolumes},

	// What every zone has and no docker zone needs.
	{"sdc:uuid", 0, "text", "", "the zone's id", open, nil},
	{"sdc:zonename", 0, "text", "", "the zone's name in the kernel", open, nil},
	{"sdc:owner_uuid", 0, "text", "", "whose zone it is", open, nil},
	{"sdc:server_uuid", 0, "text", "", "the machine that it is on", open, nil},
	{"sdc:datacenter_name", 0, "text", "", "where that machine is", open, nil},
	{"sdc:docker", 0, "true or false", "", "whether it is a docker zone", open, nil},
	{"sdc:init_name", 0, "path", "", "the program that the kernel starts", open, nil},
	{"sdc:restart_init", 0, "true or false", "", "whether the kernel starts it again", open, nil},
	{"sdc:kernel_version", 0, "text", "", "what an lx zone's uname says", open, nil},
	{"sdc:max_physical_memory", 0, "MiB", "", "the memory limit", open, nil},
	{"sdc:quota", 0, "GiB", "", "the disk limit", open, nil},
	{"sdc:firewall_enabled", 0, "true or false", "", "whether the host's firewall filters", open, nil},
	{"sdc:maintain_resolvers", 0, "true or false", "", "whether resolvers follow the host's", open, nil},
}

// A Table is rows of keys, in the order in which problems are told.
type Table []Key

// Names are the keys that a reader asks for, in the order of the table.
func Names(r Reader) []string { return names(r, zoneKeys, ProcessKeys, otherKeys) }

// Names are those of the table.
func (t Table) Names(r Reader) []string { return names(r, t) }

func names(r Reader, parts ...Table) (names []string) {
	for _, part := range parts {
		for i := range part {
			if part[i].Readers&r != 0 {
				names = append(names, part[i].Name)
			}
		}
	}
	return names
}

// Find is the row of a key.
func Find(name string) (Key, bool) {
	for _, k := range Keys() {
		if k.Name == name {
			return k, true
		}
	}
	return Key{}, false
}
