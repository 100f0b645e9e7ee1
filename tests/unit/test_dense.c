// Dense layers against plain sums and finite differences, and the same bits however they are cut.
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/dense.c"
#include "common/product.c"
#include "model/host.h"

static float noise(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (float)(*state >> 40) / (1 << 23) - 1;
}

static float *noise_new(uint64_t *state, size_t n) {
    float *a = malloc((n ? n : 1) * sizeof *a);
    for (size_t k = 0; k < n; k++) a[k] = noise(state);
    return a;
}

static double function(enum dense_activation f, double z) {
    switch (f) {
    case DENSE_SIGMOID:
        return 1 / (1 + exp(-z));
    case DENSE_TANH:
        return tanh(z);
    case DENSE_RELU:
        return z > 0 ? z : 0;
    case DENSE_GELU:
        return 0.5 * z * (1 + tanh(sqrt(2 / acos(-1)) * (z + 0.044715 * z * z * z)));
    default:
        return z;
    }
}

START_TEST(activations) {
    const enum dense_activation f = (enum dense_activation)_i;
    for (int k = -1000; k <= 1000; k++) {
        const float z = (float)k * 0.01f + 0.003f;
        float y, slope = 2;
        dense_activate(f, &z, &y, 1);
        dense_slope(f, &z, &y, &slope, 1);
        const double h = 1e-5;
        ck_assert_double_eq_tol(y, function(f, z), 2e-6);
        ck_assert_double_eq_tol(
            slope, (function(f, (double)z + h) - function(f, (double)z - h)) / h, 1e-5);
    }
}
END_TEST

START_TEST(activations_far_out) {
    const float far[] = {-INFINITY, -1e30f, -1000, -90, 90, 1000, 1e18f};
    for (size_t k = 0; k < sizeof far / sizeof *far; k++) {
        float y[2];
        dense_activate(DENSE_SIGMOID, far + k, y, 1);
        dense_activate(DENSE_TANH, far + k, y + 1, 1);
        ck_assert_float_eq_tol(y[0], far[k] > 0, 1e-30f);
        ck_assert_float_eq_tol(y[1], far[k] > 0 ? 1 : -1, 1e-6f);
    }
}
END_TEST

static const size_t shapes[][3] = { // rows, inputs, outputs
    {1, 1, 1}, {5, 3, 1}, {6, 1, 7}, {13, 17, 64}, {50, 300, 21}, {300, 9, 130}, {7, 24, 16}};

// y = f(x W + b) and the gradients of L = sum c y, by the plain sums.
START_TEST(plain_sums) {
    const size_t n = shapes[_i][0], n_in = shapes[_i][1], n_out = shapes[_i][2];
    uint64_t state = 7;
    float *x = noise_new(&state, n * n_in), *w = noise_new(&state, n_in * n_out);
    float *b = noise_new(&state, n_out), *c = noise_new(&state, n * n_out);
    float *z = noise_new(&state, n * n_out), *y = noise_new(&state, n * n_out);
    float *dw = noise_new(&state, n_in * n_out), *db = noise_new(&state, n_out);
    float *dx = noise_new(&state, n * n_in);
    const struct dense d = {(uint32_t)n_in, (uint32_t)n_out, DENSE_TANH, w, b};
    struct host host;
    host_init(&host, NULL, 1);
    ck_assert_int_eq(dense_forward(&d, &host.api, x, n, z, y), RK_OK);
    float *delta = malloc(n * n_out * sizeof *delta);
    memcpy(delta, c, n * n_out * sizeof *delta);
    ck_assert_int_eq(dense_backward(&d, &host.api, x, z, y, n, delta, dw, db, dx), RK_OK);
    for (size_t r = 0; r < n; r++)
        for (size_t j = 0; j < n_out; j++) {
            double sum = b[j];
            for (size_t i = 0; i < n_in; i++) sum += (double)x[r * n_in + i] * w[i * n_out + j];
            ck_assert_double_eq_tol(z[r * n_out + j], sum, 2e-5);
            ck_assert_double_eq_tol(y[r * n_out + j], tanh(sum), 2e-5);
            const double slope = 1 - tanh(sum) * tanh(sum);
            ck_assert_double_eq_tol(delta[r * n_out + j], c[r * n_out + j] * slope, 5e-5);
        }
    for (size_t i = 0; i < n_in; i++)
        for (size_t j = 0; j < n_out; j++) {
            double sum = 0, bias = 0;
            for (size_t r = 0; r < n; r++) {
                sum += (double)x[r * n_in + i] * delta[r * n_out + j];
                bias += delta[r * n_out + j];
            }
            ck_assert_double_eq_tol(dw[i * n_out + j], sum, 5e-5);
            ck_assert_double_eq_tol(db[j], bias, 5e-5);
        }
    for (size_t r = 0; r < n; r++)
        for (size_t i = 0; i < n_in; i++) {
            double sum = 0;
            for (size_t j = 0; j < n_out; j++)
                sum += (double)delta[r * n_out + j] * w[i * n_out + j];
            ck_assert_double_eq_tol(dx[r * n_in + i], sum, 5e-5);
        }
    float *const all[] = {x, w, b, c, z, y, dw, db, dx, delta};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
}
END_TEST

