#!/usr/bin/bash
#
# Boots docker zones with the dockerinit of this project on a real SmartOS machine
# and tells, a line each, what agreed with what the tests say here and what did
# not. See README.md beside it for what only such a machine can prove.
#
# No machine that could run it was at hand: every command of the host's in it was
# written from its manual, and is run by the tests against stand-ins. A line that
# differs may be a mistake of this script; the log that it prints tells.
#
# Everything that it makes has the zone's own uuid in its name, and is gone when it
# ends, however it ends, unless --keep is given.
set -u

usage() {
	cat <<USAGE
Usage: verify.sh --image UUID --bin DIR [--brand BRAND] [--nic-tag TAG]
                 [--ip ADDRESS/LENGTH --gateway ADDRESS] [--keep]

Run it as root in the global zone.

  --image UUID    an image that is installed here (imgadm list). For lx one with
                  /bin/sh, id and sleep
  --bin DIR       where dockerinit, dockerexec and mdata are: what make illumos
                  has built in bin/illumos
  --brand BRAND   joyent-minimal, which is the default, or lx
  --nic-tag TAG   the network's (nictagadm list); admin unless it is given
  --ip ADDRESS/LENGTH --gateway ADDRESS
                  a free address there; else one of 198.18.0.0/15, without gateway
  --keep          leave the last zone for you to look at

Each line begins with one of

  agrees          it is as the tests say
  differs         it is not
  unknown         it could not be found out

Exit status: 0 all agrees, 1 something does not, 2 it could not be tried.
USAGE
}

brand=joyent-minimal image='' bin='' tag=admin ip=198.18.77.1/24 gateway='' keep=''
uuid='' work='' made='' differs=0

# The answers, each on a line of its own whatever a zone has said.
agrees() { printf 'agrees   %s\n' "$1"; }
differs() { printf 'differs  %s: %q, where %q is wanted\n' "$1" "$2" "$3"; differs=1; }
unknown() { printf 'unknown  %s: %q\n' "$1" "$2"; differs=1; }
same() { if [ "$2" = "$3" ]; then agrees "$1"; else differs "$1" "$2" "$3"; fi; }
has() { case $2 in *"$3"*) agrees "$1" ;; *) differs "$1" "$2" "$3" ;; esac; }
lacks() { case $2 in *"$3"*) differs "$1" "$2" "nothing of $3" ;; *) agrees "$1" ;; esac; }

give_up() {
	printf 'verify.sh: %s\n' "$*" >&2
	exit 2
}

# within SECONDS COMMAND… tries until it succeeds.
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.2
	done
}

clean_up() {
	local status=$?
	trap - EXIT
	trap '' INT TERM HUP
	if [ -n "$keep" ] && [ -n "$made" ]; then
		printf 'verify.sh: left: zone %s and %s\n' "$uuid" "$work"
		exit "$status"
	fi
	if [ -n "$made" ]; then
		[ "$status" = 0 ] || tail -n 40 "$root/var/log/sdc-dockerinit.log" 2>/dev/null | sed 's/^/log      /'
		if ! vmadm delete "$uuid" >/dev/null 2>&1 && vmadm get "$uuid" >/dev/null 2>&1; then
			printf 'verify.sh: zone %s is still there: vmadm delete %s\n' "$uuid" "$uuid" >&2
			status=2
		fi
	fi
	[ -z "$work" ] || rm -rf -- "$work"
	exit "$status"
}

matches() { [[ $1 =~ $2 ]] || give_up "$3 $1: $4"; }

arguments() {
	while [ $# -gt 0 ]; do
		case $1 in
		--help | -h) usage; exit 0 ;;
		--keep) keep=yes; shift; continue ;;
		--image | --bin | --brand | --nic-tag | --ip | --gateway) [ $# -gt 1 ] || give_up "$1 needs a value" ;;
		*) give_up "$1: unknown; verify.sh --help tells how it is used" ;;
		esac
		case $1 in
		--image) image=$2 ;;
		--bin) bin=$2 ;;
		--brand) brand=$2 ;;
		--nic-tag) tag=$2 ;;
		--ip) ip=$2 ;;
		--gateway) gateway=$2 ;;
		esac
		shift 2
	done
	matches "$image" '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' --image 'the uuid of an image is expected'
	matches "$brand" '^(joyent-minimal|lx)$' --brand 'joyent-minimal or lx is expected'
	matches "$tag" '^[A-Za-z0-9_]+$' --nic-tag 'a name is expected'
	matches "$ip" '^[0-9.]+/[0-9]+$' --ip 'an address with its length is expected, as 10.0.0.5/24'
	matches "$gateway" '^[0-9.]*$' --gateway 'an address is expected'
	for program in dockerinit dockerexec mdata; do
		[ -x "$bin/$program" ] || give_up "--bin $bin: there is no $program; make illumos builds it into bin/illumos"
	done
	for program in vmadm zlogin json uuid; do
		command -v "$program" >/dev/null || give_up "$program is not there: this is not the global zone of a SmartOS machine"
	done
}

