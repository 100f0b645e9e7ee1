#include "ae_rows.h"

#include <math.h>
#include <stdlib.h>

static const double SCALE_DAMPING = 10; // ratings

static const char *const item_groups[] = {"genre", "year", NULL};
static const char *const user_groups[] = {"gender", "age", "occupation", "zip", NULL};

static void set_targets(struct ae_rows *x, const rk_csr *rows, const struct ae_level *l) {
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        for (uint64_t e = rows->start[r]; e < rows->start[r + 1]; e++) {
            const uint32_t c = rows->col[e];
            const double level = x->of_users ? ae_level_at(l, r, c) : ae_level_at(l, c, r);
            x->target[e] = l->unit > 0 ? (float)((rows->value[e] - level) / l->unit) : 0;
        }
        if (rows->start[r + 1] > rows->start[r]) x->filled[x->n_filled++] = r;
    }
}

rk_status ae_rows_init(struct ae_rows *x, const rk_data *data, const struct ratings *r,
    const struct ae_level *l, bool of_users, double feature_weight) {
    const rk_csr *rows = of_users ? &r->by_user : &r->by_item;
    const uint64_t n = rows->start[rows->n_rows];
    *x = (struct ae_rows){.of_users = of_users, .ratings = *rows};
    rk_status status = side_init(
        &x->side, data, of_users ? SIDE_USERS : SIDE_ITEMS, of_users ? user_groups : item_groups);
    if (status != RK_OK) return status;
    x->target = malloc(n * sizeof *x->target);
    x->filled = malloc(rows->n_rows * sizeof *x->filled);
    if (!x->target || !x->filled) {
        ae_rows_done(x);
        return RK_E_MEMORY;
    }
    float *value = (float *)(uintptr_t)x->side.rows.value;
    for (uint64_t e = 0; e < x->side.rows.start[rows->n_rows]; e++)
        value[e] *= (float)feature_weight;
    set_targets(x, rows, l);
    x->mean_count = (double)n / x->n_filled;
    ae_rows_show_features(x, false);
    return RK_OK;
}

void ae_rows_done(struct ae_rows *x) {
    side_done(&x->side);
    free(x->target);
    free(x->filled);
    *x = (struct ae_rows){0};
}

void ae_rows_show_features(struct ae_rows *x, bool show) {
    x->features = show ? x->side.rows : (rk_csr){.n_rows = x->ratings.n_rows};
    x->n_features = x->features.n_cols;
}

double ae_rows_scale(const struct ae_rows *x, uint64_t n) {
    return sqrt((x->mean_count + SCALE_DAMPING) / ((double)n + SCALE_DAMPING));
}
