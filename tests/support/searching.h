// searching.h - spaces to search, and a search run to its end on a planted function.
#ifndef RECKON_TESTS_SEARCHING_H
#define RECKON_TESTS_SEARCHING_H

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search/search.h"

enum { DIMS_MAX = 8 };

// A point with the default's coordinates in the place of NULL.
typedef double searched(const double *at, double effort);

struct history {
    size_t n, n_batches;
    uint32_t *number; // [n]; owned, and so on
    double *at;       // [n][DIMS_MAX]
    double *effort, *score;
    double spent; // sum of efforts
    double best;  // INFINITY: none
    uint32_t best_number;
    double best_at[DIMS_MAX];
};

static inline void history_done(struct history *h) {
    free(h->number);
    free(h->at);
    free(h->effort);
    free(h->score);
}

static inline void history_write(const struct search_space *space, struct history *h,
    const struct search_candidate *c, searched *of) {
    h->number = realloc(h->number, (h->n + 1) * sizeof *h->number);
    h->at = realloc(h->at, (h->n + 1) * DIMS_MAX * sizeof *h->at);
    h->effort = realloc(h->effort, (h->n + 1) * sizeof *h->effort);
    h->score = realloc(h->score, (h->n + 1) * sizeof *h->score);
    double *at = h->at + h->n * DIMS_MAX;
    for (size_t d = 0; d < space->n; d++) at[d] = c->at ? c->at[d] : space->dims[d].def;
    h->number[h->n] = c->number;
    h->effort[h->n] = c->effort;
    h->score[h->n] = of(at, c->effort);
    h->spent += c->effort;
    h->n++;
}

// All that a search asks, and what it says is best.
static inline struct history search_all(const char *method, const struct search_space *space,
    uint32_t trials, uint64_t key, searched *of) {
    const struct search_method *m = search_method_find(method);
    ck_assert_msg(m != NULL, "no method %s", method);
    const struct search_job job = {
        .space = space, .trials = trials, .key = key, .least_effort = 1.0 / 27};
    struct error e = {0};
    ck_assert_msg(m->judge(&job, &e), "%s", e.text);
    struct search *s = search_begin(m, &job, &e);
    ck_assert_msg(s != NULL, "%s", e.text);
    struct history h = {0};
    const struct search_candidate *batch;
    for (size_t n; (n = search_ask(s, &batch)) > 0; h.n_batches++) {
        const size_t from = h.n;
        for (size_t k = 0; k < n; k++) history_write(space, &h, &batch[k], of);
        // Told from the last to the first: the order in which trials end is nobody's doing.
        for (size_t k = n; k-- > 0;) search_tell(s, h.number[from + k], h.score[from + k]);
    }
    const struct search_candidate *best = search_best(s, &h.best);
    if (!best) h.best = INFINITY;
    for (size_t d = 0; best && d < space->n; d++)
        h.best_at[d] = best->at ? best->at[d] : space->dims[d].def;
    h.best_number = best ? best->number : UINT32_MAX;
    search_end(s);
    return h;
}

static inline bool same_point(const double *a, const double *b, size_t n) {
    for (size_t d = 0; d < n; d++)
        if (!(a[d] == b[d] || (isnan(a[d]) && isnan(b[d])))) return false;
    return true;
}

#endif
