// dataset_image.h - how data set images are laid out; for builder_*.c and dataset.c alone.
//
// Sections: "data" (struct data_meta), "name", "user_start", "user_col", "user_value", "time",
// "fold", "reachable", "item_start", "item_col", "item_value"; texts X as "X" (starts) and "X.text"
// for users, items, titles, imdb, tags; "user_hash", "item_hash"; "feature" (struct data_feature),
// with "feature_start", "feature_col", "feature_value", "feature_text" of all groups; "tag_user",
// "tag_item", "tag_name", "tag_time". Sections may be longer than what they hold.
#ifndef RECKON_DATA_DATASET_IMAGE_H
#define RECKON_DATA_DATASET_IMAGE_H

#include "data/dataset.h"

struct data_meta {
    char hash[40];
    uint64_t n_ratings, n_tags;
    uint64_t count[COUNT_N];
    float rating_min, rating_max;
    uint32_t n_users, n_items;
    uint32_t n_titles, n_imdb, n_tag_names;
    uint32_t n_user_features, n_item_features; // in this order in "feature"
    uint32_t min_count;
};

// A feature group: where its parts begin in the arrays that all groups share. Its text is its name,
// then its columns' names, each with its NUL.
struct data_feature {
    uint64_t start, entry, text;
    uint32_t n_cols;
    int32_t kind;
};

#endif
