// The harness's own answers: damped biases of items, then of users, in closed form.
#include "metric/fallback.h"

#include <stdlib.h>

// Pseudo-ratings at the mean that every item and user starts with, and every item of `item_mean`.
static const double damping = 5, mean_damping = 10;

static double mean_rating(const rk_csr *r) {
    const uint64_t n = r->start[r->n_rows];
    double sum = 0;
    for (uint64_t x = 0; x < n; x++) sum += r->value[x];
    return n ? sum / (double)n : 0;
}

bool fallback_init(struct fallback *f, const rk_data *train, struct error *e) {
    const rk_csr *items = &train->by_item, *users = &train->by_user;
    const size_t n_users = train->n_users, n_items = train->n_items;
    *f = (struct fallback){.n_users = train->n_users, .n_items = train->n_items};
    f->user = calloc(n_users + 1, sizeof *f->user);
    f->item = calloc(n_items + 1, sizeof *f->item);
    f->item_mean = calloc(n_items + 1, sizeof *f->item_mean);
    if (!f->user || !f->item || !f->item_mean) {
        fallback_done(f);
        return error_memory(e, (n_users + 2 * n_items) * sizeof(float), "the fallback's biases");
    }
    f->mean = mean_rating(users);
    for (uint32_t i = 0; i < items->n_rows; i++) {
        const double n = (double)(items->start[i + 1] - items->start[i]);
        double sum = 0;
        for (uint64_t x = items->start[i]; x < items->start[i + 1]; x++)
            sum += items->value[x] - f->mean;
        f->item[i] = (float)(sum / (n + damping));
        f->item_mean[i] = (float)(f->mean + sum / (n + mean_damping));
    }
    for (uint32_t u = 0; u < users->n_rows; u++) {
        const double n = (double)(users->start[u + 1] - users->start[u]);
        double sum = 0;
        for (uint64_t x = users->start[u]; x < users->start[u + 1]; x++)
            sum += users->value[x] - f->mean - f->item[users->col[x]];
        f->user[u] = (float)(sum / (n + damping));
    }
    return true;
}

void fallback_done(struct fallback *f) {
    free(f->user);
    free(f->item);
    free(f->item_mean);
    *f = (struct fallback){0};
}

float fallback_answer(const struct fallback *f, uint32_t user, uint32_t item) {
    return (float)(f->mean + f->user[user] + f->item[item]);
}
