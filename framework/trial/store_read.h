// store_read.h - the store as commands look at it: runs, trials, progress, results; and what is
// done to stores as a whole: merging, clearing up.
#ifndef RECKON_TRIAL_STORE_READ_H
#define RECKON_TRIAL_STORE_READ_H

#include "trial/store.h"

// ---- Runs --------------------------------------------------------------------------------------

struct store_run_row {
    struct store_run run;
    const char *provenance; // JSON; NULL: it has not ended
    size_t outer, inner;    // trials of models that it has, on outer test rows and on inner folds
    size_t failed;          // of both
    size_t n_warnings;
};

// All of them, the oldest first: [*n], in the arena.
bool store_runs(struct store *s, struct arena *a, const struct store_run_row **rows, size_t *n,
    struct error *e);

// Warnings of a run (0: the latest), in the order they were given: [*n], in the arena.
bool store_warnings(struct store *s, int64_t run, struct arena *a, const char *const **texts,
    size_t *n, struct error *e);

// How far the latest run is, for another process than that which runs it.
struct store_live {
    struct store_run_row row;
    bool writing;    // a process holds the store; false with state "running": it was killed
    const char *who; // "process 4711 on host"; NULL: nobody
};
// *found false: there is no run yet.
bool store_live(
    struct store *s, struct arena *a, struct store_live *out, bool *found, struct error *e);

// ---- Trials ------------------------------------------------------------------------------------

enum store_which { STORE_OUTER, STORE_INNER, STORE_BOTH };

struct store_filter {
    int64_t run;                    // 0: the latest
    const char *data, *label, *key; // equal to; what the key begins with; NULL: any
    uint32_t fold;                  // 0: any
    enum store_which which;
    bool failed;   // failed ones alone
    bool own_rows; // those of the harness's own, too
    size_t latest; // > 0: only that many, the one stored last first; else in the order of the plan
    bool scores;   // fill in the scores and curves
};

// A trial at its place in a run. All pointers are borrowed for the call.
struct store_trial {
    int64_t run;
    struct key key;
    struct trial_record record; // seed and repeat from 0, as ever; cached
    const char *data, *label;
    double share;
    bool winner;
    const char *plugin, *parameters; // id; JSON; NULL: a row of the harness's own
    const char *predictions;         // the file, under the store's folder; NULL: not kept
};

// Calls `each` for the trials that pass, until it gives false.
bool store_trials(struct store *s, const struct store_filter *filter,
    bool (*each)(void *arg, const struct store_trial *t), void *arg, struct error *e);

// ---- Results -----------------------------------------------------------------------------------

// The results of the latest run, from the store alone, in the order of the plan: what runner_run()
// gives. The run must be of this plan: labels are found again by their names. out->interrupted: the
// run is not done.
bool store_results(struct store *s, const struct plan *plan, struct results *out, struct error *e);

// ---- Stores as a whole -------------------------------------------------------------------------

struct store_merged {
    size_t trials, places; // that came new or in place of failed ones; that the run now has of it
    size_t predictions;    // files
};
// Adds the latest run of another folder's store to the latest of this one, which must be of the
// same plan_hash; a store without runs takes it over. The run is the present one then, for
// store_end_run(). Refused: another plan, other data, a store that is being written.
bool store_merge(struct store *s, const char *from, struct store_merged *out, struct error *e);

// Writes all of it to a new file, the same bytes for the same rows; without the names and processes
// of machines.
bool store_copy(struct store *s, const char *path, struct error *e);

struct store_cleared {
    size_t runs, trials, files;
    uint64_t bytes; // of the folder, before less after
};
// Removes the runs before the latest one that was done, the trials that no run refers to any more,
// and files of predictions that belong to no trial; then makes the file as small as it can be.
bool store_gc(struct store *s, struct store_cleared *out, struct error *e);

#endif
