// experiment.h - one .cfg to one struct; every mistake at once with file:line.
#ifndef RECKON_EXPERIMENT_EXPERIMENT_H
#define RECKON_EXPERIMENT_EXPERIMENT_H

#include <stdio.h>

#include "core/arena.h"
#include "core/error.h"
#include "trial/plan.h"

struct experiment {
    struct arena arena; // owned; everything else lies in it
    const char *file;   // as given
    struct plan plan;
    const char *const *report; // [n_report]: ids of the table formats asked for
    size_t n_report;
    struct schema *schemas; // [n_schemas]; owned
    size_t n_schemas;
    struct node *tree; // the resolved configuration
    // Of all that decides the tables of a run, and of nothing else: 32 hex digits. Files count by
    // name, plugins by id: what is in them is known to the keys of trials.
    const char *plan_hash;
};

// An entry { predictions = ...; } of `models`, as the command line has it.
struct given_column {
    const char *key, *value; // of struct given_settings: "user", "uid"
};
struct given_file {
    const char *label;     // NULL: by the file's name
    const char *const *at; // [n]: files
    size_t n;
    const struct given_column *columns; // [n_columns]
    size_t n_columns;
};

struct experiment_options {
    const char *text;             // of the file, which is not read then; NULL: it is
    const char *const *overrides; // [n_overrides]: "models.0.rank=8", "split.folds=3"
    size_t n_overrides;
    const char *const *only; // [n_only]: plugin ids or labels to keep
    size_t n_only;
    const char *const *blends; // [n_blends]: further entries of models, "als,svd"
    size_t n_blends;
    const char *const *plugin_folders; // [n_plugin_folders]: before the experiment's plugin_path
    size_t n_plugin_folders;
    const char *const *formats; // [n_formats]: table formats that there are
    size_t n_formats;
    // [n_given]: if there are any, they take the place of the file's models, and nothing that is
    // said of these (search, baseline, only, seeds), nor its name, report and predictions, holds.
    const struct given_file *given;
    size_t n_given;
    bool given_beside;     // they come after the file's models; an entry of the same label goes
    int64_t jobs, threads; // 0: as the file says
    bool skip_data;        // check everything but the existence of the data
};

// Reads, checks, resolves. On false every mistake is in `p`, each a whole line "file:line: key:
// ..."; a syntax error has the source line and a caret on two lines more.
bool experiment_read(struct experiment *x, const char *file,
    const struct experiment_options *options, struct problems *p);
void experiment_done(struct experiment *x); // accepts a zeroed struct

// The resolved configuration as a libconfig file that gives the same run again; each value is
// followed by its origin: // default, // compare.cfg:14, // command line.
void experiment_print(const struct experiment *x, FILE *out);

// What a run would do, for people: data, folds, models with their parameters, number of trials, and
// an estimate of the memory.
void experiment_describe(const struct experiment *x, FILE *out);

// `key=value` texts into a struct, by a table of settings, for commands without an experiment file.
// The struct's pointers lie in `arena`. `what` names the owner of the keys in messages.
bool experiment_bind(const struct settings *settings, const char *what, const char *const *texts,
    size_t n, void *out, struct arena *arena, struct problems *p);

#endif
