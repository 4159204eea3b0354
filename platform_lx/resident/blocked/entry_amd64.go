//go:build linux && resident

package blocked

import _ "dockerinit/platform_lx/resident" // where it goes on

func entry() // the program's first instruction: linker flag -E
func block()

// They are used by one another alone.
var _ = [...]func(){entry, block}
