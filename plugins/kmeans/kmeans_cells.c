#include "kmeans_cells.h"

#include <stdlib.h>
#include <string.h>

#include "kmeans_profiles.h"
#include "kmeans_shrink.h"

enum { ITEMS_A_PIECE = 64, ROUNDS = 4 };

// One grouping's turn.
struct turn {
    struct cells *c;
    const struct grouping *g;
    const rk_csr *by_item;
    float *left;       // [ratings, by item]: what all effects together leave
    struct cell *cell; // [n_items x n_levels]
    size_t first;
    double (*error)[SHRINK_GRID]; // [pieces]
    double shrink;
};

static uint32_t level_of(const struct grouping *g, uint32_t user) {
    return g->level ? g->level[user] : 0;
}

static rk_status sum_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct turn *t = arg;
    double *error = t->error[begin / ITEMS_A_PIECE];
    memset(error, 0, sizeof t->error[0]);
    for (size_t i = begin; i < end; i++) {
        struct cell *cell = t->cell + i * t->g->n_levels;
        const float *effect = t->c->effect + i * t->c->width + t->first;
        memset(cell, 0, t->g->n_levels * sizeof *cell);
        for (uint64_t e = t->by_item->start[i]; e < t->by_item->start[i + 1]; e++) {
            const uint32_t l = level_of(t->g, t->by_item->col[e]);
            if (l == KMEANS_NONE) continue;
            const double x = (double)t->left[e] + effect[l];
            cell[l].n++;
            cell[l].sum += x;
            cell[l].squares += x * x;
        }
        for (uint32_t l = 0; l < t->g->n_levels; l++) shrink_add(error, &cell[l]);
    }
    return RK_OK;
}

static rk_status move_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct turn *t = arg;
    for (size_t i = begin; i < end; i++) {
        struct cell *cell = t->cell + i * t->g->n_levels;
        float *effect = t->c->effect + i * t->c->width + t->first;
        for (uint32_t l = 0; l < t->g->n_levels; l++) {
            const float next = (float)(cell[l].sum / (cell[l].n + t->shrink));
            cell[l].sum = (double)next - effect[l]; // from here on, the move
            effect[l] = next;
        }
        for (uint64_t e = t->by_item->start[i]; e < t->by_item->start[i + 1]; e++) {
            const uint32_t l = level_of(t->g, t->by_item->col[e]);
            if (l != KMEANS_NONE) t->left[e] -= (float)cell[l].sum;
        }
    }
    return RK_OK;
}

static rk_status take_turn(struct turn *t, const rk_host *host, uint32_t at, double fixed) {
    struct grouping *g = &t->c->grouping[at];
    const size_t n = t->by_item->n_rows;
    t->g = g;
    t->first = t->c->first[at];
    const rk_status status = host->parallel_for(host, n, ITEMS_A_PIECE, sum_piece, t);
    if (status != RK_OK) return status;
    for (size_t k = 1; k * ITEMS_A_PIECE < n; k++)
        for (size_t s = 0; s < SHRINK_GRID; s++) t->error[0][s] += t->error[k][s];
    g->shrink = t->shrink = fixed > 0 ? fixed : shrink_best(t->error[0]);
    return host->parallel_for(host, n, ITEMS_A_PIECE, move_piece, t);
}

static rk_status backfit(struct turn *t, const rk_host *host) {
    double fixed[CELLS_MOST_GROUPINGS];
    for (uint32_t g = 0; g < t->c->n_groupings; g++) fixed[g] = t->c->grouping[g].shrink;
    const int rounds = t->c->n_groupings > 1 ? ROUNDS : 1;
    for (int r = 0; r < rounds; r++) {
        for (uint32_t g = 0; g < t->c->n_groupings; g++) {
            const rk_status status = take_turn(t, host, g, fixed[g]);
            if (status != RK_OK) return status;
        }
    }
    return RK_OK;
}

static void start(float *left, const rk_csr *by_item, const struct cells_base *base) {
    for (uint32_t i = 0; i < by_item->n_rows; i++) {
        const double level = base->mean + (base->item ? base->item[i] : 0);
        for (uint64_t e = by_item->start[i]; e < by_item->start[i + 1]; e++) {
            const double b = base->user ? base->user[by_item->col[e]] : 0;
            left[e] = (float)(by_item->value[e] - level - b);
        }
    }
}

// Places of the groupings' levels in an item's row. Returns how many levels the largest has.
static uint32_t lay_out(struct cells *c) {
    uint32_t most = 1;
    c->width = 0;
    for (uint32_t g = 0; g < c->n_groupings; g++) {
        c->first[g] = c->width;
        c->width += c->grouping[g].n_levels;
        if (c->grouping[g].n_levels > most) most = c->grouping[g].n_levels;
    }
    return most;
}

rk_status cells_init(
    struct cells *c, const rk_host *host, const rk_csr *by_item, const struct cells_base *base) {
    const size_t n_items = by_item->n_rows;
    const uint32_t most = lay_out(c);
    struct turn t = {.c = c, .by_item = by_item};
    c->effect = calloc(n_items * (c->width ? c->width : 1), sizeof *c->effect);
    t.left = malloc(by_item->start[n_items] * sizeof *t.left);
    t.cell = malloc(n_items * most * sizeof *t.cell);
    t.error = malloc((n_items / ITEMS_A_PIECE + 1) * sizeof *t.error);
    rk_status status = RK_E_MEMORY;
    if (c->effect && t.left && t.cell && t.error) {
        start(t.left, t.by_item, base);
        status = backfit(&t, host);
    }
    free(t.left);
    free(t.cell);
    free(t.error);
    if (status != RK_OK) cells_done(c);
    return status;
}

void cells_done(struct cells *c) {
    free(c->effect);
    *c = (struct cells){0};
}

void cells_fields(struct cells *c, struct state *s, uint32_t n_items) {
    STATE_NUMBER(s, c->n_groupings);
    state_judge(s, c->n_groupings <= CELLS_MOST_GROUPINGS, "too many groupings");
    for (uint32_t g = 0; s->status == RK_OK && g < c->n_groupings; g++)
        STATE_NUMBER(s, c->grouping[g].n_levels);
    if (s->loading && s->status == RK_OK) lay_out(c);
    STATE_ARRAY(s, c->effect, n_items * c->width);
}

double cells_at(const struct cells *c, uint32_t user, uint32_t item) {
    double sum = 0;
    for (uint32_t g = 0; g < c->n_groupings; g++) {
        const uint32_t l = level_of(&c->grouping[g], user);
        if (l != KMEANS_NONE) sum += c->effect[item * c->width + c->first[g] + l];
    }
    return sum;
}
