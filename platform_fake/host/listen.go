package host

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"time"
)

// Listen makes the socket on which a zone asks its host:
//
//	l, err := host.Listen(path)
//	err = metadata.ServeListener(ctx, &metadata.Server{Store: store}, l)
//
// A socket that an agent has left behind is replaced, as the host does it. One
// that somebody serves, and anything else of that name, is an error.
func Listen(path string) (net.Listener, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case info.Mode().Type() != fs.ModeSocket:
		return nil, fmt.Errorf("%s: there is something that is no socket", path)
	default:
		conn, err := net.DialTimeout("unix", path, time.Second)
		if err == nil {
			_ = conn.Close()
			return nil, fmt.Errorf("%s: somebody serves this socket already", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	return net.Listen("unix", path)
}
