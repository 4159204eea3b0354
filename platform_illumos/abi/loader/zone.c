/* The zone itself: which it is and where its native programs are (zone.h). */
#include "model.h"
#include <string.h>

long il_getzoneid(void)
{
	MODEL_FAULT("getzoneid");
	return model->zone;
}

/* NULL where the native programs are at the root: in a native zone. It is libc's
 * memory, and there for as long as the process is. */
const char *il_zone_get_nroot(void) { return *model->nroot ? model->nroot : 0; }

/* sys/brand.h: operation 131 of the LX brand starts NFS' lock daemon; the native
 * brand has no operations. */
long il_syscall(int number, int operation)
{
	MODEL_FAULT("brandsys");
	if (number != 177)
		return il_fail(ENOSYS);
	if (strcmp(model->brand, "lx") || operation != 131)
		return il_fail(EINVAL);
	model_lock();
	model->locks = 1;
	model_unlock();
	return 0;
}
