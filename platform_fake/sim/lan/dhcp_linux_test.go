package lan

import (
	"net"
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"dockerinit/core/zone"
)

func TestReply(t *testing.T) {
	o := offerFor(3, zone.NIC{}, Options{})
	mine, other := dhcpv4.OptRequestedIPAddress(net.IPv4(198, 18, 3, 100)), dhcpv4.OptRequestedIPAddress(net.IPv4(198, 18, 3, 101))
	for _, tt := range []struct {
		name string
		kind dhcpv4.MessageType
		with dhcpv4.Modifier
		want string
	}{
		{"discover is offered the lease", dhcpv4.MessageTypeDiscover, dhcpv4.WithOption(other), "OFFER 198.18.3.100 for 1h0m0s"},
		{"request of it is acknowledged", dhcpv4.MessageTypeRequest, dhcpv4.WithOption(mine), "ACK 198.18.3.100 for 1h0m0s"},
		{"request of another address is refused", dhcpv4.MessageTypeRequest, dhcpv4.WithOption(other), "NAK 0.0.0.0 for 0s"},
		{"renewal, by the address in use", dhcpv4.MessageTypeRequest, dhcpv4.WithClientIP(net.IPv4(198, 18, 3, 100)), "ACK 198.18.3.100 for 1h0m0s"},
		{"renewal of another's address is refused", dhcpv4.MessageTypeRequest, dhcpv4.WithClientIP(net.IPv4(10, 0, 0, 1)), "NAK 0.0.0.0 for 0s"},
		{"inform gets no lease", dhcpv4.MessageTypeInform, dhcpv4.WithClientIP(net.IPv4(10, 0, 0, 1)), "ACK 0.0.0.0 for 0s"},
		{"request to another server is not ours", dhcpv4.MessageTypeRequest, dhcpv4.WithOption(dhcpv4.OptServerIdentifier(net.IPv4(10, 0, 0, 1))), ""},
		{"release is taken in silence", dhcpv4.MessageTypeRelease, dhcpv4.WithClientIP(net.IPv4(198, 18, 3, 100)), ""},
		{"decline is taken in silence", dhcpv4.MessageTypeDecline, dhcpv4.WithOption(mine), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := dhcpv4.New(dhcpv4.WithMessageType(tt.kind), dhcpv4.WithHwAddr(net.HardwareAddr{2, 0, 0, 0, 0, 1}), tt.with)
			if err != nil {
				t.Fatal(err)
			}
			r, err := o.reply(m)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if r != nil {
				got = r.MessageType().String() + " " + r.YourIPAddr.String() + " for " + r.IPAddressLeaseTime(0).String()
			}
			if got != tt.want {
				t.Errorf("\n got %q\nwant %q", got, tt.want)
			}
		})
	}
}
