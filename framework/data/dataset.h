// dataset.h - one data set as it was read: immutable, shared by mapping (core/image.h).
//
// Users and items are dense numbers in the order of their sorted external ids (all-digit ids as
// numbers and before the others, the others by bytes), so they depend on the catalogue alone, never
// on the order of rows.
#ifndef RECKON_DATA_DATASET_H
#define RECKON_DATA_DATASET_H

#include "core/error.h"
#include "core/image.h"
#include "reckon.h"

// Strings packed into one array.
struct texts_packed {
    uint32_t n;
    const uint64_t
        *start; // [n + 1]; text k is bytes start[k] .. start[k+1] - 1, the last one a NUL
    const char *bytes;
};
const char *texts_packed_get(const struct texts_packed *t, uint32_t k);

// The number of that external id among sorted ones, or UINT32_MAX.
uint32_t texts_packed_find(const struct texts_packed *t, const char *id);

// Tags as users set them: lower-cased, trimmed; one row a (user, item, tag) at its first time.
struct dataset_tags {
    size_t n;
    const uint32_t *user;      // [n]; UINT32_MAX for a user who is not in the catalogue
    const uint32_t *item;      // [n]
    const uint32_t *tag;       // [n]; into `names`
    const int64_t *time;       // [n]; RK_NO_TIME: not known
    struct texts_packed names; // sorted by bytes
    uint32_t min_count;        // a training fold keeps tags with at least that many rows
};

// What was read and what was set aside; each number is shown with the run.
enum dataset_count {
    COUNT_ROWS,             // rating rows read (headers and blank lines not counted)
    COUNT_SHORT_ROW,        // set aside by policy from here on
    COUNT_BAD_NUMBER,       // a rating, time or fold that is not a number
    COUNT_NAN,              // a rating that is no finite number
    COUNT_OFF_SCALE,        // a rating outside the scale
    COUNT_UNKNOWN_USER,     // not in the user catalogue
    COUNT_UNKNOWN_ITEM,     // not in the item catalogue
    COUNT_DUPLICATE,        // same user and item again; the last by time is kept
    COUNT_BAD_ENCODING,     // text that is not what the format says
    COUNT_TAGS_SET_ASIDE,   // tags of unknown items, empty tags
    COUNT_FILTERED_RATINGS, // by `filter`
    COUNT_FILTERED_USERS,
    COUNT_FILTERED_ITEMS,
    COUNT_N
};
extern const char *const dataset_count_name[COUNT_N]; // "short_row", ...

struct dataset {
    struct image image; // mapped; owned
    const char *name;   // "ml-latest-small"
    const char *hash;   // 32 hex digits (XXH3-128) of all that the data set holds, names left out
    uint32_t n_users, n_items;
    uint64_t n_ratings;
    rk_csr by_user;      // row = user, column = item; no duplicates
    rk_csr by_item;      // the same, transposed
    const int64_t *time; // [n_ratings], in the order of by_user; NULL: the data has no times
    float rating_min, rating_max;     // declared, not observed
    struct texts_packed users, items; // external ids
    const uint64_t
        *user_hash; // [n_users]: XXH3-64 of the external id: for hashes that outlive order
    const uint64_t *item_hash;  // [n_items]
    struct texts_packed titles; // of items; n = 0: none
    struct texts_packed imdb;   // of items, "tt0114709" or ""; n = 0: none
    uint32_t n_user_features, n_item_features;
    const rk_features *user_features; // [n_user_features]; owned, in `index`; "gender", "age", ...
    const rk_features *item_features; // [n_item_features]; "genre", "year"; tags are apart
    struct dataset_tags tags;
    const uint32_t *fold;   // [n_ratings] from a fold column or file, 0: in none; NULL: none given
    const float *reachable; // [n_ratings]: E[rating | the planted truth] of synthetic data; or NULL
    const uint64_t *count;  // [COUNT_N]
    void *index;            // owned: what points into the image and can't lie in it
};

// Maps an image that data/builder.c wrote. `fd` is borrowed.
bool dataset_map(struct dataset *d, int fd, struct error *e);
void dataset_done(struct dataset *d);

// Number of the user or item with that external id, or UINT32_MAX.
uint32_t dataset_find_user(const struct dataset *d, const char *id);
uint32_t dataset_find_item(const struct dataset *d, const char *id);

// Entry of by_user for a pair, or UINT64_MAX.
uint64_t dataset_find_entry(const struct dataset *d, uint32_t user, uint32_t item);

#endif
