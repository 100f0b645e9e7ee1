// Models over many data sets, by the ranks of their means over folds.
#include <math.h>

#include "report/comparison_own.h"

struct ranking {
    const struct results *results;
    double *value; // [n_data * n_models]: those that are there first by data set, then by model
    bool *whole;   // [n_models]: has a score on every data set
    size_t n_data, n_models;
};

// Means of one metric on all data sets that have a row; NAN: a row that can't be ranked.
static bool gather(struct ranking *g, const char *label, struct arena *a, struct error *e) {
    g->n_data = 0;
    for (size_t m = 0; m < g->n_models; m++) g->whole[m] = true;
    for (uint32_t data = 0; data < g->results->plan->n_data; data++) {
        struct values v;
        if (!values_init(&v, g->results, data, a, e)) return false;
        if (v.n == 0) continue;
        double *value = g->value + g->n_data++ * g->n_models;
        for (size_t m = 0; m < g->n_models; m++) value[m] = NAN;
        for (size_t k = 0; k < v.n; k++)
            if (v.rows[k].model >= MODEL_FALLBACK && v.rows[k].status == ROW_OK)
                value[v.rows[k].model + 1] = values_summary(&v, &v.rows[k], SLICE_ALL, label).mean;
        for (size_t m = 0; m < g->n_models; m++) g->whole[m] &= !isnan(value[m]);
    }
    return true;
}

// What is equal but for rounding shares its ranks.
static void join_equal(double *value, size_t n) {
    for (size_t k = 0; k < n; k++)
        for (size_t j = 0; j < k; j++)
            if (fabs(value[k] - value[j]) < COMPARISON_TIE * fabs(value[j])) value[k] = value[j];
}

static size_t keep_whole(struct ranking *g) {
    size_t n = 0, at = 0;
    for (size_t m = 0; m < g->n_models; m++) n += g->whole[m];
    for (size_t k = 0; k < g->n_data * g->n_models; k++)
        if (g->whole[k % g->n_models]) g->value[at++] = g->value[k];
    return n;
}

static bool rank_metric(
    struct ranking *g, size_t metric, struct comparisons *c, struct arena *room, struct error *e) {
    const struct metric_spec *spec = &g->results->plan->metrics[metric];
    double *rank = arena_alloc(&c->arena, g->n_models * sizeof *rank);
    if (!rank) return error_memory(e, g->n_models * sizeof *rank, "ranks");
    if (!gather(g, spec->label, room, e)) return false;
    size_t left = keep_whole(g);
    struct comparison_ranks *to = &c->ranks[c->n_ranks];
    for (size_t d = 0; d < g->n_data; d++) join_equal(g->value + d * left, left);
    if (!ranks_test(&to->ranks, g->value, g->n_data, left, spec->metric->lower_is_better, rank))
        return true;
    for (size_t m = g->n_models; m-- > 0;) rank[m] = g->whole[m] ? rank[--left] : NAN;
    to->metric = metric;
    to->mean_rank = rank;
    to->n_data = g->n_data;
    c->n_ranks++;
    return true;
}

bool comparison_ranks_make(struct comparisons *c, const struct results *r, struct error *e) {
    const struct plan *plan = r->plan;
    if (plan->n_data < RANKS_LEAST) return true;
    struct arena room = {0};
    struct ranking g = {.results = r, .n_models = plan->n_models + 1};
    g.value = arena_alloc(&room, plan->n_data * g.n_models * sizeof *g.value);
    g.whole = arena_alloc(&room, g.n_models * sizeof *g.whole);
    c->ranks = arena_alloc(&c->arena, (plan->n_metrics + 1) * sizeof *c->ranks);
    bool ok = (g.value && g.whole && c->ranks) ||
              error_memory(e, plan->n_data * g.n_models * sizeof *g.value, "ranks");
    for (size_t m = 0; ok && m < plan->n_metrics; m++) ok = rank_metric(&g, m, c, &room, e);
    arena_done(&room);
    return ok;
}
