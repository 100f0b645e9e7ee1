// rerun_tell.h - what a run that was run again has in common with the bundle that it is from.
#ifndef RECKON_CLI_RERUN_TELL_H
#define RECKON_CLI_RERUN_TELL_H

#include <stdio.h>

#include "report/bundle.h"

// Hash by hash, for people. `folder`: the new run's; `plan_hash`: its own. *same: whether the data
// and all results are.
bool rerun_tell(const struct bundle *b, const char *folder, const char *plan_hash, bool *same,
    FILE *out, struct error *e);

// Whether the bytes of that file of a bundle are needed.
bool rerun_wants(const char *name);

#endif
