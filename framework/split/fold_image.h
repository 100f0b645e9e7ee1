// fold_image.h - how fold images are laid out; for fold_*.c alone.
#ifndef RECKON_SPLIT_FOLD_IMAGE_H
#define RECKON_SPLIT_FOLD_IMAGE_H

#include "split/fold.h"

// A training fold: "train", "user_start", "user_col", "user_value", "time", "item_start",
// "item_col", "item_value", "valid_user", "valid_item", "valid_time", "valid_value", "feature",
// "feature_start", "feature_col", "feature_value", "feature_text". Nothing in it, sizes and order
// included, depends on what the fold tests.
struct train_meta {
    uint32_t n_users, n_items;
    uint64_t n, n_valid;
    float rating_min, rating_max;
    uint32_t n_user_features, n_item_features;
    uint32_t has_time, unused;
};

// A feature group: where its parts begin in the arrays that all groups share. Its text is its name,
// then its columns' names, each with its NUL.
struct feature_meta {
    uint64_t start, entry, text;
    uint32_t n_rows, n_cols;
    int32_t kind;
    uint32_t unused;
};

// Test rows: "test", "users", "items", "time", "truth", "reachable", "cold", "tie".
struct test_meta {
    uint64_t n;
    uint32_t has_time, has_reachable;
};

// Tags as a fold knows them: a group of counts, one column for each tag that is left.
struct fold_tags {
    rk_features group;      // points to the below; borrows names from the data set
    uint64_t *start;        // [n_items + 1]; owned
    uint32_t *col;          // [start[n_items]]; owned
    float *value;           // [start[n_items]]; owned
    const char **col_names; // [group.values.n_cols]; owned
};

// Counts the tags that the training rows' fold knows by the rule, and keeps those with at least
// min_count rows. No columns: there are none.
bool fold_tags_init(struct fold_tags *t, const struct dataset *data, enum split_tags rule,
    const uint8_t *role, struct error *e);
void fold_tags_done(struct fold_tags *t);

// Adds the sections of the data's feature groups, and of `tags` after the items' if it has columns;
// fills in the numbers of groups.
bool fold_features_write(struct image *im, const struct dataset *data, const struct fold_tags *tags,
    struct train_meta *meta, struct error *e);

// The groups of a mapped image, users' then items', in one allocation; NULL and an error.
rk_features *fold_features_map(
    const struct image *im, const struct train_meta *meta, struct error *e);

// A section of exactly `bytes`, or NULL and an error.
const void *fold_section(const struct image *im, const char *name, size_t bytes, struct error *e);

#endif
