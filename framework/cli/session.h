// session.h - one sitting of a run with its store: begun or gone on with, its warnings kept.
#ifndef RECKON_CLI_SESSION_H
#define RECKON_CLI_SESSION_H

#include "experiment/experiment.h"
#include "trial/runner.h"

// The last line of a part's configuration in its store is this with "2/3" behind it.
#define SESSION_SHARD "// reckon run --shard "

struct session {
    struct store *store; // owned
    int64_t run;         // its number in the store
    int warnings[2];     // sockets, from all processes of the harness to this one; owned
};

// Opens the store in the folder and begins the run there, or goes on with it. What log_warning()
// says from now on is kept with the run.
bool session_begin(
    struct session *s, const struct experiment *x, const char *folder, struct error *e);

// Keeps the warnings that have come since; to be called now and then. False: the store can't be
// written.
bool session_tend(struct session *s, struct error *e);

// `state` as in struct store_run.
bool session_end(struct session *s, const struct results *r, const char *state, struct error *e);

void session_close(struct session *s); // accepts a zeroed struct

#endif
