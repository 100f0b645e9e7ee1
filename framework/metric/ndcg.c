// NDCG@k = mean over users of DCG / IDCG, where DCG is the sum of 1 / log2(place + 1) over the
// user's relevant rows in the first k places, and IDCG that sum if they stood in front: cut at k,
// too. Jarvelin & Kekalainen, Cumulated gain-based evaluation of IR techniques (2002), with binary
// gain and the discount at place 1 of Burges et al., Learning to rank using gradient descent
// (2005).
#include <math.h>

#include "metric/ranked.h"

static double discounts(size_t n) {
    double sum = 0;
    for (size_t place = 1; place <= n; place++) sum += 1 / log2((double)place + 1);
    return sum;
}

static size_t at_most(size_t n, int64_t k) {
    return (int64_t)n < k ? n : (size_t)k;
}

static void add(const struct ranked *s, const uint32_t *rank, size_t n, double *part) {
    const size_t hits = ranked_hits(s, rank, n);
    const double ideal = discounts(at_most(n, s->k));
    for (size_t j = 0; j < n; j++) part[j] = j < hits ? 1 / log2((double)rank[j] + 1) / ideal : 0;
}

static double by_chance(const struct ranked *s, size_t n, size_t candidates) {
    return (double)n / (double)candidates * discounts(at_most(candidates, s->k)) /
           discounts(at_most(n, s->k));
}

static const struct ranked_kind kind = {"ndcg", add, by_chance};

static bool score_ndcg(const void *settings, const struct metric_rows *rows, metric_sink *sink,
    void *arg, struct error *e) {
    return ranked_score(&kind, settings, rows, sink, arg, e);
}

static bool rows_of_ndcg(const void *settings, const struct metric_rows *rows, double *part,
    double *weight, struct error *e) {
    return ranked_rows(&kind, settings, rows, part, weight, e);
}

REGISTRY_ADD(metric, ndcg) = {
    .id = "ndcg",
    .title = "NDCG@10",
    .doc = "Each user's candidates are all items that the user has not rated in training, cold "
           "ones included, ranked by answers before clipping, open ones filled in by the fallback, "
           "ties by a hash of (seed, user, item); none is sampled. The number is the sum of 1 / "
           "log2(place + 1) over the user's relevant test rows (rated `relevant` or more) in the "
           "first k places, over what it is when they stand in front (min(k, relevant) places), as "
           "the mean over users with a relevant test row. A model is asked about a user's "
           "catalogue as of the median time of that user's test rows. Empty where answers to the "
           "test rows alone are known: predictions from files, blends, and what can be reached.",
    .settings = RANKED_SETTINGS,
    .parts = ranked_parts,
    .n_parts = RANKED_PARTS,
    .decimals = 4,
    .needs = METRIC_NEEDS_RANKS,
    .fits = ranked_fits,
    .rows = rows_of_ndcg,
    .of_users = true,
    .score = score_ndcg,
};
