// The plugin knn against a dense search in double precision, and against figures by hand.
#include "knn/knn.c"
#include "knn/knn_near.c"

#include <check.h>

#include "core/bytes.h"
#include "model/host.h"
#include "support/made.h"

// The last COPIES users and items have the ratings of the first ones, so that there are ties.
enum { USERS = 60, ITEMS = 50, COPIES = 5, COLD_USER = 8, COLD_ITEM = 9, MOST = 60 };

static struct made made;
static rk_data train;
static struct host host;

// 0: not rated.
static float rating_of(uint32_t u, uint32_t i) {
    if (u >= USERS - COPIES) u -= USERS - COPIES;
    if (i >= ITEMS - COPIES) i -= ITEMS - COPIES;
    if (u == COLD_USER || i == COLD_ITEM) return 0;
    float x[2];
    host.api.uniform(&host.api, 1000 * u + i, x, 2);
    return x[0] < 0.4f ? 0.5f * (float)(1 + (int)(10 * x[1])) : 0;
}

static void setup(void) {
    static struct made_row rows[USERS * ITEMS];
    static uint32_t users[USERS], items[ITEMS];
    struct made_spec spec = {
        .users = users, .items = items, .n_users = USERS, .n_items = ITEMS, .rows = rows};
    host_init(&host, NULL, 1);
    for (uint32_t u = 0; u < USERS; u++) users[u] = u + 1;
    for (uint32_t i = 0; i < ITEMS; i++) items[i] = i + 1;
    for (uint32_t u = 0; u < USERS; u++)
        for (uint32_t i = 0; i < ITEMS; i++)
            if (rating_of(u, i) > 0)
                rows[spec.n_rows++] =
                    (struct made_row){.user = u + 1, .item = i + 1, .value = rating_of(u, i)};
    made_init(&made, &spec);
    train = (rk_data){.size = sizeof train,
        .n_users = USERS,
        .n_items = ITEMS,
        .by_user = made.data.by_user,
        .by_item = made.data.by_item};
}

static void teardown(void) {
    made_done(&made);
}

static rk_params params_of(int by) {
    return (rk_params){.by = by,
        .neighbours = 7,
        .shrinkage = 3,
        .power = 1.5,
        .damping = 0.1,
        .support = 4,
        .candidates = 1000};
}

static rk_model *fitted(const rk_params *params) {
    rk_model *m;
    ck_assert_int_eq(create(&host.api, params, &m), RK_OK);
    ck_assert_int_eq(fit(m, &train), RK_OK);
    return m;
}

static float answer_of(const rk_model *m, uint32_t u, uint32_t i) {
    float x;
    const rk_pairs pair = {.size = sizeof pair, .n = 1, .users = &u, .items = &i};
    ck_assert_int_eq(predict(m, &pair, &x), RK_OK);
    return x;
}

// ---- A dense search ----------------------------------------------------------------------------

struct dense {
    uint32_t n, n_raters;
    double residual[MOST][MOST]; // [row][rater]; NAN: not rated
    double s[MOST][MOST];        // 0: no neighbours
};

static void dense_init(struct dense *d, const rk_model *m) {
    const rk_params *p = m->params;
    d->n = p->by == BY_ITEM ? ITEMS : USERS;
    d->n_raters = p->by == BY_ITEM ? USERS : ITEMS;
    for (uint32_t a = 0; a < d->n; a++)
        for (uint32_t b = 0; b < d->n_raters; b++) {
            const uint32_t u = p->by == BY_ITEM ? b : a, i = p->by == BY_ITEM ? a : b;
            const double r = rating_of(u, i);
            d->residual[a][b] = r > 0 ? r - baseline(m, u, i) : NAN;
        }
    for (uint32_t a = 0; a < d->n; a++)
        for (uint32_t c = 0; c < d->n; c++) {
            double product = 0, own = 0, other = 0, n = 0;
            for (uint32_t b = 0; b < d->n_raters; b++) {
                const double x = d->residual[a][b], y = d->residual[c][b];
                if (isnan(x) || isnan(y)) continue;
                product += x * y;
                own += x * x;
                other += y * y;
                n++;
            }
            const bool near = a != c && n >= p->support && product > 0;
            d->s[a][c] = near ? n / (n + p->shrinkage) * product / sqrt(own * other) : 0;
        }
}

