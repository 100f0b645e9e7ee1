// opened.h - a run that is there already, opened for a look: its experiment and its results, from
// its folder alone; the data is not read, plugins are asked for their schemas.
#ifndef RECKON_CLI_OPENED_H
#define RECKON_CLI_OPENED_H

#include "cli/options.h"
#include "core/arena.h"
#include "experiment/experiment.h"
#include "report/candidates.h"

struct opened {
    struct arena arena;     // owned
    const char *folder;     // results/compare
    const char *text;       // the resolved configuration, as the run had it; of a part: the whole's
    const char *provenance; // JSON, as the run had it; NULL: it has not ended
    const char *state;      // "done", "interrupted", ...
    struct experiment experiment; // plan.shard: which part it is
    struct results results;
    struct candidates candidates; // what its searches tried
};

// RUN: a folder of results, or its name in --out or results/. Needs the plugins of the run to be
// found, not to be the same: `provenance` has the hashes of those that made the results.
bool opened_read(struct opened *o, const struct arguments *a, const char *run, struct error *e);
void opened_done(struct opened *o); // accepts a zeroed struct

// The part that a run's configuration, as its store has it, speaks of; without a word of it, the
// whole. *whole: the configuration without that word, in the arena or `text` itself.
struct shard opened_part(const char *text, struct arena *a, const char **whole);

// The experiment of a run from its resolved configuration. `folder`: the run's, for messages;
// `provenance`: the run's, NULL allowed, tells which plugins it had where they can't be used.
bool opened_experiment(struct experiment *x, const struct arguments *a, const char *folder,
    const char *text, const char *provenance, struct error *e);

#endif
