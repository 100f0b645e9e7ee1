#include "common/ratings.h"

#include <stdlib.h>

static bool csr_new(rk_csr *c, uint32_t n_rows, uint32_t n_cols, uint64_t n) {
    uint64_t *start = calloc((size_t)n_rows + 2, sizeof *start);
    uint32_t *col = malloc((n ? n : 1) * sizeof *col);
    float *value = malloc((n ? n : 1) * sizeof *value);
    *c = (rk_csr){n_rows, n_cols, start, col, value};
    return start && col && value;
}

static void csr_free(rk_csr *c) {
    free((void *)(uintptr_t)c->start);
    free((void *)(uintptr_t)c->col);
    free((void *)(uintptr_t)c->value);
    *c = (rk_csr){0};
}

// The next free place of row r, while start[r + 1] counts how far row r is filled.
static void csr_put(const rk_csr *c, uint32_t row, uint32_t col, float value) {
    uint64_t *start = (uint64_t *)(uintptr_t)c->start;
    const uint64_t at = start[row + 1]++;
    ((uint32_t *)(uintptr_t)c->col)[at] = col;
    ((float *)(uintptr_t)c->value)[at] = value;
}

// From counts at start[r + 2] to first places at start[r + 1].
static void csr_place(const rk_csr *c) {
    uint64_t *start = (uint64_t *)(uintptr_t)c->start;
    for (uint32_t r = 0; r < c->n_rows; r++) start[r + 2] += start[r + 1];
}

static void csr_count(const rk_csr *c, const uint32_t *row, uint64_t n) {
    uint64_t *start = (uint64_t *)(uintptr_t)c->start;
    for (uint64_t e = 0; e < n; e++) start[row[e] + 2]++;
}

// Columns of `to` ascend, whatever their order in `from`.
static void csr_transpose(const rk_csr *from, const rk_csr *to) {
    csr_count(to, from->col, from->start[from->n_rows]);
    csr_place(to);
    for (uint32_t r = 0; r < from->n_rows; r++) {
        for (uint64_t e = from->start[r]; e < from->start[r + 1]; e++) {
            csr_put(to, from->col[e], r, from->value[e]);
        }
    }
}

struct ratings ratings_of(const rk_data *data) {
    return (struct ratings){.by_user = data->by_user, .by_item = data->by_item};
}

bool ratings_init_with_valid(struct ratings *r, const rk_data *data) {
    const rk_csr *train = &data->by_user;
    const rk_pairs *valid = data->valid;
    if (valid->n == 0) {
        *r = ratings_of(data);
        return true;
    }
    const uint64_t n_train = train->start[train->n_rows], n = n_train + valid->n;
    rk_csr loose = {0}; // by item, users in any order
    *r = (struct ratings){.owned = true};
    const bool ok = csr_new(&loose, data->n_items, data->n_users, n) &&
                    csr_new(&r->by_user, data->n_users, data->n_items, n) &&
                    csr_new(&r->by_item, data->n_items, data->n_users, n);
    if (!ok) goto done;
    csr_count(&loose, train->col, n_train);
    csr_count(&loose, valid->items, valid->n);
    csr_place(&loose);
    for (uint32_t u = 0; u < train->n_rows; u++) {
        for (uint64_t e = train->start[u]; e < train->start[u + 1]; e++) {
            csr_put(&loose, train->col[e], u, train->value[e]);
        }
    }
    for (size_t k = 0; k < valid->n; k++) {
        csr_put(&loose, valid->items[k], valid->users[k], data->valid_ratings[k]);
    }
    csr_transpose(&loose, &r->by_user);
    csr_transpose(&r->by_user, &r->by_item);
done:
    csr_free(&loose);
    if (!ok) ratings_done(r);
    return ok;
}

uint64_t ratings_bytes_with_valid(const rk_shape *shape) {
    if (shape->n_valid == 0) return 0;
    const uint64_t rows = shape->n_users + 2 * (uint64_t)shape->n_items; // `loose` is by item, too
    return 3 * shape->n_ratings * (sizeof(uint32_t) + sizeof(float)) +
           (rows + 3 * 2) * sizeof(uint64_t);
}

void ratings_done(struct ratings *r) {
    if (r->owned) {
        csr_free(&r->by_user);
        csr_free(&r->by_item);
    }
    *r = (struct ratings){0};
}
