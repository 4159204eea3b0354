/* illumos' numbers and structures, by illumos' names with IL_ and il_ before them.
 * None stands from memory: numbers_test.go compares each with Go's own port and
 * with golang.org/x/sys, and has a list of the few that neither has. */
#pragma once
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

/* sys/errno.h */
#define IL_E2BIG 0x7
#define IL_EACCES 0xd
#define IL_EADDRINUSE 0x7d
#define IL_EADDRNOTAVAIL 0x7e
#define IL_EADV 0x44
#define IL_EAFNOSUPPORT 0x7c
#define IL_EAGAIN 0xb
#define IL_EALREADY 0x95
#define IL_EBADE 0x32
#define IL_EBADF 0x9
#define IL_EBADFD 0x51
#define IL_EBADMSG 0x4d
#define IL_EBADR 0x33
#define IL_EBADRQC 0x36
#define IL_EBADSLT 0x37
#define IL_EBFONT 0x39
#define IL_EBUSY 0x10
#define IL_ECANCELED 0x2f
#define IL_ECHILD 0xa
#define IL_ECHRNG 0x25
#define IL_ECOMM 0x46
#define IL_ECONNABORTED 0x82
#define IL_ECONNREFUSED 0x92
#define IL_ECONNRESET 0x83
#define IL_EDEADLK 0x2d
#define IL_EDEADLOCK 0x38
#define IL_EDESTADDRREQ 0x60
#define IL_EDOM 0x21
#define IL_EDQUOT 0x31
#define IL_EEXIST 0x11
#define IL_EFAULT 0xe
#define IL_EFBIG 0x1b
#define IL_EHOSTDOWN 0x93
#define IL_EHOSTUNREACH 0x94
#define IL_EIDRM 0x24
#define IL_EILSEQ 0x58
#define IL_EINPROGRESS 0x96
#define IL_EINTR 0x4
#define IL_EINVAL 0x16
#define IL_EIO 0x5
#define IL_EISCONN 0x85
#define IL_EISDIR 0x15
#define IL_EL2HLT 0x2c
#define IL_EL2NSYNC 0x26
#define IL_EL3HLT 0x27
#define IL_EL3RST 0x28
#define IL_ELIBACC 0x53
#define IL_ELIBBAD 0x54
#define IL_ELIBEXEC 0x57
#define IL_ELIBMAX 0x56
#define IL_ELIBSCN 0x55
#define IL_ELNRNG 0x29
#define IL_ELOOP 0x5a
#define IL_EMFILE 0x18
#define IL_EMLINK 0x1f
#define IL_EMSGSIZE 0x61
#define IL_EMULTIHOP 0x4a
#define IL_ENAMETOOLONG 0x4e
#define IL_ENETDOWN 0x7f
#define IL_ENETRESET 0x81
#define IL_ENETUNREACH 0x80
#define IL_ENFILE 0x17
#define IL_ENOANO 0x35
#define IL_ENOBUFS 0x84
#define IL_ENOCSI 0x2b
#define IL_ENODATA 0x3d
#define IL_ENODEV 0x13
#define IL_ENOENT 0x2
#define IL_ENOEXEC 0x8
#define IL_ENOLCK 0x2e
#define IL_ENOLINK 0x43
#define IL_ENOMEM 0xc
#define IL_ENOMSG 0x23
#define IL_ENONET 0x40
#define IL_ENOPKG 0x41
#define IL_ENOPROTOOPT 0x63
#define IL_ENOSPC 0x1c
#define IL_ENOSR 0x3f
#define IL_ENOSTR 0x3c
#define IL_ENOSYS 0x59
#define IL_ENOTBLK 0xf
#define IL_ENOTCONN 0x86
#define IL_ENOTDIR 0x14
#define IL_ENOTEMPTY 0x5d
#define IL_ENOTRECOVERABLE 0x3b
#define IL_ENOTSOCK 0x5f
#define IL_ENOTSUP 0x30
#define IL_ENOTTY 0x19
#define IL_ENOTUNIQ 0x50
#define IL_ENXIO 0x6
#define IL_EOPNOTSUPP 0x7a
#define IL_EOVERFLOW 0x4f
#define IL_EOWNERDEAD 0x3a
#define IL_EPERM 0x1
#define IL_EPFNOSUPPORT 0x7b
#define IL_EPIPE 0x20
#define IL_EPROTO 0x47
#define IL_EPROTONOSUPPORT 0x78
#define IL_EPROTOTYPE 0x62
#define IL_ERANGE 0x22
#define IL_EREMCHG 0x52
#define IL_EREMOTE 0x42
#define IL_ERESTART 0x5b
#define IL_EROFS 0x1e
#define IL_ESHUTDOWN 0x8f
#define IL_ESOCKTNOSUPPORT 0x79
#define IL_ESPIPE 0x1d
#define IL_ESRCH 0x3
#define IL_ESRMNT 0x45
#define IL_ESTALE 0x97
#define IL_ESTRPIPE 0x5c
#define IL_ETIME 0x3e
#define IL_ETIMEDOUT 0x91
#define IL_ETOOMANYREFS 0x90
#define IL_ETXTBSY 0x1a
#define IL_EUNATCH 0x2a
#define IL_EUSERS 0x5e
#define IL_EXDEV 0x12
#define IL_EXFULL 0x34

