//go:build linux

package lx

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"dockerinit/platform_fake/bench"
	"dockerinit/platform_fake/need"
)

// What stays as PID 1, beside those that people put there, each in namespaces of
// its own, with the command stayed.
var inits = []struct {
	name string
	argv []string // none: dockerinit, which knows its command
}{
	{"ours", nil},
	{"tini", []string{"/usr/bin/tini", "--", "/stayed"}},
	{"dumb-init", []string{"/usr/bin/dumb-init", "--", "/stayed"}},
	{"catatonit", []string{"/usr/bin/catatonit", "--", "/stayed"}},
}

// A stayer is one of them that runs.
type stayer struct {
	z   *bootZone
	cmd *exec.Cmd
	pid int
}

func newStayer(b *testing.B, argv []string) *stayer {
	b.Helper()
	need.Program(b, "tini", "tini")
	need.Program(b, "dumb-init", "dumb-init")
	need.Program(b, "catatonit", "catatonit")
	need.Program(b, "gcc", "gcc")
	z := newBootZone(b, `"docker:init": true, "docker:cmd": `+list("/stayed"))
	z.streams("")
	program, err := dockerinit()
	must(b, err)
	stayed := filepath.Dir(program) + "/stayed"
	if _, err := os.Stat(stayed); err != nil {
		out, err := exec.Command("gcc", "-O2", "-Wall", "-static", "-o", stayed, "testdata/bench/stayed.c").CombinedOutput()
		if err != nil {
			b.Fatalf("%s: %s", err, out)
		}
	}
	text, err := os.ReadFile(stayed)
	must(b, err)
	must(b, os.WriteFile(z.root+"/stayed", text, 0o755))
	out, err := os.OpenFile(z.root+"/dev/zfd/1", os.O_RDWR, 0)
	must(b, err)
	defer out.Close()
	cmd := exec.Command("/proc/self/exe", argv...)
	cmd.Env = []string{"LX_TEST_ZONE=" + z.root, "LX_TEST_DOCKERINIT=" + program}
	cmd.Stdout = out
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWNET,
		Pdeathsig:  unix.SIGKILL,
	}
	must(b, cmd.Start())
	s := &stayer{z, cmd, cmd.Process.Pid}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	s.told(b)
	if argv == nil {
		eventually(b, "the resident part takes over", func() bool { return rests(s.pid) })
	}
	return s
}

// told is the time that the command tells next.
func (s *stayer) told(b *testing.B) time.Duration {
	b.Helper()
	must(b, s.z.out[1].SetReadDeadline(time.Now().Add(patience)))
	var ns uint64
	must(b, binary.Read(s.z.out[1], binary.NativeEndian, &ns))
	return time.Duration(ns)
}

// cpu is what the init has used, all its threads together.
func (s *stayer) cpu(b *testing.B) (used time.Duration) {
	b.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", s.pid))
	must(b, err)
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		must(b, err)
		ns, err := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
		must(b, err)
		used += time.Duration(ns)
	}
	return used
}

