// autoencoder's step against a dense net in double precision and finite differences; what the
// inputs may show; batches.
#include "autoencoder/ae_batches.c"
#include "autoencoder/ae_fitted.c"
#include "autoencoder/ae_kernel.c"
#include "autoencoder/ae_level.c"
#include "autoencoder/ae_net.c"
#include "autoencoder/ae_prior.c"
#include "autoencoder/ae_rows.c"
#include "autoencoder/ae_step.c"

#include <check.h>

#include "model/host.h"
#include "unit/autoencoder_dense.h"

// Ratings by a pattern; user 5 and item 4 are cold; a genre and a year for most items.
struct world {
    struct host host;
    rk_data data;
    rk_pairs valid;
    rk_features features[2];
    uint64_t start[2][N_USERS + 1], genre_start[N_ITEMS + 1], year_start[N_ITEMS + 1];
    uint32_t col[2][N_USERS * N_ITEMS], genre[2 * N_ITEMS], zeros[N_ITEMS];
    float value[2][N_USERS * N_ITEMS], ones[2 * N_ITEMS], year[N_ITEMS];
};
static struct world world;

static bool rated(uint32_t u, uint32_t i) {
    return u != 5 && i != 4 && (u * 7 + i * 5 + u * i) % 3 != 0;
}

static float rating(uint32_t u, uint32_t i) {
    return (float)(3 + sin(u * 1.3) + cos(i * 2.1) + 0.7 * sin(u) * cos(3 * i));
}

static void add_features(struct world *w) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        for (uint32_t g = 0; g < 3 && i != 2; g++)
            if ((i + g) % 3 != 1) w->genre[n++] = g;
        w->genre_start[i + 1] = n;
        w->year[i] = (float)(1980 + 4 * i);
        w->year_start[i + 1] = i + 1;
    }
    for (int k = 0; k < 2 * N_ITEMS; k++) w->ones[k] = 1;
    w->features[0] = (rk_features){
        "genre", RK_FEATURE_BINARY, {N_ITEMS, 3, w->genre_start, w->genre, w->ones}, NULL};
    w->features[1] = (rk_features){
        "year", RK_FEATURE_REAL, {N_ITEMS, 1, w->year_start, w->zeros, w->year}, NULL};
    w->data.n_item_features = 2;
    w->data.features_stride = sizeof *w->features;
    w->data.item_features = w->features;
}

static void setup(void) {
    struct world *w = &world;
    memset(w, 0, sizeof *w);
    host_init(&w->host, NULL, 42);
    for (int side = 0; side < 2; side++) {
        uint64_t n = 0;
        for (uint32_t r = 0; r < (side ? N_ITEMS : N_USERS); r++) {
            for (uint32_t c = 0; c < (side ? N_USERS : N_ITEMS); c++) {
                const uint32_t u = side ? c : r, i = side ? r : c;
                if (!rated(u, i)) continue;
                w->col[side][n] = c;
                w->value[side][n++] = rating(u, i);
            }
            w->start[side][r + 1] = n;
        }
    }
    w->valid.size = sizeof w->valid;
    w->data = (rk_data){.size = sizeof w->data,
        .n_users = N_USERS,
        .n_items = N_ITEMS,
        .by_user = {N_USERS, N_ITEMS, w->start[0], w->col[0], w->value[0]},
        .by_item = {N_ITEMS, N_USERS, w->start[1], w->col[1], w->value[1]},
        .rating_min = 0,
        .rating_max = 6,
        .valid = &w->valid};
    add_features(w);
}

// ---- One step, taken apart ---------------------------------------------------------------------

