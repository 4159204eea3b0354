package main

import "dockerinit/core/exit"

// advice is what an operator is told of a code beyond its row in exit.Table: the
// likely causes, the likeliest first, and what to look at. UUID stands for the
// zone's. It is here and not in the table, because PID 1 has no use for it.
type advice struct {
	causes []string
	checks []string
}

// Shared by the codes that one place decides.
const (
	seePayload = "dockerzone plan, with what vmadm get UUID prints: it names each mistake and what was meant"
	seeLog     = "the lines before the FATAL line, in the global zone /zones/UUID/root/var/log/sdc-dockerinit.log"
	seeZfd     = "zonecfg -z UUID info attr name=zlog-mode: vmadm sets it from docker:tty and docker:logdriver"
	seeFull    = "vmadm get UUID | json quota, and how full the zone's dataset is (zfs list)"
	seeLimits  = "prctl -i zone UUID and zonememstat -z UUID in the global zone: what it may use, and uses"
	seeAgent   = "svcs metadata in the global zone, and its log: it serves the zone's socket"
)

var advices = map[exit.Code]advice{
	exit.Unexpected: {
		[]string{"a mistake in dockerinit itself: the line names its functions and no value"},
		[]string{seeLog, "the same payload in dockerinit-fake or dockerzone run: does it fail there too?"}},
	exit.Chdir: {
		[]string{"docker:workdir is a file, or a link that leads nowhere", "the directory's parents are not open to the user of docker:user", "an NFS volume covers it and its server refuses root"},
		[]string{"ls -ld of each directory along the path, in the zone's root", seePayload}},
	exit.Exec: {
		[]string{"the command is built for another architecture, or its ELF interpreter is not in the image", "the first line of a script ends with a carriage return, or names an interpreter that is not there", "arguments and environment together are longer than the kernel takes", "the file lies on a noexec mount", "it is the log driver that could not be executed: the line says so"},
		[]string{"file and head -n 1 of the command, in the zone's root", "ls -l /lib/sdc/docker/logger in the zone (/native/lib/sdc/docker/logger in an lx zone)", "the mounts of docker:tmpfs: they are noexec where they do not say exec"}},
	exit.Fork: {
		[]string{"the zone is at its limit of processes or of memory"},
		[]string{seeLimits}},
	exit.NoSuchGroup: {
		[]string{"a typing mistake in docker:user after the colon, or in docker:group_add", "the group exists on the machine where the image was built and not in the image"},
		[]string{"/etc/group in the zone's root: only this file is asked, no name service", "a number works without an entry"}},
	exit.Initgroups: {
		[]string{"the user is in more groups than the kernel takes", "the zone lacks a privilege that it has by default"},
		[]string{"how often /etc/group in the zone's root names the user", "zonecfg -z UUID info limitpriv"}},
	exit.InvalidBrand: {
		[]string{"dockerinit is the init of a zone that is no docker zone"},
		[]string{"vmadm get UUID | json brand: lx or joyent-minimal"}},
	exit.MetadataFailed: {
		[]string{"the host's metadata agent refuses the key that the line names", "the zone's metadata.json is damaged", "an answer is larger than a value may be"},
		[]string{seeAgent, "mdata-get of that key in the zone"}},
	exit.MetadataInit: {
		[]string{"the metadata agent was not running, or hung", "the zone's control directory is not mounted", "the socket there is not root's, so it was not trusted"},
		[]string{seeAgent, "ls -l of .zonecontrol in the zone (/native/.zonecontrol in an lx zone)"}},
	exit.NoBrand: {
		[]string{"the metadata service that answered is not the host's agent", "the agent does not know this zone yet"},
		[]string{seeAgent, "mdata-get sdc:uuid in the zone: is it this zone's?"}},
	exit.NoCommand: {
		[]string{"the image has neither ENTRYPOINT nor CMD, and none was given", "both were given empty"},
		[]string{"vmadm get UUID | json internal_metadata.docker:cmd, and docker:entrypoint: JSON arrays in a string", seePayload}},
	exit.NotFoundInPath: {
		[]string{"a typing mistake in the first word of the command", "the program is not in this image", "docker:env sets a PATH without the program's directory", "the whole command line stands in one element of docker:cmd"},
		[]string{"the PATH of docker:env, if it has one, and the directories of it in the zone's root", seePayload}},
	exit.Open: {
		[]string{"the image's root is not readable, or not a directory"},
		[]string{"the file that the line names", seeFull}},
	exit.OpenConsole: {
		[]string{"the zone has no zfd devices and its /dev/console cannot be opened"},
		[]string{seeZfd, "ls -l of /dev/zfd and /dev/console in the zone"}},
	exit.ParseJSON: {
		[]string{"a value was written by hand: an array is JSON in a string, with its quotes escaped", "a name is there twice, or something follows the end of the JSON"},
		[]string{seePayload}},
	exit.Rename: {
		[]string{"the image's file system is full or read-only", "/var/svc in the image is a link, which is not followed"},
		[]string{seeFull, "ls -ld of var/svc in the zone's root"}},
	exit.Setgid: {
		[]string{"the zone lacks a privilege that it has by default"},
		[]string{"zonecfg -z UUID info limitpriv"}},
	exit.Setuid: {
		[]string{"the zone lacks a privilege that it has by default", "the user is at the limit of processes"},
		[]string{"zonecfg -z UUID info limitpriv", seeLimits}},
	exit.StatCommand: {
		[]string{"the path has a typing mistake, or is relative to another directory than docker:workdir", "the file is a link that leads nowhere in this image", "a volume covers the directory"},
		[]string{"ls -lL of the path, in the zone's root", "docker:workdir, if the path has no slash in front"}},
	exit.CommandIsDir: {
		[]string{"docker:entrypoint or docker:cmd names a directory, often the one that the program is in"},
		[]string{seePayload}},
	exit.NotExecutable: {
		[]string{"the file has no execute permission for the user of docker:user", "a script was copied into the image without its mode"},
		[]string{"ls -l of the file, in the zone's root", "docker:user: is it the one that the image expects?"}},
	exit.NoSuchUser: {
		[]string{"a typing mistake in docker:user", "the user exists on the machine where the image was built and not in the image", "the image has no /etc/passwd at all"},
		[]string{"/etc/passwd in the zone's root: only this file is asked, no name service", "a number works without an entry"}},
	exit.IpadmDoor: {
		[]string{"ipmgmtd did not start, or ended again", "/etc/svc/volatile in the zone cannot be written to"},
		[]string{seeLog, "ps -fz UUID in the global zone: is there an ipmgmtd?"}},
	exit.PlumbInterface: {
		[]string{"the zone has no link of the NIC's name", "another NIC of sdc:nics has the same name"},
		[]string{"dladm show-vnic -z UUID in the global zone", "vmadm get UUID | json nics"}},
	exit.RaiseInterface: {
		[]string{"another host on the network has the address", "the address is not among those that the host allows for the link", "no DHCP server answered", "the mtu is larger than the link's"},
		[]string{"dladm show-linkprop -z UUID -p allowed-ips,mtu in the global zone", "ping the address from a neighbour while the zone is halted", seePayload}},
	exit.UpIPv6: {
		[]string{"no router on the link announces a network", "the mtu is below 1280, which IPv6 needs"},
		[]string{"dladm show-linkprop -z UUID -p dynamic-methods in the global zone", "whether ips of the NIC asks for addrconf on purpose"}},
	exit.IpmgmtdExit: {
		[]string{"/etc/svc/volatile in the zone cannot be written to", "an ipmgmtd of an earlier boot still runs"},
		[]string{seeLog}},
	exit.IpmgmtdDied: {
		[]string{"the zone ran out of memory while it booted"},
		[]string{seeLimits}},
	exit.IpmgmtdCrashed: {
		[]string{"the platform's ipmgmtd and its library are not of one version", "in an LX zone, the host's programs are not mounted below /native, or not read-only"},
		[]string{seeLog, "uname -v in the global zone, and whether the zone has files of its own in place of the platform's"}},
	exit.MountDevFd: {
		[]string{"/dev/fd in the zone is not a directory"},
		[]string{"ls -ld of /dev/fd in the zone"}},
	exit.FdopenLog: {
		[]string{"the image's file system is full or read-only"},
		[]string{seeFull}},
	exit.Close: {
		[]string{"the file system gave an error that it had kept back"},
		[]string{"the file that the line names", seeFull}},
	exit.AttachNoTimestamp: {
		[]string{"docker:wait_for_attach was written by hand"},
		[]string{"vmadm get UUID | json internal_metadata.docker:wait_for_attach: milliseconds since 1970; without the key nothing is waited for"}},
	exit.AttachGettime: {
		[]string{"the host's clock is not set"},
		[]string{"date in the global zone"}},
	exit.AttachTimedOut: {
		[]string{"the client that wanted to attach is gone", "the client cannot reach the compute node", "cn-agent was restarted between create and attach"},
		[]string{"cn-agent's log, for the task docker_exec of this zone", "remove docker:wait_for_attach from internal_metadata to start the container without"}},
	exit.MetadataTooOld: {
		[]string{"the platform's metadata agent speaks version 1 of the protocol alone"},
		[]string{"uname -v in the global zone", seeAgent}},
	exit.NoMemory: {
		[]string{"the zone's memory or swap limit is too small for what the image starts"},
		[]string{"vmadm get UUID | json max_physical_memory max_swap max_locked_memory", seeLimits}},
	exit.Mkdir: {
		[]string{"a file is where a directory is to be made", "the image's file system is full or read-only", "a link along the path leads nowhere, or round in a circle"},
		[]string{"ls -ld of each directory along the path, in the zone's root", seeFull}},
	exit.OpenZfd: {
		[]string{"the zone has no zlog-mode that asks for this stream", "joyent-minimal on an older platform has no zfd 3 and 4, which a log driver needs without a terminal", "zoneadmd had not opened its side after 30 s"},
		[]string{seeZfd, "ls -l of /dev/zfd in the zone"}},
	exit.StatZfd: {
		[]string{"the image has something of its own at /dev/zfd, and the brand did not mount /dev over it"},
		[]string{"ls -l of /dev/zfd in the zone"}},
	exit.IoctlZfd: {
		[]string{"the zone's zlog-mode has no n, so there is no tee for a log driver", "the Linux program is the init of an lx zone, where no Linux program can set the tee up: use the one for illumos"},
		[]string{seeZfd, "vmadm get UUID | json init_name"}},
	exit.Dup2: {
		[]string{"the limit of open files is lower than a handful"},
		[]string{"docker:ulimits of the payload, and prctl -n process.max-file-descriptor"}},
	exit.Contract: {
		[]string{"/system/contract is not mounted in the zone", "the zone is at its limit of contracts"},
		[]string{"mount in the zone, and prctl -n project.max-contracts"}},
	exit.MountDevShm: {
		[]string{"/dev/shm in the image is no directory", "docker:shmsize is larger than the zone may have"},
		[]string{"ls -ld of /dev/shm in the zone", "vmadm get UUID | json max_swap"}},
	exit.InvalidVolumes: {
		[]string{"an element lacks nfsvolume (HOST:/path) or mountpoint (an absolute path)", "the mount point lies in /proc, /dev or another place that is the platform's"},
		[]string{seePayload}},
	exit.MountVolume: {
		[]string{"the server cannot be reached from this zone: no route, or a firewall", "the server does not export the path to the zone's address", "the server hangs: the line says after how long it was given up"},
		[]string{"showmount -e SERVER from a zone on the same network", "the helper's own words in the line", "the routes of the boot, in the lines before"}},
	exit.UnknownVolume: {
		[]string{"sdc:volumes has a type other than tritonnfs"},
		[]string{"vmadm get UUID | json internal_metadata.sdc:volumes"}},
	exit.InvalidValue: {
		[]string{"a value has a form that its key does not take"},
		[]string{seePayload}},
	exit.Limits: {
		[]string{"docker:ulimits asks for a hard limit above the zone's own", "a limit of Linux that this platform does not have"},
		[]string{"docker:ulimits in the payload: Soft must not be above Hard", seeLimits}},
	exit.Credentials: {
		[]string{"the kernel accepted the change of user and did not make it: the command was not started with the wrong rights"},
		[]string{seeLog, "zonecfg -z UUID info limitpriv"}},
	exit.MountTmpfs: {
		[]string{"the path in docker:tmpfs is a file", "an option that this platform's tmpfs does not take", "the size is larger than the zone may have"},
		[]string{"docker:tmpfs in the payload: an object from path to options", "vmadm get UUID | json max_swap"}},
	exit.LoggerEnded: {
		[]string{"an option of docker:logconfig that the driver does not take", "the driver's server was not there, or went away", "the driver was killed for want of memory"},
		[]string{"docker:logdriver and docker:logconfig in the payload", "from the zone's network, whether the address in docker:logconfig answers", "docker:logdriver=json-file boots the same zone without a driver"}},
}
