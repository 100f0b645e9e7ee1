#include "biases.h"

#include <stdlib.h>

enum { ROWS_A_PIECE = 256 };

bool biases_init(struct biases *b, const rk_data *d) {
    const uint64_t n = d->by_user.start[d->n_users];
    *b = (struct biases){.n_users = d->n_users, .n_items = d->n_items};
    b->user = calloc(d->n_users, sizeof *b->user);
    b->item = calloc(d->n_items, sizeof *b->item);
    if (!b->user || !b->item) {
        biases_done(b);
        return false;
    }
    for (uint64_t e = 0; e < n; e++) b->mean += d->by_user.value[e];
    b->mean /= (double)n;
    return true;
}

void biases_done(struct biases *b) {
    free(b->user);
    free(b->item);
    *b = (struct biases){0};
}

uint64_t biases_bytes(const rk_shape *shape) {
    return ((uint64_t)shape->n_users + shape->n_items) * sizeof(double);
}

void biases_fields(struct biases *b, struct state *s) {
    STATE_NUMBER(s, b->n_users);
    STATE_NUMBER(s, b->n_items);
    STATE_NUMBER(s, b->mean);
    STATE_ARRAY(s, b->user, b->n_users);
    STATE_ARRAY(s, b->item, b->n_items);
}

struct refit {
    const rk_csr *ratings;
    const double *other; // [ratings->n_cols]; borrowed
    double *out;         // [ratings->n_rows]; borrowed
    double mean;
    double damping;
};

static rk_status refit_rows(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct refit *f = arg;
    const rk_csr *r = f->ratings;
    for (size_t k = begin; k < end; k++) {
        const uint64_t first = r->start[k], last = r->start[k + 1];
        double sum = 0;
        for (uint64_t e = first; e < last; e++) sum += r->value[e] - f->mean - f->other[r->col[e]];
        f->out[k] = last > first ? sum / ((double)(last - first) + f->damping) : 0;
    }
    return RK_OK;
}

rk_status biases_alternate(struct biases *b, const rk_host *host, const rk_data *d,
    double damping_user, double damping_item) {
    struct refit items = {&d->by_item, b->user, b->item, b->mean, damping_item};
    struct refit users = {&d->by_user, b->item, b->user, b->mean, damping_user};
    const rk_status status = host->parallel_for(host, d->n_items, ROWS_A_PIECE, refit_rows, &items);
    if (status != RK_OK) return status;
    return host->parallel_for(host, d->n_users, ROWS_A_PIECE, refit_rows, &users);
}
