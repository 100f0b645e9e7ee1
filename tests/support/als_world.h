// als_world.h - planted ratings for the tests of als; included by one file a program.
#ifndef SUPPORT_ALS_WORLD_H
#define SUPPORT_ALS_WORLD_H

#include <check.h>
#include <math.h>
#include <string.h>

#include "common/ratings.h"
#include "model/host.h"

enum { N_USERS = 120, N_ITEMS = 80, RANK = 5 };

// Planted ratings, some of them in the slice; user 7 and item 3 stay cold, user 0 rates everything
// else.
struct world {
    struct host host;
    rk_data data;
    rk_pairs valid;
    struct ratings all; // owned; with the slice
    uint64_t start[2][N_USERS + 1];
    uint32_t col[2][N_USERS * N_ITEMS];
    float value[2][N_USERS * N_ITEMS];
    uint32_t valid_user[N_USERS * N_ITEMS], valid_item[N_USERS * N_ITEMS];
    float valid_rating[N_USERS * N_ITEMS];
};

static const double USER_SD = 0.5, ITEM_SD = 0.8, NOISE_SD = 0.4, STRUCTURE = 0.7;

static void plant(const struct world *w, float *bias_u, float *bias_i, float *noise) {
    const rk_host *h = &w->host.api;
    h->normal(h, 1000, bias_u, N_USERS);
    h->normal(h, 1001, bias_i, N_ITEMS);
    h->normal(h, 1002, noise, N_USERS * N_ITEMS);
}

static void world_init(struct world *w, double structure) {
    static float bias_u[N_USERS], bias_i[N_ITEMS], noise[N_USERS * N_ITEMS];
    static float chance[N_USERS * N_ITEMS];
    memset(w, 0, sizeof *w);
    host_init(&w->host, NULL, 42);
    plant(w, bias_u, bias_i, noise);
    w->host.api.uniform(&w->host.api, 1003, chance, N_USERS * N_ITEMS);
    size_t n = 0, v = 0;
    for (uint32_t u = 0; u < N_USERS; u++) {
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            const size_t at = u * N_ITEMS + i;
            const bool cold = u == 7 || i == 3;
            if (cold || (u > 0 && chance[at] > (i % 5 == 0 ? 0.9f : 0.3f))) continue;
            const float r = (float)(3 + USER_SD * bias_u[u] + ITEM_SD * bias_i[i] +
                                    NOISE_SD * noise[at] + structure * sin(u) * cos(3 * i));
            if (at % 11 == 5) {
                w->valid_user[v] = u;
                w->valid_item[v] = i;
                w->valid_rating[v++] = r;
            } else {
                w->col[0][n] = i;
                w->value[0][n++] = r;
            }
        }
        w->start[0][u + 1] = n;
    }
    n = 0;
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        for (uint32_t u = 0; u < N_USERS; u++) {
            for (uint64_t e = w->start[0][u]; e < w->start[0][u + 1]; e++) {
                if (w->col[0][e] != i) continue;
                w->col[1][n] = u;
                w->value[1][n++] = w->value[0][e];
            }
        }
        w->start[1][i + 1] = n;
    }
    w->valid =
        (rk_pairs){.size = sizeof w->valid, .n = v, .users = w->valid_user, .items = w->valid_item};
    w->data = (rk_data){.size = sizeof w->data,
        .n_users = N_USERS,
        .n_items = N_ITEMS,
        .by_user = {N_USERS, N_ITEMS, w->start[0], w->col[0], w->value[0]},
        .by_item = {N_ITEMS, N_USERS, w->start[1], w->col[1], w->value[1]},
        .rating_min = -2,
        .rating_max = 8,
        .valid = &w->valid,
        .valid_ratings = w->valid_rating};
    ck_assert(ratings_init_with_valid(&w->all, &w->data));
}

static struct world world;

static void setup(void) {
    world_init(&world, STRUCTURE);
}

static void teardown(void) {
    ratings_done(&world.all);
}

#endif
