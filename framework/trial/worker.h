// worker.h - the processes that load plugins: exec'd anew from the harness, so that they hold
// nothing of it but what they are sent. A worker forks one trial at a time and outlives it.
#ifndef RECKON_TRIAL_WORKER_H
#define RECKON_TRIAL_WORKER_H

#include <sys/types.h>

#include "core/error.h"
#include "model/schema.h"
#include "trial/plan.h"

// The schema of the plugin at `path`, asked of a short-lived process; a crash on loading becomes a
// message that names the signal. `blas_core` [64] (NULL allowed) gets OpenBLAS's core as that
// process had it, "" if the plugin loaded no OpenBLAS.
bool worker_schema(const char *path, struct schema *out, char *blas_core, struct error *e);

struct worker {
    pid_t pid;   // 0: none
    int control; // socket
};
// In a sandbox if the plan says so (sandbox_check() has been asked); NULL: outside.
bool worker_start(struct worker *w, const struct plan *plan, struct error *e);
// Kills it, its trial and what this started, and leaves the rest to worker_stop(): for a worker
// that does not answer.
void worker_kill(const struct worker *w);
// Kills it, its trial and the processes that this started; accepts a zeroed struct.
void worker_stop(struct worker *w);

// A plugin that is asked what its models will take: a process of its own, which loads it once and
// answers one question after another. Zeroed: none.
struct inquiry {
    struct worker worker;
    const char *path; // of the plugin; borrowed
    int socket, output;
};
bool inquiry_begin(struct inquiry *q, const char *path, struct error *e);
// What its "reckon.memory/1" says. False: it has none, crashed, went on for too long, or answered
// nonsense; no further question can be put then.
bool inquiry_memory(struct inquiry *q, const struct param_value *values, uint32_t n_values,
    const rk_shape *shape, uint64_t *bytes, struct error *e);
void inquiry_end(struct inquiry *q); // accepts a zeroed struct

// The program that is started with --worker: "/proc/self/exe" unless set (by tests, which are not
// that program). Borrowed.
void worker_set_program(const char *program);
const char *worker_program(void);

// How long a plugin may take to load and to give its table, or to answer a question, in seconds; 20
// unless set (by tests).
void worker_set_patience(double seconds);

// Body of the worker process, `reckon --worker`, whose control socket is descriptor 3. Gives the
// exit status.
int worker_main(void);

#endif
