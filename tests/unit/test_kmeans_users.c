// What kmeans makes of planted groups of users, in each way to fill; and of users without features.
#include "kmeans/kmeans.c"
#include "kmeans/kmeans_attributes.c"
#include "kmeans/kmeans_cells.c"
#include "kmeans/kmeans_fill.c"
#include "kmeans/kmeans_lloyd.c"
#include "kmeans/kmeans_model.c"
#include "kmeans/kmeans_profiles.c"
#include "kmeans/kmeans_seed.c"
#include "kmeans/kmeans_shrink.c"
#include "kmeans/kmeans_silhouette.c"
#include "kmeans/kmeans_state.c"

#include <check.h>

#include "core/pool.h"
#include "model/host.h"

static struct host host;
static int n_recorded[2]; // elbow, silhouette

static void on_record(void *arg, const char *series, double x, double y) {
    (void)arg;
    (void)x;
    (void)y;
    n_recorded[0] += strcmp(series, "elbow") == 0;
    n_recorded[1] += strcmp(series, "silhouette") == 0;
}

static int n_warnings;

static void on_log(void *arg, rk_log_level level, const char *line) {
    (void)arg;
    n_warnings += level == RK_LOG_WARNING && strstr(line, "needs users with features");
}

static void start_host(struct pool *pool) {
    host_init(&host, pool, 42);
    host.on_record = on_record;
    host.on_log = on_log;
}

enum { N_USERS = 240, N_ITEMS = 50, N_COLD = 40, COLD_ITEM = 49, MOST_FEATURES = 80 };

// Users have a gender and an age; what a user likes hangs on the gender. The last N_COLD users
// have no ratings, the last item neither.
struct world {
    rk_data data;
    rk_pairs valid;
    rk_features features[MOST_FEATURES], genre;
    uint64_t start[2][N_USERS + 1], of_feature[N_USERS + 1];
    uint32_t col[2][N_USERS * N_ITEMS], feature[2][N_USERS], lent[2][N_USERS * N_ITEMS];
    float value[2][N_USERS * N_ITEMS], one[N_USERS], lent_value[N_USERS * N_ITEMS];
};
static struct world world;

// What is planted otherwise.
static struct shape {
    float level;         // that one gender rates higher by
    uint32_t noise;      // not 0: nothing is planted, and ratings are drawn by this number
    bool genres;         // users have no features, items have genres, and there is a slice
    uint32_t n_features; // of users: the same two again and again; 0: 2
} shape;

static uint32_t hash_of(uint32_t u, uint32_t i, uint32_t seed) {
    uint32_t hash = (u * N_ITEMS + i + 1) * 2654435761u + seed * 40503u;
    hash ^= hash >> 15;
    hash *= 2246822519u;
    return hash ^ hash >> 13;
}

static float planted(uint32_t u, uint32_t i) {
    if (shape.noise) return 3;
    return 3 + ((u + i) % 2 ? 1.f : -1.f) + shape.level * (float)(u % 2);
}

static float rating(uint32_t u, uint32_t i) {
    const uint32_t error = shape.noise ? hash_of(u, i, shape.noise) % 5 : (u * 7 + i * 3) % 5;
    return planted(u, i) + .25f * (float)error - .5f;
}

static bool rates(uint32_t u, uint32_t i) {
    const uint32_t hash = (u * N_ITEMS + i + 1) * 2654435761u;
    return u < N_USERS - N_COLD && i < COLD_ITEM && (hash >> 16) % 3 == 0;
}

static void lend(struct world *w) {
    for (uint32_t u = 0; u < N_USERS - N_COLD; u++)
        for (uint32_t i = 0; i < COLD_ITEM; i++) {
            if (rates(u, i) || hash_of(u, i, 0) % 10) continue;
            w->lent[0][w->valid.n] = u;
            w->lent[1][w->valid.n] = i;
            w->lent_value[w->valid.n++] = rating(u, i);
        }
    w->valid.users = w->lent[0];
    w->valid.items = w->lent[1];
    w->data.valid_ratings = w->lent_value;
}

