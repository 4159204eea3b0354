package core_test

import (
	"regexp"
	"strconv"
	"testing"

	"dockerinit/core/exit"
	"dockerinit/platform_fake/scenario"
)

// Each code that a boot can end with has a scenario that ends with it; the
// others are listed with the reason.
func TestEachCodeHasAScenario(t *testing.T) {
	reached := map[exit.Code]string{}
	for _, s := range scenario.All() {
		if m := regexp.MustCompile(`(?m)^fatal (\d+) `).FindStringSubmatch(s.Want); m != nil {
			n, err := strconv.Atoi(m[1])
			if err != nil {
				t.Fatal(err)
			}
			reached[exit.Code(n)] = s.Name
		}
	}
	for _, row := range exit.Table {
		why, unreached := elsewhere[row.Code]
		switch {
		case unreached && reached[row.Code] != "":
			t.Errorf("%d (%s) is said to be unreached (%s), and is: %s", row.Code, row.Name, why, reached[row.Code])
		case !unreached && reached[row.Code] == "":
			t.Errorf("%d (%s) has no scenario, and no reason why not", row.Code, row.Name)
		}
	}
	for code := range reached {
		if _, ok := code.Row(); !ok {
			t.Errorf("%d is no code: %s", code, reached[code])
		}
	}
}

// The kernel's doing cannot be told in a payload or an image; what a backend
// says of it is tested there.
var elsewhere = map[exit.Code]string{
	exit.Unexpected:     "a defect, or an error of a backend without a code: TestAPanicIsCodeOne",
	exit.Chdir:          "the kernel refuses the directory at exec: core/process",
	exit.Fork:           "the kernel refuses a process: platform_fake, TestStartFailing",
	exit.Initgroups:     "the kernel refuses the groups at exec: core/process",
	exit.MetadataInit:   "the host is not there: TestAHostThatIsNotThere",
	exit.Open:           "the root is no directory: TestARootThatIsNone",
	exit.OpenConsole:    "the console is refused: TestEachCallFailingOnce",
	exit.Setgid:         "the kernel refuses the group at exec: core/process",
	exit.Setuid:         "the kernel refuses the user at exec: core/process",
	exit.IpadmDoor:      "the IP stack is refused: TestEachCallFailingOnce",
	exit.PlumbInterface: "the native tools' doing: platform_lx, TestBootOnAnLXKernel",
	exit.UpIPv6:         "the native tools' doing: platform_lx, TestBootOnAnLXKernel",
	exit.IpmgmtdExit:    "the native tools' doing: platform_lx, TestBootOnAnLXKernel",
	exit.IpmgmtdDied:    "the native tools' doing: platform_lx, TestBootOnAnLXKernel",
	exit.IpmgmtdCrashed: "the native tools' doing: platform_lx, TestBootOnAnLXKernel",
	exit.MountDevFd:     "the mount is refused: TestEachCallFailingOnce",
	exit.FdopenLog:      "of the C program: a log that cannot be written is no reason not to boot",
	exit.Close:          "of the C program: nothing is closed whose loss matters",
	exit.AttachGettime:  "of the C program: Go's clock does not fail",
	exit.AttachTimedOut: "takes a minute: TestAttach, where that is no time",
	exit.MetadataTooOld: "a warning where a boot meets it; an error of mdata: cmd/mdata",
	exit.NoMemory:       "of the C program: Go ends by itself",
	exit.OpenZfd:        "the tee is refused: TestEachCallFailingOnce",
	exit.StatZfd:        "illumos and LX alone",
	exit.IoctlZfd:       "illumos and LX alone",
	exit.Dup2:           "the kernel refuses a descriptor at exec: core/process",
	exit.Contract:       "illumos alone",
	exit.UnknownVolume:  "of plain lx zones: dockerinit does not read sdc:volumes",
	exit.Limits:         "the kernel refuses a limit at exec: core/process",
	exit.Credentials:    "the kernel does not do as it was told: core/process",
	exit.MountTmpfs:     "the mount is refused: TestEachCallFailingOnce",
	exit.LoggerEnded:    "it ends later: platform_lx, TestALogDriverThatDies",
}
