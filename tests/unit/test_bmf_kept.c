// bmf's kept draws: which sweeps they are of, what packing loses, and answers against plain ones.
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bmf/bmf_kept.c"
#include "bmf/bmf_kept_predict.c"
#include "bmf/bmf_kept_tables.c"
#include "model/host.h"
#include "support/tape.h"

enum { USERS = 30, ITEMS = 20, DAYS = 5, MOST_RANK = 33, SWEEPS = 50, LEVELS = 4, ROWS = 60 };

// The chain's draws as they were.
struct chain {
    float level[SWEEPS], precision[SWEEPS], cut[SWEEPS][LEVELS - 1];
    float bias[SWEEPS][BMF_SIDES][ROWS], factor[SWEEPS][BMF_SIDES][ROWS * 48];
    float quiet[SWEEPS][2][ROWS];
};

static struct chain chain; // too large for the stack
static struct host host;
static const float values[LEVELS] = {-1.5f, -0.25f, 0.5f, 2};
static const size_t stride = 48;

static void chain_init(uint32_t rank) {
    host_init(&host, NULL, 42);
    const rk_host *h = &host.api;
    h->normal(h, 1, chain.bias[0][0], sizeof chain.bias / sizeof(float));
    h->normal(h, 2, chain.factor[0][0], sizeof chain.factor / sizeof(float));
    h->normal(h, 3, chain.level, SWEEPS);
    h->uniform(h, 4, chain.precision, SWEEPS);
    h->uniform(h, 5, chain.cut[0], sizeof chain.cut / sizeof(float));
    h->uniform(h, 6, chain.quiet[0][0], sizeof chain.quiet / sizeof(float));
    for (int s = 0; s < SWEEPS; s++) {
        chain.precision[s] += 0.5f;
        for (int side = 0; side < 2; side++)
            for (size_t r = 0; r < ROWS; r++) chain.quiet[s][side][r] += 0.1f * (float)(r % 9 + 1);
        chain.level[s] *= 0.1f;
        for (int l = 0; l < LEVELS - 1; l++) chain.cut[s][l] += (float)(1.5 * l - 2);
        for (int side = 0; side < BMF_SIDES; side++)
            for (size_t r = 0; r < ROWS; r++)
                for (size_t f = 0; f < stride; f++) {
                    float *x = &chain.factor[s][side][r * stride + f];
                    *x = f < rank ? 0.3f * *x : 0;
                }
    }
}

static struct bmf_draw draw_of(int s, bool probit) {
    struct bmf_draw d = {.level = chain.level[s],
        .precision = probit ? 1 : chain.precision[s],
        .stride = stride,
        .cut = probit ? chain.cut[s] : NULL};
    for (int side = 0; side < BMF_SIDES; side++) {
        d.bias[side] = chain.bias[s][side];
        d.factor[side] = chain.factor[s][side];
        if (side < 2 && !probit) d.quiet[side] = chain.quiet[s][side];
    }
    return d;
}

