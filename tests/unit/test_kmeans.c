// k-means, silhouette and shrinkage against plain versions and figures by hand.
#include "kmeans/kmeans_lloyd.c"
#include "kmeans/kmeans_seed.c"
#include "kmeans/kmeans_shrink.c"
#include "kmeans/kmeans_silhouette.c"

#include <check.h>

#include "model/host.h"

static struct host host;
static int n_recorded[2]; // elbow, silhouette

static void on_record(void *arg, const char *series, double x, double y) {
    (void)arg;
    (void)x;
    (void)y;
    n_recorded[0] += strcmp(series, "elbow") == 0;
    n_recorded[1] += strcmp(series, "silhouette") == 0;
}

// ---- Points ------------------------------------------------------------------------------------

enum { MOST = 600, D = 5 };

static float coordinate[MOST][D], weights[MOST];

static struct kmeans_points points_of(size_t n, size_t d, const float *weight) {
    struct kmeans_points p = {.n = n, .d = d, .ld = linalg_pad(d), .weight = weight};
    float *x = linalg_new(n, p.ld);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < n; i++) memcpy(x + i * p.ld, coordinate[i], d * sizeof *x);
    p.x = x;
    return p;
}

static void points_free(struct kmeans_points *p) {
    linalg_free((float *)(uintptr_t)p->x);
}

// Four groups, far apart; point i is of group i % 4.
static void scatter(size_t n) {
    for (size_t i = 0; i < n; i++) {
        host.api.normal(&host.api, 7000 + i, coordinate[i], D);
        coordinate[i][0] += 20.f * (float)(i % 2);
        coordinate[i][1] += 20.f * (float)(i / 2 % 2);
    }
}

static void on_a_line(const float *at, size_t n) {
    memset(coordinate, 0, sizeof coordinate);
    for (size_t i = 0; i < n; i++) coordinate[i][0] = at[i];
}

static struct kmeans run(const struct kmeans_points *p, size_t k, uint32_t restarts) {
    struct kmeans m;
    struct kmeans_steps steps = {0};
    const struct kmeans_settings s = {.k = k, .restarts = restarts, .iterations = 300};
    ck_assert_int_eq(kmeans_init(&m, &host.api, p, &s, &steps), RK_OK);
    ck_assert_uint_eq(steps.done, restarts);
    return m;
}

static double plain_distance(const struct kmeans_points *p, size_t i, const float *center) {
    double sum = 0;
    for (size_t f = 0; f < p->d; f++) sum += pow((double)p->x[i * p->ld + f] - center[f], 2);
    return sum;
}

static void is_a_minimum(const struct kmeans_points *p, const struct kmeans *m) {
    double sse = 0;
    for (size_t i = 0; i < p->n; i++) {
        const double own = plain_distance(p, i, m->center + m->cluster[i] * m->ld);
        sse += (p->weight ? p->weight[i] : 1.0) * own;
        for (size_t c = 0; c < m->k; c++)
            ck_assert_double_ge(plain_distance(p, i, m->center + c * m->ld), own - 1e-4);
    }
    ck_assert_double_eq_tol(m->sse, sse, 1e-4 * sse);
    for (size_t c = 0; c < m->k; c++) {
        double sum[D] = {0}, n = 0;
        for (size_t i = 0; i < p->n; i++) {
            if (m->cluster[i] != c) continue;
            n += p->weight ? p->weight[i] : 1.0;
            for (size_t f = 0; f < p->d; f++)
                sum[f] += (p->weight ? p->weight[i] : 1.0) * (double)p->x[i * p->ld + f];
        }
        ck_assert_double_gt(n, 0);
        for (size_t f = 0; f < p->d; f++)
            ck_assert_double_eq_tol(m->center[c * m->ld + f], sum[f] / n, 1e-4);
    }
}

