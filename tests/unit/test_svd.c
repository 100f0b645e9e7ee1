// svd's ratings, and its epochs against plain ones and against the slope of the loss.
#include <check.h>

#include "support/svd_world.h"
#include "svd/svd_factors.c"
#include "svd/svd_ratings.c"
#include "svd/svd_sgd.c"
#include "svd/svd_time.c"

#include "common/side.h"

// Which of the optional terms: bits of a test's number.
enum { IMPLICIT = 1, FEATURES = 2, TIME = 4, KINDS = 8 };

enum { RANK = 20 };

// ---- Ratings -----------------------------------------------------------------------------------

static const struct standard scale = {.center = 3, .unit = 2};

START_TEST(every_rating_is_there_once) {
    static float seen[N_USERS][N_ITEMS];
    struct svd_ratings r;
    world_init(&world, 0.5, 0);
    memset(seen, 0, sizeof seen);
    ck_assert(svd_ratings_init(&r, &world.data, _i, &scale));
    const rk_csr *train = &world.data.by_user;
    ck_assert_uint_eq(r.n, train->start[N_USERS] + (_i ? world.valid.n : 0));
    size_t n = 0;
    for (uint32_t u = 0; u < N_USERS; u++) {
        n += svd_ratings_count(&r, u);
        for (size_t e = svd_ratings_at(&r, u, 0); e < svd_ratings_at(&r, u, SVD_PARTS); e++) {
            ck_assert_float_eq(seen[u][r.rating[e].item], 0);
            seen[u][r.rating[e].item] = r.rating[e].value * 2 + 3;
        }
    }
    ck_assert_uint_eq(n, r.n);
    for (uint32_t u = 0; u < N_USERS; u++)
        for (uint64_t e = train->start[u]; e < train->start[u + 1]; e++)
            ck_assert_float_eq_tol(seen[u][train->col[e]], train->value[e], 1e-5);
    for (size_t k = 0; k < world.valid.n; k++) {
        const float x = seen[world.valid_user[k]][world.valid_item[k]];
        ck_assert_float_eq_tol(x, _i ? world.valid_rating[k] : 0, 1e-5);
    }
    svd_ratings_done(&r);
}
END_TEST

START_TEST(parts_are_disjoint_and_balanced) {
    struct svd_ratings r;
    uint32_t part_of[N_ITEMS] = {0}; // part + 1
    size_t n[SVD_PARTS] = {0};
    world_init(&world, 0.5, 0);
    ck_assert(svd_ratings_init(&r, &world.data, true, &scale));
    for (uint32_t u = 0; u < N_USERS; u++)
        for (uint32_t p = 0; p < SVD_PARTS; p++)
            for (size_t e = svd_ratings_at(&r, u, p); e < svd_ratings_at(&r, u, p + 1); e++) {
                uint32_t *part = part_of + r.rating[e].item;
                ck_assert(*part == 0 || *part == p + 1);
                *part = p + 1;
                n[p]++;
            }
    for (uint32_t p = 0; p < SVD_PARTS; p++) ck_assert_uint_le(n[p] * SVD_PARTS, r.n + r.n / 5);
    svd_ratings_done(&r);
}
END_TEST

// ---- Steps -------------------------------------------------------------------------------------

// All parameters in double precision.
struct plain {
    double p[N_USERS][RANK], q[N_ITEMS][RANK], y[N_ITEMS][RANK], w[N_GENRES][RANK];
    double bu[N_USERS], bi[N_ITEMS], wb[N_GENRES], drift[N_USERS], bin[MOST];
};

struct training {
    int kind;
    struct side side;
    struct svd_ratings ratings;
    struct svd_factors f;
    struct svd_batch batch;
};

static double at(const struct svd_factors *f, const vec *rows, size_t row, size_t k) {
    return rows ? ((const float *)rows)[row * f->n_vecs * VEC_LANES + k] : 0;
}

