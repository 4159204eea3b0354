//go:build linux

package lx

import (
	"time"

	"dockerinit/core/bootlog"
	"dockerinit/core/metadata"
	"dockerinit/platform_lx/agent"
)

// newMetadata is the conversation with the host; it connects when it is first
// asked something.
func newMetadata(log *bootlog.Logger, contact time.Duration) *metadata.Client {
	return metadata.New(agent.Dial, log, contact)
}
