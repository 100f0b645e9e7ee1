// What a model takes at most, told before there is one: the chain, and the draws that it keeps.
#include "bmf.h"
#include "bmf_gibbs.h"
#include "common/linalg.h"
#include "common/vec.h"

enum { WORKS = 6, PIECE = 32, PIECE_ROWS = 8, CELLS = 64 * BMF_KEPT_CELLS };

// Rows and features of a side: parts of the rows, and what is drawn of its features.
static uint64_t block_bytes(const rk_params *p, const rk_shape *shape, int side) {
    const uint64_t rank = (uint64_t)p->rank, ld = linalg_pad(rank + 2);
    const uint64_t n = side == BMF_USER ? shape->n_users : shape->n_items;
    const uint64_t n_others = side == BMF_USER ? shape->n_items : shape->n_users;
    const bool known =
        p->features == BMF_FEATURES_ALL || (p->features == BMF_FEATURES_ITEMS && side == BMF_ITEM);
    const bool rated =
        p->rated == BMF_RATED_BOTH || (p->rated == BMF_RATED_USERS && side == BMF_USER);
    const enum side_of of = side == BMF_USER ? SIDE_USERS : SIDE_ITEMS;
    const uint64_t n_known = known ? side_most_columns(of, shape) : 0;
    const uint64_t n_features = n_known + (rated ? n_others : 0);
    const uint64_t known_entries = side == BMF_USER ? shape->user_entries : shape->item_entries;
    const uint64_t n_entries = (known ? known_entries : 0) + (rated ? shape->n_ratings : 0) +
                               1; // of the features' columns
    uint64_t bytes =
        linalg_bytes(n, ld) + linalg_bytes(n, vec_count(rank) * VEC_LANES) + linalg_bytes(n, 1) +
        2 * linalg_bytes(WORKS + 2, ld) + (n_features + 2) * sizeof(uint64_t) +
        n_entries * (sizeof(uint32_t) + sizeof(float)) + (WORKS + 2) * sizeof(struct bmf_group);
    if (known)
        bytes += side_bytes(of, shape) + linalg_bytes(n, (rank + 1) * ld) + linalg_bytes(n, ld);
    if (known || rated) bytes += linalg_bytes(n, ld) + linalg_bytes(n_features, ld);
    return bytes;
}

// Beside what ratings without levels take: latent numbers, cutpoints, and tables of the kept draws.
static uint64_t probit_bytes(const rk_shape *shape, uint64_t draws) {
    const uint64_t rows = (uint64_t)shape->n_users + shape->n_items;
    return bmf_probit_bytes(shape->n_ratings, shape->n_threads) + (rows + 1) * sizeof(uint64_t) +
           draws * (BMF_KEPT_MOST_LEVELS + 2 * CELLS + 1) * sizeof(float);
}

// Days are numbered, sorted, and their ratings listed; and a day has a row. Nobody knows how many
// they are.
static uint64_t most_days(const rk_params *p, const rk_shape *shape) {
    if (p->date == BMF_DATE_NEVER || shape->n_times == 0) return 0;
    return (shape->n_ratings < BMF_MOST_DAYS ? shape->n_ratings : BMF_MOST_DAYS) + 1;
}

static uint64_t days_bytes(const rk_params *p, const rk_shape *shape, uint64_t n) {
    const uint64_t rank = (uint64_t)p->rank, ld = linalg_pad(rank + 2);
    if (n == 0) return 0;
    return linalg_bytes(n, ld) + linalg_bytes(n, vec_count(rank) * VEC_LANES) + linalg_bytes(n, 1) +
           2 * linalg_bytes(1, ld) + n * (sizeof(int64_t) + 2 * sizeof(uint64_t)) +
           n * sizeof(struct bmf_errors) +
           (shape->n_ratings + 1) * (4 * sizeof(uint32_t) + sizeof(float) + sizeof(int64_t)) +
           (shape->n_users + 1 + (uint64_t)shape->n_valid) * sizeof(uint64_t);
}

uint64_t bmf_bytes(const rk_params *p, const rk_shape *shape) {
    const uint64_t rank = (uint64_t)p->rank, ld = linalg_pad(rank + 2);
    const uint32_t after = (uint32_t)(p->sweeps - p->sweeps / 4);
    const uint32_t keep = (uint32_t)p->keep < after ? (uint32_t)p->keep : after;
    const uint64_t draws = (keep + BMF_KEPT_BLOCK - 1) / BMF_KEPT_BLOCK * BMF_KEPT_BLOCK;
    const struct bmf_shape kept = {.n_users = shape->n_users,
        .n_items = shape->n_items,
        .n_days = (uint32_t)most_days(p, shape),
        .rank = (uint32_t)rank};
    const uint64_t most = shape->n_users > shape->n_items ? shape->n_users : shape->n_items;
    const uint64_t scratch = linalg_bytes(shape->n_threads, (2 * (rank + 5) + 96) * ld);
    const uint64_t judging =
        shape->n_valid * sizeof(double) + shape->n_valid / 512 + sizeof(double);
    return sizeof(rk_model) + bmf_kept_bytes(&kept, keep) + 16 * 64 + // whole cache lines
           scratch + ratings_bytes_with_valid(shape) + 2 * (shape->n_ratings + 1) * sizeof(float) +
           block_bytes(p, shape, BMF_USER) + block_bytes(p, shape, BMF_ITEM) + judging +
           days_bytes(p, shape, kept.n_days) + (most / PIECE_ROWS + 1) * PIECE +
           shape->n_threads * WORKS * (draws / BMF_KEPT_BLOCK) * sizeof(vec) +
           (p->likelihood == BMF_PROBIT ? probit_bytes(shape, draws) : 0);
}
