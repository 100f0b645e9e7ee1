#include "kmeans_profiles.h"

#include <stdlib.h>
#include <string.h>

#include "common/linalg.h"
#include "kmeans_shrink.h"

// A user's row of features.
struct known {
    const uint32_t *col;
    const float *value;
    size_t n;
    uint32_t user;
};

static int compare(const void *a, const void *b) {
    const struct known *x = a, *y = b;
    if (x->n != y->n) return x->n < y->n ? -1 : 1;
    for (size_t k = 0; k < x->n; k++) {
        if (x->col[k] != y->col[k]) return x->col[k] < y->col[k] ? -1 : 1;
        if (x->value[k] != y->value[k]) return x->value[k] < y->value[k] ? -1 : 1;
    }
    return 0;
}

static int compare_then_user(const void *a, const void *b) {
    const int c = compare(a, b);
    const struct known *x = a, *y = b;
    return c ? c : (x->user > y->user) - (x->user < y->user);
}

static bool points_new(struct kmeans_profiles *p, size_t n, size_t d) {
    p->points = (struct kmeans_points){.n = n, .d = d, .ld = linalg_pad(d)};
    p->points.x = linalg_new(n ? n : 1, p->points.ld);
    p->points.weight = calloc(n ? n : 1, sizeof *p->points.weight);
    return p->points.x && p->points.weight;
}

static float *row_of(struct kmeans_profiles *p, size_t at) {
    return (float *)(uintptr_t)p->points.x + at * p->points.ld;
}

// One point for each different row; of_user so far unset.
static bool collapse(struct kmeans_profiles *p, const struct ratings *r, const struct known *known,
    size_t n_known, size_t d) {
    size_t n = 0;
    for (size_t k = 0; k < n_known; k++) {
        n += k == 0 || compare(&known[k - 1], &known[k]) != 0;
        p->of_user[known[k].user] = (uint32_t)(n - 1);
    }
    if (!points_new(p, n, d)) return false;
    float *weight = (float *)(uintptr_t)p->points.weight;
    for (size_t k = 0; k < n_known; k++) {
        const uint32_t u = known[k].user, at = p->of_user[u];
        for (size_t e = 0; e < known[k].n; e++) row_of(p, at)[known[k].col[e]] = known[k].value[e];
        weight[at] += r->by_user.start[u + 1] > r->by_user.start[u];
    }
    return true;
}

rk_status kmeans_profiles_of_features(
    struct kmeans_profiles *p, const struct ratings *r, const struct side *users) {
    const uint32_t n_users = users->rows.n_rows;
    *p = (struct kmeans_profiles){0};
    p->of_user = malloc(n_users * sizeof *p->of_user);
    struct known *known = malloc(n_users * sizeof *known);
    bool ok = p->of_user && known;
    size_t n = 0;
    for (uint32_t u = 0; ok && u < n_users; u++) {
        const uint64_t first = users->rows.start[u], last = users->rows.start[u + 1];
        p->of_user[u] = KMEANS_NONE;
        if (last > first)
            known[n++] = (struct known){
                users->rows.col + first, users->rows.value + first, (size_t)(last - first), u};
    }
    if (ok) qsort(known, n, sizeof *known, compare_then_user);
    ok = ok && collapse(p, r, known, n, users->rows.n_cols);
    free(known);
    if (!ok) {
        kmeans_profiles_done(p);
        return RK_E_MEMORY;
    }
    float weights = 0;
    for (size_t k = 0; k < p->points.n; k++) weights += p->points.weight[k];
    if (!(weights > 0)) p->points.n = 0; // all of them are cold
    return RK_OK;
}

enum { USERS_A_PIECE = 64 };

// Cells of (user, genre), in the rows that become points.
struct tastes {
    const rk_csr *ratings;
    const struct side *genres;
    const struct effects *x;
    const uint32_t *user; // [points]
    struct kmeans_profiles *p;
    double (*error)[SHRINK_GRID]; // [pieces], for the first pass
    double shrink;                // for the second; 0: first pass
};

