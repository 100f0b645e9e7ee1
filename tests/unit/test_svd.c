// The blocks of svd's schedule, and its epoch against a plain one.
#include "svd/svd_blocks.c"
#include "svd/svd_sgd.c"

#include <check.h>
#include <string.h>

enum { N_USERS = 150, N_ITEMS = 90, N_VALID = 40, RANK = 20 };

struct world {
    rk_data data;
    rk_host host;
    rk_pairs valid;
    uint64_t start[N_USERS + 1];
    uint64_t item_start[N_ITEMS + 1];
    uint32_t col[N_USERS * N_ITEMS];
    float value[N_USERS * N_ITEMS];
    uint32_t users[N_VALID];
    uint32_t items[N_VALID];
    float ratings[N_VALID];
};

static uint32_t next(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static void fake_shuffle(const rk_host *host, uint64_t stream_id, uint32_t *at, size_t n) {
    (void)host;
    for (size_t k = n; k > 1; k--) {
        const size_t j = next(&stream_id) % k;
        const uint32_t kept = at[k - 1];
        at[k - 1] = at[j];
        at[j] = kept;
    }
}

static void fake_normal(const rk_host *host, uint64_t stream_id, float *out, size_t n) {
    (void)host;
    for (size_t k = 0; k < n; k++) out[k] = (float)(next(&stream_id) % 2001) / 1000 - 1;
}

// Pieces from the last to the first: their order must not matter.
static rk_status fake_parallel_for(
    const rk_host *host, size_t n, size_t grain, rk_body *body, void *arg) {
    (void)host;
    for (size_t piece = (n + grain - 1) / grain; piece-- > 0;) {
        const size_t end = (piece + 1) * grain;
        const rk_status status = body(arg, 0, piece * grain, end < n ? end : n);
        if (status != RK_OK) return status;
    }
    return RK_OK;
}

// Users rate with a chance that falls with their number; every 5th rating is for validation, up to
// N_VALID of them. User 7 and item 3 stay cold.
static void world_init(struct world *w) {
    uint64_t state = 42, n = 0;
    memset(w, 0, sizeof *w);
    for (uint32_t u = 0; u < N_USERS; u++) {
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            if (u == 7 || i == 3 || next(&state) % N_USERS < u / 2) continue;
            const float value = (float)(1 + next(&state) % 5);
            if (w->valid.n < N_VALID && next(&state) % 5 == 0) {
                w->users[w->valid.n] = u;
                w->items[w->valid.n] = i;
                w->ratings[w->valid.n++] = value;
            } else {
                w->col[n] = i;
                w->value[n++] = value;
                w->item_start[i + 1]++;
            }
        }
        w->start[u + 1] = n;
    }
    for (uint32_t i = 0; i < N_ITEMS; i++) w->item_start[i + 1] += w->item_start[i];
    w->valid.users = w->users;
    w->valid.items = w->items;
    w->data = (rk_data){.size = sizeof w->data,
        .n_users = N_USERS,
        .n_items = N_ITEMS,
        .by_user = {N_USERS, N_ITEMS, w->start, w->col, w->value},
        .by_item = {.n_rows = N_ITEMS, .n_cols = N_USERS, .start = w->item_start},
        .valid = &w->valid,
        .valid_ratings = w->ratings};
    w->host = (rk_host){.size = sizeof w->host,
        .n_threads = 1,
        .normal = fake_normal,
        .shuffle = fake_shuffle,
        .parallel_for = fake_parallel_for};
}

static struct world world; // too large for the stack

static struct svd_blocks cut(bool with_valid) {
    struct svd_blocks b;
    world_init(&world);
    ck_assert_int_eq(svd_blocks_init(&b, &world.host, &world.data, with_valid, 3, 2), RK_OK);
    return b;
}

START_TEST(test_every_rating_once_an_epoch) {
    struct svd_blocks b = cut(_i);
    static float seen[N_USERS][N_ITEMS];
    memset(seen, 0, sizeof seen);
    ck_assert_uint_gt(b.n_groups, 1);
    size_t n = 0, out_of_order = 0;
    for (uint32_t s = 0; s < b.n_groups; s++)
        for (uint32_t a = 0; a < b.n_groups; a++) {
            const size_t k = svd_blocks_at(&b, a, s);
            for (size_t e = b.start[k]; e < b.start[k + 1]; e++, n++) {
                out_of_order += e > b.start[k] && b.rating[e].user < b.rating[e - 1].user;
                ck_assert_float_eq(seen[b.rating[e].user][b.rating[e].item], 0);
                seen[b.rating[e].user][b.rating[e].item] = b.rating[e].value * 2 + 3;
            }
        }
    const rk_csr *r = &world.data.by_user;
    ck_assert_uint_eq(n, r->start[N_USERS] + (_i ? N_VALID : 0));
    ck_assert_uint_eq(n, b.n);
    ck_assert_uint_gt(out_of_order, n / 4); // shuffled, not user by user
    for (uint32_t u = 0; u < N_USERS; u++)
        for (uint64_t e = r->start[u]; e < r->start[u + 1]; e++)
            ck_assert_float_eq(seen[u][r->col[e]], r->value[e]);
    for (size_t k = 0; _i && k < N_VALID; k++)
        ck_assert_float_eq(seen[world.users[k]][world.items[k]], world.ratings[k]);
    svd_blocks_done(&b);
}
END_TEST

