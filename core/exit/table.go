package exit

// A Row is what an operator finds about a code.
type Row struct {
	Code    Code
	Name    string // as the constant is named
	Meaning string // what happened
	Hint    string // what to look at first
	Status  int    // the process status that goes with it
}

// The codes that this program ends with. 10, 11, 14 to 16, 21, 28, 30, 35, 36,
// 47 and 50 belonged to conditions of the C program that do not exist here and
// stay reserved. smartos-live: src/dockerinit/src/docker-common.h
const (
	Unexpected        Code = 1
	Chdir             Code = 2
	Exec              Code = 3
	Fork              Code = 4
	NoSuchGroup       Code = 5
	Initgroups        Code = 6
	InvalidBrand      Code = 7
	MetadataFailed    Code = 8
	MetadataInit      Code = 9
	NoBrand           Code = 12
	NoCommand         Code = 13
	NotFoundInPath    Code = 17
	Open              Code = 18
	OpenConsole       Code = 19
	ParseJSON         Code = 20
	Rename            Code = 22
	Setgid            Code = 23
	Setuid            Code = 24
	StatCommand       Code = 25
	CommandIsDir      Code = 26
	NotExecutable     Code = 27
	NoSuchUser        Code = 29
	IpadmDoor         Code = 31
	PlumbInterface    Code = 32
	RaiseInterface    Code = 33
	UpIPv6            Code = 34
	IpmgmtdExit       Code = 37
	IpmgmtdDied       Code = 38
	IpmgmtdCrashed    Code = 39
	MountDevFd        Code = 40
	FdopenLog         Code = 41
	Close             Code = 42
	AttachNoTimestamp Code = 43
	AttachGettime     Code = 44
	AttachTimedOut    Code = 45
	MetadataTooOld    Code = 46
	NoMemory          Code = 48
	Mkdir             Code = 49
	OpenZfd           Code = 51
	StatZfd           Code = 52
	IoctlZfd          Code = 53
	Dup2              Code = 54
	Contract          Code = 55
	MountDevShm       Code = 56
	InvalidVolumes    Code = 57
	MountVolume       Code = 58
	UnknownVolume     Code = 59
	InvalidValue      Code = 64
	Limits            Code = 66
	Credentials       Code = 67
	MountTmpfs        Code = 68
	LoggerEnded       Code = 69
)