// Kinds of models, by the number of a looped test.
struct kind {
    uint32_t rank, n_days, keep;
    bool probit;
};
static const struct kind kinds[] = {
    {1, 0, 7, false}, {16, 0, 16, false}, {33, 5, 50, false}, {16, 5, 33, true}, {5, 0, 50, true}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static struct bmf_shape shape_of(const struct kind *kind) {
    return (struct bmf_shape){USERS, ITEMS, kind->n_days, kind->rank};
}

static void keep(struct bmf_kept *k, const struct kind *kind) {
    const struct bmf_shape shape = shape_of(kind);
    chain_init(kind->rank);
    ck_assert_int_eq(bmf_kept_init(k, &shape, SWEEPS, kind->keep, kind->probit ? values : NULL,
                         kind->probit ? LEVELS : 0),
        RK_OK);
    for (uint32_t s = 0; s < SWEEPS; s++) {
        const struct bmf_draw d = draw_of((int)s, kind->probit);
        if (bmf_kept_wants(k, s)) ck_assert_int_eq(bmf_kept_add(k, &host.api, &d), RK_OK);
    }
    ck_assert_uint_eq(k->n, kind->keep);
    ck_assert_int_eq(bmf_kept_finish(k), RK_OK);
}

// Every user with every item, on days that come and go.
struct asked {
    uint32_t user[USERS * ITEMS], item[USERS * ITEMS], day[USERS * ITEMS];
    rk_pairs pairs;
};

static void ask_all(struct asked *a) {
    enum { N = USERS * ITEMS };
    for (uint32_t j = 0; j < N; j++) {
        a->user[j] = j / ITEMS;
        a->item[j] = j % ITEMS;
        a->day[j] = j / 3 % (DAYS + 2);
        if (a->day[j] >= DAYS) a->day[j] = BMF_NO_DAY;
    }
    a->pairs = (rk_pairs){.size = sizeof a->pairs, .n = N, .users = a->user, .items = a->item};
}

// ---- Against plain ones ------------------------------------------------------------------------

static double plain_dot(int s, int side, size_t row, int other, size_t other_row, uint32_t rank) {
    double sum = 0;
    for (uint32_t f = 0; f < rank; f++)
        sum += (double)chain.factor[s][side][row * stride + f] *
               chain.factor[s][other][other_row * stride + f];
    return sum;
}

static double plain_f(int s, const struct kind *kind, uint32_t u, uint32_t i, uint32_t d) {
    double f = (double)chain.level[s] + chain.bias[s][BMF_USER][u] + chain.bias[s][BMF_ITEM][i] +
               plain_dot(s, BMF_USER, u, BMF_ITEM, i, kind->rank);
    if (d < kind->n_days)
        f += chain.bias[s][BMF_DAY][d] + plain_dot(s, BMF_USER, u, BMF_DAY, d, kind->rank) +
             plain_dot(s, BMF_ITEM, i, BMF_DAY, d, kind->rank);
    return f;
}

// E[r | f] and Var[r | f] by definition.
static void plain_levels(int s, double f, double *mean, double *variance) {
    double p[LEVELS], sum = 0, squares = 0;
    for (int l = 0; l < LEVELS; l++) {
        const double above = l < LEVELS - 1 ? 0.5 * erfc((f - chain.cut[s][l]) / sqrt(2)) : 1,
                     below = l > 0 ? 0.5 * erfc((f - chain.cut[s][l - 1]) / sqrt(2)) : 0;
        p[l] = above - below;
        sum += p[l] * values[l];
    }
    for (int l = 0; l < LEVELS; l++) squares += p[l] * (values[l] - sum) * (values[l] - sum);
    *mean = sum;
    *variance = squares;
}

static void plain_answer(const struct bmf_kept *k, const struct kind *kind, uint32_t u, uint32_t i,
    uint32_t d, double *mean, double *sd) {
    double sum = 0, squares = 0, noise = 0, of_user = 0, of_item = 0;
    for (uint32_t s = 0; s < SWEEPS; s++) {
        if (!bmf_kept_wants(k, s)) continue;
        double f = plain_f((int)s, kind, u, i, d), variance = 1 / chain.precision[s];
        if (kind->probit) plain_levels((int)s, f, &f, &variance);
        sum += f;
        squares += f * f;
        noise += variance;
        of_user += kind->probit ? 1 : 1 / (double)chain.quiet[s][BMF_USER][u];
        of_item += kind->probit ? 1 : 1 / (double)chain.quiet[s][BMF_ITEM][i];
    }
    noise *= of_user / kind->keep * of_item / kind->keep;
    *mean = sum / kind->keep;
    *sd = sqrt(squares / kind->keep - *mean * *mean + noise / kind->keep);
}

START_TEST(answers_are_those_of_plain_draws) {
    const struct kind *kind = kinds + _i;
    static struct asked a;
    static float mean[USERS * ITEMS], sd[USERS * ITEMS];
    struct bmf_kept k;
    keep(&k, kind);
    ask_all(&a);
    ck_assert_int_eq(bmf_kept_predict(&k, &a.pairs, a.day, mean, sd), RK_OK);
    double off = 0;
    for (size_t j = 0; j < a.pairs.n; j++) {
        double m, v;
        plain_answer(&k, kind, a.user[j], a.item[j], a.day[j], &m, &v);
        ck_assert_double_eq_tol(mean[j], m, 2e-4);
        ck_assert_double_eq_tol(sd[j], v, 4e-4);
        off += (mean[j] - m) * (mean[j] - m);
    }
    ck_assert_double_lt(sqrt(off / (double)a.pairs.n), 1e-4);
    bmf_kept_done(&k);
}
END_TEST

START_TEST(a_pair_has_one_answer) {
    static struct asked a;
    static float mean[USERS * ITEMS], sd[USERS * ITEMS], alone[USERS * ITEMS];
    struct bmf_kept k;
    keep(&k, kinds + _i);
    ask_all(&a);
    ck_assert_int_eq(bmf_kept_predict(&k, &a.pairs, a.day, mean, sd), RK_OK);
    ck_assert_int_eq(bmf_kept_predict(&k, &a.pairs, a.day, alone, NULL), RK_OK);
    ck_assert(memcmp(mean, alone, sizeof mean) == 0);
    for (size_t j = 0; j < a.pairs.n; j++) {
        const rk_pairs one = {.size = sizeof one, .n = 1, .users = a.user + j, .items = a.item + j};
        float m, s;
        ck_assert_int_eq(bmf_kept_predict(&k, &one, a.day + j, &m, &s), RK_OK);
        ck_assert(m == mean[j] && s == sd[j]);
    }
    bmf_kept_done(&k);
}
END_TEST

// The portable dot products, and those of this CPU.
START_TEST(every_cpu_adds_alike) {
    struct bmf_kept k;
    keep(&k, kinds + 2);
    static int32_t best[64], any[64];
    for (size_t u = 0; u < USERS; u++) {
        const int16_t *p = row_of(&k, BMF_USER, u), *q = row_of(&k, BMF_ITEM, u % ITEMS);
        dots_best()(p, q, k.n_blocks, k.n_halves, best);
        dots_any(p, q, k.n_blocks, k.n_halves, any);
        ck_assert(memcmp(best, any, sizeof best) == 0);
    }
    bmf_kept_done(&k);
}
END_TEST

// All factors as large as can be: sums must still fit.
START_TEST(the_largest_factors_fit) {
    struct kind kind = {.rank = 33, .n_days = 5, .keep = 1};
    const struct bmf_shape shape = shape_of(&kind);
    chain_init(kind.rank);
    for (int side = 0; side < BMF_SIDES; side++)
        for (size_t r = 0; r < ROWS; r++)
            for (size_t f = 0; f < 33; f++) chain.factor[0][side][r * stride + f] = -2;
    struct bmf_kept k;
    const struct bmf_draw d = draw_of(0, false);
    ck_assert_int_eq(bmf_kept_init(&k, &shape, 1, 1, NULL, 0), RK_OK);
    ck_assert_int_eq(bmf_kept_add(&k, &host.api, &d), RK_OK);
    ck_assert_int_eq(bmf_kept_finish(&k), RK_OK);
    const uint32_t u = 1, i = 2, day = 3;
    const rk_pairs one = {.size = sizeof one, .n = 1, .users = &u, .items = &i};
    float mean;
    ck_assert_int_eq(bmf_kept_predict(&k, &one, &day, &mean, NULL), RK_OK);
    ck_assert_double_eq_tol(mean, plain_f(0, &kind, u, i, day), 2e-3);
    bmf_kept_done(&k);
}
END_TEST

// ---- Which draws -------------------------------------------------------------------------------

START_TEST(kept_sweeps_are_evenly_spaced) {
    static const uint32_t cases[][2] = {{500, 100}, {200, 96}, {7, 5}, {5, 5}, {3, 100}, {1, 1}};
    const struct bmf_shape shape = {1, 1, 0, 1};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const uint32_t n_sweeps = cases[c][0],
                       want = n_sweeps < cases[c][1] ? n_sweeps : cases[c][1];
        struct bmf_kept k;
        ck_assert_int_eq(bmf_kept_init(&k, &shape, n_sweeps, cases[c][1], NULL, 0), RK_OK);
        uint32_t n = 0, before = UINT32_MAX; // the sweep before the first
        for (uint32_t s = 0; s < n_sweeps; s++) {
            if (!bmf_kept_wants(&k, s)) continue;
            const uint32_t gap = s - before;
            ck_assert(gap == n_sweeps / want || gap == (n_sweeps + want - 1) / want);
            before = s;
            n++;
        }
        ck_assert_uint_eq(n, want);
        ck_assert_uint_eq(before, n_sweeps - 1);
        ck_assert(!bmf_kept_wants(&k, n_sweeps));
        bmf_kept_done(&k);
    }
}
END_TEST

