// builder.h - rows in, one finished data set out. Readers push; the builder applies the policies.
//
//     builder_set_scale(b, 0.5f, 5, e);
//     user = builder_add(b, SIDE_USER, "17", 2, e);           // a key, for the calls below
//     builder_add_rows(b, &(struct builder_rows){.n = n, .user = users, ...}, e);
//     genre = builder_add_feature(b, SIDE_ITEM, "genre", RK_FEATURE_BINARY, e);
//     builder_set_feature(b, genre, item, "Comedy", 6, 1, e);
//     builder_finish(b, fd, e);
//
// Every function that gives bool says what went wrong in `e`, as do those that give a key.
#ifndef RECKON_DATA_BUILDER_H
#define RECKON_DATA_BUILDER_H

#include "core/pool.h"
#include "data/dataset.h"
#include "data/filter.h"

struct builder;

// What to do with a flawed row: an error that ends the reading and names file:line and the text
// found, or set it aside, count it, and show the first few of each kind.
enum flaw_policy { FLAW_ERROR, FLAW_SKIP };
enum duplicate_policy { DUPLICATE_LAST, DUPLICATE_ERROR };

// Settings that every data format shares.
struct data_common {
    const char *name;  // for the tables; NULL: from the source's name
    int flaws;         // enum flaw_policy
    int duplicates;    // enum duplicate_policy
    int64_t min_count; // of tags, per training fold
};

// `n_threads` may be used. All memory is released by builder_free(), which accepts NULL.
struct builder *builder_new(const struct data_common *policy, uint32_t n_threads, struct error *e);
void builder_free(struct builder *b);

// For the reader's own parallel work; NULL with one thread.
struct pool *builder_pool(struct builder *b);

// ---- What the data declares --------------------------------------------------------------------

// The name in tables unless the experiment gives one; copied.
bool builder_set_name(struct builder *b, const char *name, struct error *e);

// The rating scale. Required; must come before the first row.
bool builder_set_scale(struct builder *b, float min, float max, struct error *e);

// ---- Users and items ---------------------------------------------------------------------------

enum builder_side { SIDE_USER, SIDE_ITEM };

// Users and items are told apart by a key, which means nothing outside the builder.
#define BUILDER_NO_KEY UINT32_MAX

// The key of the external id, which joins the catalogue if it isn't there. BUILDER_NO_KEY and an
// error: empty or longer than 255 bytes, a control character or a NUL in it, or no memory.
uint32_t builder_add(
    struct builder *b, enum builder_side side, const char *id, size_t length, struct error *e);

// The key, or BUILDER_NO_KEY if the id is not in the catalogue.
uint32_t builder_find(
    const struct builder *b, enum builder_side side, const char *id, size_t length);

// From now on the catalogue of that side is what it is: readers treat other ids as flaws.
void builder_close(struct builder *b, enum builder_side side);
bool builder_is_closed(const struct builder *b, enum builder_side side);

// ---- Ratings -----------------------------------------------------------------------------------

// A block of rows; what a data set has of optional columns, all its blocks have. Borrowed for the
// call.
struct builder_rows {
    size_t n;
    const uint32_t *user;   // [n]; keys
    const uint32_t *item;   // [n]; keys
    const float *rating;    // [n]; on the scale
    const int64_t *time;    // [n], RK_NO_TIME: not known; NULL: the data has no times
    const uint32_t *fold;   // [n], 0: in none; NULL: none given
    const float *reachable; // [n]; NULL: not known
};
bool builder_add_rows(struct builder *b, const struct builder_rows *rows, struct error *e);

// ---- What is known about users and items -------------------------------------------------------

// A group of features; gives its number, or UINT32_MAX. At most 256 groups.
uint32_t builder_add_feature(struct builder *b, enum builder_side side, const char *name,
    rk_feature_kind kind, struct error *e);

// One value of one user or item. Columns are named by `column`; REAL groups of one column take NULL
// and 0 (the column has the group's name). ONE_HOT: a later value replaces the earlier; others: a
// value set twice is added up for COUNT, and replaced else. Columns end up sorted as ids are.
bool builder_set_feature(struct builder *b, uint32_t group, uint32_t key, const char *column,
    size_t length, float value, struct error *e);

// UTF-8; a later call for the same item replaces the earlier.
bool builder_set_title(
    struct builder *b, uint32_t item, const char *title, size_t length, struct error *e);
bool builder_set_imdb(
    struct builder *b, uint32_t item, const char *imdb, size_t length, struct error *e);

// `user` may be BUILDER_NO_KEY. Trims and lower-cases; an empty tag is counted and set aside.
bool builder_add_tag(struct builder *b, uint32_t user, uint32_t item, const char *tag,
    size_t length, int64_t time, struct error *e);

// ---- Flaws -------------------------------------------------------------------------------------

// Where something was found; `file` is borrowed.
struct place {
    const char *file; // "ml-1m.zip/ml-1m/ratings.dat"
    uint64_t line;    // from 1; 0: the file as a whole
};

// Applies the policy: false with "<file>:<line>: <what>: "<text>"", or counts, shows the first few
// of the kind as warnings, and gives true: the row is to be set aside.
bool builder_flaw(struct builder *b, enum dataset_count kind, struct place place, const char *text,
    size_t length, struct error *e, const char *what, ...) RK_PRINTF(7, 8);

void builder_count(struct builder *b, enum dataset_count kind, uint64_t n);

// ---- Predefined folds --------------------------------------------------------------------------

// Where the experiment says that fold numbers come from (struct data_spec); borrowed, or NULL. The
// reader of the ratings heeds them; data_load() complains when it has not.
void builder_set_folds(struct builder *b, const char *lines, const char *column);
const char *builder_fold_lines(const struct builder *b);
const char *builder_fold_column(const struct builder *b);
bool builder_has_folds(const struct builder *b);

// ---- End ---------------------------------------------------------------------------------------

// To be set before builder_finish(); NULL or zeroed fields: nothing is thinned.
void builder_set_filter(struct builder *b, const struct data_filter *filter);

// Sorts ids, drops duplicates by policy, filters, builds both matrices and all else in place in the
// image `fd`. Once; the builder holds nothing afterwards.
bool builder_finish(struct builder *b, int fd, struct error *e);

#endif
