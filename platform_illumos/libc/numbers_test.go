package libc

import (
	"encoding/binary"
	"testing"
)

// Each with its header beside it in numbers.go.
func TestNumbers(t *testing.T) {
	for _, tt := range []struct {
		name      string
		got, want int
	}{
		{"MS_RDONLY", ReadOnly, 1}, {"MS_DATA", data, 4}, {"MS_NOSUID", NoSuid, 0x10}, {"MS_REMOUNT", Remount, 0x20},
		{"MS_OVERLAY", Overlay, 0x80}, {"MS_OPTIONSTR", optionText, 0x100}, {"MAX_MNTOPT_STR", MaxOptions, 1024},
		{"struct door_info", doorInfoSize, 4 + 8 + 8 + 4 + 8 + 16},
		{"SIG_SETMASK", sigSetmask, 3}, {"sigset_t", sigsetSize, 4 * 4}, {"struct sigaction", sigactionSize, 4 + 4 + 8 + 16},
		{"struct itimerval", itimervalSize, 4 * 8},
		{"ITIMER_REAL", TimerReal, 0}, {"ITIMER_VIRTUAL", TimerVirtual, 1}, {"ITIMER_PROF", TimerProf, 2}, {"ITIMER_REALPROF", TimerRealProf, 3},
		{"P_ALL", waitAll, 7}, {"WEXITED", waitExited, 0o1}, {"WNOWAIT", waitLeave, 0o200}, {"SI_MAXSZ", siginfoSize, 256},
		{"FIONREAD", UnreadBytes, 0x40<<24 | 4<<16 | 'f'<<8 | 127},
		{"SYS_brand", sysBrand, 177}, {"the LX brand's lock daemon", LXLockManager, 131},
	} {
		if tt.got != tt.want {
			t.Errorf("%s is %d, want %d", tt.name, tt.got, tt.want)
		}
	}
	if got := mountFlags(ReadOnly, ""); got != 0x5 {
		t.Errorf("without options the flags are %#x", got)
	}
	if got := mountFlags(0, "mode=1777"); got != 0x104 {
		t.Errorf("with options the flags are %#x", got)
	}
}

func TestDoorTarget(t *testing.T) {
	info := make([]byte, doorInfoSize)
	binary.LittleEndian.PutUint32(info, 4711)
	binary.LittleEndian.PutUint64(info[4:], ^uint64(0)) // di_proc begins right behind it
	if got := doorTarget(info); got != 4711 {
		t.Error(got)
	}
}
