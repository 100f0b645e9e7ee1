#include "ae_level.h"

#include <stdlib.h>

#include "ae_prior.h"
#include "common/standard.h"

// Damped means of the rows, less the mean of all.
static void row_means(const rk_csr *rows, double center, double damping, float *bias) {
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        const uint64_t first = rows->start[r], last = rows->start[r + 1];
        double sum = 0;
        for (uint64_t e = first; e < last; e++) sum += rows->value[e] - center;
        bias[r] = (float)(sum / ((double)(last - first) + damping));
    }
}

static void set(struct ae_level *l, const rk_data *data, const struct ratings *r,
    const struct standard *s, enum ae_normalise normalise) {
    const struct effects *x = &l->effects;
    const rk_csr *side[2] = {&r->by_user, &r->by_item};
    l->center = s->center;
    l->unit = s->unit;
    switch (l->unit > 0 ? normalise : AE_BIAS) {
    case AE_BIAS:
        l->center = x->mean;
        for (int k = 0; k < 2; k++)
            for (uint32_t n = 0; n < side[k]->n_rows; n++) l->bias[k][n] = x->bias[k][n];
        break;
    case AE_USER:
        row_means(&r->by_user, l->center, x->damping[EFFECTS_USER], l->bias[EFFECTS_USER]);
        break;
    case AE_ITEM:
        row_means(&r->by_item, l->center, x->damping[EFFECTS_ITEM], l->bias[EFFECTS_ITEM]);
        break;
    case AE_UNIT:
        l->center = data->rating_min;
        l->unit = (double)data->rating_max - data->rating_min;
        break;
    case AE_NONE:
        l->center = 0;
        break;
    case AE_MEAN:
        break;
    }
}

rk_status ae_level_init(struct ae_level *l, const rk_host *host, const rk_data *data,
    const struct ratings *r, bool of_users, const rk_csr *features, enum ae_normalise normalise) {
    const struct standard s = standard_of(data);
    *l = (struct ae_level){0};
    l->bias[EFFECTS_USER] = calloc(data->n_users, sizeof(float));
    l->bias[EFFECTS_ITEM] = calloc(data->n_items, sizeof(float));
    rk_status status = RK_E_MEMORY;
    if (l->bias[EFFECTS_USER] && l->bias[EFFECTS_ITEM]) {
        status = effects_init(&l->effects, host, r);
    }
    if (status == RK_OK && features->n_cols > 0 && s.unit > 0)
        status = ae_prior_apply(&l->effects, r, of_users ? EFFECTS_USER : EFFECTS_ITEM, features);
    if (status == RK_OK)
        set(l, data, r, &s, normalise);
    else
        ae_level_done(l);
    return status;
}

void ae_level_done(struct ae_level *l) {
    effects_done(&l->effects);
    free(l->bias[EFFECTS_USER]);
    free(l->bias[EFFECTS_ITEM]);
    *l = (struct ae_level){0};
}

void ae_level_fields(struct ae_level *l, struct state *s, uint32_t n_users, uint32_t n_items) {
    STATE_NUMBER(s, l->center);
    STATE_NUMBER(s, l->unit);
    STATE_ARRAY(s, l->bias[EFFECTS_USER], n_users);
    STATE_ARRAY(s, l->bias[EFFECTS_ITEM], n_items);
    effects_fields(&l->effects, s, n_users, n_items);
}
