// symbols.h - what the addresses of a crashed plugin are called.
#ifndef RECKON_TRIAL_SYMBOLS_H
#define RECKON_TRIAL_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// "als_solve (als.c:120)", "als_solve" without debug information, "als.so+0x1234" without a symbol:
// of the code at an offset from where the file at `path` is loaded. The file is read in a forked
// process, as it may be damaged. [size]; false: nothing is known.
bool symbols_describe(const char *path, uint64_t offset, char *out, size_t size);

#endif
