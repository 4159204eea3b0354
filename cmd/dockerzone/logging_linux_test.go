//go:build linux

package main_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"dockerinit/cmd/internal/cmdtest"
	"dockerinit/platform_fake/need"
)

// logging is an image with a log driver: a script for busybox, or the program that
// sends to a syslog server.
func logging(t *testing.T, who, script string) (image string) {
	t.Helper()
	image = tools(t, who)
	driver := []byte("#!/busybox sh\nPATH=/\n" + script)
	if script == "" {
		var err error
		driver, err = os.ReadFile(filepath.Join(bin, "logger"))
		must(t, err)
	}
	must(t, os.MkdirAll(image+"/native/lib/sdc/docker", 0o755))
	must(t, os.WriteFile(image+"/native/lib/sdc/docker/logger", driver, 0o755))
	own(t, who, image)
	return image
}

func syslogs(config string) map[string]any {
	return map[string]any{"docker:logdriver": "syslog", "docker:id": strings.Repeat("0123456789abcdef", 4), "docker:logconfig": config}
}

// A log driver reads copies of what the command writes; the keeper, which plays
// the host, makes them.
func TestRunALogDriver(t *testing.T) {
	for who, as := range everybody {
		for _, mode := range []string{"blocking", "non-blocking"} {
			t.Run(who+" "+mode, func(t *testing.T) {
				t.Parallel()
				image := tools(t, who)
				driver := image + "/native/lib/sdc/docker/logger"
				must(t, os.MkdirAll(filepath.Dir(driver), 0o755))
				must(t, os.WriteFile(driver, []byte("#!/busybox sh\n/busybox head -n 1 <&3 >/copy.out\n/busybox head -n 1 <&4 >/copy.err\nexec /busybox cat <&3 >/dev/null\n"), 0o755))
				own(t, who, image)
				payload := zonePayload(t, map[string]any{"docker:logdriver": "syslog", "docker:logconfig": `{"mode":"` + mode + `"}`})
				r := cmdtest.Run(t, booting(t, as, append([]string{"--rootfs", image, payload}, busybox("sh", "-c",
					"echo to out; echo to err >&2; until test -s /copy.err; do /busybox usleep 10000; done; /busybox cat /copy.out /copy.err")...)...))
				if r.Status != 0 || r.Stdout != "to out\nto out\nto err\n" {
					t.Errorf("status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
				}
			})
		}
	}
}

// lines writes so many bytes or a few more, each line another one, and is their sum.
func lines(t *testing.T, name string, size int) (sum string) {
	t.Helper()
	random := rand.New(rand.NewPCG(uint64(size), 1))
	f, err := os.Create(name)
	must(t, err)
	defer f.Close()
	hash := sha256.New()
	for n, left := 0, size; left > 0; n++ {
		line := fmt.Sprintf("%08d %s\n", n, strings.Repeat(strconv.FormatUint(random.Uint64(), 36), 1+random.IntN(120)))
		left -= len(line)
		_, err := io.MultiWriter(f, hash).Write([]byte(line))
		must(t, err)
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

func sizeOf(name string) int64 {
	info, err := os.Stat(name)
	if err != nil {
		return 0
	}
	return info.Size()
}

func sumOf(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(name)
	must(t, err)
	defer f.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, f)
	must(t, err)
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// grown waits until the files have so many bytes, as long as they grow.
func grown(want int64, names ...string) bool {
	total := func() (n int64) {
		for _, name := range names {
			n += sizeOf(name)
		}
		return n
	}
	for now, last, since := total(), int64(0), time.Now(); now != want; now = total() {
		if now != last {
			last, since = now, time.Now()
		}
		if time.Since(since) > time.Minute {
			return false
		}
		time.Sleep(10 * time.Millisecond)
	}
	return true
}

// A hundred megabytes go from the command through the host's copies and a real log
// driver to a real syslog server on the zone's network: each stream arrives as it
// was to the last line, and none in the other.
func TestLogDriverAndASyslogServer(t *testing.T) {
	rsyslogd := need.Program(t, "rsyslogd", "rsyslog")
	image, dir := logging(t, "root", ""), cmdtest.Folder(t)
	const most, rest = 90_000_000, 10_000_000
	out, errs := lines(t, image+"/lines", most), lines(t, image+"/complaints", rest)
	want := sizeOf(image+"/lines") + sizeOf(image+"/complaints")
	// Docker's driver tells the streams apart by their severities, and zones by tags,
	// the first digits of their ids. With a queue of its own the server would drop
	// what comes faster than it can write.
	config := cmdtest.File(t, "rsyslog.conf", fmt.Sprintf(`
global(workDirectory="%[1]s")
module(load="imptcp")
main_queue(queue.type="Direct")
template(name="text" type="string" string="%%msg:2:$%%\n")
if $programname == "0123456789ab" and $syslogseverity == 6 then action(type="omfile" file="%[1]s/output" template="text")
if $programname == "0123456789ab" and $syslogseverity == 3 then action(type="omfile" file="%[1]s/errors" template="text")
input(type="imptcp" address="10.88.0.1" port="514")
`, dir))
	cmd := booting(t, root, append([]string{"--write", "--rootfs", image,
		zonePayload(t, syslogs(`{"syslog-address":"tcp://10.88.0.1:514"}`), map[string]any{"nics": []any{
			map[string]any{"interface": "eth0", "mac": "90:b8:d0:00:00:01", "primary": true, "ips": []string{"10.88.0.9/24"}, "gateways": []string{"10.88.0.1"}},
		}})}, busybox("sh", "-c", "/busybox cat /lines & /busybox cat /complaints >&2; wait")...)...)
	shown := map[string]*os.File{}
	for _, name := range []string{"stdout", "stderr"} {
		f, err := os.Create(filepath.Join(dir, name))
		must(t, err)
		defer f.Close()
		shown[name] = f
	}
	cmd.Stdout, cmd.Stderr = shown["stdout"], shown["stderr"]
	zone := cmdtest.Start(t, cmd)
	inside := func(args ...string) *exec.Cmd {
		other := dockerzone(append([]string{"net", "z0"}, args...)...)
		other.Env = cmd.Env
		return other
	}
	if !cmdtest.Until(func() bool { return cmdtest.Run(t, inside()).Status == 0 }) {
		t.Fatal("the zone does not run")
	}
	cmdtest.Start(t, inside("--", rsyslogd, "-n", "-f", config, "-i", filepath.Join(dir, "pid"))) // it ends with the zone
	whole := grown(want, dir+"/output", dir+"/errors")
	if r := zone.Wait(); r.Status != 0 {
		t.Errorf("status %d", r.Status)
	}
	for _, s := range []struct{ stream, file, want string }{
		{"stdout at the server", "output", out}, {"stderr at the server", "errors", errs},
		{"stdout of dockerzone", "stdout", out},
	} {
		if sumOf(t, filepath.Join(dir, s.file)) != s.want {
			t.Errorf("%s: %d bytes, not what the command wrote (all was there: %v)", s.stream, sizeOf(filepath.Join(dir, s.file)), whole)
		}
	}
	if text, err := os.ReadFile(dir + "/stderr"); err != nil || !strings.HasSuffix(string(text), "\ndockerzone run: exit_status 0\n") {
		t.Errorf("%v, dockerzone tells %q", err, string(text[max(0, len(text)-500):]))
	}
}

// reading is a driver that reads when it is told to.
const reading = `
echo "$*" >/started
until test -e /go; do usleep 10000; done
cat <&3 >/copy.out & exec cat <&4 >/copy.err
`

// A slow log driver holds the command up, or never where docker:logconfig says so:
// then what is lost is counted.
func TestSlowLogDriver(t *testing.T) {
	for _, drops := range []bool{false, true} {
		mode := map[bool]string{false: "blocking", true: "non-blocking"}[drops]
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			image := logging(t, "root", reading)
			lines(t, image+"/lines", 5_000_000)
			cmd := booting(t, root, append([]string{"--write", "--rootfs", image, zonePayload(t, syslogs(`{"mode":"`+mode+`"}`))},
				busybox("sh", "-c", "/busybox cat /lines; >/written; until test -e /end; do /busybox usleep 10000; done")...)...)
			cmd.Stdout = io.Discard
			p := cmdtest.Start(t, cmd)
			there := func(name string) bool { _, err := os.Stat(image + name); return err == nil }
			if !cmdtest.Until(func() bool { return there("/started") }) {
				t.Fatal("the log driver was not started")
			}
			if drops {
				if !cmdtest.Until(func() bool { return there("/written") }) {
					t.Error("the command is held up")
				}
			} else if time.Sleep(500 * time.Millisecond); there("/written") {
				t.Error("the command is not held up")
			}
			must(t, os.WriteFile(image+"/go", nil, 0o644))
			size := sizeOf(image + "/lines")
			if drops {
				cmdtest.Until(func() bool { return sizeOf(image+"/copy.out") > 0 })
				time.Sleep(200 * time.Millisecond) // for it to read what there is
			} else if !grown(size, image+"/copy.out") {
				t.Errorf("the log driver has %d bytes of %d", sizeOf(image+"/copy.out"), size)
			}
			must(t, os.WriteFile(image+"/end", nil, 0o644))
			r := p.Wait()
			lost := int64(0)
			if m := regexp.MustCompile(`dockerzone run: (\d+) bytes of stdout were dropped, .* it has not read the last (\d+)\n`).FindStringSubmatch(r.Stderr); m != nil {
				dropped, err := strconv.ParseInt(m[1], 10, 64)
				must(t, err)
				unread, err := strconv.ParseInt(m[2], 10, 64)
				must(t, err)
				lost = dropped + unread
			}
			if got := sizeOf(image + "/copy.out"); r.Status != 0 || got+lost != size || drops != (lost > 0) {
				t.Errorf("status %d; the driver has %d bytes, and %d are told to be lost, of %d\n%s", r.Status, got, lost, size, r.Stderr)
			}
		})
	}
}

// A log driver that is gone holds nobody up. An image's own init takes dockerinit's
// place, so that nobody ends the container with the driver.
func TestDeadLogDriver(t *testing.T) {
	image := logging(t, "root", "exit 0\n")
	lines(t, image+"/lines", 5_000_000)
	must(t, os.WriteFile(image+"/init", []byte("#!/busybox sh\n/busybox cat /lines\n"), 0o755))
	cmd := booting(t, root, "--write", "--rootfs", image, zonePayload(t, with(syslogs(`{}`), map[string]any{"docker:cmd": `["/init"]`})))
	cmd.Stdout = io.Discard
	r := cmdtest.Run(t, cmd)
	m := regexp.MustCompile(`the log driver has not read the last (\d+) bytes of stdout\n`).FindStringSubmatch(r.Stderr)
	if r.Status != 0 || m == nil || m[1] != fmt.Sprint(sizeOf(image+"/lines")) {
		t.Errorf("status %d\n%s", r.Status, r.Stderr)
	}
}

// What the host keeps by itself needs no log driver, and any other is the driver's
// business.
func TestWhichLogDriverIsStarted(t *testing.T) {
	for driver, want := range map[any]string{
		"json-file": "", "none": "", "": "", nil: "",
		"syslog": "syslog\n", "gelf": "gelf\n", "fluentd": "fluentd\n", "splunk": "splunk\n",
	} {
		t.Run(fmt.Sprint(driver), func(t *testing.T) {
			t.Parallel()
			image := logging(t, "root", "echo \"$*\" >/started.new; mv /started.new /started; exec cat <&3\n")
			r := cmdtest.Run(t, booting(t, root, append([]string{"--write", "--log", "--rootfs", image, zonePayload(t, with(syslogs(`{}`), map[string]any{"docker:logdriver": driver}))},
				busybox("sh", "-c", "test -z $1 || until test -e /started; do /busybox usleep 10000; done; echo /dev/zfd/*", "-", strings.TrimSpace(want))...)...))
			started, _ := os.ReadFile(image + "/started") // absent: ""
			devices := "/dev/zfd/0 /dev/zfd/1 /dev/zfd/2"
			if want != "" {
				devices += " /dev/zfd/3 /dev/zfd/4"
			}
			if r.Status != 0 || string(started) != want || r.Stdout != devices+"\n" {
				t.Errorf("status %d, started %q, want %q; devices %s\n%s", r.Status, started, want, r.Stdout, r.Stderr)
			}
			if warned := strings.Contains(r.Stderr, "the logger knows fluentd, gelf and syslog"); warned != (driver == "splunk") {
				t.Errorf("warned of it: %v\n%s", warned, r.Stderr)
			}
		})
	}
}

// The log driver's world is as its program knows it.
func TestWhatALogDriverHas(t *testing.T) {
	const look = `
tr '\0' '\n' </proc/self/environ >/environment
(pwd; id -u; ls /proc/$$/fd | grep -v '^1.$'; for n in 0 1 2 3 4; do readlink /proc/$$/fd/$n; done) >/seen.new
mv /seen.new /seen
head -n 1 <&3 >/copy.new
mv /copy.new /copy
exec cat <&3
`
	for _, tt := range []struct {
		name           string
		tty            bool
		seen, env, out string
	}{
		{"three streams", false, "/\n0\n0\n1\n2\n3\n4\n/dev/null\n/dev/null\n/dev/null\n/dev/zfd/3\n/dev/zfd/4\n",
			"DOCKERLOG_CONFIG={\"tag\":\"canary\"}\nDOCKERLOG_CONTAINERID=" + strings.Repeat("0123456789abcdef", 4) + "\nDOCKERLOG_CONTAINERNAME=z0\nDOCKERLOG_CREATETIME=2000-01-01T00:00:00.000Z\n" +
				"DOCKERLOG_IMAGENAME=web:1\nDOCKERLOG_ENTRYPOINT=[]\nDOCKERLOG_CMD=[", "first\n"},
		{"a terminal", true, "/\n0\n0\n1\n2\n3\n4\n/dev/null\n/dev/null\n/dev/null\n/dev/zfd/1\n/dev/null\n",
			"DOCKERLOG_CONFIG={\"tag\":\"canary\"}\nDOCKERLOG_CONTAINERID=", "first\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			image := logging(t, "root", look)
			r := cmdtest.Run(t, booting(t, root, append([]string{"--write", "--log", "--rootfs", image, zonePayload(t, with(syslogs(`{"tag":"canary"}`), map[string]any{
				"docker:tty": tt.tty, "docker:imagename": "web:1", "docker:workdir": "/tmp", "docker:user": "4711", "docker:env": `["SECRET=canary"]`,
			}))}, busybox("sh", "-c", "echo first; until test -e /copy; do /busybox usleep 10000; done")...)...))
			file := func(name string) string { text, _ := os.ReadFile(image + name); return string(text) }
			if r.Status != 0 || file("/seen") != tt.seen || file("/copy") != tt.out {
				t.Errorf("status %d; copied %q, want %q; it sees\n%s\nwant\n%s\n%s", r.Status, file("/copy"), tt.out, file("/seen"), tt.seen, r.Stderr)
			}
			if env := file("/environment"); !strings.HasPrefix(env, tt.env) || strings.Contains(env, "SECRET") {
				t.Errorf("its environment is\n%s\nwant\n%s…", env, tt.env)
			}
			if strings.Contains(r.Stderr, "canary") {
				t.Errorf("S-16 a secret is logged:\n%s", r.Stderr)
			}
		})
	}
}

