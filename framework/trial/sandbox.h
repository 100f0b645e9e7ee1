// sandbox.h - workers without files, network and other processes, by bubblewrap.
#ifndef RECKON_TRIAL_SANDBOX_H
#define RECKON_TRIAL_SANDBOX_H

#include "core/arena.h"
#include "core/error.h"
#include "trial/plan.h"

// Whether trials can be run so on this machine; the message says what is missing, and the ways out.
bool sandbox_check(struct error *e);

// The command that starts `program` with --worker: it sees the program, the plan's plugins and the
// shared objects beside them, the system's libraries, and a /proc, /dev and /tmp of its own. Ends
// with NULL; NULL if memory ran out.
char **sandbox_command(const char *program, const struct plan *plan, struct arena *a);

#endif
