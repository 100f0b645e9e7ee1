// folder.h - results/<name>/: the files of a run beside its store, written aside and then put in
// place together.
#ifndef RECKON_REPORT_FOLDER_H
#define RECKON_REPORT_FOLDER_H

#include "report/report.h"
#include "trial/key.h"

struct folder {
    char path[4096];  // results/<name>, which is there from folder_begin() on
    char aside[4096]; // a folder in it, where files are being written; "": nowhere
    int lock;         // descriptor of `aside`, locked while this process lives; owned
    bool made;        // there was no such folder before
};

// `parent`: "results" or --out; made if absent. `name` is the run's. A folder of that name which
// holds something else than results is refused here, before anything runs. What a run that was
// killed has left aside is removed.
bool folder_begin(struct folder *f, const char *parent, const char *name, struct error *e);
// The caller closes it with folder_close(), which says whether all of it was written.
FILE *folder_open(struct folder *f, const char *file, struct error *e);
bool folder_close(struct folder *f, FILE *file, const char *name, struct error *e);
// fsync, then file by file over those of the run before, whose other files go; those that no run
// writes stay. provenance.json goes first and comes last: with it, the files belong together.
bool folder_commit(struct folder *f, struct error *e);
// Whether a run writes a file of that name into its folder, beside its store and predictions.
bool folder_writes(const char *file);
// Removes what was written aside, and the folder if it is new and empty; nothing after a commit.
void folder_abandon(struct folder *f);

// Makes a folder and those that it lies in, where they are not there.
bool folder_make(const char *path, struct error *e);

// scores.csv, costs.csv, curves.csv, tuning.csv and failures.csv (if there are any),
// provenance.json, and table.<id> for each of `formats`.
bool folder_write_results(struct folder *f, const struct report *r,
    const struct report_format *const *formats, size_t n_formats, struct error *e);

// predictions/<key>.csv.gz, at once in its place, whole or not at all: user, item, rating, answer,
// filled, with the ids as they are outside. For runner_events.predictions.
bool folder_write_predictions(const struct folder *f, const struct key *key,
    const struct dataset *data, const struct test *test, const float *answers, const float *filled,
    struct error *e);

#endif
