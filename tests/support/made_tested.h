// made_tested.h - evidence of a trial that never was: 60 users rate 8 of 40 items in each fold.
// Sums agree with the scores that the trial is given; errors of models differ by a little noise of
// their own.
#ifndef RECKON_TESTS_MADE_TESTED_H
#define RECKON_TESTS_MADE_TESTED_H

#include <stdlib.h>

#include "core/random.h"
#include "metric/score.h"
#include "trial/record.h"

enum { MADE_USERS = 60, MADE_ITEMS = 40, MADE_EACH = 8, MADE_ROWS = MADE_USERS * MADE_EACH };

// In [-0.5, 0.5), a function of all its arguments alone.
static inline double made_noise(uint64_t a, uint64_t b, uint64_t c) {
    return (double)(random_mix(random_mix(a, b), c) >> 40) / 16777216 - 0.5;
}

struct made_rows {
    uint32_t data, fold;
    int model;
    double part[MADE_ROWS], weight[MADE_ROWS];
};

// Parts of mean `value` over rows of weight 1: `common` of their spread all models have alike,
// `own` not.
static inline void made_parts(
    struct made_rows *r, double value, double scale, double common, double own, uint64_t metric) {
    double sum = 0, weights = 0;
    for (size_t k = 0; k < MADE_ROWS; k++) {
        const uint64_t row = random_mix((uint64_t)r->data * 1000 + r->fold, k);
        const uint64_t user = random_mix(r->data, k / MADE_EACH);
        r->weight[k] = metric == 2 && k % MADE_EACH ? 0 : scale;
        r->part[k] =
            r->weight[k] * (1 + common * made_noise(row, 1, metric) +
                               own * made_noise(row, 2 + (uint64_t)(r->model + 2), metric) +
                               own * made_noise(user, 2 + (uint64_t)(r->model + 2), metric) / 2);
        sum += r->part[k];
        weights += r->weight[k];
    }
    for (size_t k = 0; k < MADE_ROWS; k++) r->part[k] *= value * weights / sum;
}

static inline uint32_t made_item(const struct made_rows *r, size_t k) {
    return (uint32_t)((k / MADE_EACH) * 7 + k % MADE_EACH * 5 + r->fold * 11) % MADE_ITEMS;
}

static inline void made_sketch(struct evidence_metric *m, const struct made_rows *r) {
    for (size_t k = 0; k < MADE_ROWS; k++) {
        m->part += r->part[k];
        m->weight += r->weight[k];
        const uint64_t unit[EVIDENCE_UNITS] = {k / MADE_EACH, made_item(r, k), k};
        for (int u = 0; u < EVIDENCE_UNITS; u++) {
            const uint64_t seen = u == EVIDENCE_ROW ? random_mix(unit[u], r->fold) : unit[u];
            const uint64_t h = random_mix((uint64_t)u + 7, seen);
            const float sign = h >> 63 ? 1 : -1;
            m->part_in[u][h % EVIDENCE_BUCKETS] += sign * (float)r->part[k];
            m->weight_in[u][h % EVIDENCE_BUCKETS] += sign * (float)r->weight[k];
        }
    }
}

// For the metrics RMSE, MAE, top5, in this order.
static inline void made_test(struct trial_record *t, double n_rows, double n_train) {
    static const char *const labels[] = {"rmse", "mae", "top5"};
    static const double common[] = {1.6, 1, 0.3}, own[] = {0.3, 0.9, 0.1};
    struct error e = {0};
    struct evidence *ev = t->evidence = calloc(1, sizeof *ev);
    if (!ev || !evidence_users_init(ev, MADE_USERS, &e)) abort();
    ev->rows_hash = random_mix(t->data, t->fold);
    ev->n_rows = (uint64_t)n_rows;
    ev->n_train = (uint64_t)n_train;
    ev->later = t->data == 0 ? 0.25 : NAN;
    ev->n_metrics = 3;
    ev->metrics = calloc(ev->n_metrics, sizeof *ev->metrics);
    if (!ev->metrics) abort();
    struct made_rows r = {.data = t->data, .fold = t->fold, .model = t->model};
    for (uint64_t m = 0; m < 3; m++) {
        if (!evidence_metric_init(&ev->metrics[m], &e)) abort();
        const double value = scores_get(&t->scores, SLICE_ALL, labels[m]);
        made_parts(&r, m == 0 ? value * value : value, n_rows / MADE_ROWS, common[m], own[m], m);
        made_sketch(&ev->metrics[m], &r);
        for (size_t k = 0; m == 0 && k < MADE_ROWS; k++) {
            ev->rows[k / MADE_EACH] += (float)r.weight[k];
            ev->square[k / MADE_EACH] += (float)r.part[k];
        }
    }
    for (uint32_t u = 0; u < MADE_USERS; u++) ev->user[u] = 2 * u;
}

#endif
