// store.h - results/<name>/reckon.db: what every trial came to, for good.
//
// One SQLite file: STRICT tables, WAL (a rollback journal where the file system cannot do that,
// NFS), synchronous = EXTRA, commits in groups. One process writes it, and holds a lock of its own
// beside it while it does; any number read. A trial is stored once, under its key; runs refer to
// trials. docs of the tables: store_schema.c, and README's queries.
#ifndef RECKON_TRIAL_STORE_H
#define RECKON_TRIAL_STORE_H

#include "trial/key.h"
#include "trial/record.h"

struct store;

enum store_mode { STORE_WRITE, STORE_READ };

// `folder`: results/<name>, which exists. STORE_WRITE makes the file if there is none, moves an
// older schema to the present one, and clears up after a writer that was killed; it is refused if
// another process writes (naming it), if the folder can't be written, if the file is of a newer
// reckon, or is no store. STORE_READ never writes, and works while another process does.
bool store_open(struct store **s, const char *folder, enum store_mode mode, struct error *e);

// Commits what is pending. Accepts NULL.
void store_close(struct store *s);

// ---- A run -------------------------------------------------------------------------------------

struct store_run {
    int64_t id; // from 1
    const char *name;
    const char *experiment; // the resolved configuration
    const char *plan_hash;  // of all that decides what the run's tables are
    const char *version;    // of reckon
    const char *state;      // "running", "done", "interrupted", "failed"
    const char *host;       // its name, for people
    int64_t pid;
    int64_t started, ended; // seconds since 1970 by the machine's clock, for people alone; order
                            // is by id. ended 0: not yet
    size_t foreseen;        // trials of models, inner ones included; 0: not known yet
    double seconds;         // of all sessions together
};
// Goes on with the latest run if it has this plan_hash and is not done, else adds one. Runs that
// are still "running" although nobody holds the lock become "interrupted". Of `run` it takes name,
// experiment, plan_hash and version.
bool store_begin_run(struct store *s, const struct store_run *run, int64_t *id, struct error *e);
bool store_foresee(struct store *s, size_t n, struct error *e);
// What was read of plan->data[at], once it was.
bool store_data(struct store *s, size_t at, const struct data_summary *d, struct error *e);
// provenance: JSON, as in provenance.json; NULL: none. The run stays the present one, and may be
// ended again with more to say. The seconds of all sessions are counted by
// the store itself.
bool store_end_run(struct store *s, const char *state, const char *provenance, struct error *e);

// ---- Trials ------------------------------------------------------------------------------------

// Where a trial stands in the present run.
struct store_place {
    const struct trial_record *record; // data, model, seed, repeat, fold, inner, candidate, number
    const char *data, *label;
    double share; // of the training rows
    bool winner;  // outer trial: of a tuned row
};

// The stored trial of that key, into `out`: scores, costs, curve (allocated for the record, as
// always), failure, cause, log (in `texts`), cached = true. *found false: there is none.
bool store_find(struct store *s, const struct key *key, struct trial_record *out,
    struct arena *texts, bool *found, struct error *e);

// The answers that are kept of the trial of that key, into out->answers; NULL: none are.
bool store_answers(
    struct store *s, const struct key *key, struct trial_record *out, struct error *e);

// Stores a finished or failed trial under its key (an older one of that key is replaced), with its
// parameters as text for queries; `model` and `values` NULL for a row of the harness's own.
// Committed within a quarter of a second of the process's next call, or at once by store_flush().
// FULL disk and the like: false with what to do about it; the transaction is rolled back as a
// whole, and what was committed stays.
bool store_put(struct store *s, const struct key *key, const struct plan_model *model,
    const struct param_value *values, const struct trial_record *t, struct error *e);

// The trial is part of the present run, at this place; once for each place.
bool store_place(
    struct store *s, const struct key *key, const struct store_place *place, struct error *e);

// What was chosen for an outer trial of the present run, which is stored already.
bool store_tuned(struct store *s, const struct key *key, const struct store_place *place,
    const struct schema *schema, const struct tuned *tuned, struct error *e);

// A warning that the run gave: kept with it.
bool store_warn(struct store *s, const char *text, struct error *e);

bool store_flush(struct store *s, struct error *e);

// Means over the stored trials of a model that went well, on whole outer folds of data sets of that
// name: those of the same plugin and parameters; where there are none, those under the label. For
// forecasts. n = 0: there are none.
struct store_cost {
    size_t n;
    double seconds;  // of fit and prediction
    uint64_t memory; // the largest
    bool same;       // of the same plugin and parameters
};
bool store_cost(struct store *s, const char *data, const struct plan_model *model,
    const struct param_value *values, struct store_cost *out, struct error *e);

// Predictions of a trial: predictions/<key>.csv.gz, whole or not at all. Written by the report, so
// this is but the path, under the store's folder; store_put() comes after the file.
const char *store_predictions(struct store *s, const struct key *key, struct arena *a);

#endif