static void copy(const struct svd_factors *f, struct plain *x) {
    memset(x, 0, sizeof *x);
    for (size_t k = 0; k < RANK; k++) {
        for (size_t u = 0; u < N_USERS; u++) x->p[u][k] = at(f, f->user, u, k);
        for (size_t i = 0; i < N_ITEMS; i++) x->q[i][k] = at(f, f->item, i, k);
        for (size_t i = 0; i < N_ITEMS; i++) x->y[i][k] = at(f, f->implicit, i, k);
        for (size_t g = 0; f->feature && g < N_GENRES; g++) x->w[g][k] = at(f, f->feature, g, k);
    }
    for (size_t u = 0; u < N_USERS; u++) x->bu[u] = f->user_row[u].bias;
    for (size_t i = 0; i < N_ITEMS; i++) x->bi[i] = f->item_row[i].bias;
    for (size_t g = 0; f->feature && g < N_GENRES; g++) x->wb[g] = f->feature_bias[g];
    for (size_t u = 0; f->time.there && u < N_USERS; u++) x->drift[u] = f->time.drift[u];
    for (size_t b = 0; f->time.there && b < f->time.start[N_ITEMS]; b++)
        x->bin[b] = f->time.bin[b].bias;
}

static void training_init(struct training *t, int kind) {
    *t = (struct training){.kind = kind};
    world_init(&world, 0.4, 0.5);
    const rk_host *h = &world.host.api;
    ck_assert_int_eq(side_init(&t->side, &world.data, SIDE_ITEMS, NULL), RK_OK);
    side_normalise(&t->side);
    ck_assert(svd_ratings_init(&t->ratings, &world.data, true, &scale));
    const struct svd_terms terms = {.implicit = kind & IMPLICIT,
        .time = kind & TIME,
        .features = kind & FEATURES ? &t->side.rows : NULL};
    ck_assert(svd_factors_init(&t->f, &t->ratings, RANK, &terms));
    ck_assert(svd_batch_init(&t->batch, &t->f, &t->ratings));
    svd_factors_penalise(&t->f, &t->ratings, 0.1, 0.25, 0.4);
    ck_assert_int_eq(svd_factors_draw(&t->f, &t->ratings, h, RANK, 0.3), RK_OK);
    for (uint32_t u = 0; u < N_USERS; u++) t->f.user_row[u].bias = 0.01f * (float)(u % 17);
    for (uint32_t u = 0; kind & TIME && u < N_USERS; u++)
        t->f.time.drift[u] = 0.1f * (float)(u % 5) - 0.2f;
    for (size_t b = 0; kind & TIME && b < t->f.time.start[N_ITEMS]; b++)
        t->f.time.bin[b].bias = 0.1f * (float)(b % 7);
    for (uint32_t g = 0; kind & FEATURES && g < N_GENRES; g++)
        t->f.feature_bias[g] = 0.1f * (float)g;
}

static void training_done(struct training *t) {
    svd_batch_done(&t->batch);
    svd_factors_done(&t->f);
    svd_ratings_done(&t->ratings);
    side_done(&t->side);
}

// q_i + v.w into out; returns v.wb.
static double plain_item(const struct plain *x, const struct training *t, uint32_t i, double *out) {
    double bias = 0;
    for (int k = 0; k < RANK; k++) out[k] = x->q[i][k];
    const rk_csr *v = &t->side.rows;
    for (uint64_t e = v->start[i]; t->kind & FEATURES && e < v->start[i + 1]; e++) {
        bias += v->value[e] * x->wb[v->col[e]];
        for (int k = 0; k < RANK; k++) out[k] += v->value[e] * x->w[v->col[e]][k];
    }
    return bias;
}

static void plain_implicit(
    const struct plain *x, const struct svd_ratings *r, uint32_t u, double *z) {
    const size_t first = svd_ratings_at(r, u, 0), n = svd_ratings_count(r, u);
    for (int k = 0; k < RANK; k++) {
        z[k] = 0;
        for (size_t e = first; e < first + n; e++) z[k] += x->y[r->rating[e].item][k];
        if (n) z[k] /= sqrt((double)n);
    }
}

