// MRR: mean over users of 1 / place of their first relevant row (Voorhees, The TREC-8 question
// answering track report, 1999), in the whole catalogue, without a cut.
#include <math.h>

#include "metric/ranked.h"

static void add(const struct ranked *s, const uint32_t *rank, size_t n, double *part) {
    (void)s;
    for (size_t j = 0; j < n; j++) part[j] = j == 0 ? 1 / (double)rank[0] : 0;
}

// 1 + 1/2 + ... + 1/n (Knuth, The art of computer programming, 1.2.7).
static double harmonic(size_t n) {
    double sum = 0;
    if (n >= 256) {
        const double x = (double)n, square = x * x;
        return log(x) + 0.57721566490153286061 + 1 / (2 * x) - 1 / (12 * square) +
               1 / (120 * square * square);
    }
    for (size_t j = 1; j <= n; j++) sum += 1 / (double)j;
    return sum;
}

// Sum over j of C(N - j, n - 1) / C(N, n) / j, j being the first place of n among N.
static double by_chance(const struct ranked *s, size_t n, size_t candidates) {
    (void)s;
    return (double)n / (double)(candidates - n + 1) * (harmonic(candidates) - harmonic(n - 1));
}

static const struct ranked_kind kind = {"mrr", add, by_chance};

static bool score_mrr(const void *settings, const struct metric_rows *rows, metric_sink *sink,
    void *arg, struct error *e) {
    return ranked_score(&kind, settings, rows, sink, arg, e);
}

static bool rows_of_mrr(const void *settings, const struct metric_rows *rows, double *part,
    double *weight, struct error *e) {
    return ranked_rows(&kind, settings, rows, part, weight, e);
}

REGISTRY_ADD(metric, mrr) = {
    .id = "mrr",
    .title = "MRR",
    .doc = "1 / place of a user's first relevant test row (rated `relevant` or more) in the "
           "catalogue, "
           "wherever that is, as the mean over users with a relevant test row; ranked as for "
           "NDCG.",
    .settings = RANKED_SETTINGS_WHOLE,
    .parts = ranked_parts,
    .n_parts = RANKED_PARTS,
    .decimals = 4,
    .needs = METRIC_NEEDS_RANKS,
    .fits = ranked_fits,
    .rows = rows_of_mrr,
    .of_users = true,
    .score = score_mrr,
};
