#include "support/made_losses.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"

static void *made(size_t n, size_t size) {
    void *at = calloc(n, size);
    if (!at) abort();
    return at;
}

// sum [n]: of 1 / (k + 10)^tail up to each, as a share of all.
static double *shares(size_t n, double tail) {
    double *sum = made(n, sizeof *sum), total = 0;
    for (size_t k = 0; k < n; k++) sum[k] = total += pow((double)k + 10, -tail);
    for (size_t k = 0; k < n; k++) sum[k] /= total;
    return sum;
}

static uint32_t pick(const double *sum, size_t n, float at) {
    size_t from = 0, to = n - 1;
    while (from < to) {
        const size_t middle = (from + to) / 2;
        if (sum[middle] <= (double)at)
            from = middle + 1;
        else
            to = middle;
    }
    return (uint32_t)from;
}

struct made_losses made_losses(const struct losses *of, uint64_t seed) {
    struct made_losses m = {.of = *of};
    m.user = made(of->n_rows, sizeof *m.user);
    m.item = made(of->n_rows, sizeof *m.item);
    m.loss = made(of->n_rows * of->n_models, sizeof *m.loss);
    m.effect = made(of->n_rows + of->n_users + of->n_items, sizeof *m.effect);
    double *users = shares(of->n_users, of->tail), *items = shares(of->n_items, of->tail);
    bool *taken = made(of->n_users * of->n_items, sizeof *taken);
    for (size_t n = 0, try = 0; n < of->n_rows; try++) {
        float at[2];
        random_uniform(seed, try, at, 2);
        const uint32_t user = pick(users, of->n_users, at[0]),
                       item = pick(items, of->n_items, at[1]);
        if (taken[user * of->n_items + item]) continue;
        taken[user * of->n_items + item] = true;
        m.user[n] = user, m.item[n++] = item;
    }
    free(taken);
    free(users);
    free(items);
    return m;
}

void made_losses_done(struct made_losses *m) {
    free(m->user);
    free(m->item);
    free(m->loss);
    free(m->effect);
}

static void add_effects(struct made_losses *m, size_t model, double share, uint64_t key) {
    const struct losses *of = &m->of;
    float *user = m->effect, *item = user + of->n_users, *row = item + of->n_items;
    random_normal(key, 0, user, of->n_users + of->n_items + of->n_rows);
    const double root = sqrt(share);
    for (size_t r = 0; r < of->n_rows; r++)
        m->loss[r * of->n_models + model] +=
            root * (of->user * (double)user[m->user[r]] + of->item * (double)item[m->item[r]] +
                       of->row * (double)row[r]);
}

void made_losses_draw(struct made_losses *m, uint64_t seed) {
    const struct losses *of = &m->of;
    for (size_t k = 0; k < of->n_models; k++) {
        for (size_t r = 0; r < of->n_rows; r++)
            m->loss[r * of->n_models + k] = 1 + (of->shift ? of->shift[k] : 0);
        add_effects(m, k, 1 - of->alike, random_mix(seed, k + 2));
        if (of->alike > 0) add_effects(m, k, of->alike, random_mix(seed, k % 2));
    }
}

struct evidence *made_evidence(struct arena *a) {
    struct evidence *ev = arena_alloc(a, sizeof *ev);
    ev->metrics = arena_alloc(a, sizeof *ev->metrics);
    ev->n_metrics = 1;
    for (int u = 0; u < EVIDENCE_UNITS; u++) {
        ev->metrics->part_in[u] = arena_alloc(a, EVIDENCE_BUCKETS * sizeof(float));
        ev->metrics->weight_in[u] = arena_alloc(a, EVIDENCE_BUCKETS * sizeof(float));
    }
    return ev;
}

void made_evidence_add(
    struct evidence *ev, uint64_t seed, uint32_t user, uint32_t item, double part, double weight) {
    const uint64_t hash[EVIDENCE_UNITS] = {
        random_mix(seed, user), random_mix(~seed, item), random_mix(random_mix(seed, user), item)};
    ev->metrics->part += part;
    ev->metrics->weight += weight;
    for (int u = 0; u < EVIDENCE_UNITS; u++) {
        const size_t bucket = (hash[u] >> 1) % EVIDENCE_BUCKETS;
        const double sign = hash[u] & 1 ? 1 : -1;
        ev->metrics->part_in[u][bucket] += (float)(sign * part);
        ev->metrics->weight_in[u][bucket] += (float)(sign * weight);
    }
}

void made_losses_pool(
    const struct made_losses *m, uint64_t seed, struct pooled *models, struct arena *a) {
    for (size_t k = 0; k < m->of.n_models; k++) {
        struct evidence *ev = made_evidence(a);
        for (size_t r = 0; r < m->of.n_rows; r++)
            made_evidence_add(ev, seed, m->user[r], m->item[r], m->loss[r * m->of.n_models + k], 1);
        struct error e = {0};
        const struct evidence *const trials[] = {ev};
        if (!pooled_make(&models[k], trials, 1, 0, false, a, &e)) abort();
    }
}