// Table has every code once, in the order of the numbers.
var Table = []Row{
	{Unexpected, "Unexpected", "an internal error", "report it with the log; the zone's payload helps to see it again", StatusFailed},
	{Chdir, "Chdir", "the working directory cannot be entered", "docker:workdir and the permissions along its path in the image", StatusFailed},
	{Exec, "Exec", "the command, or a log driver, could not be executed", "the file's first line or ELF interpreter, its architecture, noexec mounts", StatusNoExec},
	{Fork, "Fork", "a helper process could not be started", "the zone's process limit (max_lwps) and memory", StatusFailed},
	{NoSuchGroup, "NoSuchGroup", "the group is not in the image's /etc/group", "the group in docker:user or docker:group_add; a number works without an entry", StatusFailed},
	{Initgroups, "Initgroups", "the supplementary groups could not be set", "how many groups the user is in, and the zone's privileges", StatusFailed},
	{InvalidBrand, "InvalidBrand", "the zone's brand is not one that docker zones have", "sdc:brand must be lx or joyent-minimal", StatusFailed},
	{MetadataFailed, "MetadataFailed", "the host refused a metadata request", "the metadata agent's log in the global zone", StatusFailed},
	{MetadataInit, "MetadataInit", "the metadata service could not be reached", "whether the metadata agent runs in the global zone, and the zone's .zonecontrol mount", StatusFailed},
	{NoBrand, "NoBrand", "the host named no brand", "sdc:brand, which vmadm always sets: is this the zone's own metadata service?", StatusFailed},
	{NoCommand, "NoCommand", "there is no command to run", "docker:entrypoint and docker:cmd: both are empty or absent", StatusFailed},
	{NotFoundInPath, "NotFoundInPath", "the command is in no directory of PATH", "the command's spelling, and PATH in docker:env", StatusNotFound},
	{Open, "Open", "a file could not be opened", "the file that the line names", StatusFailed},
	{OpenConsole, "OpenConsole", "the console could not be opened", "zlog-mode of the zone, and /dev/zfd in it", StatusFailed},
	{ParseJSON, "ParseJSON", "a metadata value is not the JSON that it should be", "the key and the element that the line names, in internal_metadata", StatusFailed},
	{Rename, "Rename", "the provisioning marker could not be renamed", "/var/svc in the image: a read-only or full file system", StatusFailed},
	{Setgid, "Setgid", "the group could not be taken on", "the zone's privileges", StatusFailed},
	{Setuid, "Setuid", "the user could not be taken on", "the zone's privileges and the user's process limit", StatusFailed},
	{StatCommand, "StatCommand", "the command's file does not exist", "the path in docker:entrypoint or docker:cmd, relative to docker:workdir", StatusNotFound},
	{CommandIsDir, "CommandIsDir", "the command is a directory", "docker:entrypoint and docker:cmd", StatusNoExec},
	{NotExecutable, "NotExecutable", "the command may not be executed by the user", "the file's mode and owner, and docker:user", StatusNoExec},
	{NoSuchUser, "NoSuchUser", "the user is not in the image's /etc/passwd", "docker:user; a number works without an entry", StatusFailed},
	{IpadmDoor, "IpadmDoor", "the IP configuration library could not be opened", "whether ipmgmtd started, in the lines above", StatusFailed},
	{PlumbInterface, "PlumbInterface", "an interface could not be created", "the NIC's name in sdc:nics, and dladm show-vnic in the zone", StatusFailed},
	{RaiseInterface, "RaiseInterface", "an address could not be configured", "ips of the NIC in sdc:nics; another host with the same address; allowed-ips", StatusFailed},
	{UpIPv6, "UpIPv6", "the IPv6 side of an interface could not be brought up", "the NIC that the line names", StatusFailed},
	{IpmgmtdExit, "IpmgmtdExit", "ipmgmtd ended at once", "its words in the lines above", StatusFailed},
	{IpmgmtdDied, "IpmgmtdDied", "ipmgmtd was ended by a signal", "the zone's memory limit", StatusFailed},
	{IpmgmtdCrashed, "IpmgmtdCrashed", "ipmgmtd's start failed", "its words in the lines above", StatusFailed},
	{MountDevFd, "MountDevFd", "/dev/fd could not be mounted", "/dev in the zone", StatusFailed},
	{FdopenLog, "FdopenLog", "the log's file could not be used", "/var/log in the image", StatusFailed},
	{Close, "Close", "a file could not be closed", "the file that the line names", StatusFailed},
	{AttachNoTimestamp, "AttachNoTimestamp", "docker:wait_for_attach is not a time", "the key in internal_metadata: milliseconds since 1970", StatusFailed},
	{AttachGettime, "AttachGettime", "the clock could not be read", "the clock of the host", StatusFailed},
	{AttachTimedOut, "AttachTimedOut", "nobody attached in time", "cn-agent's log; removing docker:wait_for_attach starts the container without", StatusFailed},
	{MetadataTooOld, "MetadataTooOld", "the host speaks version 1 of the metadata protocol, which cannot write", "the platform's version", StatusFailed},
	{NoMemory, "NoMemory", "there is not enough memory", "max_physical_memory and max_swap of the zone", StatusFailed},
	{Mkdir, "Mkdir", "a directory could not be made", "docker:workdir or the mount point that the line names: a file in its way, a read-only root", StatusFailed},
	{OpenZfd, "OpenZfd", "a stream of the zone's console is not there", "zlog-mode of the zone; joyent-minimal has no zfd 3 and 4 on older platforms", StatusFailed},
	{StatZfd, "StatZfd", "a stream of the zone's console cannot be examined", "/dev/zfd in the zone", StatusFailed},
	{IoctlZfd, "IoctlZfd", "the console's tee could not be set up", "zlog-mode of the zone", StatusFailed},
	{Dup2, "Dup2", "a descriptor could not be put in its place", "the limit of open files", StatusFailed},
	{Contract, "Contract", "a process contract could not be set up", "/system/contract in the zone", StatusFailed},
	{MountDevShm, "MountDevShm", "/dev/shm could not be mounted", "/dev/shm in the image must be a directory; docker:shmsize", StatusFailed},
	{InvalidVolumes, "InvalidVolumes", "docker:nfsvolumes describes no volume", "the element that the line names", StatusFailed},
	{MountVolume, "MountVolume", "an NFS volume could not be mounted", "the server's exports and its address from this zone; the helper's words in the line", StatusFailed},
	{UnknownVolume, "UnknownVolume", "a volume's type is unknown", "sdc:volumes", StatusFailed},
	{InvalidValue, "InvalidValue", "a metadata value is not what its key takes", "the key that the line names", StatusFailed},
	{Limits, "Limits", "a resource limit could not be set", "docker:ulimits", StatusFailed},
	{Credentials, "Credentials", "the command's user or groups are not the ones asked for", "the zone's privileges; the container was not started with the wrong rights", StatusFailed},
	{MountTmpfs, "MountTmpfs", "a tmpfs of docker:tmpfs could not be mounted", "the path and options in docker:tmpfs", StatusFailed},
	{LoggerEnded, "LoggerEnded", "the log driver has ended, and the container with it", "docker:logconfig, and whether the driver's server takes what it sends", StatusFailed},
}
