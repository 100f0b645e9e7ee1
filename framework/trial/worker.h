// worker.h - the processes that load plugins: exec'd anew from the harness, so that they hold
// nothing of it but what they are sent.
#ifndef RECKON_TRIAL_WORKER_H
#define RECKON_TRIAL_WORKER_H

#include "core/error.h"
#include "model/schema.h"

// The schema of the plugin at `path`, asked of a short-lived process; a crash on loading becomes a
// message that names the signal.
bool worker_schema(const char *path, struct schema *out, struct error *e);

// Body of the worker process: `reckon --worker` on descriptor 3. Gives the exit status.
int worker_main(void);

#endif
