#include "ae_fitted.h"

#include <stdlib.h>

#include "ae_kernel.h"
#include "common/linalg.h"

rk_status ae_fitted_init(struct ae_fitted *f, const rk_host *host, const rk_data *data,
    const struct ratings *r, const struct ae_rows *rows, enum ae_normalise normalise) {
    const rk_csr *columns = rows->of_users ? &r->by_item : &r->by_user;
    *f = (struct ae_fitted){
        .of_users = rows->of_users, .n_users = data->n_users, .n_items = data->n_items};
    const rk_status status =
        ae_level_init(&f->level, host, data, r, rows->of_users, &rows->features, normalise);
    if (status != RK_OK) return status;
    f->known = malloc(columns->n_rows * sizeof *f->known);
    f->told = malloc(rows->ratings.n_rows * sizeof *f->told);
    if (!f->known || !f->told) {
        ae_fitted_done(f);
        return RK_E_MEMORY;
    }
    for (uint32_t c = 0; c < columns->n_rows; c++)
        f->known[c] = columns->start[c + 1] > columns->start[c];
    for (uint32_t k = 0; k < rows->ratings.n_rows; k++)
        f->told[k] = rows->ratings.start[k + 1] > rows->ratings.start[k] ||
                     rows->features.start[k + 1] > rows->features.start[k];
    return RK_OK;
}

void ae_fitted_done(struct ae_fitted *f) {
    for (int k = 0; k < AE_MOST_MEMBERS; k++) {
        ae_net_done(&f->member[k].net);
        linalg_free((float *)f->member[k].hidden);
    }
    ae_level_done(&f->level);
    free(f->known);
    free(f->told);
    *f = (struct ae_fitted){0};
}

void ae_fitted_fields(struct ae_fitted *f, struct state *s, bool of_users, uint32_t n_members) {
    state_same(s, of_users, "rows are users in one, and items in the other");
    if (s->loading) f->of_users = of_users;
    STATE_NUMBER(s, f->n_users);
    STATE_NUMBER(s, f->n_items);
    const uint32_t n_rows = of_users ? f->n_users : f->n_items;
    const uint32_t n_columns = of_users ? f->n_items : f->n_users;
    ae_level_fields(&f->level, s, f->n_users, f->n_items);
    state_flags(s, &f->known, n_columns);
    state_flags(s, &f->told, n_rows);
    uint32_t n = f->n_members;
    STATE_NUMBER(s, n);
    state_judge(s, n == 0 || n == n_members, "another number of members");
    for (uint32_t k = 0; s->status == RK_OK && k < n; k++) {
        struct ae_member *member = &f->member[k];
        ae_net_fields(&member->net, s, n_columns);
        STATE_ARRAY(s, member->hidden, n_rows * member->net.n_vecs[ae_net_last(&member->net)]);
    }
    if (s->loading) f->n_members = n;
}

static double answer(const struct ae_fitted *f, uint32_t user, uint32_t item) {
    const uint32_t row = f->of_users ? user : item, column = f->of_users ? item : user;
    if (!f->known[column] || !f->told[row] || f->n_members == 0) {
        const struct effects *x = &f->level.effects;
        return x->mean + x->bias[EFFECTS_USER][user] + x->bias[EFFECTS_ITEM][item];
    }
    double sum = 0;
    for (uint32_t k = 0; k < f->n_members; k++) {
        const struct ae_net *n = &f->member[k].net;
        const size_t n_vecs = n->n_vecs[ae_net_last(n)];
        float dot;
        ae_dots(&dot, f->member[k].hidden + row * n_vecs, n->out, n_vecs, &column, 1);
        sum += (double)dot + n->out_bias[column];
    }
    return ae_level_at(&f->level, user, item) + f->level.unit * sum / f->n_members;
}

rk_status ae_fitted_answer(const void *fitted, const rk_pairs *pairs, float *out) {
    for (size_t k = 0; k < pairs->n; k++)
        out[k] = (float)answer(fitted, pairs->users[k], pairs->items[k]);
    return RK_OK;
}