// ---- Two layers, by finite differences ---------------------------------------------------------

enum { ROWS = 9, IN = 5, HIDDEN = 7, OUT = 2, N_W = IN * HIDDEN + HIDDEN + HIDDEN * OUT + OUT };

struct net {
    struct dense first, second;
    float w[N_W], x[ROWS * IN], target[ROWS * OUT];
    float z1[ROWS * HIDDEN], y1[ROWS * HIDDEN], z2[ROWS * OUT], y2[ROWS * OUT];
};

static void net_init(struct net *net, enum dense_activation f) {
    uint64_t state = 3;
    for (int k = 0; k < N_W; k++) net->w[k] = noise(&state);
    for (int k = 0; k < ROWS * IN; k++) net->x[k] = noise(&state);
    for (int k = 0; k < ROWS * OUT; k++) net->target[k] = noise(&state);
    float *w = net->w;
    net->first = (struct dense){IN, HIDDEN, f, w, w + IN * HIDDEN};
    w += IN * HIDDEN + HIDDEN;
    net->second = (struct dense){HIDDEN, OUT, f, w, w + HIDDEN * OUT};
}

// 1/2 sum of squared errors.
static double net_loss(struct net *net, const rk_host *host) {
    double loss = 0;
    ck_assert_int_eq(dense_forward(&net->first, host, net->x, ROWS, net->z1, net->y1), RK_OK);
    ck_assert_int_eq(dense_forward(&net->second, host, net->y1, ROWS, net->z2, net->y2), RK_OK);
    for (int k = 0; k < ROWS * OUT; k++) {
        const double e = (double)net->y2[k] - net->target[k];
        loss += e * e / 2;
    }
    return loss;
}

static void check_difference(
    struct net *net, const rk_host *host, float *at, double gradient, double tolerance) {
    const float h = 1e-2f, kept = *at;
    *at = kept + h;
    const double above = net_loss(net, host);
    *at = kept - h;
    const double below = net_loss(net, host);
    *at = kept;
    ck_assert_double_eq_tol(gradient, (above - below) / (2 * (double)h), tolerance);
}

START_TEST(finite_differences) {
    static struct net net;
    struct host host;
    host_init(&host, NULL, 1);
    const enum dense_activation f = (enum dense_activation)_i;
    net_init(&net, f);
    float delta[ROWS * OUT], hidden[ROWS * HIDDEN], dw[N_W], dx[ROWS * IN];
    net_loss(&net, &host.api);
    for (int k = 0; k < ROWS * OUT; k++) delta[k] = net.y2[k] - net.target[k];
    float *g1 = dw, *g2 = dw + IN * HIDDEN + HIDDEN;
    ck_assert_int_eq(dense_backward(&net.second, &host.api, net.y1, net.z2, net.y2, ROWS, delta, g2,
                         g2 + HIDDEN * OUT, hidden),
        RK_OK);
    ck_assert_int_eq(dense_backward(&net.first, &host.api, net.x, net.z1, net.y1, ROWS, hidden, g1,
                         g1 + IN * HIDDEN, dx),
        RK_OK);
    const double tolerance = f == DENSE_RELU ? 0.03 : 2e-3; // a step may cross ReLU's corner
    for (int k = 0; k < N_W; k++) check_difference(&net, &host.api, net.w + k, dw[k], tolerance);
    for (int k = 0; k < ROWS * IN; k++)
        check_difference(&net, &host.api, net.x + k, dx[k], tolerance);
}
END_TEST