static void sum_user(const struct tastes *t, uint32_t u, struct cell *cell) {
    const struct effects *x = t->x;
    const rk_csr *r = t->ratings, *g = &t->genres->rows;
    for (uint64_t e = r->start[u]; e < r->start[u + 1]; e++) {
        const uint32_t i = r->col[e];
        const double b = (double)x->bias[EFFECTS_USER][u] + x->bias[EFFECTS_ITEM][i];
        const double v = r->value[e] - x->mean - b;
        for (uint64_t f = g->start[i]; f < g->start[i + 1]; f++) {
            struct cell *c = &cell[g->col[f]];
            c->n++;
            c->sum += v;
            c->squares += v * v;
        }
    }
}

static rk_status taste_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct tastes *t = arg;
    const size_t d = t->p->points.d;
    struct cell *cell = malloc(d * sizeof *cell);
    if (!cell) return RK_E_MEMORY;
    for (size_t k = begin; k < end; k++) {
        memset(cell, 0, d * sizeof *cell);
        sum_user(t, t->user[k], cell);
        float *row = row_of(t->p, k);
        for (size_t f = 0; f < d; f++) {
            if (t->shrink > 0)
                row[f] = (float)(cell[f].sum / (cell[f].n + t->shrink));
            else
                shrink_add(t->error[begin / USERS_A_PIECE], &cell[f]);
        }
    }
    free(cell);
    return RK_OK;
}

static rk_status fill_tastes(struct tastes *t, const rk_host *host) {
    const size_t n = t->p->points.n, pieces = (n + USERS_A_PIECE - 1) / USERS_A_PIECE;
    t->error = calloc(pieces ? pieces : 1, sizeof *t->error);
    if (!t->error) return RK_E_MEMORY;
    rk_status status = host->parallel_for(host, n, USERS_A_PIECE, taste_piece, t);
    for (size_t k = 1; k < pieces; k++)
        for (size_t s = 0; s < SHRINK_GRID; s++) t->error[0][s] += t->error[k][s];
    t->shrink = shrink_best(t->error[0]);
    if (status == RK_OK) status = host->parallel_for(host, n, USERS_A_PIECE, taste_piece, t);
    free(t->error);
    return status;
}

// Has the user rated an item that has a genre?
static bool has_taste(const rk_csr *r, const struct side *genres, uint32_t u) {
    for (uint64_t e = r->start[u]; e < r->start[u + 1]; e++) {
        const uint32_t i = r->col[e];
        if (genres->rows.start[i + 1] > genres->rows.start[i]) return true;
    }
    return false;
}

rk_status kmeans_profiles_of_genres(struct kmeans_profiles *p, const rk_host *host,
    const struct ratings *r, const struct side *genres, const struct effects *x) {
    const uint32_t n_users = r->by_user.n_rows;
    *p = (struct kmeans_profiles){0};
    p->of_user = malloc(n_users * sizeof *p->of_user);
    uint32_t *user = malloc(n_users * sizeof *user), n = 0;
    rk_status status = p->of_user && user ? RK_OK : RK_E_MEMORY;
    for (uint32_t u = 0; status == RK_OK && u < n_users; u++) {
        p->of_user[u] = KMEANS_NONE;
        if (!has_taste(&r->by_user, genres, u)) continue;
        user[n] = u;
        p->of_user[u] = n++;
    }
    if (status == RK_OK && !points_new(p, n, genres->rows.n_cols)) status = RK_E_MEMORY;
    if (status == RK_OK) {
        for (uint32_t k = 0; k < n; k++) ((float *)(uintptr_t)p->points.weight)[k] = 1;
        struct tastes t = {.ratings = &r->by_user, .genres = genres, .x = x, .user = user, .p = p};
        if (n > 0) status = fill_tastes(&t, host);
    }
    free(user);
    if (status != RK_OK) kmeans_profiles_done(p);
    return status;
}

void kmeans_profiles_done(struct kmeans_profiles *p) {
    linalg_free((float *)(uintptr_t)p->points.x);
    free((float *)(uintptr_t)p->points.weight);
    free(p->of_user);
    *p = (struct kmeans_profiles){0};
}
