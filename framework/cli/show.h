// show.h - what `reckon show` shows of one store; each gives the exit code.
#ifndef RECKON_CLI_SHOW_H
#define RECKON_CLI_SHOW_H

#include "cli/options.h"
#include "trial/store_read.h"

int show_trials(struct store *s, const struct arguments *a);
int show_trial(struct store *s, const struct arguments *a); // --trial, --key
int show_predictions(struct store *s, const char *folder, const struct arguments *a);
int show_live(struct store *s, const struct arguments *a);

// "done", "running", "interrupted", "failed": a run that was killed says still that it runs.
const char *show_state(const struct store_run *run, bool writing);

#endif
