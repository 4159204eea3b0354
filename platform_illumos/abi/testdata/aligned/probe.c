/* A function of a library that the loader does not have, for its check of the stack. */
long il_ipadm_probe(long a, long b) { return a + b; }
