#include "common/als_factors.h"

#include <math.h>
#include <string.h>

#include "common/linalg.h"

// Random numbers of item i come from stream ITEM_STREAM + i.
static const uint64_t ITEM_STREAM = 0;

struct als_factors als_factors_shape(size_t rank, size_t n_users, size_t n_items) {
    return (struct als_factors){
        .k = rank, .ld = linalg_pad(rank + 2), .n = {n_users, n_items}, .scale = 1};
}

uint64_t als_factors_bytes(const struct als_factors *f) {
    return linalg_bytes(f->n[ALS_USER], f->ld) + linalg_bytes(f->n[ALS_ITEM], f->ld);
}

bool als_factors_init(struct als_factors *f, size_t rank, size_t n_users, size_t n_items) {
    *f = als_factors_shape(rank, n_users, n_items);
    for (int side = 0; side < 2; side++) f->of[side] = linalg_new(f->n[side], f->ld);
    return f->of[ALS_USER] && f->of[ALS_ITEM];
}

void als_factors_done(struct als_factors *f) {
    for (int side = 0; side < 2; side++) linalg_free(f->of[side]);
    *f = (struct als_factors){0};
}

void als_factors_fields(struct als_factors *f, struct state *s, size_t rank) {
    if (s->loading) *f = (struct als_factors){.k = rank, .ld = linalg_pad(rank + 2)};
    state_same(s, rank, "another rank");
    STATE_NUMBER(s, f->mean);
    STATE_NUMBER(s, f->scale);
    for (int side = 0; side < 2; side++) {
        STATE_NUMBER(s, f->n[side]);
        state_judge(s, f->n[side] <= UINT32_MAX, "more rows than there are numbers for");
        STATE_ARRAY(s, f->of[side], f->n[side] * f->ld);
    }
}

void als_factors_start(struct als_factors *f, const rk_host *host, const float *item_bias) {
    memset(f->of[ALS_USER], 0, f->n[ALS_USER] * f->ld * sizeof(float));
    const float size = 0.7f / sqrtf((float)f->k);
    for (size_t i = 0; i < f->n[ALS_ITEM]; i++) {
        float *q = f->of[ALS_ITEM] + i * f->ld;
        host->normal(host, ITEM_STREAM + i, q, f->k);
        for (size_t j = 0; j < f->k; j++) q[j] *= size;
        q[f->k] = item_bias[i] / (float)f->scale;
    }
}

double als_factors_predict(const struct als_factors *f, uint32_t user, uint32_t item) {
    const float *p = f->of[ALS_USER] + user * f->ld, *q = f->of[ALS_ITEM] + item * f->ld;
    const double sum = (double)p[f->k] + q[f->k] + linalg_dot(p, q, f->k);
    return f->mean + f->scale * sum;
}

bool als_factors_finite(const struct als_factors *f) {
    for (int side = 0; side < 2; side++) {
        for (size_t e = 0; e < f->n[side] * f->ld; e++) {
            if (!isfinite(f->of[side][e])) return false;
        }
    }
    return true;
}
