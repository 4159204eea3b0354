package supervise

import (
	"runtime"
	"sync"
)

// spareThreads are enough for all system calls that are waited in at once: one
// each for reaping, signals, a start, a check, a chore and the log.
const spareThreads = 6

// reserveThreads has Go's runtime make threads while it can. It makes them when it
// first needs them, keeps them, and dies where the kernel gives none: in a zone
// that has as many processes as it may, which is what a fork bomb makes of it, and
// PID 1 with it the zone.
func reserveThreads(n int) {
	var there sync.WaitGroup
	over := make(chan struct{})
	for range n {
		there.Add(1)
		go func() {
			runtime.LockOSThread() // nobody else waits on this thread
			there.Done()
			<-over
			runtime.UnlockOSThread()
		}()
	}
	there.Wait()
	close(over)
}
