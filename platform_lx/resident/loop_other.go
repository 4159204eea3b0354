//go:build linux && !amd64

package resident

// There is no loop for this processor: LX zones have none but amd64.
const (
	magic   = 0
	entered = false
)

type head struct {
	magic, wake, all               uint64
	target, stop, until, self, log int64
	pids                           [8]int64
}