/* sys/fcntl.h */
#define IL_O_RDONLY 0x0
#define IL_O_WRONLY 0x1
#define IL_O_RDWR 0x2
#define IL_O_ACCMODE 0x600003
#define IL_O_NDELAY 0x4
#define IL_O_APPEND 0x8
#define IL_O_SYNC 0x10
#define IL_O_DSYNC 0x40
#define IL_O_NONBLOCK 0x80
#define IL_O_CREAT 0x100
#define IL_O_TRUNC 0x200
#define IL_O_EXCL 0x400
#define IL_O_NOCTTY 0x800
#define IL_O_NOFOLLOW 0x20000
#define IL_O_SEARCH 0x200000
#define IL_O_EXEC 0x400000
#define IL_O_CLOEXEC 0x800000
#define IL_O_DIRECTORY 0x1000000
#define IL_F_DUPFD 0x0
#define IL_F_GETFD 0x1
#define IL_F_SETFD 0x2
#define IL_F_GETFL 0x3
#define IL_F_SETFL 0x4
#define IL_F_SETLK 0x6
#define IL_F_SETLKW 0x7
#define IL_F_DUP2FD 0x9
#define IL_F_GETLK 0xe
#define IL_F_DUP2FD_CLOEXEC 0x24
#define IL_F_DUPFD_CLOEXEC 0x25
#define IL_F_FLOCK 0x35
#define IL_F_FLOCKW 0x36
#define IL_F_RDLCK 0x1
#define IL_F_WRLCK 0x2
#define IL_F_UNLCK 0x3
#define IL_AT_FDCWD 0xffd19553
#define IL_AT_SYMLINK_NOFOLLOW 0x1000
#define IL_AT_SYMLINK_FOLLOW 0x2000
#define IL_AT_REMOVEDIR 0x1
#define IL_AT_EACCESS 0x4

/* sys/stat.h */
#define IL_UTIME_NOW (-0x1)
#define IL_UTIME_OMIT (-0x2)
#define IL_S_IFMT 0xf000
#define IL_S_IFIFO 0x1000
#define IL_S_IFCHR 0x2000
#define IL_S_IFDIR 0x4000
#define IL_S_IFBLK 0x6000
#define IL_S_IFREG 0x8000
#define IL_S_IFLNK 0xa000
#define IL_S_IFSOCK 0xc000
#define IL_S_ISUID 0x800
#define IL_S_ISGID 0x400
#define IL_S_ISVTX 0x200

/* sys/statvfs.h */
#define IL_ST_NOSUID 2

