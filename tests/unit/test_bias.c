// The plugin bias: its defaults are the harness's fallback; many alternations are least squares.
#include "bias/bias.c"

#include <check.h>

#include "metric/fallback.h"
#include "model/host.h"
#include "support/made.h"

enum { USERS = 40, ITEMS = 60, ROWS = 500 };

static struct arena arena;
static struct made made;
static rk_data train;

// Row 0 of either side is made cold: in the catalogue, and without ratings.
static void setup(void) {
    struct made_spec spec = made_random(&arena, 5, USERS, ITEMS, ROWS);
    struct made_row *rows = arena_alloc(&arena, ROWS * sizeof *rows);
    size_t n = 0;
    for (size_t k = 0; k < ROWS; k++)
        if (spec.rows[k].user != spec.users[0] && spec.rows[k].item != spec.items[0])
            rows[n++] = spec.rows[k];
    spec.rows = rows;
    spec.n_rows = n;
    spec.n_tags = 0;
    made_init(&made, &spec);
    train = (rk_data){.size = sizeof train,
        .n_users = USERS,
        .n_items = ITEMS,
        .by_user = made.data.by_user,
        .by_item = made.data.by_item};
}

static void teardown(void) {
    made_done(&made);
    arena_done(&arena);
    arena = (struct arena){0};
}

static rk_model *fitted(struct host *host, const rk_params *params) {
    rk_model *m;
    host_init(host, NULL, 1);
    ck_assert_int_eq(create(&host->api, params, &m), RK_OK);
    ck_assert_int_eq(fit(m, &train), RK_OK);
    return m;
}

START_TEST(defaults_are_the_fallback) {
    const rk_params params = {schema[0].def, schema[1].def, (int)schema[2].def};
    struct host host;
    struct fallback fallback;
    struct error error = {0};
    rk_model *m = fitted(&host, &params);
    ck_assert(fallback_init(&fallback, &train, &error));
    for (uint32_t u = 0; u < USERS; u++)
        for (uint32_t i = 0; i < ITEMS; i++) {
            float x;
            const rk_pairs pair = {.size = sizeof pair, .n = 1, .users = &u, .items = &i};
            ck_assert_int_eq(predict(m, &pair, &x), RK_OK);
            ck_assert_float_eq_tol(x, fallback_answer(&fallback, u, i), 1e-5f);
        }
    ck_assert_double_eq(m->biases.user[0], 0);
    ck_assert_double_eq(m->biases.item[0], 0);
    fallback_done(&fallback);
    destroy(m);
}
END_TEST

// At the minimum of the penalised squares, each row's residuals add up to its bias times damping.
START_TEST(alternations_end_at_least_squares) {
    const rk_params params = {2, 3, 300};
    struct host host;
    rk_model *m = fitted(&host, &params);
    const rk_csr *r = &train.by_user;
    double of_item[ITEMS] = {0};
    for (uint32_t u = 0; u < USERS; u++) {
        double sum = 0;
        for (uint64_t e = r->start[u]; e < r->start[u + 1]; e++) {
            const double residual = r->value[e] - biases_at(&m->biases, u, r->col[e]);
            sum += residual;
            of_item[r->col[e]] += residual;
        }
        ck_assert_double_eq_tol(sum, 2 * m->biases.user[u], 1e-6);
    }
    for (uint32_t i = 0; i < ITEMS; i++)
        ck_assert_double_eq_tol(of_item[i], 3 * m->biases.item[i], 1e-6);
    destroy(m);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("bias");
    TCase *all = tcase_create("bias");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, defaults_are_the_fallback);
    tcase_add_test(all, alternations_end_at_least_squares);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
