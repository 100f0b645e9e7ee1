// searched.h - plans whose models are searched, made by hand over an experiment's text, and runs of
// them through workers and trials.
#ifndef RECKON_TESTS_SEARCHED_H
#define RECKON_TESTS_SEARCHED_H

#include "experiment/experiment.h"
#include "trial/runner.h"

// Makes a folder for files and points at the build's program and plugins. False: no folder.
bool searched_begin(void);
// Removes the folder; true if it could.
bool searched_end(void);

const char *searched_file(const char *name, const char *text); // its path, until the next call
const char *searched_build(void);                              // folder of the build
const char *searched_folder(void);                             // of the files, and of stores

#define SMALL \
    "name = \"t\"; seed = 3; metrics = (\"rmse\", \"mae\", \"top5\");" \
    "data = { synthetic = { users = 60; items = 80; ratings = 1500; rank = 3; }; };" \
    "split = { method = \"kfold\"; folds = 2; };"
#define MODELS "models = ({plugin = \"item_mean\";}, {plugin = \"als\"; iterations = 2;});"

struct searched {
    struct experiment experiment;
    struct plan plan; // of the experiment, with these models
    struct plan_model models[4];
    struct search_dim dims[4][2];
    struct tuning_dim places[4][2];
    struct tuning tunings[4];
};

// The experiment's plan; no model is searched yet.
void searched_read(struct searched *s, const char *text);
// One more parameter that is searched, from `min` to `max`, on three inner folds by RMSE.
void searched_add(struct searched *s, size_t model, const char *param, double min, double max,
    const char *method, uint32_t trials);
// SMALL and MODELS, and `more` text: item_mean's shrinkage, als's lambda and rank.
void searched_init(struct searched *s, const char *more);
void searched_done(struct searched *s);

enum { INNER = 2 * 3 * (6 + 5), OUTER = 2 * 2 }; // trials of searched_init()

// What was told of a run.
struct seen {
    double score[2][3][4][64]; // [model][fold][inner][candidate]: RMSE of inner trials; NAN: not
                               // seen
    size_t done, cached, total, executed;
    size_t stop_at;                        // a signal after so many that were executed; 0: none
    void (*hook)(const struct seen *seen); // after each; NULL: none
};

// Opened for writing, with a run begun.
struct store *searched_store(const char *name);

// `store` NULL: none, else the name of its folder. `seen` may be NULL.
void searched_run(
    const struct searched *s, const char *store, struct seen *seen, struct results *out);
bool searched_try(const struct searched *s, const char *store, struct seen *seen,
    struct results *out, struct error *e);

// What the store of that name has of its latest run.
void searched_stored(const struct searched *s, const char *store, struct results *out);

// The store of that name has evidence of outer trials, and of no inner ones, of which there may be
// many thousands.
void searched_kept(const char *store);

// Scores, what is kept beside them, and choices, bit for bit.
void searched_same(const struct searched *s, const struct results *a, const struct results *b);
void searched_same_record(
    const struct searched *s, const struct trial_record *a, const struct trial_record *b);
bool searched_same_values(
    const struct schema *s, const struct param_value *a, const struct param_value *b);

#endif
