// The net of hybrid: its gradient against finite differences, what it learns, and its bits.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hybrid/hybrid_batch.c"
#include "hybrid/hybrid_inputs.c"
#include "hybrid/hybrid_net.c"
#include "hybrid/hybrid_slots.c"
#include "hybrid/hybrid_train.c"
#include "model/host.h"

#include <check.h> // after what has a member `fail`

enum { USERS = 60, ITEMS = 50, GENRES = 4, MOST = USERS * ITEMS };

// ---- Planted ratings ---------------------------------------------------------------------------

struct world {
    rk_data data;
    rk_pairs valid, test; // test: of the cold items 0 .. COLD - 1
    rk_features user_features, item_features;
    const char *genre_names[GENRES], *gender_names[2];
    uint64_t start[USERS + 1], item_start[ITEMS + 1], genre_start[ITEMS + 1],
        gender_start[USERS + 1];
    uint32_t col[MOST], item_col[MOST], genre[ITEMS], gender[USERS];
    float value[MOST], item_value[MOST], ones[USERS + ITEMS];
    uint32_t valid_users[MOST], valid_items[MOST], test_users[MOST], test_items[MOST];
    float valid_ratings[MOST], truth[MOST];
};

enum { COLD = 8, COLD_USER = USERS - 1 };