// The biases in time of rating e, by user u.
static double plain_time(const struct plain *x, const struct training *t, uint32_t u, size_t e) {
    if (!(t->kind & TIME) || t->ratings.time[e] == RK_NO_TIME) return 0;
    const struct svd_moment *m = t->f.time.moment + e;
    return x->bin[m->bin] + x->drift[u] * m->dev;
}

// Half the loss that an epoch's steps go down, while y counts once for each user that has it.
static double plain_loss(
    const struct plain *x, const struct training *t, const struct svd_steps *s) {
    const struct svd_ratings *r = &t->ratings;
    const rk_csr *v = &t->side.rows;
    double loss = 0, z[RANK], q[RANK];
    for (size_t k = 0; k < N_USERS; k++) loss += s->time_l2 * x->drift[k] * x->drift[k];
    for (size_t k = 0; k < MOST; k++) loss += s->time_l2 * x->bin[k] * x->bin[k];
    for (uint32_t u = 0; u < N_USERS; u++) {
        plain_implicit(x, r, u, z);
        for (size_t e = svd_ratings_at(r, u, 0); e < svd_ratings_at(r, u, SVD_PARTS); e++) {
            const uint32_t i = r->rating[e].item;
            double error = r->rating[e].value - x->bu[u] - x->bi[i] - plain_item(x, t, i, q);
            error -= plain_time(x, t, u, e);
            loss += s->bias_l2 * (x->bu[u] * x->bu[u] + x->bi[i] * x->bi[i]);
            for (int k = 0; k < RANK; k++) {
                error -= (x->p[u][k] + z[k]) * q[k];
                loss += t->f.user_row[u].l2 * x->p[u][k] * x->p[u][k] +
                        t->f.item_row[i].l2 * x->q[i][k] * x->q[i][k] +
                        (t->kind & IMPLICIT ? t->f.item_row[i].implicit_l2 * x->y[i][k] * x->y[i][k]
                                            : 0);
            }
            loss += error * error;
            for (uint64_t g = v->start[i]; t->kind & FEATURES && g < v->start[i + 1]; g++) {
                const uint32_t c = v->col[g];
                loss += s->feature_l2 * x->wb[c] * x->wb[c];
                for (int k = 0; k < RANK; k++) loss += s->feature_l2 * x->w[c][k] * x->w[c][k];
            }
        }
    }
    return loss / 2;
}

// Compares steps with the loss's slope for every `skip`th of n parameters.
static void compare_slopes(struct plain *x, const struct plain *after, double *first, size_t n,
    size_t skip, double rate, const struct training *t, const struct svd_steps *s) {
    const double *moved = (const double *)after + (first - (const double *)x);
    double difference = 0, size = 0;
    for (size_t k = 0; k < n; k += skip) {
        const double kept = first[k], h = 1e-4;
        first[k] = kept + h;
        double slope = plain_loss(x, t, s);
        first[k] = kept - h;
        slope = (slope - plain_loss(x, t, s)) / (2 * h);
        first[k] = kept;
        const double step = (moved[k] - kept) / rate;
        difference += (step + slope) * (step + slope);
        size += slope * slope;
    }
    ck_assert_double_lt(sqrt(difference), 0.05 * sqrt(size) + 1e-9);
}