START_TEST(what_cannot_be_is_refused) {
    struct bmf_kept k;
    const struct bmf_shape shape = {USERS, ITEMS, 0, 8}, wide = {1, 1, 0, BMF_KEPT_MOST_RANK + 1};
    chain_init(8);
    ck_assert_int_eq(bmf_kept_init(&k, &wide, 1, 1, NULL, 0), RK_E_PARAM);
    ck_assert_int_eq(bmf_kept_init(&k, &shape, 1, 0, NULL, 0), RK_E_PARAM);
    ck_assert_int_eq(bmf_kept_init(&k, &shape, 9999, BMF_KEPT_MOST + 1, NULL, 0), RK_E_PARAM);
    ck_assert_int_eq(bmf_kept_init(&k, &shape, 1, 1, values, BMF_KEPT_MOST_LEVELS + 1), RK_E_PARAM);
    ck_assert_int_eq(bmf_kept_init(&k, &shape, 2, 2, NULL, 0), RK_OK);
    ck_assert_int_eq(bmf_kept_finish(&k), RK_E_PARAM);
    struct bmf_draw d = draw_of(0, false);
    d.precision = 0;
    ck_assert_int_eq(bmf_kept_add(&k, &host.api, &d), RK_E_NUMERIC);
    d = draw_of(0, false);
    chain.factor[0][BMF_ITEM][5 * stride + 7] = NAN;
    ck_assert_int_eq(bmf_kept_add(&k, &host.api, &d), RK_E_NUMERIC);
    chain.factor[0][BMF_ITEM][5 * stride + 7] = 0;
    chain.bias[0][BMF_USER][3] = INFINITY;
    ck_assert_int_eq(bmf_kept_add(&k, &host.api, &d), RK_E_NUMERIC);
    ck_assert_uint_eq(k.n, 0);
    bmf_kept_done(&k);
}
END_TEST

