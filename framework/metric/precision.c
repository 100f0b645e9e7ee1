// Precision@k = mean over users of the share of the first k places that relevant rows hold. The
// denominator is k, even for a user with fewer relevant rows or candidates.
#include "metric/ranked.h"

static void add(const struct ranked *s, const uint32_t *rank, size_t n, double *part) {
    const size_t hits = ranked_hits(s, rank, n);
    for (size_t j = 0; j < n; j++) part[j] = j < hits ? 1 / (double)s->k : 0;
}

static double by_chance(const struct ranked *s, size_t n, size_t candidates) {
    return (int64_t)candidates < s->k ? (double)n / (double)s->k : (double)n / (double)candidates;
}

static const struct ranked_kind kind = {"precision", add, by_chance};

static bool score_precision(const void *settings, const struct metric_rows *rows, metric_sink *sink,
    void *arg, struct error *e) {
    return ranked_score(&kind, settings, rows, sink, arg, e);
}

static bool rows_of_precision(const void *settings, const struct metric_rows *rows, double *part,
    double *weight, struct error *e) {
    return ranked_rows(&kind, settings, rows, part, weight, e);
}

REGISTRY_ADD(metric, precision) = {
    .id = "precision",
    .title = "precision@10",
    .doc =
        "The share of the first k places of the catalogue that a user's relevant test rows (rated "
        "`relevant` or more) hold, as the mean over users with a relevant test row; ranked as "
        "for NDCG. The denominator is k: a user with fewer relevant rows cannot reach 1, and "
        "items that were not rated count as not relevant.",
    .settings = RANKED_SETTINGS,
    .parts = ranked_parts,
    .n_parts = RANKED_PARTS,
    .decimals = 4,
    .needs = METRIC_NEEDS_RANKS,
    .fits = ranked_fits,
    .rows = rows_of_precision,
    .of_users = true,
    .score = score_precision,
};
