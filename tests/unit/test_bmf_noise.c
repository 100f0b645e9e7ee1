// What bmf takes for true of rows without ratings, and random numbers of rows with large numbers.
#include <check.h>
#include <math.h>

#include "bmf/bmf_gibbs.h"
#include "bmf/bmf_random.h"
#include "support/als_world.h"

// Of user 7 and item 3, who have no ratings, it is that of the others, however long the chain runs.
START_TEST(noise_of_cold_rows_is_the_mean_of_the_others) {
    const struct bmf_knowledge knows = {.noise = {true, true}};
    const struct standard standard = standard_of(&world.data);
    const uint32_t cold[] = {7, 3};
    struct bmf_chain c;
    struct bmf_draw draw;
    ck_assert_int_eq(
        bmf_chain_init(&c, &world.host.api, &world.data, &standard, RANK, &knows), RK_OK);
    for (int k = 0; k < 30; k++) ck_assert_int_eq(bmf_chain_sweep(&c), RK_OK);
    ck_assert_int_eq(bmf_chain_draw(&c, &draw), RK_OK);
    for (int side = 0; side < 2; side++) {
        double sum = 0;
        for (uint32_t r = 0; r < c.block[side].n; r++)
            if (r != cold[side]) sum += 1 / (double)draw.quiet[side][r] / (c.block[side].n - 1);
        ck_assert_double_eq_tol(1 / (double)draw.quiet[side][cold[side]], sum, 1e-4 * sum);
    }
    bmf_chain_done(&c);
}
END_TEST

// Which row with ratings the cold row has what is rated from; none: all rows' number.
static uint32_t rated_as(const struct bmf_chain *c, int side, uint32_t cold, const float *before) {
    const struct bmf_block *b = &c->block[side];
    const uint32_t first = b->features.group[b->features.n_groups - 1].first;
    for (uint32_t r = 0; r < b->n; r++) {
        double sum = before[0];
        const double n = (double)(b->start[r + 1] - b->start[r]);
        for (uint64_t e = b->start[r]; e < b->start[r + 1]; e++)
            sum += b->weight[(first + b->col[e]) * c->ld] / sqrt(n);
        if (n > 0 && fabs(sum - b->factor[cold * c->stride]) < 1e-5) return r;
    }
    return b->n;
}

START_TEST(what_cold_rows_would_have_rated_is_that_of_some_others) {
    const struct bmf_knowledge knows = {.rated = {true, true}};
    const struct standard standard = standard_of(&world.data);
    const uint32_t cold[] = {7, 3};
    struct bmf_chain c;
    struct bmf_draw draw;
    uint32_t seen[2] = {0}, different = 0;
    ck_assert_int_eq(
        bmf_chain_init(&c, &world.host.api, &world.data, &standard, RANK, &knows), RK_OK);
    for (int k = 0; k < 10; k++) {
        ck_assert_int_eq(bmf_chain_sweep(&c), RK_OK);
        ck_assert_int_eq(bmf_chain_draw(&c, &draw), RK_OK);
        for (int side = 0; side < 2; side++) {
            const float before = draw.factor[side][cold[side] * c.stride];
            const float warm = draw.factor[side][0];
            ck_assert_int_eq(bmf_features_guess(&c, (enum bmf_side)side), RK_OK);
            const uint32_t as = rated_as(&c, side, cold[side], &before);
            ck_assert_uint_lt(as, c.block[side].n);
            ck_assert_uint_ne(as, cold[side]);
            ck_assert_float_eq(warm, draw.factor[side][0]);
            different += k > 0 && as != seen[side];
            seen[side] = as;
        }
    }
    ck_assert_uint_gt(different, 9);
    bmf_chain_done(&c);
}
END_TEST

static uint64_t asked[64];
static size_t n_asked;

static void ask(const rk_host *host, uint64_t stream, float *x, size_t n) {
    (void)host;
    for (size_t k = 0; k < n_asked; k++) ck_assert_uint_ne(asked[k], stream);
    asked[n_asked++] = stream;
    for (size_t k = 0; k < n; k++) x[k] = 0.5f;
}

// Numbers of one stream are of the same bits, and not independent.
START_TEST(no_two_gammas_share_a_stream) {
    const rk_host host = {.normal = ask, .uniform = ask};
    const uint32_t row[] = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff, 0x10000, 0x18000, 0xffffff};
    double x;
    n_asked = 0;
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        const uint32_t index = bmf_gamma_index(row[k]);
        ck_assert_uint_lt(index, 1u << 31); // the last bit is for what is of no row
        bmf_gamma(&host, bmf_stream(BMF_STREAM_QUIET, 5, index), 2, &x, 1);
    }
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("bmf_noise");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, noise_of_cold_rows_is_the_mean_of_the_others);
    tcase_add_test(cases, what_cold_rows_would_have_rated_is_that_of_some_others);
    tcase_add_test(cases, no_two_gammas_share_a_stream);
    Suite *suite = suite_create("bmf_noise");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