START_TEST(memory_is_as_stated) {
    const struct bmf_shape shape = {USERS, ITEMS, DAYS, 16};
    // 16 bits for each of rank + 1 numbers of 112 draws, and a mean; 7 numbers for each draw.
    ck_assert_uint_eq(bmf_kept_bytes(&shape, 100), 55 * (112 * 17 * 2 + 4) + 7 * 112 * 4);
}
END_TEST

// ---- As bytes ----------------------------------------------------------------------------------

static struct bmf_shape saved_shape;

static void fields(struct state *s, rk_model *m) {
    bmf_kept_fields((struct bmf_kept *)m, s, &saved_shape);
}

static rk_status load(struct bmf_kept *k, struct tape *t) {
    t->bytes.got = 0;
    *k = (struct bmf_kept){0};
    return state_load((rk_model *)k, &host.api, &t->stream, "bmf", 1, fields);
}

START_TEST(a_state_answers_alike) {
    static struct asked a;
    static float mean[USERS * ITEMS], sd[USERS * ITEMS], other[USERS * ITEMS],
        spread[USERS * ITEMS];
    struct bmf_kept k, again;
    struct tape t;
    tape_init(&t);
    keep(&k, kinds + _i);
    saved_shape = k.shape;
    ask_all(&a);
    bmf_kept_predict(&k, &a.pairs, a.day, mean, sd);
    ck_assert_int_eq(state_save((rk_model *)&k, &host.api, &t.stream, "bmf", 1, fields), RK_OK);
    ck_assert_int_eq(load(&again, &t), RK_OK);
    bmf_kept_predict(&again, &a.pairs, a.day, other, spread);
    ck_assert(memcmp(mean, other, sizeof mean) == 0 && memcmp(sd, spread, sizeof sd) == 0);
    bmf_kept_done(&again);
    saved_shape.rank++;
    ck_assert_int_eq(load(&again, &t), RK_E_IO);
    bmf_kept_done(&again);
    bmf_kept_done(&k);
    tape_done(&t);
}
END_TEST

// Bytes that are cut off, or made up: refused, or a model that answers with numbers.
START_TEST(damage_does_no_harm) {
    static struct asked a;
    static float mean[USERS * ITEMS], sd[USERS * ITEMS];
    struct bmf_kept k, again;
    struct tape t;
    size_t n_refused = 0;
    tape_init(&t);
    keep(&k, kinds + (_i % 2 ? 3 : 0));
    saved_shape = k.shape;
    ask_all(&a);
    ck_assert_int_eq(state_save((rk_model *)&k, &host.api, &t.stream, "bmf", 1, fields), RK_OK);
    unsigned char *bytes = t.bytes.at;
    const size_t size = t.bytes.size, step = size / 200 + 1;
    for (size_t at = 0; at < size; at += at < 400 ? 1 : step) {
        const unsigned char was = bytes[at];
        bytes[at] = (unsigned char)(was ^ (at % 2 ? 0xff : 0x80));
        if (load(&again, &t) == RK_OK) {
            ck_assert_int_eq(bmf_kept_predict(&again, &a.pairs, a.day, mean, sd), RK_OK);
            for (size_t j = 0; j < a.pairs.n; j++)
                ck_assert(isfinite(mean[j]) && isfinite(sd[j]) && sd[j] >= 0);
        } else {
            n_refused++;
        }
        bmf_kept_done(&again);
        bytes[at] = was;
    }
    ck_assert_uint_gt(n_refused, 80);
    for (size_t cut = 0; cut < size; cut += step) {
        t.bytes.size = cut;
        ck_assert_int_eq(load(&again, &t), RK_E_IO);
        bmf_kept_done(&again);
    }
    t.bytes.size = size;
    bmf_kept_done(&k);
    tape_done(&t);
}
END_TEST

