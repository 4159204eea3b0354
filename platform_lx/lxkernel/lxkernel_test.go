//go:build linux

package lxkernel

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"dockerinit/platform_fake/need"
)

// TestMain is the child of these tests: a program on the kernel.
func TestMain(m *testing.M) {
	if os.Getenv("LXKERNEL_TEST") == "" {
		os.Exit(m.Run())
	}
	err := Enter(func(listener int) error {
		if _, err := unix.Write(3, []byte{byte(listener)}); err != nil {
			return err
		}
		_, err := unix.Read(4, make([]byte, 1))
		return err
	})
	fmt.Print(look(err))
	os.Exit(0) // without the thread's end, which would be that of the process
}

// look is what a Linux program finds.
func look(err error) string {
	var b strings.Builder
	say := func(what string, found any) { fmt.Fprintf(&b, "%s: %v\n", what, found) }
	say("enter", err)
	var name unix.Utsname
	err = unix.Uname(&name)
	say("uname", fmt.Sprint(unix.ByteSliceToString(name.Sysname[:]), " ", unix.ByteSliceToString(name.Version[:]), " ", err))
	host, _ := os.ReadFile("/proc/sys/kernel/hostname")
	say("the host's name", unix.ByteSliceToString(name.Nodename[:]) == strings.TrimSpace(string(host)))
	say("close_range", unix.CloseRange(1000, 1001, 0))
	say("statx", unix.Statx(0, "/", 0, 0, &unix.Statx_t{}))
	_, err = unix.MemfdCreate("x", 0)
	say("memfd_create", err)
	_, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_NETFILTER)
	say("netfilter", err)

	socket, err := nl.Subscribe(unix.NETLINK_ROUTE)
	if err != nil {
		say("netlink", err)
		return b.String()
	}
	say("acknowledgements with words", socket.SetExtAck(true))
	handle := map[int]*nl.SocketHandle{unix.NETLINK_ROUTE: {Socket: socket}}
	ask := func(kind, flags int, answer uint16) ([][]byte, error) {
		req := nl.NewNetlinkRequest(kind, flags)
		req.AddData(nl.NewIfInfomsg(unix.AF_UNSPEC))
		req.Sockets = handle
		return req.Execute(unix.NETLINK_ROUTE, answer)
	}
	links, err := ask(unix.RTM_GETLINK, unix.NLM_F_DUMP, unix.RTM_NEWLINK)
	say("links", fmt.Sprint(len(links), " ", err))
	links, err = ask(unix.RTM_GETLINK, 0, unix.RTM_NEWLINK)
	say("links, when one was asked for", fmt.Sprint(len(links), " ", err))
	addresses, err := ask(unix.RTM_GETADDR, unix.NLM_F_DUMP, unix.RTM_NEWADDR)
	say("addresses", fmt.Sprint(len(addresses), " ", err))
	_, err = ask(unix.RTM_NEWADDR, unix.NLM_F_ACK, 0)
	say("an address", fmt.Sprintf("%d, %t", err, errors.Is(err, unix.EOPNOTSUPP)))
	socket.Close()
	// What has nothing to do with it is the machine's.
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err == nil {
		err = unix.Sendto(pair[0], []byte("hello"), 0, nil)
	}
	text := make([]byte, 8)
	n, _, recvErr := unix.Recvfrom(pair[1], text, 0)
	say("another socket", fmt.Sprint(string(text[:n]), " ", err, " ", recvErr))
	return b.String()
}

func TestWhatALinuxProgramFinds(t *testing.T) {
	need.Root(t)
	k := New((&Link{Name: "eth0", MAC: []byte{0x90, 0xb8, 0xd0, 0, 0, 5}, MTU: 1500}).Has("10.0.0.5/24", "fd00::5/64"), &Link{Name: "eth1"})
	k.Links[0].Has("127.0.0.1/8", "::1/128")
	heard, tell, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	wait, served, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe")
	cmd.Env, cmd.ExtraFiles = []string{"LXKERNEL_TEST=1"}, []*os.File{tell, wait}
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := errors.Join(cmd.Start(), tell.Close(), wait.Close()); err != nil {
		t.Fatal(err)
	}
	var listener [1]byte
	_, err = io.ReadFull(heard, listener[:])
	if err == nil {
		err = k.Serve(cmd.Process.Pid, int(listener[0]))
	}
	if err != nil {
		_ = cmd.Process.Kill()
		t.Error(err)
	}
	if err := errors.Join(served.Close(), cmd.Wait(), heard.Close()); err != nil {
		t.Error(err)
	}
	want := `
enter: <nil>
uname: Linux BrandZ virtual linux <nil>
the host's name: true
close_range: function not implemented
statx: function not implemented
memfd_create: function not implemented
netfilter: protocol not supported
acknowledgements with words: invalid argument
links: 2 <nil>
links, when one was asked for: 2 <nil>
addresses: 4 <nil>
an address: 18446744073709551494, false
another socket: hello <nil> <nil>
`[1:]
	if got := out.String(); got != want {
		t.Errorf("\n got\n%s\nwant\n%s", got, want)
	}
}
