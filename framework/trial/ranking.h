// ranking.h - places of the test rows' items among all items that their users have not rated in
// training, by a model's answers to the whole catalogue (metrics.md, "Ranking"). Nothing is
// sampled.
#ifndef RECKON_TRIAL_RANKING_H
#define RECKON_TRIAL_RANKING_H

#include "core/image.h"
#include "metric/fallback.h"
#include "model/model.h"

struct ranking {
    const rk_pairs *pairs;           // the test rows, in any order
    const rk_data *train;            // all training rows
    const struct fallback *fallback; // of these: what fills in open answers
    // The tie hash of a pair is random_mix(user_tie, item_tie), as struct test has it.
    const uint64_t *user_tie; // [train->n_users]
    const uint64_t *item_tie; // [train->n_items]
    // As model_predict(): one user and all items, in ascending order; in several threads at once.
    bool (*answer)(void *arg, const rk_pairs *pairs, float *out, struct error *e);
    void *arg;
};

// rank[k], of [pairs->n]: 1, and one more for each candidate with a higher answer, or with an equal
// one and a smaller tie hash. Candidates are all items of the catalogue less the user's training
// items. The model is asked about a user's whole catalogue as of one time: the (lower) median of
// the times of that user's test rows; RK_NO_TIME if none of them is known.
// Users are spread over the host's threads, and progress() is told of them; the same bits at any
// number. False with a message: of the first user, by number, whose answers fail; false without
// one: cancelled.
bool ranking_make(const struct ranking *r, const rk_host *host, uint32_t *rank, struct error *e);

// The same in a trial, by its fitted model: tie words are sections "user_tie" and "item_tie" of the
// image that the pairs are from.
bool ranking_by_model(struct model *m, const struct image *image, const rk_pairs *pairs,
    const rk_data *train, uint32_t *rank, struct error *e);

// Bytes that this takes: one user's catalogue for each thread (8 bytes an item, 16 where there are
// times, and 24 for each of a user's test rows), and 4 for each item and test row.
size_t ranking_bytes(const struct ranking *r, uint32_t n_threads);

#endif
