// reading.h - what the parts of experiment_read() share.
#ifndef RECKON_EXPERIMENT_READING_H
#define RECKON_EXPERIMENT_READING_H

#include "experiment/bind.h"
#include "experiment/experiment.h"
#include "experiment/searching.h"

// Keys of the experiment itself.
struct top {
    const char *name;
    int64_t seed, seeds;
    const char *baseline;
    double validation, min_coverage;
    bool clip, predictions, sandbox;
    int64_t threads, jobs, nice;
    struct texts plugin_path, report, only;
};
extern const struct settings top_settings;
extern const struct settings limits_settings;
extern const struct settings given_settings; // of an entry of `models` with predictions
extern const struct settings blend_settings; // of an entry of `models` that is a blend

struct reading {
    struct experiment *x;
    const struct experiment_options *options;
    struct paths_finder finder;
    struct mistakes mistakes;
    struct binder binder;
    struct node *root;
    struct top top;
    struct searching searching; // the experiment's own
    bool resource_used;         // the experiment's word for it, by some entry
};

// Each reads its group and fills in its part of x->plan; mistakes are collected.
void reading_data(struct reading *r);    // data.c
void reading_split(struct reading *r);   // data.c; before the data
void reading_metrics(struct reading *r); // metrics.c
void reading_models(struct reading *r);  // models.c; after metrics and search

// The options' files in place of the models; before any override.
void given_apply_options(struct reading *r); // given.c

// Entries for the options' blends; before any override, so that these can change them.
void blend_apply_options(struct reading *r); // blend_options.c
// And their labels among those that run alone, where some do; after all overrides.
void blend_keep_options(struct reading *r);

// Text as an entry stands for a group with that one key: "bias" is { plugin = "bias"; }. One group
// alone is a list of one.
void reading_normalise(struct reading *r, const char *list, const char *key);

// Entries of a list, or the one group that stands for it; NULL at the end.
struct node *reading_first(struct node *list);
struct node *reading_next(struct node *list, struct node *entry);

// Tables that misplaced keys may belong to: r->binder.homes.
void reading_find_homes(struct reading *r);

#endif
