//go:build linux

package lx

import (
	"log/slog"
	"time"

	"dockerinit/core/metadata"
	"dockerinit/platform_lx/agent"
)

// newMetadata is the conversation with the host; it connects when it is first
// asked something.
func newMetadata(log *slog.Logger, contact time.Duration) *metadata.Client {
	return metadata.New(agent.Dial, log, contact)
}
