//go:build linux

package rtnl

import (
	"encoding/binary"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// answer is what the kernel says of a request of so many bytes.
func answer(number int32, asked uint32, rest string) []byte {
	m := binary.NativeEndian.AppendUint32(nil, uint32(number))
	m = binary.NativeEndian.AppendUint32(m, asked)
	return append(append(m, make([]byte, unix.NLMSG_HDRLEN-4)...), rest...)
}

func TestRefusals(t *testing.T) {
	words := func(text string) string {
		m := binary.NativeEndian.AppendUint16(nil, uint16(unix.SizeofRtAttr+len(text)+1))
		m = binary.NativeEndian.AppendUint16(m, unix.NLMSGERR_ATTR_MSG)
		return string(m) + text + "\x00"
	}
	for _, tt := range []struct {
		name string
		m    message
		want string
	}{
		{"an acknowledgement", message{kind: unix.NLMSG_ERROR, data: answer(0, 16, "")}, "<nil>"},
		{"a number", message{kind: unix.NLMSG_ERROR, data: answer(-int32(unix.EEXIST), 16, "")}, "file exists"},
		{"a number and words", message{kind: unix.NLMSG_ERROR, flags: unix.NLM_F_ACK_TLVS, data: answer(-int32(unix.EINVAL), 24, "12345678"+words("No such gateway"))},
			"invalid argument: No such gateway"},
		{"words behind a request that is not repeated", message{kind: unix.NLMSG_ERROR, flags: unix.NLM_F_ACK_TLVS | unix.NLM_F_CAPPED,
			data: answer(-int32(unix.EINVAL), 24, words("No such gateway"))}, "invalid argument: No such gateway"},
		{"a request longer than the answer", message{kind: unix.NLMSG_ERROR, flags: unix.NLM_F_ACK_TLVS, data: answer(-int32(unix.EINVAL), 1<<32-1, "")}, "invalid argument"},
		{"nothing", message{kind: unix.NLMSG_ERROR}, errShort.Error()},
		{"the end of a list", message{kind: unix.NLMSG_DONE}, "<nil>"},
		{"the end of a list with a length", message{kind: unix.NLMSG_DONE, data: []byte{0, 0, 0, 0}}, "<nil>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := fmt.Sprint(tt.m.refusal()); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

// More changes than are sent together, one of them in vain: each has its own answer.
func TestManyChangesAtOnce(t *testing.T) {
	newLab(t, "eth0")
	s, err := openSocket()
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for _, n := range []int{0, 1, together, together + 1, 3*together - 1} {
		refused := s.change(bringUp(n)...)
		if len(refused) != n {
			t.Fatalf("%d answers to %d changes", len(refused), n)
		}
		for i, err := range refused {
			if want := i == n/2 && n > 1; (err != nil) != want {
				t.Errorf("change %d of %d: %v", i, n, err)
			}
		}
	}
}

// bringUp asks n times for a link to be up; the middle one is a link that is not there.
func bringUp(n int) (requests []request) {
	for i := range n {
		index := uint32(1)
		if i == n/2 && n > 1 {
			index = 4711
		}
		requests = append(requests, changeLink(index, unix.IFF_UP))
	}
	return requests
}
