// How ratings are spread over users and items: quantiles, Gini's coefficient, long tails.
#include <math.h>
#include <stdlib.h>

#include "describe/making.h"

enum { TAIL_POINTS = 101 };

static int descending(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

// Of numbers in descending order.
static double quantile(const uint64_t *n_of, size_t n, double p) {
    const double at = p * (double)(n - 1);
    const size_t low = (size_t)at, high = low + 1 < n ? low + 1 : low;
    const double a = (double)n_of[n - 1 - low], b = (double)n_of[n - 1 - high];
    return a + (at - (double)low) * (b - a);
}

static void fill(
    struct describe_quantiles *q, struct describe_tail *tail, const uint64_t *n_of, size_t n) {
    uint64_t total = 0;
    double weighted = 0; // sum of rank times number, ranks ascending from 1 with the number
    for (size_t k = 0; k < n; k++) {
        total += n_of[k];
        weighted += (double)(n - k) * (double)n_of[k];
    }
    *q = (struct describe_quantiles){
        .least = quantile(n_of, n, 0),
        .p5 = quantile(n_of, n, 0.05),
        .p25 = quantile(n_of, n, 0.25),
        .median = quantile(n_of, n, 0.5),
        .p75 = quantile(n_of, n, 0.75),
        .p95 = quantile(n_of, n, 0.95),
        .p99 = quantile(n_of, n, 0.99),
        .most = quantile(n_of, n, 1),
        .mean = (double)total / (double)n,
        .gini = 2 * weighted / ((double)n * (double)total) - ((double)n + 1) / (double)n,
    };
    uint64_t so_far = 0;
    size_t at = 0;
    for (size_t k = 0; k < TAIL_POINTS; k++) {
        const size_t units = (size_t)llround((double)(n * k) / (TAIL_POINTS - 1));
        while (at < units) so_far += n_of[at++];
        tail[k] = (struct describe_tail){(double)units / (double)n, (double)so_far / (double)total};
    }
}

static bool spread(struct making *m, const struct describe_sum *unit, uint32_t n_units,
    struct describe_quantiles *q, const struct describe_tail **out, struct error *e) {
    struct describe_tail *tail = making_keep(m, TAIL_POINTS, sizeof *tail, "long tails", e);
    uint64_t *n_of = making_take(m, n_units, sizeof *n_of, "long tails", e);
    if (!tail || !n_of) return false;
    size_t n = 0;
    for (uint32_t k = 0; k < n_units; k++)
        if (unit[k].n) n_of[n++] = unit[k].n;
    qsort(n_of, n, sizeof *n_of, descending);
    fill(q, tail, n_of, n);
    *out = tail;
    return true;
}

// The most rated items, of equal ones the first.
static void find_top(struct making *m) {
    struct describe *d = m->d;
    for (uint32_t i = 0; i < m->data->n_items; i++) {
        if (m->item[i].n == 0) continue;
        size_t at = d->n_top;
        while (at > 0 && m->item[d->top[at - 1]].n < m->item[i].n) at--;
        if (at == DESCRIBE_TOP) continue;
        if (d->n_top < DESCRIBE_TOP) d->n_top++;
        for (size_t k = d->n_top - 1; k > at; k--) d->top[k] = d->top[k - 1];
        d->top[at] = i;
    }
}

// Half the ratings are at this value or below.
static void find_median(struct making *m) {
    uint64_t below = 0;
    m->d->median = NAN;
    if (m->n_values > MAKING_VALUES) return;
    for (size_t k = 0; k < m->ratings->n && isnan(m->d->median); k++) {
        below += m->ratings->at[k].of.n;
        if (2 * below >= m->data->n_ratings) m->d->median = (double)m->value[k];
    }
}

bool spread_make(struct making *m, struct error *e) {
    struct describe *d = m->d;
    d->n_tail = TAIL_POINTS;
    find_top(m);
    find_median(m);
    return spread(m, m->user, m->data->n_users, &d->activity, &d->user_tail, e) &&
           spread(m, m->item, m->data->n_items, &d->popularity, &d->item_tail, e);
}