static void world_init(struct world *w) {
    static const char *const names[] = {"a", "b", "c"};
    uint64_t n = 0, m = 0;
    memset(w, 0, sizeof *w);
    for (uint32_t u = 0; u < N_USERS; u++) {
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            if (!rates(u, i)) continue;
            w->col[0][n] = i;
            w->value[0][n++] = rating(u, i);
        }
        w->start[0][u + 1] = n;
        w->of_feature[u + 1] = u + 1;
        w->feature[0][u] = u % 2;
        w->feature[1][u] = u / 2 % 3;
        w->one[u] = 1;
    }
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        for (uint32_t u = 0; u < N_USERS; u++) {
            if (!rates(u, i)) continue;
            w->col[1][m] = u;
            w->value[1][m++] = rating(u, i);
        }
        w->start[1][i + 1] = m;
    }
    for (int k = 0; k < MOST_FEATURES; k++)
        w->features[k] = (rk_features){.name = k % 2 ? "age" : "gender",
            .kind = RK_FEATURE_ONE_HOT,
            .values = {N_USERS, k % 2 ? 3 : 2, w->of_feature, w->feature[k % 2], w->one},
            .col_names = names};
    w->genre = w->features[0]; // numbers of items go as those of users do
    w->genre.name = "genre";
    w->genre.values.n_rows = N_ITEMS;
    w->valid.size = sizeof w->valid;
    w->data = (rk_data){.size = sizeof w->data,
        .n_users = N_USERS,
        .n_items = N_ITEMS,
        .by_user = {N_USERS, N_ITEMS, w->start[0], w->col[0], w->value[0]},
        .by_item = {N_ITEMS, N_USERS, w->start[1], w->col[1], w->value[1]},
        .rating_min = 1,
        .rating_max = 5,
        .n_user_features = shape.genres       ? 0
                           : shape.n_features ? shape.n_features
                                              : 2,
        .n_item_features = shape.genres,
        .item_features = &w->genre,
        .features_stride = sizeof *w->features,
        .user_features = w->features,
        .valid = &w->valid};
    if (shape.genres) lend(w);
}

static struct rk_params usual(int way) {
    return (struct rk_params){.clusters = 2,
        .restarts = 5,
        .iterations = 100,
        .fill = way,
        .rank = 3,
        .als_iterations = 10,
        .lambda = 1};
}

static float out[N_USERS * N_ITEMS];

// The model, fitted; out[u * N_ITEMS + i]: its answers.
static rk_model *fit_and_ask(const struct rk_params *p) {
    static uint32_t users[N_USERS * N_ITEMS], items[N_USERS * N_ITEMS];
    const rk_pairs pairs = {
        .size = sizeof pairs, .n = (size_t)N_USERS * N_ITEMS, .users = users, .items = items};
    for (uint32_t k = 0; k < N_USERS * N_ITEMS; k++) {
        users[k] = k / N_ITEMS;
        items[k] = k % N_ITEMS;
    }
    rk_model *m;
    world_init(&world);
    ck_assert_int_eq(create(&host.api, p, &m), RK_OK);
    ck_assert_int_eq(fit(m, &world.data), RK_OK);
    ck_assert_int_eq(kmeans_predict(m, &pairs, out), RK_OK);
    return m;
}

static void answer_all(const struct rk_params *p) {
    destroy(fit_and_ask(p));
}

// What user u was answered, over all items but the cold one.
static double mean_answer(uint32_t u) {
    double sum = 0;
    for (uint32_t i = 0; i < COLD_ITEM; i++) sum += out[u * N_ITEMS + i];
    return sum / COLD_ITEM;
}

// Cold users get what their group likes, whatever the fill; their ratings spread by 1 about 3.
START_TEST(cold_users_are_answered_by_their_group) {
    struct rk_params p = usual(_i);
    p.clusters = 6; // each of the profiles
    answer_all(&p);
    double squares = 0;
    for (uint32_t u = 0; u < N_USERS; u++)
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            ck_assert_float_finite(out[u * N_ITEMS + i]);
            if (u >= N_USERS - N_COLD && i != COLD_ITEM)
                squares += pow((double)out[u * N_ITEMS + i] - planted(u, i), 2);
        }
    ck_assert_double_lt(sqrt(squares / (N_COLD * COLD_ITEM)), .35);
}
END_TEST

START_TEST(one_cluster_is_the_items_mean) {
    struct rk_params p = usual(FILL_RESIDUALS);
    p.clusters = 1;
    answer_all(&p);
    for (uint32_t i = 0; i < N_ITEMS; i++)
        for (uint32_t u = N_USERS - N_COLD; u < N_USERS; u++)
            ck_assert_float_eq(out[u * N_ITEMS + i], out[(N_USERS - 1) * N_ITEMS + i]);
}
END_TEST

