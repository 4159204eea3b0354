package core_test

import (
	"testing"

	"dockerinit/core"
	"dockerinit/core/bootlog"
	"dockerinit/platform_fake/scenario"
)

// BenchmarkBoot is a whole boot: the metadata over a connection in memory, the
// image's files, the plan, a network in memory and the log.
func BenchmarkBoot(b *testing.B) {
	for _, name := range []string{
		"a zone that asks for nothing beyond its command",
		"routes: on-link ones first, then the default, then the others",
		"200 routes",
	} {
		b.Run(name, func(b *testing.B) {
			s := scenario.Find(name)
			root := s.New(b).Root
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				z := s.At(b, root)
				p := z.Platform()
				b.StartTimer()
				if err := core.Init(b.Context(), p, bootlog.New(), core.Options{}); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if err := z.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}

// BenchmarkExec is dockerexec up to its exec.
func BenchmarkExec(b *testing.B) {
	s := scenario.Scenario{Payload: `{"internal_metadata": {"docker:user": "alice", "docker:env": ["A=1"]}}`}
	root := s.New(b).Root
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		z := s.At(b, root)
		p := z.Platform()
		b.StartTimer()
		if err := core.Exec(b.Context(), p, bootlog.New(), core.ExecRequest{Args: []string{"app"}}); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := z.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
