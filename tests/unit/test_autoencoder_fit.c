// autoencoder as a whole: what is planted is found, by ratings and by features; cold items; bits.
#include "autoencoder/ae_batches.c"
#include "autoencoder/ae_fitted.c"
#include "autoencoder/ae_kernel.c"
#include "autoencoder/ae_level.c"
#include "autoencoder/ae_net.c"
#include "autoencoder/ae_prior.c"
#include "autoencoder/ae_rows.c"
#include "autoencoder/ae_step.c"
#include "autoencoder/ae_train.c"
#include "autoencoder/autoencoder.c"

#include <check.h>

#include "core/pool.h"
#include "model/host.h"

enum { N_USERS = 150, N_ITEMS = 120, N_COLD = 10, N_GENRES = 4, MOST = N_USERS * N_ITEMS };
enum part { NOWHERE, TRAIN, VALID, TEST };

// Users like or dislike genres; items of a genre are better or worse. The last N_COLD items are not
// rated. Features: each item's genre, or (shuffled) another item's.
struct world {
    rk_data data;
    rk_pairs valid, test;
    rk_features genre;
    uint64_t start[2][N_USERS + 1], genre_start[N_ITEMS + 1];
    uint32_t col[2][MOST], genre_col[N_ITEMS], at[2][2][MOST]; // at: [valid, test][user, item]
    float value[2][MOST], ones[N_ITEMS], rating[2][MOST];
};
static struct world world;
static float noise[MOST], chance[MOST], user_bias[N_USERS], taste[N_USERS * N_GENRES];

static float truth(uint32_t u, uint32_t i) {
    const uint32_t genre = i % N_GENRES;
    return 3 + 0.4f * user_bias[u] + 0.5f * (float)(genre % 2) + 0.2f * (float)sin(i) +
           0.7f * taste[u * N_GENRES + genre] + 0.4f * noise[u * N_ITEMS + i];
}

static enum part part_of(uint32_t u, uint32_t i) {
    const float c = chance[u * N_ITEMS + i];
    if (i >= N_ITEMS - N_COLD) return c < 0.2f ? TEST : NOWHERE;
    return c < 0.2f ? TRAIN : c < 0.23f ? VALID : c < 0.3f ? TEST : NOWHERE;
}

static void list_pairs(struct world *w, int which, enum part part, rk_pairs *pairs) {
    *pairs = (rk_pairs){.size = sizeof *pairs, .users = w->at[which][0], .items = w->at[which][1]};
    for (uint32_t u = 0; u < N_USERS; u++)
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            if (part_of(u, i) != part) continue;
            w->at[which][0][pairs->n] = u;
            w->at[which][1][pairs->n] = i;
            w->rating[which][pairs->n++] = truth(u, i);
        }
}

static void world_init(bool shuffled) {
    struct world *w = &world;
    struct host host;
    host_init(&host, NULL, 4242);
    memset(w, 0, sizeof *w);
    host.api.normal(&host.api, 1, noise, MOST);
    host.api.uniform(&host.api, 2, chance, MOST);
    host.api.normal(&host.api, 3, user_bias, N_USERS);
    host.api.normal(&host.api, 4, taste, N_USERS * N_GENRES);
    for (int side = 0; side < 2; side++) {
        uint64_t n = 0;
        for (uint32_t r = 0; r < (side ? N_ITEMS : N_USERS); r++) {
            for (uint32_t c = 0; c < (side ? N_USERS : N_ITEMS); c++) {
                const uint32_t u = side ? c : r, i = side ? r : c;
                if (part_of(u, i) != TRAIN) continue;
                w->col[side][n] = c;
                w->value[side][n++] = truth(u, i);
            }
            w->start[side][r + 1] = n;
        }
    }
    list_pairs(w, 0, VALID, &w->valid);
    list_pairs(w, 1, TEST, &w->test);
    uint32_t from[N_ITEMS];
    for (uint32_t i = 0; i < N_ITEMS; i++) from[i] = i;
    if (shuffled) host.api.shuffle(&host.api, 5, from, N_ITEMS);
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        w->genre_start[i + 1] = i + 1;
        w->genre_col[i] = from[i] % N_GENRES;
        w->ones[i] = 1;
    }
    w->genre = (rk_features){"genre", RK_FEATURE_BINARY,
        {N_ITEMS, N_GENRES, w->genre_start, w->genre_col, w->ones}, NULL};
    w->data = (rk_data){.size = sizeof w->data,
        .n_users = N_USERS,
        .n_items = N_ITEMS,
        .by_user = {N_USERS, N_ITEMS, w->start[0], w->col[0], w->value[0]},
        .by_item = {N_ITEMS, N_USERS, w->start[1], w->col[1], w->value[1]},
        .rating_min = -3,
        .rating_max = 9,
        .n_item_features = 1,
        .features_stride = sizeof w->genre,
        .item_features = &w->genre,
        .valid = &w->valid,
        .valid_ratings = w->rating[0]};
}