START_TEST(test_blocks_of_a_round_are_disjoint) {
    struct svd_blocks b = cut(true);
    for (uint32_t s = 0; s < b.n_groups; s++) {
        uint32_t user_of[N_USERS] = {0}, item_of[N_ITEMS] = {0}; // block + 1
        for (uint32_t a = 0; a < b.n_groups; a++) {
            const size_t k = svd_blocks_at(&b, a, s);
            for (size_t e = b.start[k]; e < b.start[k + 1]; e++) {
                uint32_t *u = user_of + b.rating[e].user, *i = item_of + b.rating[e].item;
                ck_assert(*u == 0 || *u == a + 1);
                ck_assert(*i == 0 || *i == a + 1);
                *u = *i = a + 1;
            }
        }
    }
    svd_blocks_done(&b);
}
END_TEST

START_TEST(test_groups_are_balanced) {
    struct svd_blocks b = cut(true);
    for (uint32_t a = 0; a < b.n_groups; a++) {
        const size_t first = (size_t)a * b.n_groups;
        const size_t n = b.start[first + b.n_groups] - b.start[first];
        ck_assert_uint_le(n * b.n_groups, b.n + b.n / 10);
    }
    svd_blocks_done(&b);
}
END_TEST

// The step as the literature writes it, in double precision and in the same order.
static double plain_step(struct svd_factors *f, double *p, double *q, double *bu, double *bi,
    const struct svd_rating *r, struct svd_steps s) {
    double x = *bu + *bi;
    for (int k = 0; k < RANK; k++) x += p[k] * q[k];
    const double e = r->value - x;
    *bu += s.bias_rate * (e - s.bias_l2 * *bu);
    *bi += s.bias_rate * (e - s.bias_l2 * *bi);
    for (int k = 0; k < RANK; k++) {
        const double old = p[k];
        p[k] += s.rate * (e * q[k] - f->user_row[r->user].l2 * p[k]);
        q[k] += s.rate * (e * old - f->item_row[r->item].l2 * q[k]);
    }
    return e * e;
}

START_TEST(test_epoch_is_plain_descent) {
    struct svd_blocks b = cut(true);
    struct svd_factors f;
    const struct svd_steps steps = {.rate = 0.05f, .bias_rate = 0.02f, .bias_l2 = 0.03f};
    static double p[N_USERS][RANK], q[N_ITEMS][RANK], bu[N_USERS], bi[N_ITEMS];
    ck_assert(svd_factors_init(&f, N_USERS, N_ITEMS, RANK));
    svd_factors_penalise(&f, &b, 0.1, 0.25);
    ck_assert_int_eq(svd_factors_draw(&f, &b, &world.host, RANK, 0.3), RK_OK);
    const size_t row = f.n_vecs * VEC_LANES;
    for (int k = 0; k < RANK; k++) {
        for (int u = 0; u < N_USERS; u++) p[u][k] = ((float *)f.user)[(size_t)u * row + (size_t)k];
        for (int i = 0; i < N_ITEMS; i++) q[i][k] = ((float *)f.item)[(size_t)i * row + (size_t)k];
        ck_assert_float_eq(((float *)f.user)[7 * row + (size_t)k], 0); // cold
        ck_assert_float_ne(((float *)f.user)[8 * row + (size_t)k], 0);
    }

    double sse, plain = 0;
    ck_assert_int_eq(svd_sgd_epoch(&f, &b, &world.host, steps, 0, &sse), RK_OK);
    uint32_t order[SVD_MAX_GROUPS];
    for (uint32_t s = 0; s < b.n_groups; s++) order[s] = s;
    fake_shuffle(&world.host, stream(STREAM_ROUNDS, 0), order, b.n_groups);
    for (uint32_t s = 0; s < b.n_groups; s++)
        for (uint32_t a = 0; a < b.n_groups; a++) {
            const size_t k = svd_blocks_at(&b, a, order[s]);
            for (size_t e = b.start[k]; e < b.start[k + 1]; e++) {
                const uint32_t u = b.rating[e].user, i = b.rating[e].item;
                plain += plain_step(&f, p[u], q[i], bu + u, bi + i, b.rating + e, steps);
            }
        }

    ck_assert_double_eq_tol(sse, plain, 1e-4 * plain);
    for (uint32_t u = 0; u < N_USERS; u++) {
        const uint32_t i = u % N_ITEMS;
        float x;
        double y = bu[u] + bi[i];
        for (int k = 0; k < RANK; k++) y += p[u][k] * q[i][k];
        svd_factors_predict(&f, &u, &i, 1, 3, 2, &x);
        ck_assert_double_eq_tol(x, 3 + 2 * y, 1e-4);
    }
    svd_factors_done(&f);
    svd_blocks_done(&b);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("svd");
    TCase *blocks = tcase_create("blocks"), *sgd = tcase_create("sgd");
    tcase_add_loop_test(blocks, test_every_rating_once_an_epoch, 0, 2);
    tcase_add_test(blocks, test_blocks_of_a_round_are_disjoint);
    tcase_add_test(blocks, test_groups_are_balanced);
    tcase_add_test(sgd, test_epoch_is_plain_descent);
    suite_add_tcase(suite, blocks);
    suite_add_tcase(suite, sgd);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