/* sys/iso/signal_iso.h, sys/signal.h */
#define IL_SIGHUP 0x1
#define IL_SIGINT 0x2
#define IL_SIGQUIT 0x3
#define IL_SIGILL 0x4
#define IL_SIGTRAP 0x5
#define IL_SIGABRT 0x6
#define IL_SIGEMT 0x7
#define IL_SIGFPE 0x8
#define IL_SIGKILL 0x9
#define IL_SIGBUS 0xa
#define IL_SIGSEGV 0xb
#define IL_SIGSYS 0xc
#define IL_SIGPIPE 0xd
#define IL_SIGALRM 0xe
#define IL_SIGTERM 0xf
#define IL_SIGUSR1 0x10
#define IL_SIGUSR2 0x11
#define IL_SIGCHLD 0x12
#define IL_SIGPWR 0x13
#define IL_SIGWINCH 0x14
#define IL_SIGURG 0x15
#define IL_SIGIO 0x16
#define IL_SIGSTOP 0x17
#define IL_SIGTSTP 0x18
#define IL_SIGCONT 0x19
#define IL_SIGTTIN 0x1a
#define IL_SIGTTOU 0x1b
#define IL_SIGVTALRM 0x1c
#define IL_SIGPROF 0x1d
#define IL_SIGXCPU 0x1e
#define IL_SIGXFSZ 0x1f
#define IL_SIGRTMIN 42
#define IL_SIGRTMAX 74
#define IL_SIG_BLOCK 1
#define IL_SIG_UNBLOCK 2
#define IL_SIG_SETMASK 3
#define IL_SA_ONSTACK 0x1
#define IL_SA_RESETHAND 0x2
#define IL_SA_RESTART 0x4
#define IL_SA_SIGINFO 0x8
#define IL_SA_NODEFER 0x10
#define IL_SA_NOCLDWAIT 0x10000
#define IL_SA_NOCLDSTOP 0x20000
#define IL_SS_ONSTACK 1
#define IL_SS_DISABLE 2

/* sys/siginfo.h */
#define IL_SEGV_MAPERR 0x1
#define IL_SEGV_ACCERR 0x2
#define IL_BUS_ADRALN 0x1
#define IL_BUS_ADRERR 0x2
#define IL_BUS_OBJERR 0x3
#define IL_FPE_INTDIV 0x1
#define IL_FPE_INTOVF 0x2
#define IL_FPE_FLTDIV 0x3
#define IL_FPE_FLTOVF 0x4
#define IL_FPE_FLTUND 0x5
#define IL_FPE_FLTRES 0x6
#define IL_FPE_FLTINV 0x7
#define IL_FPE_FLTSUB 0x8
#define IL_SI_USER 0
#define IL_SI_LWP (-1)
#define IL_SI_NOINFO 32767
#define IL_CLD_EXITED 1
#define IL_CLD_CONTINUED 6

/* sys/ucontext.h */
#define IL_UC_ALL 0xf

/* sys/regset.h */
#define IL_REG_R15 0x0
#define IL_REG_R14 0x1
#define IL_REG_R13 0x2
#define IL_REG_R12 0x3
#define IL_REG_R11 0x4
#define IL_REG_R10 0x5
#define IL_REG_R9 0x6
#define IL_REG_R8 0x7
#define IL_REG_RDI 0x8
#define IL_REG_RSI 0x9
#define IL_REG_RBP 0xa
#define IL_REG_RBX 0xb
#define IL_REG_RDX 0xc
#define IL_REG_RCX 0xd
#define IL_REG_RAX 0xe
#define IL_REG_TRAPNO 0xf
#define IL_REG_ERR 0x10
#define IL_REG_RIP 0x11
#define IL_REG_CS 0x12
#define IL_REG_RFLAGS 0x13
#define IL_REG_RSP 0x14

/* sys/wait.h */
#define IL_WEXITED 0x1
#define IL_WSTOPPED 0x4
#define IL_WNOWAIT 0x80
#define IL_WUNTRACED 0x4
#define IL_WCONTINUED 0x8
#define IL_WNOHANG 0x40
#define IL_WSTOPFLG 0x7f
#define IL_WCONTFLG 0xffff
#define IL_WCOREFLG 0x80

/* sys/procset.h */
#define IL_P_PID 0
#define IL_P_PGID 2
#define IL_P_ALL 7