// The row with the largest s to `a` that is not yet `taken`, ties by index; d->n: none is left.
static uint32_t dense_next(const struct dense *d, uint32_t a, const bool *taken) {
    uint32_t best = d->n;
    for (uint32_t c = 0; c < d->n; c++)
        if (!taken[c] && d->s[a][c] > 0 && (best == d->n || d->s[a][c] > d->s[a][best])) best = c;
    return best;
}

static double dense_answer(const struct dense *d, const rk_model *m, uint32_t u, uint32_t i) {
    const bool by_item = m->params->by == BY_ITEM;
    const uint32_t a = by_item ? i : u, b = by_item ? u : i;
    bool taken[MOST] = {false};
    double sum = 0, weights = m->params->damping;
    for (int found = 0; found < m->params->neighbours;) {
        const uint32_t c = dense_next(d, a, taken);
        if (c == d->n) break;
        taken[c] = true;
        if (isnan(d->residual[c][b])) continue;
        const double w = pow(d->s[a][c], m->params->power);
        sum += w * d->residual[c][b];
        weights += w;
        found++;
    }
    return baseline(m, u, i) + sum / weights;
}

START_TEST(neighbours_are_those_of_a_dense_search) {
    static struct dense d;
    const rk_params params = params_of(_i);
    rk_model *m = fitted(&params);
    uint32_t ties = 0;
    dense_init(&d, m);
    for (uint32_t a = 0; a < d.n; a++) {
        bool taken[MOST] = {false};
        double last = INFINITY;
        for (uint64_t k = m->near.start[a]; k < m->near.start[a + 1]; k++) {
            const uint32_t c = dense_next(&d, a, taken);
            ck_assert_uint_eq(m->near.neighbour[k].row, c);
            ck_assert_double_eq_tol(
                m->near.neighbour[k].weight, pow(d.s[a][c], params.power), 1e-5);
            taken[c] = true;
            ties += d.s[a][c] == last;
            last = d.s[a][c];
        }
        ck_assert_uint_eq(dense_next(&d, a, taken), d.n);
    }
    ck_assert_uint_ge(ties, 20);
    destroy(m);
}
END_TEST

START_TEST(answers_are_those_of_a_dense_search) {
    static struct dense d;
    const rk_params params = params_of(_i);
    rk_model *m = fitted(&params);
    static uint32_t users[USERS * ITEMS], items[USERS * ITEMS];
    static float answers[USERS * ITEMS];
    const rk_pairs pairs = {
        .size = sizeof pairs, .n = USERS * ITEMS, .users = users, .items = items};
    double moved = 0;
    dense_init(&d, m);
    for (uint32_t k = 0; k < pairs.n; k++) {
        users[k] = k / 3 % USERS; // some pairs in a row of the same user, or of the same item
        items[k] = (k / (3 * USERS) * 3 + k % 3) % ITEMS;
    }
    ck_assert_int_eq(predict(m, &pairs, answers), RK_OK);
    for (uint32_t k = 0; k < pairs.n; k++) {
        ck_assert_double_eq_tol(answers[k], dense_answer(&d, m, users[k], items[k]), 1e-5);
        ck_assert_float_eq(answers[k], answer_of(m, users[k], items[k]));
        moved += fabs(answers[k] - baseline(m, users[k], items[k])) > 0.1;
    }
    ck_assert_double_ge(moved, 0.2 * USERS * ITEMS);
    for (uint32_t i = 0; i < ITEMS; i++)
        ck_assert_float_eq(answer_of(m, COLD_USER, i), (float)baseline(m, COLD_USER, i));
    for (uint32_t u = 0; u < USERS; u++)
        ck_assert_float_eq(answer_of(m, u, COLD_ITEM), (float)baseline(m, u, COLD_ITEM));
    destroy(m);
}
END_TEST

