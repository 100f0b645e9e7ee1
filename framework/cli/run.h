// run.h - an experiment is run: as `reckon run` does it, and `reckon score`.
#ifndef RECKON_CLI_RUN_H
#define RECKON_CLI_RUN_H

#include "cli/options.h"
#include "cli/outcome.h"

// What is to be told below the tables; `format` as of --format, NULL: for people.
typedef void run_teller(const struct outcome *o, const char *format, FILE *out);

// All of a run, or what --dry-run tells of it; gives the exit code. Takes the experiment, which it
// releases.
int run_experiment(struct experiment *x, const struct arguments *a, run_teller *tell);

#endif