/* sys/fork.h */
#define IL_FORK_NOSIGCHLD 0x1
#define IL_FORK_WAITPID 0x2

/* sys/socket.h */
#define IL_AF_UNIX 0x1
#define IL_AF_INET 0x2
#define IL_AF_LINK 0x19
#define IL_AF_INET6 0x1a
#define IL_AF_ROUTE 0x18
#define IL_SOCK_DGRAM 0x1
#define IL_SOCK_STREAM 0x2
#define IL_SOCK_RAW 0x4
#define IL_SOCK_SEQPACKET 0x6
#define IL_SOCK_TYPE_MASK 0xffff
#define IL_SOCK_CLOEXEC 0x80000
#define IL_SOCK_NONBLOCK 0x100000
#define IL_SOCK_NDELAY 0x200000
#define IL_MSG_OOB 0x1
#define IL_MSG_PEEK 0x2
#define IL_MSG_DONTROUTE 0x4
#define IL_MSG_EOR 0x8
#define IL_MSG_CTRUNC 0x10
#define IL_MSG_TRUNC 0x20
#define IL_MSG_WAITALL 0x40
#define IL_MSG_DONTWAIT 0x80
#define IL_MSG_NOSIGNAL 0x200
#define IL_MSG_XPG4_2 0x8000
#define IL_SCM_RIGHTS 0x1010
#define IL_SOL_SOCKET 0xffff
#define IL_SO_DEBUG 0x1
#define IL_SO_ACCEPTCONN 0x2
#define IL_SO_REUSEADDR 0x4
#define IL_SO_KEEPALIVE 0x8
#define IL_SO_DONTROUTE 0x10
#define IL_SO_BROADCAST 0x20
#define IL_SO_LINGER 0x80
#define IL_SO_OOBINLINE 0x100
#define IL_SO_SNDBUF 0x1001
#define IL_SO_RCVBUF 0x1002
#define IL_SO_SNDTIMEO 0x1005
#define IL_SO_RCVTIMEO 0x1006
#define IL_SO_ERROR 0x1007
#define IL_SO_TYPE 0x1008
#define IL_SHUT_RD 0x0
#define IL_SHUT_WR 0x1
#define IL_SHUT_RDWR 0x2

/* netinet/in.h */
#define IL_IPPROTO_IP 0x0
#define IL_IPPROTO_TCP 0x6
#define IL_IPPROTO_IPV6 0x29
#define IL_IP_TOS 0x3
#define IL_IP_TTL 0x4
#define IL_IP_MULTICAST_IF 0x10
#define IL_IP_MULTICAST_TTL 0x11
#define IL_IP_MULTICAST_LOOP 0x12
#define IL_IP_ADD_MEMBERSHIP 0x13
#define IL_IP_DROP_MEMBERSHIP 0x14
#define IL_IPV6_UNICAST_HOPS 0x5
#define IL_IPV6_MULTICAST_IF 0x6
#define IL_IPV6_MULTICAST_HOPS 0x7
#define IL_IPV6_MULTICAST_LOOP 0x8
#define IL_IPV6_JOIN_GROUP 0x9
#define IL_IPV6_LEAVE_GROUP 0xa
#define IL_IPV6_V6ONLY 0x27

/* netinet/tcp.h */
#define IL_TCP_NODELAY 0x1
#define IL_TCP_KEEPALIVE_THRESHOLD 0x16
#define IL_TCP_KEEPALIVE_ABORT_THRESHOLD 0x17
#define IL_TCP_KEEPIDLE 0x22
#define IL_TCP_KEEPCNT 0x23
#define IL_TCP_KEEPINTVL 0x24

/* sys/poll.h */
#define IL_POLLIN 0x1
#define IL_POLLPRI 0x2
#define IL_POLLOUT 0x4
#define IL_POLLERR 0x8
#define IL_POLLHUP 0x10
#define IL_POLLNVAL 0x20
#define IL_POLLRDNORM 0x40
#define IL_POLLRDBAND 0x80
#define IL_POLLWRBAND 0x100