// Each rater of everything in turn, so that those of whom it pays are answered by hits.
START_TEST(answers_for_everything_are_those_of_one_pair) {
    rk_params params = params_of(_i);
    params.neighbours = 4;
    rk_model *m = fitted(&params);
    const uint32_t n_rows = m->n[!_i], n_raters = m->n[_i];
    static uint32_t users[USERS * ITEMS], items[USERS * ITEMS];
    static float answers[USERS * ITEMS];
    const rk_pairs pairs = {
        .size = sizeof pairs, .n = USERS * ITEMS, .users = users, .items = items};
    for (uint32_t k = 0; k < pairs.n; k++) {
        users[k] = _i == BY_ITEM ? k / n_rows : k % n_rows;
        items[k] = _i == BY_ITEM ? k % n_rows : k / n_rows;
    }
    ck_assert_int_eq(predict(m, &pairs, answers), RK_OK);
    for (uint32_t k = 0; k < pairs.n; k++)
        ck_assert_float_eq(answers[k], answer_of(m, users[k], items[k]));
    uint32_t n_by_hits = 0;
    struct work w;
    ck_assert(work_init(&w, m));
    for (uint32_t rater = 0; rater < n_raters; rater++) n_by_hits += hits_pay(&w, rater, n_rows);
    ck_assert_uint_ge(n_by_hits, 10);
    work_done(&w);
    destroy(m);
}
END_TEST

START_TEST(of_many_candidates_the_first_are_kept) {
    rk_params all = params_of(_i), few = all;
    few.candidates = 6;
    rk_model *m = fitted(&all), *less = fitted(&few);
    uint64_t cut = 0;
    for (uint32_t a = 0; a < (_i == BY_ITEM ? ITEMS : USERS); a++) {
        const uint64_t n = m->near.start[a + 1] - m->near.start[a], most = n < 6 ? n : 6;
        ck_assert_uint_eq(less->near.start[a + 1] - less->near.start[a], most);
        for (uint64_t k = 0; k < most; k++) {
            const struct knn_neighbour *x = &m->near.neighbour[m->near.start[a] + k];
            const struct knn_neighbour *y = &less->near.neighbour[less->near.start[a] + k];
            ck_assert(x->row == y->row && x->weight == y->weight);
        }
        cut += n > 6;
    }
    ck_assert_uint_ge(cut, 20);
    destroy(less);
    destroy(m);
}
END_TEST

// ---- By hand -----------------------------------------------------------------------------------

// Residuals:      u0  u1  u2
//            i0    1   2
//            i1    2   1   1
//            i2   -1       3
// i0, i1: 4 / sqrt(5 * 5) of 2 raters, shrunk by 2/4: .4.  i1, i2: 1 / sqrt(5 * 10) / 2 = .0707.
// i0, i2: one rater, who disagrees. Squared, these weigh .16 and .005.
// u2 on i0: .16 * 1 / (.04 + .16) = .8; u1 on i2: .005 * 1 / (.04 + .005) = 1/9.
// u0 on i1: (.16 * 1 - .005 * 1) / (.04 + .165) = .155 / .205; the nearest alone, .16 / .2.
START_TEST(figures_by_hand) {
    static const uint64_t of_item[] = {0, 2, 5, 7}, of_user[] = {0, 3, 5, 7};
    static const uint32_t raters[] = {0, 1, 0, 1, 2, 0, 2}, rated[] = {0, 1, 2, 0, 1, 1, 2};
    static const float by_item[] = {1, 2, 2, 1, 1, -1, 3}, by_user[] = {1, 2, -1, 2, 1, 1, 3};
    const rk_csr rows = {3, 3, of_item, raters, by_item}, lines = {3, 3, of_user, rated, by_user};
    const struct knn_settings settings = {.shrinkage = 2, .power = 2, .support = 2, .most = 9};
    struct knn_steps steps = {.total = knn_near_steps(3)};
    rk_params params = {.by = BY_ITEM, .neighbours = 5, .damping = 0.04};
    float zeros[3] = {0};
    rk_model m = {.host = &host.api, .params = &params, .n = {3, 3}, .unit = 2};
    m.x = (struct effects){.mean = 3, .bias = {zeros, zeros}};
    m.lines = (struct lines){(uint64_t *)of_user, (uint32_t *)rated, (float *)by_user};
    ck_assert_int_eq(knn_near_init(&m.near, &host.api, &rows, &lines, &settings, &steps), RK_OK);
    ck_assert_uint_eq(steps.done, steps.total);
    ck_assert_uint_eq(m.near.start[1], 1);
    ck_assert_uint_eq(m.near.start[2], 3);
    ck_assert_uint_eq(m.near.start[3], 4);
    ck_assert_uint_eq(m.near.neighbour[1].row, 0);
    ck_assert_float_eq_tol(m.near.neighbour[1].weight, .16f, 1e-6f);
    ck_assert_uint_eq(m.near.neighbour[2].row, 2);
    ck_assert_float_eq_tol(m.near.neighbour[2].weight, .005f, 1e-6f);
    ck_assert_float_eq_tol(answer_of(&m, 2, 0), 4.6f, 1e-5f);
    ck_assert_float_eq_tol(answer_of(&m, 1, 2), 3 + 2 / 9.f, 1e-5f);
    ck_assert_float_eq_tol(answer_of(&m, 0, 1), 3 + 2 * .155f / .205f, 1e-5f);
    params.neighbours = 1;
    ck_assert_float_eq_tol(answer_of(&m, 0, 1), 4.6f, 1e-5f);
    knn_near_done(&m.near);
}
END_TEST

