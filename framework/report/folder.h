// folder.h - results/<name>/: all files of a run, written aside and put in place by one rename.
#ifndef RECKON_REPORT_FOLDER_H
#define RECKON_REPORT_FOLDER_H

#include "report/table.h"

struct folder {
    char path[4096];  // where it will be
    char aside[4096]; // where it is being written; "": nowhere
    int lock;         // descriptor of `aside`, locked while this process lives; owned
};

// `parent`: "results" or --out; made if absent. `name` is the run's. A folder of that name which
// holds something else than results is refused here, before anything runs. What a run that was
// killed has left aside is removed.
bool folder_begin(struct folder *f, const char *parent, const char *name, struct error *e);
// `file` may lie in a folder of its own: "predictions/a.csv". The caller closes it with
// folder_close(), which says whether all of it was written.
FILE *folder_open(struct folder *f, const char *file, struct error *e);
bool folder_close(struct folder *f, FILE *file, const char *name, struct error *e);
void folder_remove(struct folder *f, const char *file); // a file, or a folder and all in it
// fsync, then exchange with what is there (renameat2), then remove the old one.
bool folder_commit(struct folder *f, struct error *e);
void folder_abandon(struct folder *f); // removes what was written aside; nothing after a commit

// scores.csv, costs.csv, curves.csv, tuning.csv and failures.csv (if there are any),
// provenance.json, and table.<id> for each of `formats`.
bool folder_write_results(struct folder *f, const struct results *r, const struct tables *t,
    const struct report_format *const *formats, size_t n_formats, struct error *e);

// predictions/<data>.<model>.<seed>.<repeat>.<fold>.csv: user, item, rating, answer, filled, with
// the ids as they are outside. For runner_events.predictions.
bool folder_write_predictions(struct folder *f, const struct results *r,
    const struct trial_record *t, const struct dataset *data, const struct test *test,
    const float *answers, const float *filled, struct error *e);

#endif
