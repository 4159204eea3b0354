package ipadm

import (
	"fmt"
	"strings"
)

// CheckInterface is nil for what can be an interface's name. The library would
// cut a longer one and configure another interface.
func CheckInterface(name string) error { return checkName("interface", name, nameSize) }

func checkObject(name string) error { return checkName("address object", name, objectSize) }

func checkName(what, name string, size int) error {
	if name == "" || len(name) >= size || strings.IndexByte(name, 0) >= 0 {
		return fmt.Errorf("%s %q: 1 to %d bytes are expected", what, name, size-1)
	}
	return nil
}