static const struct setting settings[] = {
    {"plain", 1, {5}, DENSE_SIGMOID, AE_BIAS, 0, 0, 0, 0, .5, 0},
    {"l2", 1, {18}, DENSE_SIGMOID, AE_BIAS, 0, 0, 3, 0, .5, 0},
    {"features", 1, {5}, DENSE_SIGMOID, AE_BIAS, 0, 1, 0, 0, .5, 0},
    {"raw, users", 1, {5}, DENSE_SIGMOID, AE_NONE, 1, 0, 0, 0, .5, 0},
    {"by user", 1, {4}, DENSE_SIGMOID, AE_USER, 0, 0, 0, 0, .5, 0},
    {"by item", 1, {4}, DENSE_SIGMOID, AE_ITEM, 0, 0, 0, 0, .5, 0},
    {"0..1", 1, {4}, DENSE_SIGMOID, AE_UNIT, 0, 0, 0, 0, .5, 0},
    {"less the mean", 1, {4}, DENSE_SIGMOID, AE_MEAN, 0, 0, 0, 0, .5, 0},
    {"loss on hidden", 1, {5}, DENSE_TANH, AE_BIAS, 0, 1, 0, .7, 1, 0},
    {"loss on seen", 1, {5}, DENSE_TANH, AE_BIAS, 0, 1, 0, .7, 0, 0},
    {"loss on both", 1, {5}, DENSE_TANH, AE_BIAS, 0, 1, 0, .7, .7, 0},
    {"relu", 1, {6}, DENSE_RELU, AE_BIAS, 0, 1, 0, 0, .5, 0},
    {"linear", 1, {6}, DENSE_LINEAR, AE_BIAS, 0, 1, 0, 0, .5, 0},
    {"gelu", 1, {6}, DENSE_GELU, AE_BIAS, 0, 1, 0, 0, .5, 0},
    {"dropout", 1, {20}, DENSE_SIGMOID, AE_BIAS, 0, 1, 0, 0, .5, .4},
    {"two layers", 2, {7, 5}, DENSE_SIGMOID, AE_BIAS, 0, 1, 0, 0, .5, 0},
    {"all at once", 3, {18, 4, 17}, DENSE_GELU, AE_BIAS, 1, 1, 2, .3, .6, .3},
};
enum { N_SETTINGS = sizeof settings / sizeof *settings };

// They start at 0, where a penalty on them would not show.
static void set_biases(struct ae_net *n) {
    for (uint32_t j = 0; j < n->shape.width[0]; j++)
        ((float *)(n->in + (n->n_in - 1) * n->n_vecs[0]))[j] = 0.1f * (float)(j % 5);
    for (uint32_t c = 0; c < n->n_out; c++) n->out_bias[c] = 0.2f * (float)(c % 3);
    for (uint32_t k = 0; k + 1 < n->shape.n_layers; k++)
        for (uint32_t j = 0; j < n->shape.width[k + 1]; j++)
            n->mid[k].bias[j] = 0.3f * (float)(j % 2);
}

static void trial_init(struct trial *t, const struct setting *set, uint32_t batch) {
    const struct ae_shape shape = {
        set->n_layers, {set->width[0], set->width[1], set->width[2]}, set->activation};
    const rk_host *host = &world.host.api;
    *t = (struct trial){.set = set, .ratings = ratings_of(&world.data)};
    ck_assert_int_eq(
        ae_rows_init(&t->rows, &world.data, &t->ratings, set->of_users, set->features), RK_OK);
    ck_assert_int_eq(ae_level_init(&t->level, host, &world.data, &t->ratings, set->of_users,
                         &t->rows.features, set->normalise),
        RK_OK);
    ae_rows_aim(&t->rows, &t->level, 2);
    ck_assert_int_eq(ae_batches_init(&t->batches, &t->rows, batch), RK_OK);
    ck_assert(ae_net_init(
        &t->net, &shape, ae_rows_inputs(&t->rows), t->rows.ratings.n_cols, host, 1ull << 60, 0.4));
    set_biases(&t->net);
    ck_assert_int_eq(ae_batches_shuffle(&t->batches, host, 9), RK_OK);
    t->rule = (struct ae_rule){1e-3, set->lambda, set->mask, 9, set->hidden_weight, set->dropout};
    t->step = (struct ae_step){.host = host,
        .net = &t->net,
        .batches = &t->batches,
        .rule = &t->rule,
        .stream = 2ull << 60,
        .epoch = 3};
    ck_assert_int_eq(ae_step_init(&t->step), RK_OK);
}

static void trial_done(struct trial *t) {
    ae_step_done(&t->step);
    ae_net_done(&t->net);
    ae_batches_done(&t->batches);
    ae_rows_done(&t->rows);
    ae_level_done(&t->level);
}