// With a small rate, a whole epoch is one step against the gradient.
START_TEST(an_epoch_goes_down_the_loss) {
    static struct plain x, after;
    struct training t;
    training_init(&t, _i);
    const struct svd_steps steps = {.rate = 2e-5f,
        .bias_rate = 0.5f,
        .implicit_rate = 0.7f,
        .feature_rate = 0.2f,
        .bias_l2 = 0.3f,
        .feature_l2 = 0.5f,
        .time_l2 = 6};
    double sse;
    copy(&t.f, &x);
    ck_assert_int_eq(
        svd_sgd_epoch(&t.f, &t.ratings, &t.batch, &world.host.api, steps, 0, &sse), RK_OK);
    copy(&t.f, &after);
    const double rate = steps.rate;
    compare_slopes(&x, &after, x.p[0], N_USERS * RANK, 101, rate, &t, &steps);
    compare_slopes(&x, &after, x.q[0], N_ITEMS * RANK, 61, rate, &t, &steps);
    compare_slopes(&x, &after, x.bu, N_USERS, 7, rate * 0.5, &t, &steps);
    compare_slopes(&x, &after, x.bi, N_ITEMS, 7, rate * 0.5, &t, &steps);
    if (_i & IMPLICIT)
        compare_slopes(&x, &after, x.y[0], N_ITEMS * RANK, 61, rate * 0.7, &t, &steps);
    if (_i & FEATURES) {
        compare_slopes(&x, &after, x.w[0], N_GENRES * RANK, 5, rate * 0.2, &t, &steps);
        compare_slopes(&x, &after, x.wb, N_GENRES, 1, rate * 0.2 * 0.5, &t, &steps);
    }
    if (_i & TIME) {
        compare_slopes(&x, &after, x.drift, N_USERS, 7, rate * 0.5, &t, &steps);
        compare_slopes(&x, &after, x.bin, t.f.time.start[N_ITEMS], 51, rate * 0.5, &t, &steps);
    }
    training_done(&t);
}
END_TEST

// One user's walk over its ratings, and the steps of what it shares. (A batch of one user.)
static double plain_user(struct plain *x, struct training *t, uint32_t u, uint32_t first_part,
    const struct svd_steps *s) {
    const struct svd_ratings *r = &t->ratings;
    const rk_csr *v = &t->side.rows;
    const size_t first = svd_ratings_at(r, u, 0), n = svd_ratings_count(r, u),
                 turn = svd_ratings_at(r, u, first_part) - first;
    static double error[N_ITEMS];
    double z[RANK], old_z[RANK], q[RANK], sse = 0;
    const double bias_rate = s->rate * s->bias_rate, y_rate = s->rate * s->implicit_rate;
    plain_implicit(x, r, u, old_z);
    memcpy(z, old_z, sizeof z);
    for (size_t k = 0; k < n; k++) {
        const struct svd_rating *rating = r->rating + first + (turn + k) % n;
        const uint32_t i = rating->item;
        const size_t at = first + (turn + k) % n;
        double e = rating->value - x->bu[u] - x->bi[i] - plain_item(x, t, i, q);
        e -= plain_time(x, t, u, at);
        for (int l = 0; l < RANK; l++) e -= (x->p[u][l] + z[l]) * q[l];
        x->bu[u] += bias_rate * (e - s->bias_l2 * x->bu[u]);
        for (int l = 0; l < RANK; l++) {
            x->p[u][l] += s->rate * (e * q[l] - t->f.user_row[u].l2 * x->p[u][l]);
            if (t->kind & IMPLICIT) z[l] += y_rate * e * q[l];
        }
        if (t->kind & TIME)
            x->drift[u] +=
                bias_rate * (e * t->f.time.moment[at].dev - s->time_l2 / (double)n * x->drift[u]);
        error[i] = e;
        sse += e * e;
    }
    for (size_t k = first; k < first + n; k++) {
        const uint32_t i = r->rating[k].item;
        const double e = error[i];
        x->bi[i] += bias_rate * (e - s->bias_l2 * x->bi[i]);
        if (t->kind & TIME && r->time[k] != RK_NO_TIME) {
            const struct svd_bin *bin = t->f.time.bin + t->f.time.moment[k].bin;
            double *b = x->bin + (bin - t->f.time.bin);
            *b += bias_rate * (e - s->time_l2 / bin->n * *b);
        }
        for (int l = 0; l < RANK; l++) {
            const double sum = x->p[u][l] + z[l];
            x->q[i][l] += s->rate * (e * sum - t->f.item_row[i].l2 * x->q[i][l]);
            if (t->kind & IMPLICIT)
                x->y[i][l] += (z[l] - old_z[l]) / sqrt((double)n) -
                              y_rate * t->f.item_row[i].implicit_l2 * x->y[i][l];
        }
    }
    const double w_rate = s->rate * s->feature_rate;
    for (uint32_t g = 0; t->kind & FEATURES && g < N_GENRES; g++) {
        double slope = 0, visits = 0;
        for (size_t k = first; k < first + n; k++)
            for (uint64_t e = v->start[r->rating[k].item]; e < v->start[r->rating[k].item + 1];
                 e++) {
                slope += v->col[e] == g ? v->value[e] * error[r->rating[k].item] : 0;
                visits += v->col[e] == g;
            }
        x->wb[g] = x->wb[g] * exp(-w_rate * s->bias_rate * s->feature_l2 * visits) +
                   w_rate * s->bias_rate * slope;
        for (int l = 0; l < RANK; l++)
            x->w[g][l] = x->w[g][l] * exp(-w_rate * s->feature_l2 * visits) +
                         w_rate * slope * (x->p[u][l] + z[l]);
    }
    return sse;
}

