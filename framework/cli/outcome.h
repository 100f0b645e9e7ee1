// outcome.h - what a run came to, as its reader gets it: tables in a folder and on stdout.
#ifndef RECKON_CLI_OUTCOME_H
#define RECKON_CLI_OUTCOME_H

#include "experiment/experiment.h"
#include "report/candidates.h"
#include "report/folder.h"

struct outcome {
    struct folder folder;
    struct results results;
    struct candidates candidates; // what searches tried
    struct report report;
    const struct report_format *formats[32];
    size_t n_formats;
};

// The formats that the experiment asks for.
void outcome_formats(struct outcome *o, const struct experiment *x);

// All files of the folder; `experiment`: the resolved configuration. The report has been made.
bool outcome_write(struct outcome *o, const char *experiment, struct error *e);

// `format` as of --format; NULL: for people.
bool outcome_print(const struct outcome *o, const char *format, struct error *e);

// Trials of models, the harness's own rows left out.
size_t outcome_count(const struct outcome *o);

void outcome_done(struct outcome *o); // accepts a zeroed struct

// What experiment_print() prints; the caller's to free. NULL: out of memory.
char *outcome_text(const struct experiment *x);

#endif