START_TEST(ends_where_points_are_nearest_and_centers_are_means) {
    static const size_t ks[] = {1, 3, 16, 17, 40};
    scatter(MOST);
    for (size_t i = 0; i < MOST; i++) weights[i] = (float)(i % 3);
    for (int weighted = 0; weighted < 2; weighted++) {
        struct kmeans_points p = points_of(MOST, D, weighted ? weights : NULL);
        struct kmeans m = run(&p, ks[_i], 2);
        ck_assert_uint_eq(m.k, ks[_i]);
        is_a_minimum(&p, &m);
        kmeans_done(&m);
        points_free(&p);
    }
}
END_TEST

// Inertia as scikit-learn's KMeans has it, too.
START_TEST(figures_by_hand) {
    static const float at[] = {0, 1, 10, 11};
    static const double sse[] = {101, 1, .5, 0, 0};
    on_a_line(at, 4);
    struct kmeans_points p = points_of(4, 1, NULL);
    for (size_t k = 1; k <= 5; k++) {
        struct kmeans m = run(&p, k, 10);
        ck_assert_double_eq_tol(m.sse, sse[k - 1], 1e-5);
        ck_assert_uint_eq(m.k, k < 4 ? k : 4); // no more than different points
        kmeans_done(&m);
    }
    points_free(&p);
}
END_TEST

START_TEST(planted_clusters_are_found) {
    scatter(MOST);
    struct kmeans_points p = points_of(MOST, D, NULL);
    struct kmeans m = run(&p, 4, 10);
    for (size_t i = 4; i < MOST; i++) ck_assert_uint_eq(m.cluster[i], m.cluster[i % 4]);
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < i; j++) ck_assert_uint_ne(m.cluster[i], m.cluster[j]);
    kmeans_done(&m);
    points_free(&p);
}
END_TEST

START_TEST(restarts_are_never_worse) {
    scatter(MOST);
    struct kmeans_points p = points_of(MOST, D, NULL);
    double last = INFINITY;
    int better = 0;
    for (uint32_t r = 1; r <= 12; r++) {
        struct kmeans m = run(&p, 9, r);
        ck_assert_double_le(m.sse, last);
        better += m.sse < last && r > 1;
        last = m.sse;
        kmeans_done(&m);
    }
    ck_assert_int_gt(better, 0);
    points_free(&p);
}
END_TEST

// From a center at 0, points at 1 and 3 are next with chances 1/10 and 9/10; a weight of 4 on the
// first makes that 4/13.
START_TEST(seeds_are_drawn_by_squared_distance) {
    static const float at[] = {0, 1, 3}, heavy[] = {1, 4, 1};
    on_a_line(at, 3);
    struct kmeans_points p = points_of(3, 1, _i ? heavy : NULL);
    const double share = _i ? 4. / 13 : .1;
    float center[32], near[3];
    double n = 0, n_first = 0;
    for (uint32_t r = 0; r < 6000; r++) {
        size_t drawn;
        const struct kmeans_draw draw = {.k = 2, .restart = r, .candidates = 1};
        ck_assert_int_eq(kmeans_seed(&host.api, &p, draw, center, near, &drawn), RK_OK);
        ck_assert_uint_eq(drawn, 2);
        if (center[0] != 0) continue;
        n++;
        n_first += center[p.ld] == 1;
    }
    ck_assert_double_gt(n, _i ? 800 : 1700);
    ck_assert_double_eq_tol(n_first / n, share, 4 * sqrt(share * (1 - share) / n));
    points_free(&p);
}
END_TEST

// The best of several candidates leaves less than the only one, as a rule.
START_TEST(more_candidates_seed_better) {
    scatter(MOST);
    struct kmeans_points p = points_of(MOST, D, NULL);
    float *center = linalg_new(9, p.ld), near[MOST];
    double left[2] = {0};
    for (uint32_t r = 0; r < 20; r++)
        for (int k = 0; k < 2; k++) {
            size_t drawn;
            const struct kmeans_draw draw = {.k = 9, .restart = r, .candidates = k ? 4 : 1};
            ck_assert_int_eq(kmeans_seed(&host.api, &p, draw, center, near, &drawn), RK_OK);
            for (size_t i = 0; i < MOST; i++) left[k] += near[i];
        }
    ck_assert_double_lt(left[1], .9 * left[0]);
    linalg_free(center);
    points_free(&p);
}
END_TEST