/* sys/port.h */
#define IL_PORT_SOURCE_FD 0x4
#define IL_PORT_SOURCE_ALERT 0x5
#define IL_PORT_ALERT_SET 0x1
#define IL_PORT_ALERT_UPDATE 0x2

/* sys/termios.h */
#define IL_TCGETS 0x540d
#define IL_TCSETS 0x540e
#define IL_TCSETSW 0x540f
#define IL_TCSETSF 0x5410
#define IL_TIOCGWINSZ 0x5468
#define IL_TIOCSWINSZ 0x5467
#define IL_TIOCSCTTY 0x7484
#define IL_TIOCNOTTY 0x7471
#define IL_TIOCGPGRP 0x7414
#define IL_TIOCSPGRP 0x7415
#define IL_TIOCGSID 0x7416

/* sys/termios.h: the characters */
#define IL_VINTR 0x0
#define IL_VQUIT 0x1
#define IL_VERASE 0x2
#define IL_VKILL 0x3
#define IL_VEOF 0x4
#define IL_VEOL 0x5
#define IL_VEOL2 0x6
#define IL_VMIN 0x4
#define IL_VTIME 0x5
#define IL_VSWTCH 0x7
#define IL_VSTART 0x8
#define IL_VSTOP 0x9
#define IL_VSUSP 0xa
#define IL_VDSUSP 0xb
#define IL_VREPRINT 0xc
#define IL_VDISCARD 0xd
#define IL_VWERASE 0xe
#define IL_VLNEXT 0xf

/* sys/termios.h: the bits */
#define IL_IGNBRK 0x1
#define IL_BRKINT 0x2
#define IL_IGNPAR 0x4
#define IL_PARMRK 0x8
#define IL_INPCK 0x10
#define IL_ISTRIP 0x20
#define IL_INLCR 0x40
#define IL_IGNCR 0x80
#define IL_ICRNL 0x100
#define IL_IUCLC 0x200
#define IL_IXON 0x400
#define IL_IXANY 0x800
#define IL_IXOFF 0x1000
#define IL_IMAXBEL 0x2000
#define IL_OPOST 0x1
#define IL_OLCUC 0x2
#define IL_ONLCR 0x4
#define IL_OCRNL 0x8
#define IL_ONOCR 0x10
#define IL_ONLRET 0x20
#define IL_OFILL 0x40
#define IL_OFDEL 0x80
#define IL_CSIZE 0x30
#define IL_CSTOPB 0x40
#define IL_CREAD 0x80
#define IL_PARENB 0x100
#define IL_PARODD 0x200
#define IL_HUPCL 0x400
#define IL_CLOCAL 0x800
#define IL_ISIG 0x1
#define IL_ICANON 0x2
#define IL_XCASE 0x4
#define IL_ECHO 0x8
#define IL_ECHOE 0x10
#define IL_ECHOK 0x20
#define IL_ECHONL 0x40
#define IL_NOFLSH 0x80
#define IL_TOSTOP 0x100
#define IL_ECHOCTL 0x200
#define IL_ECHOPRT 0x400
#define IL_ECHOKE 0x800
#define IL_FLUSHO 0x2000
#define IL_PENDIN 0x4000
#define IL_IEXTEN 0x8000

/* sys/filio.h */
#define IL_FIONBIO 0x8004667e
#define IL_FIONREAD 0x4004667f

/* sys/sockio.h */
#define IL_SIOCGLIFNUM 0xc00c6982
#define IL_SIOCGLIFCONF 0xc01069a5
#define IL_SIOCGLIFINDEX 0xc0786985
#define IL_SIOCGLIFFLAGS 0xc0786975
#define IL_SIOCGLIFMTU 0xc078697a
#define IL_SIOCGLIFADDR 0xc0786971
#define IL_SIOCGLIFHWADDR 0xc07869c0
#define IL_SIOCGLIFNETMASK 0xc078697d
#define IL_SIOCLIFADDIF 0xc078696f
#define IL_SIOCLIFREMOVEIF 0x8078696e
#define IL_SIOCSLIFADDR 0x80786970
#define IL_SIOCSLIFNETMASK 0x8078697e
#define IL_SIOCSLIFFLAGS 0x80786974
#define IL_SIOCSLIFMTU 0x80786979