// BenchmarkStayIdle is what each of them takes while nothing happens.
func BenchmarkStayIdle(b *testing.B) {
	for _, n := range []int{1, 10} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			all := make([][]*stayer, len(inits))
			for i, init := range inits {
				for range n {
					all[i] = append(all[i], newStayer(b, init.argv))
				}
			}
			unix.Sync() // a page of a file that is not yet written counts as dirty
			time.Sleep(time.Second)
			switches := func(s *stayer) int { return number(b, proc(b, s.pid, "status"), "voluntary_ctxt_switches") }
			before := make([]int, len(inits))
			for i := range inits {
				before[i] = switches(all[i][0])
			}
			time.Sleep(10 * time.Second)
			for i, init := range inits {
				b.ReportMetric(float64(switches(all[i][0])-before[i]), init.name+"-wakeups")
				b.ReportMetric(float64(number(b, proc(b, all[i][0].pid, "status"), "Threads")), init.name+"-threads")
				for file, metric := range map[string]string{"Private_Dirty": "dirty", "Pss": "pss"} {
					sum := 0
					for _, s := range all[i] {
						sum += number(b, proc(b, s.pid, "smaps_rollup"), file)
					}
					b.ReportMetric(float64(sum)/float64(n), init.name+"-"+metric+"-KiB")
				}
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkStaySignal is from kill to the command's hearing of it.
func BenchmarkStaySignal(b *testing.B) {
	const rounds = 2000
	stayers := make([]*stayer, len(inits))
	took := make([][]time.Duration, len(inits))
	for i, init := range inits {
		stayers[i] = newStayer(b, init.argv)
	}
	for range rounds {
		for i, s := range stayers {
			time.Sleep(200 * time.Microsecond) // all are asleep again
			begun := now()
			must(b, syscall.Kill(s.pid, unix.SIGUSR1))
			took[i] = append(took[i], s.told(b)-begun)
		}
	}
	beside(b, took, bench.Median)
	for i, init := range inits { // sorted by now
		b.ReportMetric(float64(took[i][len(took[i])*99/100].Nanoseconds())/1e3, init.name+"-p99-µs")
	}
}

// BenchmarkStayOrphans is the CPU that 10,000 orphans cost which end at once.
func BenchmarkStayOrphans(b *testing.B) {
	const rounds = 7
	stayers := make([]*stayer, len(inits))
	took := make([][]time.Duration, len(inits))
	for i, init := range inits {
		stayers[i] = newStayer(b, init.argv)
	}
	for range rounds {
		for i, s := range stayers {
			must(b, syscall.Kill(s.pid, unix.SIGUSR2))
			s.told(b)
			before := s.cpu(b)
			must(b, syscall.Kill(s.pid, unix.SIGUSR2))
			time.Sleep(300 * time.Millisecond) // whoever counts them is in the way of who reaps
			children := fmt.Sprintf("task/%d/children", s.pid)
			eventually(b, "all orphans are reaped", func() bool { return len(strings.Fields(proc(b, s.pid, children))) == 1 })
			took[i] = append(took[i], s.cpu(b)-before)
		}
	}
	// What others do on the machine only adds to it, in locks of the kernel.
	beside(b, took, slices.Min)
}

// beside tells one of the values of each init, and ours as a part of each other's.
func beside(b *testing.B, took [][]time.Duration, one func([]time.Duration) time.Duration) {
	b.ReportMetric(0, "ns/op")
	for i, init := range inits {
		b.ReportMetric(float64(one(took[i]).Nanoseconds())/1e3, init.name+"-µs")
		if i > 0 {
			b.ReportMetric(float64(one(took[0]))/float64(one(took[i])), "of-"+init.name)
		}
	}
}

// BenchmarkStayStart is what staying adds to a start, from the first instruction
// to the command's, beside what tini does.
func BenchmarkStayStart(b *testing.B) {
	need.Program(b, "tini", "tini")
	z := newBenchZone(b, 0)
	stays := newBenchZoneOf(b, 0, strings.Replace(busyPayload, `"docker:tty": false`, `"docker:tty": false, "docker:init": true`, 1))
	side := func(name string, z *benchZone, argv ...string) (bench.Side, *[]time.Duration) {
		var all []time.Duration
		return bench.Side{Name: name, Run: func() time.Duration {
			all = append(all, z.once(argv...).took())
			return all[len(all)-1]
		}}, &all
	}
	staying, a := side("staying", stays, initPath)
	becoming, c := side("becoming", z, initPath)
	tini, d := side("tini", z, "/usr/bin/tini", "--", "/stamp")
	plain, e := side("execve", z, "/stamp")
	bench.Beside(b, staying, becoming, tini, plain)
	b.ReportMetric(float64(bench.Median(*a)-bench.Median(*c))/1e3, "ours-adds-µs")
	b.ReportMetric(float64(bench.Median(*d)-bench.Median(*e))/1e3, "tini-adds-µs")
}