// Two centers that no point is nearest to take the points that are worst off.
START_TEST(empty_clusters_are_filled) {
    static const float at[] = {0, 1, 10, 11, 30};
    struct work w;
    size_t changed;
    on_a_line(at, 5);
    struct kmeans_points p = points_of(5, 1, NULL);
    ck_assert(work_init(&w, &host.api, &p, 3));
    w.k = 3;
    w.center[0] = 5;
    w.center[p.ld] = 1000;
    w.center[2 * p.ld] = 2000;
    ck_assert_int_eq(assign(&w, &host.api, &changed), RK_OK);
    ck_assert_int_eq(update(&w, &host.api), RK_OK);
    ck_assert_float_eq_tol(w.center[0], 10.4f, 1e-5f);
    ck_assert_float_eq(w.center[p.ld], 30);
    ck_assert_float_eq(w.center[2 * p.ld], 0);
    work_done(&w);
    points_free(&p);
}
END_TEST

// ---- Weights and silhouette --------------------------------------------------------------------

enum { N_DISTINCT = 60 };

// The points with weights 1, 2, 3, and each as often as it weighs.
static void twice(struct kmeans_points *weighted, struct kmeans_points *repeated, size_t *first) {
    static float distinct[N_DISTINCT][D];
    scatter(N_DISTINCT);
    memcpy(distinct, coordinate, sizeof distinct);
    for (size_t i = 0; i < N_DISTINCT; i++) weights[i] = (float)(1 + i % 3);
    *weighted = points_of(N_DISTINCT, D, weights);
    size_t n = 0;
    for (size_t i = 0; i < N_DISTINCT; i++) {
        first[i] = n;
        for (int k = 0; k < (int)weights[i]; k++)
            memcpy(coordinate[n++], distinct[i], sizeof *distinct);
    }
    *repeated = points_of(n, D, NULL);
}

static double silhouette_of(const struct kmeans_points *p, const struct kmeans *m) {
    float *distance = malloc(p->n * p->n * sizeof *distance);
    double mean;
    ck_assert_int_eq(kmeans_distances(&host.api, p, distance), RK_OK);
    ck_assert_int_eq(kmeans_silhouette(&host.api, p, distance, m->cluster, m->k, &mean), RK_OK);
    free(distance);
    return mean;
}

static double plain_silhouette(const struct kmeans_points *p, const struct kmeans *m) {
    double total = 0;
    for (size_t i = 0; i < p->n; i++) {
        double sum[MOST] = {0}, n[MOST] = {0}, b = INFINITY;
        for (size_t j = 0; j < p->n; j++) {
            sum[m->cluster[j]] += sqrt(plain_distance(p, i, p->x + j * p->ld));
            n[m->cluster[j]]++;
        }
        const size_t own = m->cluster[i];
        if (n[own] == 1) continue;
        const double a = sum[own] / (n[own] - 1);
        for (size_t c = 0; c < m->k; c++)
            if (c != own) b = fmin(b, sum[c] / n[c]);
        total += (b - a) / fmax(a, b);
    }
    return total / (double)p->n;
}

START_TEST(weights_are_repeated_points) {
    struct kmeans_points weighted, repeated;
    size_t first[N_DISTINCT];
    twice(&weighted, &repeated, first);
    struct kmeans a = run(&weighted, 7, 3), b = run(&repeated, 7, 3);
    ck_assert_double_eq_tol(a.sse, b.sse, 1e-5 * b.sse);
    for (size_t i = 0; i < N_DISTINCT; i++) ck_assert_uint_eq(a.cluster[i], b.cluster[first[i]]);
    ck_assert_double_eq_tol(silhouette_of(&weighted, &a), silhouette_of(&repeated, &b), 1e-5);
    ck_assert_double_eq_tol(silhouette_of(&repeated, &b), plain_silhouette(&repeated, &b), 1e-5);
    kmeans_done(&a);
    kmeans_done(&b);
    points_free(&weighted);
    points_free(&repeated);
}
END_TEST