static double slope(const struct trial *t, struct dense_net *d, double *w) {
    const double kept = *w, step = 1e-5;
    double ignored;
    *w = kept + step;
    const double above = dense_loss(t, d, &ignored);
    *w = kept - step;
    const double below = dense_loss(t, d, &ignored);
    *w = kept;
    return (above - below) / (2 * step);
}

// What Adam's first moment holds after one step, and so the gradient that it was given.
static void same(
    const struct trial *t, const char *what, size_t at, double moment, double expected) {
    const double found = moment / (1 - 0.9);
    ck_assert_msg(fabs(found - expected) < 2e-4 * (1 + fabs(expected)),
        "%s: %s %zu: gradient %g, by finite differences %g", t->set->name, what, at, found,
        expected);
}

START_TEST(gradients_are_those_of_the_dense_loss) {
    static struct dense_net d;
    struct trial t;
    trial_init(&t, &settings[_i], 1000);
    const struct ae_net *n = &t.net;
    double squares, expected;
    dense_net_of(n, &d);
    dense_loss(&t, &d, &expected);
    ck_assert_int_eq(ae_step_batch(&t.step, 0, &squares), RK_OK);
    ck_assert_double_eq_tol(squares, expected, 1e-4 * expected);
    const size_t in = n->n_vecs[0] * VEC_LANES, out = n->n_vecs[ae_net_last(n)] * VEC_LANES;
    for (uint32_t c = 0; c < n->n_in; c++)
        for (uint32_t j = 0; j < n->shape.width[0]; j++) {
            if (c + 1 < n->n_in && (c + j) % 3) continue;
            same(&t, "input", c, t.step.in.m[c * in + j], slope(&t, &d, &d.in[c][j]));
        }
    for (uint32_t c = 0; c < n->n_out; c++) {
        for (uint32_t j = c % 3; j < n->shape.width[ae_net_last(n)]; j += 3)
            same(&t, "output", c, t.step.out.m[c * out + j], slope(&t, &d, &d.out[c][j]));
        same(&t, "output bias", c, t.step.out_bias.m[c], slope(&t, &d, &d.out_bias[c]));
    }
    for (uint32_t k = 0; k + 1 < n->shape.n_layers; k++)
        for (uint32_t j = 0; j < n->shape.width[k + 1]; j++) {
            for (uint32_t i = j % 3; i < n->shape.width[k]; i += 3)
                same(&t, "middle", i, t.step.mid[k].m[i * n->mid[k].n_out + j],
                    slope(&t, &d, &d.mid[k][i][j]));
            same(&t, "middle bias", j, t.step.mid_bias[k].m[j], slope(&t, &d, &d.mid_bias[k][j]));
        }
    trial_done(&t);
}
END_TEST

// ---- What a step may see -----------------------------------------------------------------------

// The first layer's z of every row, after other targets for hidden ratings (or for seen ones).
static void encode_changed(bool hidden, float change, float *z) {
    struct setting set = settings[0];
    struct trial t;
    set.mask = 0.9;
    set.width[0] = VEC_LANES;
    trial_init(&t, &set, 1000);
    const struct ae_rows *x = &t.rows;
    uint32_t n_changed = 0;
    for (uint32_t r = 0; r < x->ratings.n_rows; r++) {
        const uint64_t first = x->ratings.start[r], n = x->ratings.start[r + 1] - first;
        float weight[N_USERS];
        mask_row(&t.step, r, weight, n);
        for (uint64_t k = 0; k < n; k++) {
            if ((bool)signbit(weight[k]) != hidden) continue;
            x->target[first + k] += change;
            n_changed++;
        }
    }
    ck_assert_uint_gt(n_changed, 10);
    double squares;
    ck_assert_int_eq(ae_step_batch(&t.step, 0, &squares), RK_OK);
    memcpy(z, t.step.z[0], t.step.n_rows * sizeof *t.step.z[0]);
    trial_done(&t);
}

START_TEST(hidden_ratings_are_not_in_the_input) {
    static float plain[MOST * VEC_LANES], other[MOST * VEC_LANES];
    encode_changed(true, 0, plain);
    encode_changed(true, 100, other);
    ck_assert_int_eq(memcmp(plain, other, sizeof plain), 0);
    encode_changed(false, 1, other);
    ck_assert_int_ne(memcmp(plain, other, sizeof plain), 0);
}
END_TEST