START_TEST(number_of_clusters_by_silhouette) {
    struct rk_params p = usual(FILL_RESIDUALS);
    p.clusters = 0;
    memset(n_recorded, 0, sizeof n_recorded);
    answer_all(&p);
    ck_assert_int_eq(n_recorded[0], 6); // as many as there are profiles
    ck_assert_int_eq(n_recorded[1], 5);
}
END_TEST

START_TEST(the_same_bits_with_any_threads) {
    static float alone[N_USERS * N_ITEMS];
    static const uint32_t n_threads[] = {2, 8};
    struct rk_params p = usual(_i);
    p.curves = true;
    answer_all(&p);
    memcpy(alone, out, sizeof alone);
    for (int k = 0; k < 2; k++) {
        struct error e;
        struct pool *pool = pool_new(n_threads[k], &e);
        ck_assert_ptr_nonnull(pool);
        start_host(pool);
        answer_all(&p);
        pool_free(pool);
        ck_assert_int_eq(memcmp(alone, out, sizeof out), 0);
    }
}
END_TEST

START_TEST(each_cold_user_gets_the_median_number) {
    static uint32_t cluster[N_USERS];
    world_init(&world);
    const struct ratings r = ratings_of(&world.data);
    for (uint32_t u = 0; u < N_USERS; u++) cluster[u] = u % 2;
    cluster[N_USERS - 1] = KMEANS_NONE;
    bool given[N_ITEMS] = {false};
    double least = INFINITY; // ratings in cluster 0 of an item given
    uint32_t count[N_USERS] = {0}, median, below = 0, above = 0;
    struct made_ratings made;
    ck_assert_int_eq(kmeans_synthetic_ratings(&made, &r, cluster, 2, &median), RK_OK);
    ck_assert_uint_eq(made.n, (N_COLD - 1) * median);
    for (uint32_t u = 0; u < N_USERS - N_COLD; u++) {
        const uint64_t n = r.by_user.start[u + 1] - r.by_user.start[u];
        below += n < median;
        above += n > median;
    }
    ck_assert_uint_le(below, (N_USERS - N_COLD) / 2);
    ck_assert_uint_le(above, (N_USERS - N_COLD) / 2);
    for (size_t k = 0; k < made.n; k++) {
        const uint32_t u = made.users[k], i = made.items[k];
        double sum = 0, n = 0;
        for (uint64_t e = r.by_item.start[i]; e < r.by_item.start[i + 1]; e++) {
            if (cluster[r.by_item.col[e]] != cluster[u]) continue;
            sum += r.by_item.value[e];
            n++;
        }
        ck_assert_uint_ge(u, N_USERS - N_COLD);
        ck_assert_double_eq_tol(made.value[k], sum / n, 1e-5);
        if (cluster[u] == 0 && n < least) least = n;
        given[i] = given[i] || cluster[u] == 0;
        count[u]++;
    }
    for (uint32_t i = 0; i < N_ITEMS; i++) { // no item left out is commoner, for cluster 0
        double n = 0;
        for (uint64_t e = r.by_item.start[i]; e < r.by_item.start[i + 1]; e++)
            n += cluster[r.by_item.col[e]] == 0;
        if (!given[i]) ck_assert_double_le(n, least);
    }
    for (uint32_t u = N_USERS - N_COLD; u + 1 < N_USERS; u++) ck_assert_uint_eq(count[u], median);
    made_ratings_done(&made);
}
END_TEST

// A group that rates everything higher: that is in b_u of those who rate, and its cold users' too.
START_TEST(the_level_of_a_group_is_part_of_its_answer) {
    const struct rk_params p = usual(_i ? FILL_ATTRIBUTES : FILL_RESIDUALS);
    shape.level = 2;
    answer_all(&p);
    ck_assert_double_eq_tol(mean_answer(N_USERS - 1) - mean_answer(N_USERS - 2), 2, .3);
}
END_TEST

START_TEST(shrinkage_that_is_given_holds_for_attributes_too) {
    struct rk_params p = usual(FILL_ATTRIBUTES);
    p.shrinkage = 1e6;
    answer_all(&p);
    for (uint32_t i = 0; i < N_ITEMS; i++)
        ck_assert_float_eq_tol(
            out[(N_USERS - 2) * N_ITEMS + i], out[(N_USERS - 1) * N_ITEMS + i], 1e-3f);
}
END_TEST

