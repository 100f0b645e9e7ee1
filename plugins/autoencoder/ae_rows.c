#include "ae_rows.h"

#include <math.h>
#include <stdlib.h>

static const double SCALE_DAMPING = 10; // ratings

static const char *const item_groups[] = {"genre", "year", NULL};
static const char *const user_groups[] = {"gender", "age", "occupation", "zip", NULL};

static const char *const no_groups[] = {NULL};

rk_status ae_rows_init(struct ae_rows *x, const rk_data *data, const struct ratings *r,
    bool of_users, bool with_features) {
    const rk_csr *rows = of_users ? &r->by_user : &r->by_item;
    const uint64_t n = rows->start[rows->n_rows];
    *x = (struct ae_rows){.of_users = of_users, .ratings = *rows};
    const rk_status status = side_init(&x->side, data, of_users ? SIDE_USERS : SIDE_ITEMS,
        !with_features ? no_groups
        : of_users     ? user_groups
                       : item_groups);
    if (status != RK_OK) return status;
    x->features = x->side.rows;
    x->n_features = x->features.n_cols;
    x->target = malloc(n * sizeof *x->target);
    x->filled = malloc(rows->n_rows * sizeof *x->filled);
    if (!x->target || !x->filled) {
        ae_rows_done(x);
        return RK_E_MEMORY;
    }
    for (uint32_t k = 0; k < rows->n_rows; k++)
        if (rows->start[k + 1] > rows->start[k]) x->filled[x->n_filled++] = k;
    x->mean_count = (double)n / x->n_filled;
    return RK_OK;
}

void ae_rows_done(struct ae_rows *x) {
    side_done(&x->side);
    free(x->target);
    free(x->filled);
    *x = (struct ae_rows){0};
}

void ae_rows_aim(struct ae_rows *x, const struct ae_level *l, double feature_weight) {
    const rk_csr *rows = &x->ratings;
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        for (uint64_t e = rows->start[r]; e < rows->start[r + 1]; e++) {
            const uint32_t c = rows->col[e];
            const double level = x->of_users ? ae_level_at(l, r, c) : ae_level_at(l, c, r);
            x->target[e] = l->unit > 0 ? (float)((rows->value[e] - level) / l->unit) : 0;
        }
    }
    float *value = (float *)(uintptr_t)x->side.rows.value;
    for (uint64_t e = 0; e < x->features.start[rows->n_rows]; e++)
        value[e] *= (float)feature_weight;
}

double ae_rows_scale(const struct ae_rows *x, uint64_t n) {
    return sqrt((x->mean_count + SCALE_DAMPING) / ((double)n + SCALE_DAMPING));
}
