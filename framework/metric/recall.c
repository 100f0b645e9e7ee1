// Recall@k = mean over users of the share of their relevant rows that stand in the first k places.
#include "metric/ranked.h"

static void add(const struct ranked *s, const uint32_t *rank, size_t n, double *part) {
    const size_t hits = ranked_hits(s, rank, n);
    for (size_t j = 0; j < n; j++) part[j] = j < hits ? 1 / (double)n : 0;
}

static double by_chance(const struct ranked *s, size_t n, size_t candidates) {
    (void)n;
    return (int64_t)candidates < s->k ? 1 : (double)s->k / (double)candidates;
}

static const struct ranked_kind kind = {"recall", add, by_chance};

static bool score_recall(const void *settings, const struct metric_rows *rows, metric_sink *sink,
    void *arg, struct error *e) {
    return ranked_score(&kind, settings, rows, sink, arg, e);
}

static bool rows_of_recall(const void *settings, const struct metric_rows *rows, double *part,
    double *weight, struct error *e) {
    return ranked_rows(&kind, settings, rows, part, weight, e);
}

REGISTRY_ADD(metric, recall) = {
    .id = "recall",
    .title = "recall@10",
    .doc = "The share of a user's relevant test rows (rated `relevant` or more) that stand in the "
           "first k places of the catalogue, as the mean over users with a relevant test row; "
           "ranked as for NDCG. A user with more than k relevant rows cannot reach 1.",
    .settings = RANKED_SETTINGS,
    .parts = ranked_parts,
    .n_parts = RANKED_PARTS,
    .decimals = 4,
    .needs = METRIC_NEEDS_RANKS,
    .fits = ranked_fits,
    .rows = rows_of_recall,
    .of_users = true,
    .score = score_recall,
};
