package host

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func TestWhatVmadmMakesOfANIC(t *testing.T) {
	for _, test := range []struct{ name, brand, nics, want string }{
		{
			"1.7 interface by brand, first free number", "lx",
			`[{"mac":"a","interface":"eth1"},{"mac":"b"},{"mac":"c"}]`,
			`[{"interface":"eth1","mac":"a","primary":true},{"interface":"eth0","mac":"b"},{"interface":"eth2","mac":"c"}]`,
		},
		{
			"1.7 sorted by number where names are netN", "joyent-minimal",
			`[{"mac":"a","interface":"net10"},{"mac":"b","interface":"net2","primary":true},{"mac":"c"}]`,
			`[{"interface":"net0","mac":"c"},{"interface":"net2","mac":"b","primary":true},{"interface":"net10","mac":"a"}]`,
		},
		{
			"1.7 ip and netmask from the first IPv4 of ips, gateway from gateways", "lx",
			`[{"mac":"a","ips":["fd00::5/64","10.0.0.5/20"],"gateways":["fd00::1","10.0.0.1"]}]`,
			`[{"interface":"eth0","mac":"a","gateway":"10.0.0.1","gateways":["fd00::1","10.0.0.1"],"netmask":"255.255.240.0","ip":"10.0.0.5","ips":["fd00::5/64","10.0.0.5/20"],"primary":true}]`,
		},
		{
			"1.7 the fields of old become arrays", "lx",
			`[{"mac":"a","ip":"10.0.0.5","netmask":"255.255.255.0","gateway":"10.0.0.1"}]`,
			`[{"interface":"eth0","mac":"a","gateway":"10.0.0.1","gateways":["10.0.0.1"],"netmask":"255.255.255.0","ip":"10.0.0.5","ips":["10.0.0.5/24"],"primary":true}]`,
		},
		{
			"1.7 dhcp has an ip and no netmask", "lx", `[{"mac":"a","ips":["dhcp"]}]`,
			`[{"interface":"eth0","mac":"a","ip":"dhcp","ips":["dhcp"],"primary":true}]`,
		},
		{
			"1.7 the old ip dhcp", "lx", `[{"mac":"a","ip":"dhcp"}]`,
			`[{"interface":"eth0","mac":"a","ip":"dhcp","ips":["dhcp"],"primary":true}]`,
		},
		{
			"1.7 the old ip addrconf is none afterwards", "lx", `[{"mac":"a","ip":"addrconf"}]`,
			`[{"interface":"eth0","mac":"a","ips":["addrconf"],"primary":true}]`,
		},
		{
			"1.7 addrconf and IPv6 alone have no ip", "lx", `[{"mac":"a","ips":["addrconf","fd00::5/64"]}]`,
			`[{"interface":"eth0","mac":"a","ips":["addrconf","fd00::5/64"],"primary":true}]`,
		},
		{
			"1.7 no address at all", "lx", `[{"mac":"a"}]`, `[{"interface":"eth0","mac":"a","primary":true}]`,
		},
		{
			"1.7 primary is true on one NIC and absent on others", "lx",
			`[{"mac":"a","primary":false},{"mac":"b","primary":true}]`,
			`[{"interface":"eth0","mac":"a"},{"interface":"eth1","mac":"b","primary":true}]`,
		},
		{
			"1.7 other fields stay, unknown ones too", "lx", `[{"model":"x","mac":"a","future":[1]}]`,
			`[{"interface":"eth0","mac":"a","primary":true,"model":"x","future":[1]}]`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := read(t, fmt.Sprintf(`{"brand":%q,"nics":%s}`, test.brand, test.nics))
			got := p.vm.get("nics").json()
			if got != test.want {
				t.Errorf("\ngot  %s\nwant %s", got, test.want)
			}
			again := read(t, p.JSON()).vm.get("nics").json()
			if again != got {
				t.Errorf("what vmadm get prints gives other NICs\ngot  %s\nwant %s", again, got)
			}
		})
	}
}

func TestWhatVmadmMakesOfADockerZone(t *testing.T) {
	p := read(t, `{"brand":"lx","docker":true,"nics":[{}],"internal_metadata_namespaces":["a"]}`)
	store := NewStore(p)
	for key, want := range map[string]string{
		"sdc:init_name":                      "SUCCESS /native/usr/vm/sbin/dockerinit",
		"sdc:restart_init":                   "SUCCESS false",
		"sdc:internal_metadata_namespaces.0": "SUCCESS a",
		"sdc:internal_metadata_namespaces.1": "SUCCESS docker",
		"sdc:zonename":                       "SUCCESS " + p.UUID(),
	} {
		if got := ask(store, key); got != want {
			t.Errorf("GET %s\ngot  %s\nwant %s", key, got, want)
		}
	}
	id := strings.TrimPrefix(ask(store, "docker:id"), "SUCCESS ")
	if !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(id) || !strings.HasPrefix(id, strings.ReplaceAll(p.UUID(), "-", "")) {
		t.Errorf("docker:id %q is not the uuid and 32 digits more", id)
	}
	if mac := ask(store, "sdc:nics.0.mac"); !strings.HasPrefix(mac, "SUCCESS 90:b8:d0:") {
		t.Errorf("mac: %s", mac)
	}
	if again := read(t, p.JSON()); again.JSON() != p.JSON() {
		t.Errorf("what vmadm get prints gives another zone\ngot  %s\nwant %s", again.JSON(), p.JSON())
	}
	minimal := read(t, `{"brand":"joyent-minimal","docker":true,"init_name":"/sbin/other","internal_metadata":{"docker:id":"given"}}`)
	for name, want := range map[string]string{"sdc:init_name": "SUCCESS /sbin/other", "docker:id": "SUCCESS given"} {
		if got := ask(NewStore(minimal), name); got != want {
			t.Errorf("given %s: got %s, want %s", name, got, want)
		}
	}
}

func TestLinksAreWhatTheHostMakes(t *testing.T) {
	p := read(t, `{"brand":"lx","nics":[
		{"mac":"90:b8:d0:aa:bb:cc","ips":["10.0.0.5/24","fd00::5/64","dhcp"],"allowed_ips":["10.1.0.0/16","192.0.2.1"],"mtu":9000},
		{"mac":"bad","ips":["addrconf"],"allow_ip_spoofing":true}]}`)
	got := fmt.Sprint(p.Links())
	want := "[{eth0 90:b8:d0:aa:bb:cc 9000 [10.0.0.5/32 fd00::5/128 10.1.0.0/16 192.0.2.1/32] false true false} {eth1  1500 [] true false true}]"
	if got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
}