static rk_params defaults(void) {
    static const int hidden[] = {24};
    rk_params p = {0};
    for (size_t k = 0; k < sizeof schema / sizeof *schema; k++) {
        const rk_param *s = &schema[k];
        char *at = (char *)&p + s->offset;
        if (s->type == RK_TYPE_REAL) memcpy(at, &s->def, sizeof s->def);
        const int whole = (int)s->def;
        if (s->type == RK_TYPE_INT || s->type == RK_TYPE_CHOICE) memcpy(at, &whole, sizeof whole);
    }
    p.hidden = (rk_ints){hidden, 1};
    p.learning_rate = 5e-3; // few, small batches
    p.lambda = 60;
    return p;
}

static rk_model *fitted_model(struct host *host, const rk_params *p) {
    rk_model *m = NULL;
    ck_assert_int_eq(create(&host->api, p, &m), RK_OK);
    ck_assert_msg(fit(m, &world.data) == RK_OK, "%s", host->failure);
    return m;
}

// Answers for the test pairs, by a model with these parameters on so many threads.
static void answers(const rk_params *p, uint32_t n_threads, float *out) {
    struct pool *pool = n_threads > 1 ? pool_new(n_threads, NULL) : NULL;
    struct host host;
    rk_model *m;
    host_init(&host, pool, 7);
    m = fitted_model(&host, p);
    ck_assert_int_eq(predict(m, &world.test, out), RK_OK);
    destroy(m);
    pool_free(pool);
}

// RMSE on the test pairs of cold items or of the others.
static double rmse(const float *out, bool cold) {
    double sum = 0, n = 0;
    for (size_t k = 0; k < world.test.n; k++) {
        if ((world.test.items[k] >= N_ITEMS - N_COLD) != cold) continue;
        const double error = (double)out[k] - world.rating[1][k];
        sum += error * error;
        n++;
    }
    return sqrt(sum / n);
}

static double score(const rk_params *p, bool cold) {
    static float out[MOST];
    answers(p, 1, out);
    return rmse(out, cold);
}

START_TEST(structure_is_found_in_ratings) {
    world_init(false);
    rk_params p = defaults(), flat = p;
    p.features = flat.features = AE_NEVER;
    flat.epochs = 1;
    flat.learning_rate = 1e-6; // biases alone
    for (p.rows = 0; p.rows < 2; p.rows++) {
        const double found = score(&p, false), biases = score(&flat, false);
        ck_assert_msg(
            found < 0.88 * biases, "rows %d: RMSE %g, of biases %g", p.rows, found, biases);
    }
}
END_TEST

START_TEST(features_are_taken_when_they_tell) {
    world_init(false);
    rk_params p = defaults(), without = p, always = p;
    without.features = AE_NEVER;
    always.features = AE_ALWAYS;
    const double with = score(&p, false);
    ck_assert_double_eq(with, score(&always, false));
    ck_assert_msg(
        with < 0.95 * score(&without, false), "RMSE %g, without %g", with, score(&without, false));
}
END_TEST

START_TEST(features_are_left_when_they_do_not) {
    world_init(true);
    rk_params p = defaults(), without = p;
    without.features = AE_NEVER;
    ck_assert_double_eq(score(&p, false), score(&without, false));
}
END_TEST

// What there is to know: the noise, and what genres do not tell of an item.
START_TEST(cold_items_are_answered_from_features) {
    world_init(false);
    rk_params p = defaults(), without = p;
    without.features = AE_NEVER;
    const double with = score(&p, true), bare = score(&without, true);
    ck_assert_msg(with < 0.75 * bare, "RMSE %g, without %g", with, bare);
    ck_assert_double_lt(with, 0.6);
}
END_TEST

// The level of the user, and not what a net makes of a row without inputs.
START_TEST(items_of_which_nothing_is_known_get_the_level) {
    static float out[MOST];
    struct host host;
    world_init(false);
    host_init(&host, NULL, 7);
    rk_params p = defaults();
    p.features = AE_NEVER;
    rk_model *m = fitted_model(&host, &p);
    ck_assert_int_eq(predict(m, &world.test, out), RK_OK);
    for (size_t k = 0; k < world.test.n; k++)
        if (world.test.items[k] >= N_ITEMS - N_COLD)
            ck_assert_float_eq_tol(out[k],
                (float)ae_level_at(&m->fitted.level, world.test.users[k], world.test.items[k]),
                1e-5f);
    destroy(m);
}
END_TEST