// What must not be there, each in a state that is otherwise as saved.
START_TEST(numbers_beyond_range_are_refused) {
    const struct kind *kind = kinds + 3; // probit with days
    struct bmf_kept k, again;
    struct tape t;
    keep(&k, kind);
    saved_shape = k.shape;
    const int most = bmf_kept_most(k.n_halves, false), shared = bmf_kept_most(k.n_halves, true);
    const struct {
        void *at;
        size_t size;
        int16_t packed;
        float number;
        uint32_t count;
    } pokes[] = {{&k.side[BMF_ITEM].factor[9], 2, (int16_t)-most, 0, 0}, // which may be
        {&k.side[BMF_ITEM].factor[9], 2, (int16_t)(-most - 1), 0, 0},
        {&k.side[BMF_DAY].factor[9], 2, (int16_t)(shared + 1), 0, 0},
        {&k.side[BMF_USER].bias[0], 2, INT16_MIN, 0, 0}, {&k.side[BMF_USER].scale[1], 4, 0, -1, 0},
        {&k.scale[1][0], 4, 0, NAN, 0}, {&k.level[0], 4, 0, INFINITY, 0},
        {&k.noise[0], 4, 0, -1, 0}, {&k.cut[1], 4, 0, chain.cut[0][0] - 5, 0},
        {&k.cut[2], 4, 0, 1e5f, 0}, {&k.value[0], 4, 0, NAN, 0}, {&k.n, 4, 0, 0, 0},
        {&k.n, 4, 0, 0, kind->keep + 1}, {&k.n_levels, 4, 0, 0, 1}};
    for (size_t p = 0; p < sizeof pokes / sizeof *pokes; p++) {
        uint32_t was = 0;
        memcpy(&was, pokes[p].at, pokes[p].size);
        const void *value =
            pokes[p].size == 2 ? (const void *)&pokes[p].packed
            : (uint32_t *)pokes[p].at == &k.n || (uint32_t *)pokes[p].at == &k.n_levels
                ? (const void *)&pokes[p].count
                : (const void *)&pokes[p].number;
        memcpy(pokes[p].at, value, pokes[p].size);
        tape_init(&t);
        ck_assert_int_eq(state_save((rk_model *)&k, &host.api, &t.stream, "bmf", 1, fields), RK_OK);
        ck_assert_msg(load(&again, &t) == (p ? RK_E_IO : RK_OK), "poke %zu", p);
        bmf_kept_done(&again);
        tape_done(&t);
        memcpy(pokes[p].at, &was, pokes[p].size);
    }
    bmf_kept_done(&k);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("bmf_kept");
    TCase *answers = tcase_create("answers"), *draws = tcase_create("draws"),
          *bytes = tcase_create("bytes");
    tcase_add_loop_test(answers, answers_are_those_of_plain_draws, 0, KINDS);
    tcase_add_loop_test(answers, a_pair_has_one_answer, 0, KINDS);
    tcase_add_test(answers, every_cpu_adds_alike);
    tcase_add_test(answers, the_largest_factors_fit);
    tcase_add_test(draws, kept_sweeps_are_evenly_spaced);
    tcase_add_test(draws, what_cannot_be_is_refused);
    tcase_add_test(draws, memory_is_as_stated);
    tcase_add_loop_test(bytes, a_state_answers_alike, 0, KINDS);
    tcase_add_loop_test(bytes, damage_does_no_harm, 0, 2);
    tcase_add_test(bytes, numbers_beyond_range_are_refused);
    suite_add_tcase(suite, answers);
    suite_add_tcase(suite, draws);
    suite_add_tcase(suite, bytes);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
