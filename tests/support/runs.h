// runs.h - whole runs of experiments written as text, through workers and trials.
#ifndef TESTS_SUPPORT_RUNS_H
#define TESTS_SUPPORT_RUNS_H

#include "experiment/experiment.h"
#include "trial/runner.h"

// A finished run and what it was made from.
struct finished {
    struct experiment experiment;
    struct results results;
    int signal_seen;
};

// Once, before all else: makes the folder that experiments are written to, and has workers be the
// program of this build.
void runs_begin(void);
void runs_end(void); // removes the folder

const char *runs_build(void); // $RECKON_BUILD
// Writes a file of the folder; gives its path, until the next call.
const char *runs_write(const char *name, const char *text);
void runs_text(
    const char *text, struct finished *out); // reads and runs it; fails the test if it can't
void runs_done(struct finished *f);

// NULL: there is none.
const struct trial_record *runs_find(const struct finished *f, int model, uint32_t fold);

#endif