START_TEST(silhouette_by_hand) {
    static const float at[] = {0, 1, 10, 11, 50};
    uint32_t cluster[] = {0, 0, 1, 1, 2};
    on_a_line(at, 5);
    struct kmeans_points four = points_of(4, 1, NULL), five = points_of(5, 1, NULL);
    const struct kmeans two = {.k = 2, .cluster = cluster}, three = {.k = 3, .cluster = cluster};
    const double sum = 2 * (9.5 / 10.5 + 8.5 / 9.5);
    ck_assert_double_eq_tol(silhouette_of(&four, &two), sum / 4, 1e-6);
    ck_assert_double_eq_tol(silhouette_of(&five, &three), sum / 5, 1e-6); // alone: 0
    points_free(&four);
    points_free(&five);
}
END_TEST

START_TEST(silhouette_finds_the_planted_number) {
    struct kmeans_steps steps = {0};
    size_t best;
    scatter(MOST);
    struct kmeans_points p = points_of(MOST, D, NULL);
    memset(n_recorded, 0, sizeof n_recorded);
    ck_assert_int_eq(kmeans_curves(&host.api, &p, 100, &steps, &best), RK_OK);
    ck_assert_uint_eq(best, 4);
    ck_assert_int_eq(n_recorded[0], 30);
    ck_assert_int_eq(n_recorded[1], 28);
    ck_assert_uint_eq(steps.done, kmeans_curves_steps());
    points_free(&p);
}
END_TEST

// ---- Shrinkage ---------------------------------------------------------------------------------

START_TEST(leave_one_out_in_closed_form) {
    static const double x[] = {1.5, -.5, 2, .25, 1};
    struct cell c = {0};
    double error[SHRINK_GRID] = {0};
    for (size_t k = 0; k < 5; k++) {
        c.n++;
        c.sum += x[k];
        c.squares += x[k] * x[k];
    }
    shrink_add(error, &c);
    for (size_t s = 0; s < SHRINK_GRID; s++) {
        double plain = 0;
        for (size_t k = 0; k < 5; k++)
            plain += pow(x[k] - (c.sum - x[k]) / (4 + shrink_value(s)), 2);
        ck_assert_double_eq_tol(error[s], plain, 1e-9);
    }
    size_t best = 0;
    for (size_t s = 0; s < SHRINK_GRID; s++)
        if (error[s] <= error[best]) best = s;
    ck_assert_double_eq(shrink_best(error), shrink_value(best));
}
END_TEST

static void setup(void) {
    host_init(&host, NULL, 42);
    host.on_record = on_record;
}

int main(void) {
    Suite *suite = suite_create("kmeans");
    TCase *points = tcase_create("points");
    tcase_add_checked_fixture(points, setup, NULL);
    tcase_add_loop_test(points, ends_where_points_are_nearest_and_centers_are_means, 0, 5);
    tcase_add_test(points, figures_by_hand);
    tcase_add_test(points, planted_clusters_are_found);
    tcase_add_test(points, restarts_are_never_worse);
    tcase_add_loop_test(points, seeds_are_drawn_by_squared_distance, 0, 2);
    tcase_add_test(points, more_candidates_seed_better);
    tcase_add_test(points, empty_clusters_are_filled);
    tcase_add_test(points, weights_are_repeated_points);
    tcase_add_test(points, silhouette_by_hand);
    tcase_add_test(points, silhouette_finds_the_planted_number);
    tcase_add_test(points, leave_one_out_in_closed_form);
    suite_add_tcase(suite, points);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
