// Ordered probit in the chain: what its rows take for ratings are latent numbers, drawn each sweep.
#include <stdlib.h>

#include "bmf_gibbs.h"
#include "common/kernel.h"
#include "common/vec.h"

enum { USERS_A_PIECE = 64 };

rk_status bmf_latent_start(struct bmf_chain *c, const rk_data *data) {
    const rk_status status = bmf_probit_init(&c->probit, c->host, data);
    if (status != RK_OK) return status;
    c->fixed_noise = c->fixed_level = true; // for which the cutpoints stand
    c->precision = 1;
    c->level = 0;
    return bmf_latent_join(c);
}

rk_status bmf_latent_join(struct bmf_chain *c) {
    const rk_csr *rows = &c->ratings.by_user;
    return bmf_probit_rate(&c->probit, rows->value, rows->start[rows->n_rows]);
}

// The users' targets become f.
KERNEL_CLONES
static void set_f(const struct bmf_chain *c, size_t u) {
    const struct bmf_block *b = &c->block[BMF_USER], *o = &c->block[BMF_ITEM],
                           *days = &c->block[BMF_DAY];
    const size_t n_vecs = c->stride / VEC_LANES;
    const vec *p = (const vec *)b->factor + u * n_vecs, *q = (const vec *)o->factor,
              *t = (const vec *)days->factor;
    for (uint64_t e = b->start[u]; e < b->start[u + 1]; e++) {
        const uint32_t i = b->col[e];
        b->target[e] = b->bias[u] + o->bias[i] + vec_dot(p, q + i * n_vecs, n_vecs) + c->level;
        if (!b->third) continue;
        const uint32_t d = b->third[e];
        b->target[e] += days->bias[d] + vec_dot(p, t + d * n_vecs, n_vecs) +
                        vec_dot(q + i * n_vecs, t + d * n_vecs, n_vecs);
    }
}

static rk_status set_all_f(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    for (size_t u = begin; u < end; u++) set_f(arg, u);
    return RK_OK;
}

// By items, what is there by users. Entries of both ascend by their columns.
static rk_status by_items(const struct bmf_chain *c) {
    const struct bmf_block *from = &c->block[BMF_USER], *to = &c->block[BMF_ITEM];
    uint64_t *next = malloc((from->n + 1) * sizeof *next);
    if (!next) return RK_E_MEMORY;
    for (uint32_t u = 0; u < from->n; u++) next[u] = from->start[u];
    for (uint64_t e = 0; e < to->start[to->n]; e++)
        to->target[e] = from->target[next[to->col[e]]++];
    free(next);
    return RK_OK;
}

rk_status bmf_latent_draw(struct bmf_chain *c) {
    float *z = c->block[BMF_USER].target;
    rk_status status =
        c->host->parallel_for(c->host, c->block[BMF_USER].n, USERS_A_PIECE, set_all_f, c);
    if (status == RK_OK) status = bmf_probit_sweep(&c->probit, c->host, c->sweep, z, z);
    if (status == RK_OK) status = by_items(c);
    return status == RK_OK && c->n_sides > BMF_DAY ? bmf_days_targets(c) : status;
}