/* net/if.h, net/if_types.h */
#define IL_IFF_UP 0x1
#define IL_IFF_BROADCAST 0x2
#define IL_IFF_LOOPBACK 0x8
#define IL_IFF_POINTOPOINT 0x10
#define IL_IFF_RUNNING 0x40
#define IL_IFF_MULTICAST 0x800
#define IL_IFF_DHCPRUNNING 0x4000
#define IL_IFF_ADDRCONF 0x80000
#define IL_IFF_IPV4 0x1000000
#define IL_IFF_IPV6 0x2000000
#define IL_IFF_VIRTUAL 0x2000000000
#define IL_IFF_NOLINKLOCAL 0x20000000000
#define IL_IFT_ETHER 0x6
#define IL_IFT_LOOP 0x18
#define IL_LIFNAMSIZ 0x20

/* net/route.h */
#define IL_RTM_VERSION 0x3
#define IL_RTM_ADD 0x1
#define IL_RTM_DELETE 0x2
#define IL_RTM_GET 0x4
#define IL_RTF_UP 0x1
#define IL_RTF_GATEWAY 0x2
#define IL_RTF_HOST 0x4
#define IL_RTF_DONE 0x40
#define IL_RTF_STATIC 0x800
#define IL_RTF_PRIVATE 0x2000
#define IL_RTA_DST 0x1
#define IL_RTA_GATEWAY 0x2
#define IL_RTA_NETMASK 0x4
#define IL_RTA_IFP 0x10
#define IL_RTA_IFA 0x20

/* sys/resource.h */
#define IL_RLIMIT_CPU 0x0
#define IL_RLIMIT_FSIZE 0x1
#define IL_RLIMIT_DATA 0x2
#define IL_RLIMIT_STACK 0x3
#define IL_RLIMIT_CORE 0x4
#define IL_RLIMIT_NOFILE 0x5
#define IL_RLIMIT_AS 0x6
#define IL_RLIM_INFINITY (-0x3)
#define IL_RUSAGE_SELF 0x0
#define IL_RUSAGE_CHILDREN (-0x1)

/* sys/rctl.h */
#define IL_RCTL_FIRST 0x0
#define IL_RCTL_NEXT 0x1
#define IL_RCTL_LOCAL_MAXIMAL 0x80000000
#define IL_RCTL_LOCAL_DENY 0x2
#define IL_RCTL_LOCAL_NOACTION 0

/* sys/time.h, sys/time_impl.h */
#define IL_ITIMER_REAL 0x0
#define IL_ITIMER_VIRTUAL 0x1
#define IL_ITIMER_PROF 0x2
#define IL_ITIMER_REALPROF 3
#define IL_CLOCK_REALTIME 0x3
#define IL_CLOCK_MONOTONIC 0x4
#define IL_CLOCK_PROCESS_CPUTIME_ID 0x5
#define IL_CLOCK_THREAD_CPUTIME_ID 0x2

/* sys/unistd.h */
#define IL_SC_CLK_TCK 3
#define IL_SC_PAGESIZE 0xb
#define IL_SC_NPROCESSORS_CONF 14
#define IL_SC_NPROCESSORS_ONLN 0xf

/* sys/mman.h */
#define IL_PROT_READ 0x1
#define IL_PROT_WRITE 0x2
#define IL_PROT_EXEC 0x4
#define IL_MAP_SHARED 0x1
#define IL_MAP_PRIVATE 0x2
#define IL_MAP_FIXED 0x10
#define IL_MAP_NORESERVE 0x40
#define IL_MAP_ANON 0x100
#define IL_MS_ASYNC 0x1
#define IL_MS_INVALIDATE 0x2
#define IL_MS_SYNC 0x4
#define IL_MADV_DONTNEED 0x4
#define IL_MADV_FREE 0x5
#define IL_MADV_WILLNEED 0x3

/* sys/auxv.h */
#define IL_AT_NULL 0
#define IL_AT_PAGESZ 6
#define IL_AT_SUN_EXECNAME 2014

