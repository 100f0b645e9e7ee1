// MAP@k = mean over users of the average precision: the sum, over the relevant rows in the first k
// places, of the share of relevant rows among the places up to theirs, over min(k, relevant rows).
#include "metric/ranked.h"

static double most_hits(const struct ranked *s, size_t n) {
    return (double)((int64_t)n < s->k ? (int64_t)n : s->k);
}

static void add(const struct ranked *s, const uint32_t *rank, size_t n, double *part) {
    const size_t hits = ranked_hits(s, rank, n);
    for (size_t j = 0; j < n; j++)
        part[j] = j < hits ? (double)(j + 1) / (double)rank[j] / most_hits(s, n) : 0;
}

// A place is a relevant row's with probability n / N; of the others (n - 1) / (N - 1) stand before.
static double by_chance(const struct ranked *s, size_t n, size_t candidates) {
    const double others = candidates > 1 ? (double)(n - 1) / (double)(candidates - 1) : 0;
    double sum = 0;
    for (size_t j = 1; j <= candidates && (int64_t)j <= s->k; j++)
        sum += (1 + (double)(j - 1) * others) / (double)j;
    return (double)n / (double)candidates * sum / most_hits(s, n);
}

static const struct ranked_kind kind = {"map", add, by_chance};

static bool score_map(const void *settings, const struct metric_rows *rows, metric_sink *sink,
    void *arg, struct error *e) {
    return ranked_score(&kind, settings, rows, sink, arg, e);
}

static bool rows_of_map(const void *settings, const struct metric_rows *rows, double *part,
    double *weight, struct error *e) {
    return ranked_rows(&kind, settings, rows, part, weight, e);
}

REGISTRY_ADD(metric, map) = {
    .id = "map",
    .title = "MAP@10",
    .doc = "The average precision of each user: the sum, over the relevant test rows (rated "
           "`relevant` "
           "or more) in the first k places of the catalogue, of the share of relevant rows among "
           "the places down to that row, over min(k, relevant rows); as the mean over users with a "
           "relevant test row; ranked as for NDCG. Others divide by all relevant rows, or by those "
           "found, and get other numbers.",
    .settings = RANKED_SETTINGS,
    .parts = ranked_parts,
    .n_parts = RANKED_PARTS,
    .decimals = 4,
    .needs = METRIC_NEEDS_RANKS,
    .fits = ranked_fits,
    .rows = rows_of_map,
    .of_users = true,
    .score = score_map,
};
