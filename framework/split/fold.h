// fold.h - the two halves of one fold: what a model may see, and what only the harness sees.
#ifndef RECKON_SPLIT_FOLD_H
#define RECKON_SPLIT_FOLD_H

#include "split/split.h"

struct fold_plan {
    const struct dataset *data;
    const struct data_spec *source;
    struct split_spec split;
    uint64_t seed;
    uint32_t repeat;
    uint32_t fold;     // 0: no outer fold; all ratings train, and an inner fold is one of them all
    double validation; // share of the training rows for the validation slice of `sliced`
    // > 0: this inner fold (from 1, of n_inner) of the outer training fold, by the same kind of
    // split. Whatever the outer fold tests stays out of all images, and of what is known of tags.
    uint32_t inner, n_inner;
    // (0, 1): so many of the training rows train, chosen by hash; a smaller share is a part of a
    // larger one. The validation slice is one of these rows. 0 or 1: all.
    double share;
};

// Builds up to three images (a descriptor of -1: not wanted): `full`, all training rows; `sliced`,
// the training rows less the validation slice, which it holds apart; `test`, the test rows with
// their labels. Tags are counted from what was known (enum split_tags), in `sliced` without the
// validation rows. `full` and `sliced` are the same bits, sizes included, whether or
// not the test rows exist. Sealing the images is the caller's. A fold without a training row, or
// without a test row if `test` is wanted, is an error.
bool fold_build(const struct fold_plan *plan, int full, int sliced, int test, uint32_t n_threads,
    struct error *e);

// A mapped training fold, ready to be handed to a plugin. Stays where it is while mapped: `data`
// points into it.
struct train {
    struct image image; // owned
    rk_data data;       // points into the image and `index`
    rk_pairs valid;     // data.valid
    void *index;        // owned
};
bool train_map(struct train *t, int fd, struct error *e);
void train_done(struct train *t);

// The test rows of a fold, in hashed order (the order in which they are asked). Harness only.
enum { TEST_COLD_USER = 1, TEST_COLD_ITEM = 2 };
struct test {
    struct image image; // owned
    size_t n;
    const uint32_t *users;  // [n]
    const uint32_t *items;  // [n]
    const int64_t *time;    // [n] or NULL
    const float *truth;     // [n]
    const float *reachable; // [n] or NULL (synthetic data)
    const uint8_t *cold;    // [n]; no rating in the training fold of TEST_COLD_*
    const uint64_t *tie;    // [n]; stable hash of (seed, user, item), for ties
};
bool test_map(struct test *t, int fd, struct error *e);
void test_done(struct test *t);

#endif