/* sys/random.h */
#define IL_GRND_NONBLOCK 1
#define IL_GRND_RANDOM 2

/* pthread.h */
#define IL_PTHREAD_CREATE_DETACHED 0x40

/* sys/syscall.h */
#define IL_SYS_brand 177

/* sys/stat.h */
struct il_stat {
	uint64_t dev, ino;
	uint32_t mode, nlink, uid, gid;
	uint64_t rdev;
	int64_t size;
	struct timespec atim, mtim, ctim;
	int32_t blksize, pad;
	int64_t blocks;
	char fstype[16];
};

/* sys/dirent.h */
struct il_dirent { uint64_t ino; int64_t off; uint16_t reclen; char name[]; };

/* sys/fcntl.h */
struct il_flock { int16_t type, whence; int32_t gap; int64_t start, len; int32_t sysid, pid; int64_t pad[4]; };

/* sys/statvfs.h */
struct il_statvfs {
	uint64_t bsize, frsize, blocks, bfree, bavail, files, ffree, favail, fsid;
	char basetype[16];
	uint64_t flag, namemax;
	char fstr[32];
};

/* sys/utsname.h */
struct il_utsname { char sysname[257], nodename[257], release[257], version[257], machine[257]; };

/* sys/resource.h */
struct il_rlimit { uint64_t cur, max; };

/* sys/socket.h, netinet/in.h: without an sa_len */
struct il_sockaddr_in { uint16_t family, port; uint8_t addr[4], zero[8]; };
struct il_sockaddr_in6 { uint16_t family, port; uint32_t flowinfo; uint8_t addr[16]; uint32_t scope, source; };
struct il_msghdr {
	void *name;
	uint32_t namelen;
	struct iovec *iov;
	int32_t iovlen;
	void *control;
	uint32_t controllen;
	int32_t flags;
};
struct il_cmsghdr { uint32_t len; int32_t level, type; };

/* net/if.h, net/if_dl.h */
struct il_sockaddr_dl { uint16_t family, index; uint8_t type, nlen, alen, slen, data[244]; };
struct il_lifnum { uint16_t family; int32_t flags, count; };
struct il_lifreq {
	char name[32];
	int32_t addrlen; /* of the prefix */
	uint32_t type;
	union { uint8_t all[336]; uint64_t flags; int32_t index; uint32_t mtu; } u;
};
struct il_rt_msghdr {
	uint16_t msglen;
	uint8_t version, type;
	uint16_t index;
	int32_t flags, addrs, pid, seq, error, use;
	uint32_t inits, metrics[10];
};
struct il_lifconf { uint16_t family; int32_t flags, len; struct il_lifreq *to; };

/* sys/door.h: its members of 64 bits are packed to 4 bytes */
struct il_door_info { int32_t target; uint32_t proc[2], data[2], attributes, uniquifier[2], reserved[4]; };

/* sys/port.h */
struct il_port_event { int32_t events; uint16_t source, pad; uint64_t object; void *user; };

/* sys/termios.h */
struct il_termios { uint32_t iflag, oflag, cflag, lflag; uint8_t cc[19]; };

/* sys/signal.h, sys/siginfo.h, sys/ucontext.h, sys/regset.h. fp is in the form of FXSAVE, a status behind it. */
struct il_sigset { uint32_t bits[4]; };
struct il_sigaction { int32_t flags, pad; void *handler; struct il_sigset mask; };
struct il_stack { void *sp; size_t size; int32_t flags, pad; };
struct il_siginfo {
	int32_t signo, code, err, pad;
	union {
		uint8_t all[240];
		void *addr;
		struct { int32_t pid; union { struct { int32_t uid; } kill; struct { int64_t utime; int32_t status; } cld; } data; } proc;
	} data;
};
struct il_ucontext {
	uint64_t flags;
	void *link;
	struct il_sigset mask;
	struct il_stack stack;
	uint64_t gap;
	int64_t gregs[28];
	uint8_t fp[528];
	int64_t filler[5];
	uint64_t gap1;
};