# payload COMMAND is the zone's: what it runs, as a shell's script.
payload() {
	local kernel=''
	[ "$brand" = lx ] && kernel='"kernel_version": "4.10",'
	cat <<PAYLOAD
{
  "uuid": "$uuid", "brand": "$brand", "image_uuid": "$image", $kernel
  "alias": "dockerinit-verify-$uuid", "hostname": "verify0", "docker": true, "autoboot": false,
  "init_name": "$programs/dockerinit", "restart_init": false,
  "max_physical_memory": 256, "quota": 5, "tmpfs": 0,
  "filesystems": [{"type": "lofs", "source": "$work/bin", "target": "$programs", "options": ["ro"]}],
  "nics": [{"nic_tag": "$tag", "ips": ["$ip"]${gateway:+, \"gateways\": [\"$gateway\"]}, "primary": true}],
  "internal_metadata_namespaces": ["docker"],
  "internal_metadata": {
    "docker:cmd": "[\"/bin/sh\", \"-c\", \"$1\"]",
    "docker:user": "4711:4712", "docker:workdir": "/tmp", "docker:umask": "027",
    "docker:env": "[\"VERIFY=a b\"]"
  }
}
PAYLOAD
}

field() { vmadm get "$uuid" 2>/dev/null | json "$1" 2>/dev/null; }
is() { [ "$(field state)" = "$1" ]; }
log() { cat "$root/var/log/sdc-dockerinit.log" 2>/dev/null; }
console() { cat "$zonepath/logs/stdio.log" 2>/dev/null; }
booted() { log | grep -q -E ' (EXEC|FATAL) '; }
reported() { [ -n "$(field customer_metadata.__dockerinit_restart_count)" ]; }
restarted() { log | grep -q 'restart 2 in'; }
said() { console | grep -q -F "$1"; }
in_zone() { zlogin -Q "$uuid" "$@" 2>&1 </dev/null; }

# change JSON lays internal metadata over what the zone has.
change() {
	printf '{"set_internal_metadata": %s}\n' "$1" | vmadm update "$uuid" >/dev/null 2>&1 ||
		unknown 'the change of internal_metadata' "$1"
}

start() {
	if ! told=$(vmadm start "$uuid" 2>&1); then
		unknown 'vmadm start' "$told"
		return 1
	fi
	if ! within 60 booted; then
		unknown 'the boot' "$(log | tail -n 1)"
		return 1
	fi
}

stop() {
	local begun=$SECONDS
	vmadm stop "$uuid" >/dev/null 2>&1
	within 30 is stopped || unknown 'the stop' "$(field state)"
	[ $((SECONDS - begun)) -le "$1" ] || differs "$2" "$((SECONDS - begun)) s" "at most $1 s"
}

# The command takes the place of dockerinit, as without docker:init.
first_boot() {
	start || return
	local text
	text=$(log)
	has 'the log ends with EXEC' "$text" ' EXEC '
	lacks 'no action of the boot failed' "$text" ' ERROR '
	lacks 'and no warning is in it' "$text" ' WARN '
	# shellcheck disable=SC2012 # the mode alone is looked at
	same "the log's mode" "$(ls -l "$root/var/log/sdc-dockerinit.log" 2>/dev/null | cut -c 1-10)" -rw-------
	same 'the marker of vmadm is renamed' "$(cd "$root/var/svc" 2>/dev/null && echo provision*)" provision_success
	within 20 said done-saying || unknown 'the console' "$(console | tail -n 1)"
	text=$(console)
	has 'stdout goes to the console' "$text" verify-out
	has 'stderr goes to the console' "$text" verify-err
	has 'the user and the group' "$text" 'uid=4711'
	has 'the group' "$text" 'gid=4712'
	has 'the working directory' "$text" 'dir=/tmp '
	has 'the umask' "$text" 'mask=0027'
	has 'the environment' "$text" 'env=a b'
	has 'descriptors 0, 1 and 2, and no other' "$text" 'fds=0 1 2 .'
	has 'the host name' "$(in_zone uname -n)" verify0
	if [ "$brand" = lx ]; then
		has '/dev/shm is a tmpfs' "$(in_zone mount)" '/dev/shm'
		has 'the address is configured' "$(in_zone /native/sbin/ipadm show-addr -p -o addr)" "$ip"
		[ -z "$gateway" ] || has 'the default route' "$(in_zone /native/usr/bin/netstat -rn -f inet)" "$gateway"
	else
		has '/dev/fd is mounted' "$(in_zone mount)" '/dev/fd'
		has 'the address is configured' "$(in_zone ipadm show-addr -p -o addr)" "$ip"
		[ -z "$gateway" ] || has 'the default route' "$(in_zone netstat -rn -f inet)" "$gateway"
	fi
	has 'the command is init' "$(ps -o args= -p "$(field pid)" 2>&1)" sleep

	has 'dockerexec runs as the container does' "$(in_zone "$programs/dockerexec" id -u)" 4711
	text=$(in_zone "$programs/dockerexec" /bin/true)
	has 'dockerexec tells the host when it executes' "$text" ' EXEC '
	in_zone "$programs/dockerexec" /bin/false >/dev/null
	same 'the status of dockerexec is the command'"'"'s' $? 1
	has 'mdata asks the host' "$(in_zone "$programs/mdata" get sdc:hostname)" verify0
	stop 25 'a stop of a command that does not listen'
}

# dockerinit stays.
staying_boot() {
	change '{"docker:init": "true", "docker:stopsignal": "TERM", "docker:init_restart": "on-failure:3",
	  "docker:cmd": "[\"/bin/sh\", \"-c\", \"(sleep 1 &); [ -e /tmp/third ] && exec sleep 3600; [ -e /tmp/second ] && touch /tmp/third; touch /tmp/second; exit 3\"]"}'
	start || return
	within 20 restarted || unknown 'a restart' "$(log | tail -n 1)"
	sleep 2
	local init processes
	init=$(field pid)
	has 'dockerinit stays' "$(ps -o args= -p "$init" 2>&1)" dockerinit
	processes=$(ps -o pid=,ppid=,s=,args= -z "$uuid" 2>&1)
	has 'and the command is its child' "$(printf '%s\n' "$processes" | awk -v init="$init" '$2 == init')" 'sleep 3600'
	lacks 'and orphans are reaped' "$(printf '%s\n' "$processes" | awk '$3 == "Z"')" Z
	same 'the contracts of what has ended are gone' "$(ctstat 2>/dev/null | awk -v init="$init" '$5 == init' | wc -l | tr -d ' ')" 0
	within 15 reported
	has 'the host is told of the restarts' "$(field customer_metadata.__dockerinit_restart_count)" 2
	stop 8 'a stop of a command that ends at TERM'
	same 'the status is 128 and the signal' "$(field exit_status)" 143
}

# What cannot be executed is told, and costs the boot.
failing_boot() {
	change '{"docker:init": "", "docker:cmd": "[\"/no/such/program\"]"}'
	start || return
	has 'a command that is not there has code 25' "$(log)" 'FATAL (code: 25)'
	within 20 is stopped || unknown 'the end' "$(field state)"
	same 'and the status is 127' "$(field exit_status)" 127
	has 'and the console tells why' "$(console)" 'FATAL (code: 25)'
}

main() {
	arguments "$@"
	uuid=$(uuid -v 4) && matches "$uuid" '^[0-9a-f-]{36}$' 'uuid -v 4' 'a uuid is expected'
	programs=/dockerinit-verify
	[ "$brand" = lx ] && programs=/native/dockerinit-verify
	zonepath=/zones/$uuid root=/zones/$uuid/root
	trap clean_up EXIT
	trap 'exit 2' INT TERM HUP
	work=$(mktemp -d "${TMPDIR:-/var/tmp}/dockerinit-verify-$uuid.XXXXXX") || give_up 'no folder for the programs could be made'
	if ! { mkdir "$work/bin" && cp "$bin/dockerinit" "$bin/dockerexec" "$bin/mdata" "$work/bin/" && chmod 0755 "$work" "$work/bin" "$work"/bin/*; }; then
		give_up 'the programs could not be copied'
	fi
	# In the payload it is JSON in JSON, and for the zone's shell.
	# shellcheck disable=SC2016
	payload 'echo verify-out; echo verify-err >&2; id; echo dir=$(pwd) mask=$(umask) \\\"env=$VERIFY\\\"; echo fds=$(ls /proc/self/fd | grep -v 3) .; echo done-saying; exec sleep 3600' >"$work/payload.json"
	made=yes # from here on there may be a zone
	vmadm create -f "$work/payload.json" >"$work/created" 2>&1 || give_up "vmadm create: $(cat "$work/created")"
	zonepath=$(field zonepath)
	[ -n "$zonepath" ] || give_up "zone $uuid is not there"
	root=$zonepath/root
	first_boot
	staying_boot
	failing_boot
	exit "$differs"
}

main "$@"
