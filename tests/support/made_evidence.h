// made_evidence.h - what is kept of a trial beside its scores: made for tests, and compared bit for
// bit.
#ifndef RECKON_TESTS_MADE_EVIDENCE_H
#define RECKON_TESTS_MADE_EVIDENCE_H

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "trial/record.h"

// Of two metrics, the second of which can't be compared, and three users; for evidence_done().
static inline struct evidence made_evidence(uint64_t seed) {
    struct evidence ev = {.rows_hash = random_mix(seed, 1),
        .n_rows = 40 + seed,
        .n_train = 160,
        .later = seed % 2 ? NAN : 0.25,
        .n_metrics = 2};
    ev.metrics = calloc(2, sizeof *ev.metrics);
    ck_assert_ptr_nonnull(ev.metrics);
    ev.metrics[0].part = 12.5 + (double)seed;
    ev.metrics[0].weight = 40;
    ck_assert(evidence_metric_init(&ev.metrics[0], NULL));
    for (int u = 0; u < EVIDENCE_UNITS; u++) {
        random_normal(seed, (uint64_t)u, ev.metrics[0].part_in[u], EVIDENCE_BUCKETS);
        for (int b = 0; b < EVIDENCE_BUCKETS; b++) ev.metrics[0].weight_in[u][b] = (float)(b % 3);
    }
    ck_assert(evidence_users_init(&ev, 3, NULL));
    for (uint32_t k = 0; k < 3; k++) {
        ev.user[k] = 5 * k + (k == 2) * 70000;
        ev.rows[k] = (float)(k + 1);
        ev.square[k] = 0.1f * (float)(k + seed);
    }
    return ev;
}

// Gives the record evidence and a breakdown that it has not yet.
static inline void made_kept(struct trial_record *t, uint64_t seed) {
    struct breakdown_cell cells[] = {{BREAKDOWN_RATING, "4.5", 7 + seed, 0.1, 2.5, 3.5},
        {BREAKDOWN_GENRE, "<b>'Sci-Fi\xc3\xa9", 3, -0.1, 1.0 / 3, (double)seed},
        {BREAKDOWN_YEAR, "(none)", 1, 1e-300, 1, 1}};
    t->evidence = malloc(sizeof *t->evidence);
    ck_assert_ptr_nonnull(t->evidence);
    *t->evidence = made_evidence(seed);
    ck_assert(breakdown_copy(&t->breakdown, &(struct breakdown){cells, 3}, NULL));
}

static inline void same_evidence(const struct evidence *a, const struct evidence *b) {
    ck_assert(a->rows_hash == b->rows_hash && a->n_rows == b->n_rows && a->n_train == b->n_train);
    ck_assert(a->later == b->later || (isnan(a->later) && isnan(b->later)));
    ck_assert_uint_eq(a->n_metrics, b->n_metrics);
    for (size_t m = 0; m < a->n_metrics; m++) {
        const struct evidence_metric *x = &a->metrics[m], *y = &b->metrics[m];
        ck_assert(x->part == y->part && x->weight == y->weight);
        for (int u = 0; u < EVIDENCE_UNITS; u++) {
            ck_assert_int_eq(!x->part_in[u], x->weight == 0);
            ck_assert_int_eq(!y->part_in[u], x->weight == 0);
            if (x->weight == 0) continue;
            ck_assert_mem_eq(x->part_in[u], y->part_in[u], EVIDENCE_BUCKETS * sizeof(float));
            ck_assert_mem_eq(x->weight_in[u], y->weight_in[u], EVIDENCE_BUCKETS * sizeof(float));
        }
    }
    ck_assert_uint_eq(a->n_users, b->n_users);
    if (a->n_users == 0) return;
    ck_assert_mem_eq(a->user, b->user, a->n_users * sizeof *a->user);
    ck_assert_mem_eq(a->rows, b->rows, a->n_users * sizeof *a->rows);
    ck_assert_mem_eq(a->square, b->square, a->n_users * sizeof *a->square);
}

static inline void same_breakdown(const struct breakdown *a, const struct breakdown *b) {
    ck_assert_uint_eq(a->n, b->n);
    for (size_t k = 0; k < a->n; k++) {
        ck_assert_int_eq(a->at[k].by, b->at[k].by);
        ck_assert_str_eq(a->at[k].key, b->at[k].key);
        ck_assert(a->at[k].rows == b->at[k].rows && a->at[k].error == b->at[k].error &&
                  a->at[k].absolute == b->at[k].absolute && a->at[k].square == b->at[k].square);
    }
}

static inline void same_kept(const struct trial_record *a, const struct trial_record *b) {
    ck_assert_int_eq(!a->evidence, !b->evidence);
    if (a->evidence) same_evidence(a->evidence, b->evidence);
    same_breakdown(&a->breakdown, &b->breakdown);
}

#endif