// Each rating is in one batch, in the cell of its column that belongs to its row.
START_TEST(other_ratings_are_hidden_in_each_epoch) {
    struct setting set = settings[0];
    struct trial t;
    float weight[2][64];
    set.mask = 0.9;
    trial_init(&t, &set, 1000);
    for (int k = 0; k < 2; k++) {
        t.step.epoch = (uint32_t)k;
        mask_row(&t.step, 0, weight[k], 64);
    }
    ck_assert_mem_ne(weight[0], weight[1], sizeof *weight);
    trial_done(&t);
}
END_TEST

START_TEST(long_rows_are_scaled_down) {
    const struct ae_rows x = {.mean_count = 90};
    ck_assert_double_eq_tol(ae_rows_scale(&x, 90), 1, 1e-12);
    ck_assert_double_eq_tol(ae_rows_scale(&x, 390), 0.5, 1e-12);
    ck_assert_double_eq_tol(ae_rows_scale(&x, 15), 2, 1e-12);
}
END_TEST

START_TEST(batches_hold_every_rating_once) {
    static const struct setting set = {
        "batches", 1, {4}, DENSE_SIGMOID, AE_BIAS, 0, 1, 0, 0, .5, 0};
    struct trial t;
    trial_init(&t, &set, 3);
    const struct ae_batches *b = &t.batches;
    const uint64_t *start = t.rows.ratings.start;
    uint32_t n = 0;
    ck_assert_uint_gt(b->n_batches, 2);
    for (uint32_t k = 0; k < b->n_batches; k++) {
        const uint32_t *column = ae_batches_columns(b, k);
        double squares;
        ck_assert_int_eq(ae_step_batch(&t.step, k, &squares), RK_OK);
        ck_assert_uint_le(t.step.n_rows, b->most_rows);
        ck_assert_uint_le(column[t.net.n_in - 1], b->most_cells);
        for (uint32_t at = 0; at < t.step.n_rows; at++, n++) {
            const uint32_t r = t.step.order[at];
            for (uint64_t e = start[r]; e < start[r + 1]; e++) {
                const uint32_t c = t.rows.ratings.col[e], cell = b->cell[e];
                ck_assert(cell >= column[c] && cell < column[c + 1]);
                ck_assert_uint_eq(t.step.slot[cell], at);
            }
        }
    }
    ck_assert_uint_eq(n, t.rows.n_filled);
    ck_assert_uint_eq(n, N_ITEMS - 1);
    trial_done(&t);
}
END_TEST

START_TEST(weights_approach_other_weights) {
    static struct dense_net a, b, c;
    struct trial t;
    struct ae_net other;
    trial_init(&t, &settings[N_SETTINGS - 1], 1000);
    const rk_host *host = &world.host.api;
    ck_assert(ae_net_init(&other, &t.net.shape, t.net.n_in, t.net.n_out, host, 5ull << 56, 1));
    dense_net_of(&t.net, &a);
    dense_net_of(&other, &b);
    ck_assert_int_eq(ae_net_approach(&other, host, &t.net, 0.25), RK_OK);
    dense_net_of(&other, &c);
    const double *from = (const double *)&b, *to = (const double *)&a, *now = (const double *)&c;
    for (size_t k = 0; k < sizeof a / sizeof *to; k++)
        ck_assert_double_eq_tol(now[k], from[k] + 0.25 * (to[k] - from[k]), 1e-6);
    ae_net_done(&other);
    trial_done(&t);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("autoencoder");
    TCase *step = tcase_create("step");
    tcase_add_checked_fixture(step, setup, NULL);
    tcase_add_loop_test(step, gradients_are_those_of_the_dense_loss, 0, N_SETTINGS);
    tcase_add_test(step, hidden_ratings_are_not_in_the_input);
    tcase_add_test(step, other_ratings_are_hidden_in_each_epoch);
    tcase_add_test(step, long_rows_are_scaled_down);
    tcase_add_test(step, batches_hold_every_rating_once);
    tcase_add_test(step, weights_approach_other_weights);
    suite_add_tcase(suite, step);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