static uint32_t next(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

// Each user likes one genre of items; `shuffled`: the genres told are not the items' own. Every 4th
// rating is for validation; those of cold items are for the test.
static void world_init(struct world *w, bool shuffled) {
    uint64_t state = 11, n = 0;
    memset(w, 0, sizeof *w);
    for (uint32_t k = 0; k < USERS + ITEMS; k++) w->ones[k] = 1;
    for (uint32_t i = 0; i < ITEMS; i++) {
        w->genre[i] = shuffled ? next(&state) % GENRES : i % GENRES;
        w->genre_start[i + 1] = i + 1;
    }
    for (uint32_t u = 0; u < USERS; u++) {
        w->gender[u] = u % 2;
        w->gender_start[u + 1] = u + 1;
        const uint32_t liked = next(&state) % GENRES;
        for (uint32_t i = 0; i < ITEMS && u != COLD_USER; i++) {
            const float r = (i % GENRES == liked ? 4.5f : 2.0f) + 0.5f * (float)(next(&state) % 2);
            const bool is_valid = next(&state) % 4 == 0;
            if (i < COLD) {
                w->test_users[w->test.n] = u;
                w->test_items[w->test.n] = i;
                w->truth[w->test.n++] = r;
            } else if (next(&state) % 2) {
                continue;
            } else if (is_valid) {
                w->valid_users[w->valid.n] = u;
                w->valid_items[w->valid.n] = i;
                w->valid_ratings[w->valid.n++] = r;
            } else {
                w->col[n] = i;
                w->value[n++] = r;
                w->item_start[i + 1]++;
            }
        }
        w->start[u + 1] = n;
    }
    for (uint32_t i = 0; i < ITEMS; i++) w->item_start[i + 1] += w->item_start[i];
    uint64_t at[ITEMS];
    memcpy(at, w->item_start, sizeof at);
    for (uint32_t u = 0; u < USERS; u++)
        for (uint64_t e = w->start[u]; e < w->start[u + 1]; e++) {
            w->item_col[at[w->col[e]]] = u;
            w->item_value[at[w->col[e]]++] = w->value[e];
        }
    for (int g = 0; g < GENRES; g++) w->genre_names[g] = "genre";
    for (int g = 0; g < 2; g++) w->gender_names[g] = "gender";
    w->item_features = (rk_features){"genre", RK_FEATURE_BINARY,
        {ITEMS, GENRES, w->genre_start, w->genre, w->ones}, w->genre_names};
    w->user_features = (rk_features){"gender", RK_FEATURE_ONE_HOT,
        {USERS, 2, w->gender_start, w->gender, w->ones}, w->gender_names};
    w->valid = (rk_pairs){
        .size = sizeof w->valid, .n = w->valid.n, .users = w->valid_users, .items = w->valid_items};
    w->test = (rk_pairs){
        .size = sizeof w->test, .n = w->test.n, .users = w->test_users, .items = w->test_items};
    w->data = (rk_data){.size = sizeof w->data,
        .n_users = USERS,
        .n_items = ITEMS,
        .by_user = {USERS, ITEMS, w->start, w->col, w->value},
        .by_item = {ITEMS, USERS, w->item_start, w->item_col, w->item_value},
        .rating_min = 1,
        .rating_max = 5,
        .n_user_features = 1,
        .n_item_features = 1,
        .features_stride = sizeof(rk_features),
        .user_features = &w->user_features,
        .item_features = &w->item_features,
        .valid = &w->valid,
        .valid_ratings = w->valid_ratings};
}

static struct world world; // too large for the stack

static const int two_layers[] = {9, 6};

static rk_params small_params(void) {
    return (rk_params){.factors = 7,
        .layers = {two_layers, 2},
        .genres = true,
        .tags = true,
        .years = true,
        .demographics = true,
        .features = HYBRID_ALWAYS,
        .implicit = true,
        .members = 1,
        .epochs = 30,
        .min_epochs = 10,
        .patience = 5,
        .batch = 64,
        .learning_rate = 0.01,
        .decay = 0.95,
        .weight_decay = 0.01,
        .layer_decay = 0.01,
        .dropout = 0.2,
        .layer_dropout = 0.2,
        .id_dropout = 5,
        .init_sd = 0.05};
}

static rk_model model_of(const struct host *host, const rk_params *p) {
    rk_model m = {.host = &host->api, .params = p, .standard = standard_of(&world.data)};
    ck_assert_int_eq(hybrid_features_init(m.side, &world.data, p), RK_OK);
    for (int side = 0; side < HYBRID_SIDES; side++) {
        const uint32_t n = side == HYBRID_USER ? USERS : ITEMS;
        m.none[side] = (rk_csr){.n_rows = n, .start = calloc(n + 1, sizeof(uint64_t))};
    }
    return m;
}

static void model_done(rk_model *m) {
    for (uint32_t k = 0; k < m->n_members; k++) hybrid_member_done(&m->member[k]);
    free(m->member);
    hybrid_features_done(m->side);
    for (int side = 0; side < HYBRID_SIDES; side++) free((void *)(uintptr_t)m->none[side].start);
}

// ---- Gradients ---------------------------------------------------------------------------------

enum { ROWS = 60 };

struct gradient_case {
    int activation, output;
    bool features, implicit, dropout;
    size_t n_layers;
};
static const struct gradient_case cases[] = {{0, 0, 1, 1, 0, 2}, {1, 0, 1, 1, 0, 2},
    {1, 1, 1, 1, 0, 2}, {1, 0, 1, 1, 1, 2}, {1, 1, 1, 1, 1, 2}, {0, 0, 1, 1, 1, 1},
    {1, 0, 0, 1, 0, 2}, {1, 0, 1, 0, 1, 1}, {0, 1, 1, 1, 1, 0}, {0, 0, 0, 0, 0, 0}};

static double loss_of(struct trainer *t) {
    const struct hybrid_ratings r = {t->samples->user, t->samples->item, t->samples->value};
    double loss = 0;
    for (uint32_t k = 0; k < ROWS; k++) t->samples->order[k] = 7 * k % (uint32_t)t->samples->n;
    ck_assert_int_eq(hybrid_batch_run(&t->batch, &r, t->samples->order, ROWS, 0, 3, &loss), RK_OK);
    return loss;
}

static double difference(struct trainer *t, float *w, float h) {
    const float kept = *w;
    *w = kept + h;
    const double above = loss_of(t);
    *w = kept - h;
    const double below = loss_of(t);
    *w = kept;
    return (above - below) / (2 * (double)h);
}

// w: parameters, gradient: theirs at rest; a step may cross a corner of ReLU, a shorter one not.
static void compare(struct trainer *t, float *w, const float *gradient, size_t n, double *largest,
    const char *what) {
    for (size_t k = 0; k < n; k++) {
        const double g = gradient[k], tolerance = 5e-3 * (1 + fabs(g));
        double d = difference(t, w + k, 4e-3f);
        if (!(fabs(d - g) < tolerance)) d = difference(t, w + k, 2e-4f);
        ck_assert_msg(fabs(d - g) < tolerance, "%s %zu: %g, not %g", what, k, g, d);
        *largest = fmax(*largest, fabs(g));
    }
    loss_of(t); // the gradient at rest
}

START_TEST(finite_differences) {
    const struct gradient_case *c = &cases[_i];
    struct host host;
    host_init(&host, NULL, 5);
    rk_params p = small_params();
    p.activation = c->activation;
    p.output = c->output;
    p.implicit = c->implicit;
    p.layers.n = c->n_layers;
    p.dropout = p.layer_dropout = c->dropout ? 0.3 : 0;
    p.init_sd = 0.3;
    world_init(&world, false);
    rk_model m = model_of(&host, &p);
    struct samples s;
    struct trainer t;
    struct hybrid_member member;
    ck_assert_int_eq(samples_init(&s, &m, &world.data, false), RK_OK);
    ck_assert_int_eq(trainer_init(&t, &m, &world.data, &s, c->features, 0, &member), RK_OK);
    struct hybrid_net *net = &member.net;
    const size_t stride = net->shape.stride, width = net->shape.width;
    uint64_t state = 3;
    for (size_t k = 0; k < net->n_dense; k++)
        net->dense[k] += 0.3f * ((float)(next(&state) % 1000) / 500 - 1);
    for (int side = 0; side < HYBRID_SIDES && c->features; side++)
        for (size_t k = 0; k < net->in.features[side]->n_cols * width; k++)
            if (k % width <= 7 || k % width >= stride)
                net->feature[side][k] = 0.3f * ((float)(next(&state) % 1000) / 500 - 1);
    loss_of(&t);
    const struct hybrid_gradient *g = &t.batch.gradient;
    float *dense = malloc((net->n_dense + 1) * sizeof *dense),
          *row = malloc(ITEMS * stride * sizeof *row), *rows = malloc(USERS * width * sizeof *rows);
    double of_dense = 0, of_own = 0, of_feature = 0, of_implicit = 0;
    memcpy(dense, g->dense, net->n_dense * sizeof *dense);
    compare(&t, net->dense, dense, net->n_dense, &of_dense, "layers");
    for (int side = 0; side < HYBRID_SIDES; side++) {
        for (uint32_t k = 0; k < t.batch.slots[side].n_kept; k += 5) {
            const uint32_t id = t.batch.slots[side].kept_id[k];
            memcpy(row, g->own[side] + k * stride, stride * sizeof *row);
            compare(&t, net->own[side] + id * stride, row, net->shape.factors + 1, &of_own, "own");
        }
        for (uint32_t k = 0; k < net->in.features[side]->n_cols; k++) {
            memcpy(rows, g->feature[side] + k * width, width * sizeof *rows);
            compare(&t, net->feature[side] + k * width, rows, net->shape.factors + 1, &of_feature,
                "features");
            compare(&t, net->feature[side] + k * width + stride, rows + stride, net->shape.first,
                &of_feature, "features' weights");
        }
    }
    if (c->implicit) memcpy(row, g->implicit, ITEMS * stride * sizeof *row);
    for (uint32_t i = COLD - 2; i < ITEMS && c->implicit; i += 9)
        compare(&t, net->implicit + i * stride, row + i * stride, net->shape.factors + 1,
            &of_implicit, "implicit");
    ck_assert_int_eq(of_dense > 0.1, c->n_layers > 0);
    ck_assert(of_own > 0.1);
    ck_assert_int_eq(of_feature > 0.1, c->features);
    ck_assert_int_eq(of_implicit > 0.1, c->implicit);
    free(dense);
    free(row);
    free(rows);
    trainer_done(&t);
    hybrid_member_done(&member);
    samples_done(&s);
    model_done(&m);
}
END_TEST

// ---- What is learned ---------------------------------------------------------------------------

// RMSE on the cold items' ratings.
static double cold_rmse(int features, bool shuffled) {
    struct host host;
    host_init(&host, NULL, 5);
    rk_params p = small_params();
    p.features = features;
    world_init(&world, shuffled);
    rk_model m = model_of(&host, &p);
    struct hybrid_training t = {.features = features != HYBRID_NEVER, .n_epochs = p.epochs};
    ck_assert_int_eq(hybrid_choose(&m, &world.data, &t), RK_OK);
    ck_assert_int_eq(hybrid_train_all(&m, &world.data, &t), RK_OK);
    double sum = 0;
    for (size_t k = 0; k < world.test.n; k++) {
        const rk_pairs one = {.n = 1, .users = world.test_users + k, .items = world.test_items + k};
        float x;
        ck_assert_int_eq(hybrid_member_predict(&m.member[0], &one, &x), RK_OK);
        sum += ((double)x - world.truth[k]) * ((double)x - world.truth[k]);
    }
    model_done(&m);
    return sqrt(sum / (double)world.test.n);
}

START_TEST(genres_tell_of_cold_items) {
    const double with = cold_rmse(HYBRID_ALWAYS, false), without = cold_rmse(HYBRID_NEVER, false);
    ck_assert_double_lt(with, 0.6);
    ck_assert_double_gt(without, 1.0);
    ck_assert_double_eq(cold_rmse(HYBRID_AUTO, false), with);
}
END_TEST

START_TEST(shuffled_genres_do_no_harm) {
    ck_assert_double_lt(cold_rmse(HYBRID_AUTO, true), cold_rmse(HYBRID_NEVER, true) + 0.02);
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

static struct watch first_epochs(size_t n_valid, bool choosing) {
    struct host host;
    struct watch w = {.n = 0};
    host_init(&host, NULL, 5);
    host.on_progress = keep_first;
    host.arg = &w;
    rk_params p = small_params();
    p.epochs = 2;
    world_init(&world, false);
    world.valid.n = n_valid;
    rk_model m = model_of(&host, &p);
    struct hybrid_training t = {.features = true, .n_epochs = p.epochs};
    const rk_status status =
        choosing ? hybrid_choose(&m, &world.data, &t) : hybrid_train_all(&m, &world.data, &t);
    ck_assert_int_eq(status, RK_OK);
    model_done(&m);
    return w;
}

START_TEST(the_slice_is_learned_from_once_all_is_chosen) {
    const struct watch many = first_epochs(100, true), few = first_epochs(10, true);
    ck_assert_mem_eq(many.train, few.train, sizeof many.train);
    const struct watch all = first_epochs(100, false), none = first_epochs(0, false);
    ck_assert_mem_ne(all.train, none.train, sizeof all.train);
}
END_TEST

// Rare among the tagged items, that is; other groups keep what is rare.
START_TEST(rare_tags_are_left_out) {
    uint64_t start[] = {0, 2, 4, 6, 7, 7};
    uint32_t col[] = {0, 1, 1, 3, 1, 2, 1}; // 0: a genre; 1..3: tags
    float value[] = {1, 2, 3, 4, 5, 6, 7};
    struct side side = {.rows = {5, 4, start, col, value}};
    const struct side_group tags = {.name = "tag", .first = 1, .n = 3};
    ck_assert_int_eq(leave_rare_out(&side, &tags, 0.25), RK_OK); // 1 of 4 is enough
    ck_assert_uint_eq(side.rows.n_cols, 4);
    ck_assert_int_eq(leave_rare_out(&side, &tags, 0.3), RK_OK);
    ck_assert_uint_eq(side.rows.n_cols, 2);
    const uint64_t left[] = {0, 2, 3, 4, 5, 5};
    const uint32_t left_col[] = {0, 1, 1, 1, 1};
    const float left_value[] = {1, 2, 3, 5, 7};
    ck_assert_mem_eq(start, left, sizeof left);
    ck_assert_mem_eq(col, left_col, sizeof left_col);
    ck_assert_mem_eq(value, left_value, sizeof left_value);
}
END_TEST

// Without gradients, layers and embeddings shrink by their own decay alone; members start apart.
START_TEST(each_kind_decays_by_its_own) {
    struct host host;
    struct samples s;
    struct trainer t, other;
    struct hybrid_member member, second;
    host_init(&host, NULL, 5);
    rk_params p = small_params();
    p.weight_decay = 0.5;
    p.layer_decay = 2;
    world_init(&world, false);
    rk_model m = model_of(&host, &p);
    ck_assert_int_eq(samples_init(&s, &m, &world.data, false), RK_OK);
    ck_assert_int_eq(trainer_init(&t, &m, &world.data, &s, true, 0, &member), RK_OK);
    ck_assert_int_eq(trainer_init(&other, &m, &world.data, &s, true, 1, &second), RK_OK);
    ck_assert_float_ne(member.net.own[HYBRID_USER][0], second.net.own[HYBRID_USER][0]);
    ck_assert_float_ne(member.net.dense[0], second.net.dense[0]);
    member.net.dense[0] = member.net.implicit[0] = member.net.feature[HYBRID_ITEM][0] = 1;
    ck_assert_int_eq(take_steps(&t, 0.1), RK_OK);
    ck_assert_float_eq_tol(member.net.dense[0], 0.8, 1e-6);
    ck_assert_float_eq_tol(member.net.implicit[0], 0.95, 1e-6);
    ck_assert_float_eq_tol(member.net.feature[HYBRID_ITEM][0], 0.95, 1e-6);
    trainer_done(&t);
    trainer_done(&other);
    hybrid_member_done(&member);
    hybrid_member_done(&second);
    samples_done(&s);
    model_done(&m);
}
END_TEST

// The last step's harm shows in no epoch's loss.
START_TEST(a_net_that_left_all_bounds_is_refused) {
    struct host host;
    host_init(&host, NULL, 5);
    rk_params p = small_params();
    p.batch = MOST;
    p.learning_rate = 1e30;
    p.weight_decay = p.layer_decay = 0;
    world_init(&world, false);
    rk_model m = model_of(&host, &p);
    const struct hybrid_training t = {.features = true, .n_epochs = 1};
    ck_assert_int_eq(hybrid_train_all(&m, &world.data, &t), RK_E_NUMERIC);
    model_done(&m);
}
END_TEST

// ---- Bits --------------------------------------------------------------------------------------

// Answers to all pairs at once, which are those to each alone.
static void answer_alike(const struct hybrid_member *member, const rk_pairs *pairs, float *out) {
    ck_assert_uint_gt(pairs->n, 100);
    ck_assert_int_eq(hybrid_member_predict(member, pairs, out), RK_OK);
    for (size_t k = 0; k < pairs->n; k++) {
        const rk_pairs one = {.n = 1, .users = pairs->users + k, .items = pairs->items + k};
        float x;
        ck_assert_int_eq(hybrid_member_predict(member, &one, &x), RK_OK);
        ck_assert_float_eq(x, out[k]);
    }
}

static void answers(uint32_t n_threads, float *out) {
    struct error e = {0};
    struct pool *pool = pool_new(n_threads, &e);
    struct host host;
    host_init(&host, pool, 5);
    host.api.n_threads = n_threads;
    rk_params p = small_params();
    p.epochs = p.min_epochs = 4;
    p.batch = 500;
    p.members = 2;
    world_init(&world, false);
    rk_model m = model_of(&host, &p);
    struct hybrid_training t = {.features = true, .n_epochs = p.epochs};
    ck_assert_int_eq(hybrid_train_all(&m, &world.data, &t), RK_OK);
    for (uint32_t k = 0; k < 2; k++)
        answer_alike(&m.member[k], &world.test, out + k * world.test.n);
    model_done(&m);
    pool_free(pool);
}

START_TEST(same_bits_at_any_threads) {
    static float one[2 * MOST], many[2 * MOST];
    answers(1, one);
    answers((uint32_t)_i, many);
    ck_assert_int_eq(memcmp(one, many, 2 * world.test.n * sizeof *one), 0);
    ck_assert(memcmp(one, one + world.test.n, world.test.n * sizeof *one) != 0); // the members
}
END_TEST

// Ratings of the validation slice are in no user's implicit term until all ratings are learned
// from.
START_TEST(implicit_term_holds_training_rows_only) {
    struct host host;
    host_init(&host, NULL, 5);
    const rk_params p = small_params();
    world_init(&world, false);
    rk_model m = model_of(&host, &p);
    for (int with_valid = 0; with_valid < 2; with_valid++) {
        struct samples s;
        struct trainer t;
        struct hybrid_member member;
        ck_assert_int_eq(samples_init(&s, &m, &world.data, with_valid), RK_OK);
        ck_assert_int_eq(trainer_init(&t, &m, &world.data, &s, true, 0, &member), RK_OK);
        const rk_csr *rated = member.net.in.implicit;
        size_t n_valid = 0;
        for (size_t k = 0; k < world.valid.n; k++) {
            const uint32_t u = world.valid_users[k];
            for (uint64_t e = rated->start[u]; e < rated->start[u + 1]; e++)
                n_valid += rated->col[e] == world.valid_items[k];
        }
        ck_assert_uint_eq(n_valid, with_valid ? world.valid.n : 0);
        ck_assert_uint_eq(
            rated->start[USERS], world.start[USERS] + (with_valid ? world.valid.n : 0));
        trainer_done(&t);
        hybrid_member_done(&member);
        samples_done(&s);
    }
    model_done(&m);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("hybrid");
    TCase *c = tcase_create("hybrid");
    tcase_add_loop_test(c, finite_differences, 0, sizeof cases / sizeof *cases);
    tcase_add_test(c, genres_tell_of_cold_items);
    tcase_add_test(c, shuffled_genres_do_no_harm);
    tcase_add_test(c, the_slice_is_learned_from_once_all_is_chosen);
    tcase_add_test(c, rare_tags_are_left_out);
    tcase_add_test(c, each_kind_decays_by_its_own);
    tcase_add_test(c, a_net_that_left_all_bounds_is_refused);
    tcase_add_test(c, implicit_term_holds_training_rows_only);
    tcase_add_loop_test(c, same_bits_at_any_threads, 2, 9);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
