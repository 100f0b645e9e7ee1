// opened.h - a run that is there already, opened for a look: its experiment and its results, from
// its folder alone; the data is not read, plugins are asked for their schemas.
#ifndef RECKON_CLI_OPENED_H
#define RECKON_CLI_OPENED_H

#include "cli/options.h"
#include "core/arena.h"
#include "experiment/experiment.h"
#include "trial/store_read.h"

struct opened {
    struct arena arena;     // owned
    const char *folder;     // results/compare
    const char *text;       // the resolved configuration, as the run had it
    const char *provenance; // JSON, as the run had it; NULL: it has not ended
    const char *state;      // "done", "interrupted", ...
    struct experiment experiment;
    struct results results;
};

// RUN: a folder of results, or its name in --out or results/. Needs the plugins of the run to be
// found, not to be the same: `provenance` has the hashes of those that made the results.
bool opened_read(struct opened *o, const struct arguments *a, const char *run, struct error *e);
void opened_done(struct opened *o); // accepts a zeroed struct

#endif