// ---- Bits --------------------------------------------------------------------------------------

enum { MANY = 1000, WIDE = 70, OUTS = 150 };

static void run_threads(uint32_t n_threads, float *out) {
    struct error e = {0};
    struct pool *pool = pool_new(n_threads, &e);
    struct host host;
    host_init(&host, pool, 1);
    host.api.n_threads = n_threads;
    uint64_t state = 5;
    float *x = noise_new(&state, MANY * WIDE), *w = noise_new(&state, WIDE * OUTS),
          *b = noise_new(&state, OUTS), *z = noise_new(&state, MANY * OUTS);
    const struct dense d = {WIDE, OUTS, DENSE_GELU, w, b};
    float *y = out, *dx = y + MANY * OUTS, *dw = dx + MANY * WIDE, *db = dw + WIDE * OUTS;
    ck_assert_int_eq(dense_forward(&d, &host.api, x, MANY, z, y), RK_OK);
    float *delta = noise_new(&state, MANY * OUTS);
    ck_assert_int_eq(dense_backward(&d, &host.api, x, z, y, MANY, delta, dw, db, dx), RK_OK);
    free(x);
    free(w);
    free(b);
    free(z);
    free(delta);
    pool_free(pool);
}

enum { N_OUT = MANY * OUTS + MANY * WIDE + WIDE * OUTS + OUTS };

START_TEST(same_bits_at_any_threads) {
    static float one[N_OUT], many[N_OUT];
    run_threads(1, one);
    run_threads((uint32_t)_i, many);
    ck_assert_int_eq(memcmp(one, many, sizeof one), 0);
}
END_TEST

// A row alone is what it is among others.
START_TEST(same_bits_alone) {
    uint64_t state = 5;
    float *x = noise_new(&state, 53 * WIDE), *w = noise_new(&state, WIDE * OUTS),
          *b = noise_new(&state, OUTS), *y = noise_new(&state, 53 * OUTS), one[OUTS];
    const struct dense d = {WIDE, OUTS, DENSE_SIGMOID, w, b};
    dense_forward_rows(&d, x, 53, y, y);
    for (size_t r = 0; r < 53; r++) {
        dense_forward_rows(&d, x + r * WIDE, 1, one, one);
        ck_assert_int_eq(memcmp(one, y + r * OUTS, sizeof one), 0);
    }
    free(x);
    free(w);
    free(b);
    free(y);
}
END_TEST

// Each instruction set that this CPU has, with a product whose depth is cut in several parts.
START_TEST(instruction_sets) {
    enum { M = 8, D = 600, N = 77 };
    void (*run[3])(const struct product *) = {product_plain};
    size_t n_runs = 1;
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        run[n_runs++] = product_avx2;
    if (__builtin_cpu_supports("avx512f")) run[n_runs++] = product_avx512;
#endif
    uint64_t state = 9;
    float *a = noise_new(&state, M * D), *b = noise_new(&state, D * N);
    float *start = noise_new(&state, N), c[M * N + 1];
    for (size_t k = 0; k < n_runs; k++) {
        const struct product p = {.m = M,
            .n = N,
            .depth = D,
            .a = a,
            .a_row = D,
            .a_col = 1,
            .b = b,
            .b_row = N,
            .c = c,
            .c_row = N,
            .start = start};
        c[M * N] = 77;
        run[k](&p);
        ck_assert_float_eq(c[M * N], 77); // nothing is written beyond
        for (size_t i = 0; i < M; i++)
            for (size_t j = 0; j < N; j++) {
                double sum = start[j];
                for (size_t d = 0; d < D; d++) sum += (double)a[i * D + d] * b[d * N + j];
                ck_assert_double_eq_tol(c[i * N + j], sum, 1e-4);
            }
    }
    free(a);
    free(b);
    free(start);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("dense");
    TCase *c = tcase_create("dense");
    tcase_add_loop_test(c, activations, 0, DENSE_GELU + 1);
    tcase_add_test(c, activations_far_out);
    tcase_add_loop_test(c, plain_sums, 0, sizeof shapes / sizeof *shapes);
    tcase_add_loop_test(c, finite_differences, 0, DENSE_GELU + 1);
    tcase_add_loop_test(c, same_bits_at_any_threads, 2, 9);
    tcase_add_test(c, same_bits_alone);
    tcase_add_test(c, instruction_sets);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
