/* The zone itself: which it is and where its native programs are (zone.h). */
#include "model.h"

long il_getzoneid(void)
{
	MODEL_FAULT("getzoneid");
	return model->zone;
}

/* NULL where the native programs are at the root: in a native zone. It is libc's
 * memory, and there for as long as the process is. */
const char *il_zone_get_nroot(void) { return *model->nroot ? model->nroot : 0; }