START_TEST(an_epoch_is_what_is_written) {
    static struct plain x, after;
    struct training t;
    training_init(&t, _i);
    const struct svd_steps steps = {.rate = 0.02f,
        .bias_rate = 0.5f,
        .implicit_rate = 0.2f,
        .feature_rate = 0.1f,
        .bias_l2 = 0.3f,
        .feature_l2 = 0.5f,
        .time_l2 = 6};
    double sse, plain = 0;
    t.batch.size = 1;
    copy(&t.f, &x);
    ck_assert_int_eq(
        svd_sgd_epoch(&t.f, &t.ratings, &t.batch, &world.host.api, steps, 2, &sse), RK_OK);
    for (uint32_t k = 0; k < N_USERS; k++)
        plain += plain_user(&x, &t, t.batch.order[k], 10, &steps);
    copy(&t.f, &after);
    ck_assert_double_eq_tol(sse, plain, 1e-4 * plain);
    for (size_t k = 0; k < sizeof x / sizeof(double); k++)
        ck_assert_double_eq_tol(((double *)&x)[k], ((double *)&after)[k], 1e-4);

    ck_assert_int_eq(svd_factors_sum(&t.f, &t.ratings, &world.host.api), RK_OK);
    for (uint32_t u = 0; u < N_USERS; u++) {
        const size_t rated = svd_ratings_at(&t.ratings, u, 0);
        const bool warm = svd_ratings_count(&t.ratings, u) > 0;
        const uint32_t i = warm ? t.ratings.rating[rated].item : 0;
        const int64_t *time = t.ratings.time + rated;
        const rk_pairs pair = {
            .size = sizeof pair, .n = 1, .users = &u, .items = &i, .time = warm ? time : NULL};
        float answer;
        double z[RANK], q[RANK], y = x.bu[u] + x.bi[i] + plain_item(&x, &t, i, q);
        if (warm) y += plain_time(&x, &t, u, rated);
        plain_implicit(&x, &t.ratings, u, z);
        for (int k = 0; k < RANK; k++) y += (x.p[u][k] + z[k]) * q[k];
        svd_factors_predict(&t.f, &pair, &answer);
        ck_assert_double_eq_tol(answer, y, 1e-4);
    }
    training_done(&t);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("svd");
    TCase *ratings = tcase_create("ratings"), *steps = tcase_create("steps");
    tcase_add_loop_test(ratings, every_rating_is_there_once, 0, 2);
    tcase_add_test(ratings, parts_are_disjoint_and_balanced);
    tcase_add_loop_test(steps, an_epoch_goes_down_the_loss, 0, KINDS);
    tcase_add_loop_test(steps, an_epoch_is_what_is_written, 0, KINDS);
    suite_add_tcase(suite, ratings);
    suite_add_tcase(suite, steps);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
