// svd_world.h - planted ratings for the tests of svd: biases, and what users think of genres.
#ifndef SUPPORT_SVD_WORLD_H
#define SUPPORT_SVD_WORLD_H

#include <string.h>

#include "model/host.h"

enum { N_USERS = 150, N_ITEMS = 90, N_GENRES = 4, MOST = N_USERS * N_ITEMS };

// User 7 and item 3 stay cold. Item i is of genre i mod 4, and of the next one if i mod 3 is 0.
struct world {
    struct host host;
    rk_data data;
    rk_pairs valid, test;
    uint64_t start[2][N_USERS + 1];
    uint32_t col[2][MOST];
    float value[2][MOST];
    uint32_t valid_user[MOST], valid_item[MOST], test_user[MOST], test_item[MOST];
    float valid_rating[MOST], test_rating[MOST];
    int64_t time[MOST], valid_time[MOST], test_time[MOST]; // over two years; some are not known
    uint64_t genre_start[N_ITEMS + 1];
    uint32_t genre_col[2 * N_ITEMS];
    float genre_value[2 * N_ITEMS];
    rk_features genres;
};

static struct world world; // too large for the stack

static bool is_of(uint32_t item, uint32_t genre) {
    return item % N_GENRES == genre || (item % 3 == 0 && (item + 1) % N_GENRES == genre);
}

static void plant_genres(struct world *w, uint32_t shift) {
    static const char *const names[] = {"a", "b", "c", "d"};
    uint64_t n = 0;
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        for (uint32_t g = 0; g < N_GENRES; g++)
            if (is_of(i * (shift + 1) % N_ITEMS / (shift ? 3 : 1), g)) w->genre_col[n++] = g;
        w->genre_start[i + 1] = n;
    }
    for (uint64_t e = 0; e < n; e++) w->genre_value[e] = 1;
    w->genres = (rk_features){.name = "genre",
        .kind = RK_FEATURE_BINARY,
        .values = {N_ITEMS, N_GENRES, w->genre_start, w->genre_col, w->genre_value},
        .col_names = names};
}

// What users think of genres is as strong as `taste`; the rest is bias and noise.
static float planted(const float *z, uint32_t u, uint32_t i, double taste) {
    double r = 3 + 0.3 * z[u] + 0.4 * z[N_USERS + i];
    for (uint32_t g = 0; g < N_GENRES; g++)
        if (is_of(i, g)) r += taste * z[N_USERS + N_ITEMS + u * N_GENRES + g];
    return (float)r;
}

static void world_transpose(struct world *w) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        for (uint32_t u = 0; u < N_USERS; u++)
            for (uint64_t e = w->start[0][u]; e < w->start[0][u + 1]; e++) {
                if (w->col[0][e] != i) continue;
                w->col[1][n] = u;
                w->value[1][n++] = w->value[0][e];
            }
        w->start[1][i + 1] = n;
    }
}

// Of the ratings that there are, the share `density`; of those, about a tenth for the slice, and a
// tenth for test.
static void world_init(struct world *w, double density, double taste) {
    static float z[N_USERS + N_ITEMS + N_USERS * N_GENRES], noise[MOST], chance[MOST];
    memset(w, 0, sizeof *w);
    host_init(&w->host, NULL, 42);
    const rk_host *h = &w->host.api;
    h->normal(h, 1000, z, sizeof z / sizeof *z);
    h->normal(h, 1001, noise, MOST);
    h->uniform(h, 1002, chance, MOST);
    uint64_t n = 0;
    for (uint32_t u = 0; u < N_USERS; u++) {
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            const size_t at = (size_t)u * N_ITEMS + i;
            if (u == 7 || i == 3 || chance[at] > density * 2 * (N_USERS - u) / N_USERS) continue;
            const float r = planted(z, u, i, taste) + 0.5f * noise[at];
            if (at % 10 == 1) {
                w->valid_user[w->valid.n] = u;
                w->valid_item[w->valid.n] = i;
                w->valid_rating[w->valid.n++] = r;
            } else if (at % 10 == 4) {
                w->test_user[w->test.n] = u;
                w->test_item[w->test.n] = i;
                w->test_rating[w->test.n++] = r;
            } else {
                w->col[0][n] = i;
                w->value[0][n++] = r;
            }
        }
        w->start[0][u + 1] = n;
    }
    world_transpose(w);
    plant_genres(w, 0);
    for (size_t e = 0; e < MOST; e++) {
        const int64_t t = (int64_t)(e * 7919 % 730) * 86400 - 100 * 86400;
        w->time[e] = e % 50 == 20 ? RK_NO_TIME : t;
        w->valid_time[e] = e % 40 == 20 ? RK_NO_TIME : t;
        w->test_time[e] = t;
    }
    w->valid.time = w->valid_time;
    w->test.time = w->test_time;
    w->valid.size = w->test.size = sizeof w->valid;
    w->valid.users = w->valid_user;
    w->valid.items = w->valid_item;
    w->test.users = w->test_user;
    w->test.items = w->test_item;
    w->data = (rk_data){.size = sizeof w->data,
        .n_users = N_USERS,
        .n_items = N_ITEMS,
        .by_user = {N_USERS, N_ITEMS, w->start[0], w->col[0], w->value[0]},
        .by_item = {N_ITEMS, N_USERS, w->start[1], w->col[1], w->value[1]},
        .time = w->time,
        .rating_min = -10,
        .rating_max = 15,
        .n_item_features = 1,
        .features_stride = sizeof w->genres,
        .item_features = &w->genres,
        .valid = &w->valid,
        .valid_ratings = w->valid_rating};
}

#endif