// ---- State -------------------------------------------------------------------------------------

static rk_status tape_write(const rk_stream *s, const void *at, size_t n) {
    bytes_put(s->self, at, n);
    return RK_OK;
}

static rk_status tape_read(const rk_stream *s, void *at, size_t n) {
    struct bytes *b = s->self;
    if (n > b->size - b->got) return RK_E_IO;
    bytes_get(b, at, n);
    return RK_OK;
}

static rk_status saved_and_loaded(const rk_model *m, rk_model **out) {
    struct bytes bytes = {0};
    const rk_stream stream = {&bytes, tape_write, tape_read};
    ck_assert_int_eq(create(&host.api, m->params, out), RK_OK);
    ck_assert_int_eq(save(m, &stream), RK_OK);
    const rk_status status = load(*out, &stream);
    bytes_done(&bytes);
    return status;
}

static void damage(rk_model *m, int how) {
    struct knn_near *near = &m->near;
    struct lines *lines = &m->lines;
    switch (how) {
    case 1:
        near->neighbour[3].row = ITEMS;
        break;
    case 2:
        near->neighbour[3].weight = NAN;
        break;
    case 3:
        near->neighbour[3].weight = -1;
        break;
    case 4:
        near->start[0] = 1;
        break;
    case 5:
        near->start[2] = near->start[3] + 1;
        break;
    case 6:
        lines->row[3] = ITEMS;
        break;
    case 7:
        lines->start[0] = 1;
        break;
    case 8:
        lines->start[2] = lines->start[3] + 1;
        break;
    case 9:
        m->unit = NAN;
        break;
    default:
        break;
    }
}

START_TEST(damaged_states_are_refused) {
    const rk_params params = params_of(BY_ITEM);
    rk_model *m = fitted(&params), *other;
    damage(m, _i);
    ck_assert_int_eq(saved_and_loaded(m, &other), _i == 0 ? RK_OK : RK_E_IO);
    for (uint32_t u = 0; _i == 0 && u < USERS; u++)
        for (uint32_t i = 0; i < ITEMS; i++)
            ck_assert_float_eq(answer_of(m, u, i), answer_of(other, u, i));
    if (_i > 0) ck_assert(host.failure[0] && strstr(host.failure, "damaged"));
    destroy(other);
    destroy(m);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("knn");
    TCase *all = tcase_create("knn");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_loop_test(all, neighbours_are_those_of_a_dense_search, BY_ITEM, BY_USER + 1);
    tcase_add_loop_test(all, answers_are_those_of_a_dense_search, BY_ITEM, BY_USER + 1);
    tcase_add_loop_test(all, answers_for_everything_are_those_of_one_pair, BY_ITEM, BY_USER + 1);
    tcase_add_loop_test(all, of_many_candidates_the_first_are_kept, BY_ITEM, BY_USER + 1);
    tcase_add_test(all, figures_by_hand);
    tcase_add_loop_test(all, damaged_states_are_refused, 0, 10);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
