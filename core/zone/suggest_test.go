package zone

import "testing"

func TestSuggest(t *testing.T) {
	tests := []struct{ key, want string }{
		{"docker:workingdir", "docker:workdir"},
		{"docker:working_dir", "docker:workdir"},
		{"docker:WorkingDir", "docker:workdir"},
		{"docker:Cmd", "docker:cmd"},
		{"Docker:cmd", "docker:cmd"},
		{"docker:command", "docker:cmd"},
		{"docker:environment", "docker:env"},
		{"docker:Env", "docker:env"},
		{"docker:evn", "docker:env"},
		{"docker:entry_point", "docker:entrypoint"},
		{"docker:entrypont", "docker:entrypoint"},
		{"docker:open-stdin", "docker:open_stdin"},
		{"docker:openstdin", "docker:open_stdin"},
		{"docker:groupadd", "docker:group_add"},
		{"docker:linkenv", "docker:linkEnv"},
		{"docker:log_driver", "docker:logdriver"},
		{"docker:restart", "docker:restartpolicy"},
		{"docker:restart_policy", "docker:restartpolicy"},
		{"docker:stop_signal", "docker:stopsignal"},
		{"docker:stop_grace_period", "docker:stoptimeout"},
		{"docker:shm_size", "docker:shmsize"},
		{"docker:nfsvolume", "docker:nfsvolumes"},
		{"docker:hostname", "sdc:hostname"},
		{"docker:nics", "sdc:nics"},
		{"docker:dns", "sdc:resolvers"},
		{"sdc:hostnam", "sdc:hostname"},
		{"sdc:brnad", "sdc:brand"},

		{"docker:workdir", ""},
		{"docker:cmd", ""},
		{"sdc:uuid", ""},
		{"docker:label:cdm", ""},
		{"docker:nonsense", ""},
		{"docker:x", ""},
		{"docker:", ""},
		{"docker", ""},
		{"cmd", ""},
		{"my:cmd", ""},
		{"", ""},
	}
	for _, tt := range tests {
		got, ok := Suggest(tt.key)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%q: got %q %v, want %q", tt.key, got, ok, tt.want)
		}
	}
	for _, key := range Keys() {
		if meant, ok := Suggest(key.Name); ok && key.Name != "docker:workingdir" {
			t.Errorf("%q is a key, and %q is suggested", key.Name, meant)
		}
	}
	for _, other := range otherNames {
		if _, ok := Find(other[1]); !ok {
			t.Errorf("%q means %q, which is no key", other[0], other[1])
		}
		if fold(other[0]) != other[0] {
			t.Errorf("%q is not folded", other[0])
		}
	}
}
