#include "textflag.h"

TEXT ·sysvicall6(SB),NOSPLIT,$0
	JMP syscall·sysvicall6(SB)