START_TEST(members_are_averaged) {
    static float out[MOST], own[MOST], sum[MOST];
    struct host host;
    world_init(false);
    host_init(&host, NULL, 7);
    rk_params p = defaults();
    p.members = 3;
    p.epochs = 20;
    rk_model *m = fitted_model(&host, &p);
    ck_assert_int_eq(predict(m, &world.test, out), RK_OK);
    m->fitted.n_members = 1;
    for (uint32_t k = 0; k < 3; k++) {
        const struct ae_member first = m->fitted.member[0];
        m->fitted.member[0] = m->fitted.member[k];
        ck_assert_int_eq(predict(m, &world.test, own), RK_OK);
        m->fitted.member[0] = first;
        for (size_t j = 0; j < world.test.n; j++) sum[j] += own[j] / 3;
    }
    ck_assert_int_ne(memcmp(out, own, world.test.n * sizeof *out), 0);
    for (size_t j = 0; j < world.test.n; j++) ck_assert_float_eq_tol(out[j], sum[j], 1e-4f);
    destroy(m);
}
END_TEST

START_TEST(same_bits_on_any_number_of_threads) {
    static const int hidden[] = {20, 9, 33};
    static float out[3][MOST];
    static const uint32_t n_threads[] = {1, 2, 8};
    world_init(false);
    rk_params p = defaults();
    p.hidden = (rk_ints){hidden, 3};
    p.activation = DENSE_GELU;
    p.features = AE_ALWAYS;
    p.mask = 0.7;
    p.hidden_weight = 0.8;
    p.dropout = 0.2;
    p.members = 2;
    p.epochs = 8;
    p.min_epochs = 4;
    p.batch = 16;
    for (int k = 0; k < 3; k++) answers(&p, n_threads[k], out[k]);
    for (int k = 1; k < 3; k++)
        ck_assert_int_eq(memcmp(out[0], out[k], world.test.n * sizeof **out), 0);
}
END_TEST

struct watch {
    double train[2]; // RMSE of the training ratings in the first epochs
    uint32_t n;
};

static bool keep_first(void *arg, uint32_t done, uint32_t total, double objective) {
    struct watch *w = arg;
    (void)done, (void)total;
    if (w->n < 2) w->train[w->n++] = objective;
    return true;
}

static struct watch first_epochs(size_t n_valid) {
    struct host host;
    struct watch w = {.n = 0};
    rk_params p = defaults();
    world_init(false);
    world.valid.n = n_valid;
    p.features = AE_NEVER;
    p.epochs = 2;
    host_init(&host, NULL, 7);
    host.on_progress = keep_first;
    host.arg = &w;
    destroy(fitted_model(&host, &p));
    return w;
}

START_TEST(the_slice_is_not_rated_while_choosing) {
    const struct watch all = first_epochs(200), few = first_epochs(20), none = first_epochs(0);
    ck_assert_mem_eq(all.train, few.train, sizeof all.train);
    ck_assert_mem_eq(all.train, none.train, sizeof all.train);
}
END_TEST

// The mean over one epoch is that epoch's weights; over several it is not the last one's.
START_TEST(weights_are_averaged_over_epochs) {
    static float out[2][MOST];
    world_init(false);
    world.valid.n = 0;
    for (int epochs = 1; epochs <= 3; epochs += 2) {
        for (int k = 0; k < 2; k++) {
            rk_params p = defaults();
            p.epochs = epochs;
            p.averaging = k ? 0.9 : 0;
            answers(&p, 1, out[k]);
        }
        ck_assert_int_eq(memcmp(out[0], out[1], world.test.n * sizeof **out) == 0, epochs == 1);
    }
}
END_TEST

// The bias of a genre's items is what their mean is; a cold item has its genre's.
START_TEST(biases_lean_on_features) {
    struct host host;
    struct effects x;
    world_init(false);
    host_init(&host, NULL, 1);
    const struct ratings r = ratings_of(&world.data);
    ck_assert_int_eq(effects_init(&x, &host.api, &r), RK_OK);
    const double before = x.damping[EFFECTS_ITEM];
    ck_assert_int_eq(ae_prior_apply(&x, &r, EFFECTS_ITEM, &world.genre.values), RK_OK);
    ck_assert_double_gt(x.damping[EFFECTS_ITEM], before); // less is left to be told by ratings
    const float *b = x.bias[EFFECTS_ITEM] + N_ITEMS - 4;  // genres 0, 1, 2, 3
    const float odd = b[1] + b[3], even = b[0] + b[2];
    ck_assert_msg(fabsf((odd - even) / 2 - 0.5f) < 0.2f, "%g, planted 0.5", (odd - even) / 2);
    effects_done(&x);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("autoencoder_fit");
    TCase *c = tcase_create("fit");
    tcase_add_test(c, structure_is_found_in_ratings);
    tcase_add_test(c, features_are_taken_when_they_tell);
    tcase_add_test(c, features_are_left_when_they_do_not);
    tcase_add_test(c, cold_items_are_answered_from_features);
    tcase_add_test(c, items_of_which_nothing_is_known_get_the_level);
    tcase_add_test(c, members_are_averaged);
    tcase_add_test(c, same_bits_on_any_number_of_threads);
    tcase_add_test(c, the_slice_is_not_rated_while_choosing);
    tcase_add_test(c, weights_are_averaged_over_epochs);
    tcase_add_test(c, biases_lean_on_features);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