// A zone whose log driver cannot start does not run unlogged, and says why.
func TestALogDriverThatCannotStart(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(driver string) error
		want  string
	}{
		{"there is none", os.Remove, "no such file or directory"},
		{"it may not be executed", func(driver string) error { return os.Chmod(driver, 0o644) }, "permission denied"},
		{"it is a directory", func(driver string) error { return errors.Join(os.Remove(driver), os.Mkdir(driver, 0o755)) }, "permission denied"},
		{"it is no program", func(driver string) error { return os.WriteFile(driver, []byte("no program\n"), 0o755) }, "exec format error"},
		{"it has no interpreter", func(driver string) error { return os.WriteFile(driver, []byte("#!/none\n"), 0o755) }, "no such file or directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			image := logging(t, "root", "sleep 60\n")
			must(t, tt.spoil(image+"/native/lib/sdc/docker/logger"))
			r := cmdtest.Run(t, booting(t, root, append([]string{"--rootfs", image, zonePayload(t, syslogs(`{}`))}, busybox("echo", "unlogged")...)...))
			const why = `FATAL (code: 3): logger: start the log driver "syslog": `
			if r.Status != 125 || strings.Contains(r.Stdout, "unlogged") || !strings.Contains(r.Stderr, why) || !strings.Contains(r.Stderr, tt.want) {
				t.Errorf("status %d, want 125, %q and %q\n%s%s", r.Status, why, tt.want, r.Stdout, r.Stderr)
			}
		})
	}
}
