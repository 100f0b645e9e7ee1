// split.h - which ratings are tested in which fold. Depends on ids and seed, not on row order.
//
// To add a method, add one file with a REGISTRY_ADD(split_method, ...).
#ifndef RECKON_SPLIT_SPLIT_H
#define RECKON_SPLIT_SPLIT_H

#include "core/registry.h"
#include "core/setting.h"
#include "data/source.h"

enum split_role {
    SPLIT_OUT = 0, // in neither part of this fold
    SPLIT_TRAIN = 1,
    SPLIT_TEST = 2,
    SPLIT_VALID = 3,
    SPLIT_HELD = 4 // of an inner fold: what the outer fold tests, and what is newer than what the
                   // inner fold tests; as unknown as SPLIT_TEST
};

struct split_job {
    const struct dataset *data;     // borrowed
    const struct data_spec *source; // for methods that read pairs from further files
    const void *settings;           // of the method
    uint64_t seed;                  // of the experiment
    uint32_t repeat;                // from 0
    uint32_t fold;  // the fold's number as shown: from 1; or the file's own number; 0: none is
                    // tested, all ratings train
    uint32_t inner; // inner fold of the training rows, from 1; 0: the outer fold itself
    uint32_t n_inner;
};

// Tags that a training fold does not know, beside those that were set on a held-out pair
// (SPLIT_TEST, SPLIT_VALID, SPLIT_HELD), of which it never knows any.
enum split_tags {
    SPLIT_TAGS_PAIRS = 0, // none
    SPLIT_TAGS_USERS,     // those by users with a held-out rating, on pairs without a rating
    SPLIT_TAGS_ITEMS,     // those of items with a held-out rating, on pairs without a rating
    SPLIT_TAGS_TIME,      // those set after the newest training rating
    SPLIT_TAGS_USER_TIME  // those set after the newest training rating by the same user
};

struct split_method {
    const char *id; // "kfold"
    const char *doc;
    struct settings settings;
    // How often, and which folds: *folds (allocated with malloc, the caller's) gets *n_folds
    // numbers. `data` is NULL while only a plan is made (--dry-run): then *n_folds may be 0 for
    // "the data will tell". Messages begin with the key, "folds: ..."; callers put the group's name
    // before it.
    bool (*plan)(const void *settings, const struct dataset *data, uint32_t *n_repeats,
        uint32_t **folds, uint32_t *n_folds, struct error *e);
    // role[e] for every entry of data->by_user, zeroed (SPLIT_OUT) before the call.
    bool (*assign)(const struct split_job *job, uint8_t *role, struct error *e);
    // Turns `share` of the SPLIT_TRAIN entries into SPLIT_VALID by the same kind of split (rows for
    // k-fold, whole users for cold users), other ones in each inner fold. May leave none when there
    // are too few.
    bool (*validate)(const struct split_job *job, double share, uint8_t *role, struct error *e);
    // Inner fold job->inner of job->n_inner: some of the SPLIT_TRAIN entries become SPLIT_TEST by
    // the same kind of split (rows for k-fold, whole users for cold users, earlier cuts for time),
    // and others SPLIT_HELD where these must not train. What the outer fold tests is SPLIT_HELD
    // already. Depends on the training rows and the job alone.
    bool (*inner)(const struct split_job *job, uint8_t *role, struct error *e);
    // Optional. Where the data's reader has to look for fold numbers, which arrive as data->fold
    // (see struct data_spec): the file with a number for each rating row, or NULL; the column, or
    // zeros.
    const char *(*fold_lines)(const void *settings);
    struct column (*fold_column)(const void *settings);
    // Optional. Calls `each` with the name of every further file of the data's own (a member of its
    // archive, a file beside it) that decides the folds without being a setting of type PATH.
    bool (*members)(const void *settings,
        bool (*each)(void *arg, const char *name, struct error *e), void *arg, struct error *e);
    enum split_tags (*tags)(const void *settings); // optional: SPLIT_TAGS_PAIRS
    // Optional. The settings in a few words for plans and titles, "newest 20 %", or "".
    void (*describe)(const void *settings, char *text, size_t size);
};
REGISTRY_DECLARE(split_method)

struct split_spec {
    const struct split_method *method;
    const void *settings; // borrowed from the experiment
};

// The hashed deal: entries e with role[e] == from, ordered by a hash of (key, user id, item id),
// get rank 0, 1, ...; calls nothing random. Writes rank[e] (UINT32_MAX for the others) and gives
// how many there are.
bool split_rank(const struct dataset *data, uint64_t key, const uint8_t *role, uint8_t from,
    uint32_t *rank, uint64_t *n, struct error *e);

// Whose ratings go together.
enum split_by { SPLIT_BY_NONE, SPLIT_BY_USER, SPLIT_BY_ITEM };

// Two ways to validate that methods share: `share` of the training rows; or of `share` of the users
// (items) with more than `given` training rows, all but the first `given` of these. The choice
// depends on the training rows and the job's seed, repeat, fold and inner fold alone. At least one
// row (user, item) stays in training.
bool split_validate_rows(const struct split_job *job, double share, uint8_t *role, struct error *e);
bool split_validate_whole(const struct split_job *job, enum split_by by, uint64_t given,
    double share, uint8_t *role, struct error *e);

// Two kinds of inner folds that methods share. Rows: the training rows are dealt out, and each is
// tested in one inner fold. Whole: users (items) with more than `given` training rows are; with a
// share above 0, each inner fold holds out that share of them, other ones in each as far as they
// go. Too few of them are an error.
bool split_inner_rows(const struct split_job *job, uint8_t *role, struct error *e);
bool split_inner_whole(const struct split_job *job, enum split_by by, uint64_t given, double share,
    uint8_t *role, struct error *e);

// For methods with a way of their own: what their draws depend on; `share` of n, rounded, but never
// all of them; "inner fold 2 of 3 in fold 1: ", said before why it cannot be, and what helps.
uint64_t split_validation_key(const struct split_job *job);
uint64_t split_inner_key(const struct split_job *job);
bool split_inner_error(const struct split_job *job, struct error *e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
uint64_t split_share_of(double share, uint64_t n);

#endif