START_TEST(more_attributes_than_there_is_room_for) {
    const struct rk_params p = usual(FILL_ATTRIBUTES);
    shape.n_features = MOST_FEATURES;
    rk_model *m = fit_and_ask(&p);
    ck_assert_uint_eq(m->of_cold.n_groupings, CELLS_MOST_GROUPINGS);
    ck_assert_str_eq(m->of_cold.grouping[CELLS_MOST_GROUPINGS - 1].name, "cluster");
    for (size_t k = 0; k < (size_t)N_USERS * N_ITEMS; k++) ck_assert_float_finite(out[k]);
    destroy(m);
}
END_TEST

START_TEST(users_without_ratings_do_not_move_clusters) {
    struct side users;
    struct kmeans_profiles p;
    double weight = 0;
    world_init(&world);
    const struct ratings r = ratings_of(&world.data);
    ck_assert_int_eq(side_init(&users, &world.data, SIDE_USERS, NULL), RK_OK);
    ck_assert_int_eq(kmeans_profiles_of_features(&p, &r, &users), RK_OK);
    ck_assert_uint_eq(p.points.n, 6);
    for (size_t k = 0; k < p.points.n; k++) weight += p.points.weight[k];
    ck_assert_double_eq(weight, N_USERS - N_COLD);
    kmeans_profiles_done(&p);
    side_done(&users);
}
END_TEST

// ---- By genres ---------------------------------------------------------------------------------

// Warm users get what others of their taste like; cold ones, of whom nothing is known, the mean.
START_TEST(genres_stand_in_for_features) {
    const struct rk_params p = usual(FILL_RESIDUALS);
    shape.genres = true;
    answer_all(&p);
    double squares = 0, n = 0;
    for (uint32_t u = 0; u < N_USERS - N_COLD; u++)
        for (uint32_t i = 0; i < COLD_ITEM; i++) {
            if (rates(u, i)) continue;
            squares += pow((double)out[u * N_ITEMS + i] - planted(u, i), 2);
            n++;
        }
    ck_assert_double_lt(sqrt(squares / n), .35);
    for (uint32_t i = 0; i < N_ITEMS; i++)
        for (uint32_t u = N_USERS - N_COLD; u < N_USERS; u++)
            ck_assert_float_eq(out[u * N_ITEMS + i], out[(N_USERS - 1) * N_ITEMS + i]);
}
END_TEST

START_TEST(ways_that_need_features_are_told_without) {
    for (int way = FILL_RESIDUALS; way <= FILL_SYNTHETIC; way++) {
        const struct rk_params p = usual(way);
        for (int genres = 0; genres < 2; genres++) {
            shape.genres = genres;
            n_warnings = 0;
            answer_all(&p);
            ck_assert_int_eq(n_warnings, genres && way != FILL_RESIDUALS);
        }
    }
}
END_TEST

// Where users differ by chance alone, clusters are left out, but for a rare slice that speaks for
// them: made of the very ratings that fill them, they always seem to help.
START_TEST(clusters_by_chance_are_left_out) {
    const struct rk_params p = usual(FILL_RESIDUALS);
    int kept = 0;
    shape.genres = true;
    for (shape.noise = 1; shape.noise <= 10; shape.noise++) {
        rk_model *m = fit_and_ask(&p);
        ck_assert_uint_eq(m->n_clusters, 2);
        kept += m->of_warm.effect != NULL;
        destroy(m);
    }
    ck_assert_int_le(kept, 1);
}
END_TEST

static void setup(void) {
    start_host(NULL);
    shape = (struct shape){0};
}

int main(void) {
    Suite *suite = suite_create("kmeans_users");
    TCase *users = tcase_create("users");
    tcase_add_checked_fixture(users, setup, NULL);
    tcase_add_loop_test(users, cold_users_are_answered_by_their_group, 0, 4);
    tcase_add_test(users, one_cluster_is_the_items_mean);
    tcase_add_test(users, number_of_clusters_by_silhouette);
    tcase_add_loop_test(users, the_same_bits_with_any_threads, 0, 4);
    tcase_add_test(users, each_cold_user_gets_the_median_number);
    tcase_add_loop_test(users, the_level_of_a_group_is_part_of_its_answer, 0, 2);
    tcase_add_test(users, shrinkage_that_is_given_holds_for_attributes_too);
    tcase_add_test(users, more_attributes_than_there_is_room_for);
    tcase_add_test(users, users_without_ratings_do_not_move_clusters);
    tcase_add_test(users, genres_stand_in_for_features);
    tcase_add_test(users, ways_that_need_features_are_told_without);
    tcase_add_test(users, clusters_by_chance_are_left_out);
    suite_add_tcase(suite, users);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
