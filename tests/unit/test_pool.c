// The pool: pieces by grain alone, the lowest failure, cancelling, no thread left behind.
#include <check.h>
#include <dirent.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/pool.h"

enum { N = 10007 };

struct seen {
    atomic_int times[N];
    uint32_t n_threads;
    size_t grain;
    atomic_int wrong;
};

static rk_status mark(void *arg, uint32_t worker, size_t begin, size_t end) {
    struct seen *s = arg;
    if (worker >= s->n_threads || begin % s->grain || end > N || begin >= end) s->wrong++;
    if (end != N && end - begin != s->grain) s->wrong++;
    for (size_t k = begin; k < end; k++) s->times[k]++;
    return RK_OK;
}

START_TEST(every_index_runs_once_in_pieces_of_the_grain) {
    static const size_t grains[] = {1, 2, 7, 64, N - 1, N, N + 1};
    struct pool *p = pool_new((uint32_t)_i, NULL);
    ck_assert_uint_eq(pool_threads(p), (uint32_t)_i);
    struct seen *s = malloc(sizeof *s);
    for (size_t g = 0; g < sizeof grains / sizeof *grains; g++) {
        memset(s, 0, sizeof *s);
        s->n_threads = (uint32_t)_i;
        s->grain = grains[g];
        ck_assert_int_eq(pool_run(p, N, grains[g], mark, s), RK_OK);
        for (int k = 0; k < N; k++) ck_assert_int_eq(s->times[k], 1);
        ck_assert_int_eq(s->wrong, 0);
    }
    free(s);
    pool_free(p);
}
END_TEST

static rk_status sum_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    float *partial = arg, sum = 0;
    for (size_t k = begin; k < end; k++) sum += 1 / (float)(k + 1);
    partial[begin / 16] = sum;
    return RK_OK;
}

START_TEST(partial_sums_are_the_same_bits_at_any_number_of_threads) {
    float totals[3];
    static const uint32_t threads[] = {1, 2, 8};
    for (int t = 0; t < 3; t++) {
        struct pool *p = pool_new(threads[t], NULL);
        float partial[N / 16 + 1], total = 0;
        ck_assert_int_eq(pool_run(p, N, 16, sum_piece, partial), RK_OK);
        for (int k = 0; k <= N / 16; k++) total += partial[k];
        totals[t] = total;
        pool_free(p);
    }
    ck_assert(totals[0] == totals[1] && totals[0] == totals[2]);
}
END_TEST

// Piece 300 fails at once, 150 after it has: the answer is that of 150 all the same.
struct race {
    atomic_bool late_failed;
    bool alone;
};

static rk_status fail_twice(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker, (void)end;
    struct race *r = arg;
    if (begin == 300) {
        atomic_store(&r->late_failed, true);
        return RK_E_DATA;
    }
    if (begin == 150) {
        while (!r->alone && !atomic_load(&r->late_failed)) sched_yield();
        return RK_E_NUMERIC;
    }
    return RK_OK;
}

START_TEST(the_lowest_failing_piece_gives_the_status) {
    for (int round = 0; round < 20; round++) {
        struct pool *p = pool_new((uint32_t)_i, NULL);
        struct race r = {.alone = _i == 1};
        ck_assert_int_eq(pool_run(p, 1000, 1, fail_twice, &r), RK_E_NUMERIC);
        struct seen *s = calloc(1, sizeof *s);
        s->n_threads = (uint32_t)_i;
        s->grain = 3;
        ck_assert_int_eq(pool_run(p, N, 3, mark, s), RK_OK); // and is forgotten by the next run
        free(s);
        pool_free(p);
    }
}
END_TEST

// Piece 0 fails while 1 runs, which fails later.
struct pair {
    atomic_bool second_runs, first_failed;
    bool alone;
};

static rk_status fail_in_turn(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker, (void)end;
    struct pair *p = arg;
    if (begin == 0) {
        while (!p->alone && !atomic_load(&p->second_runs)) sched_yield();
        atomic_store(&p->first_failed, true);
        return RK_E_NUMERIC;
    }
    atomic_store(&p->second_runs, true);
    while (!atomic_load(&p->first_failed)) sched_yield();
    for (int k = 0; k < 1000; k++) sched_yield(); // most likely its failure is noted by then
    return RK_E_DATA;
}

START_TEST(a_later_failure_above_changes_nothing) {
    struct pool *p = pool_new((uint32_t)_i, NULL);
    struct pair pair = {.alone = _i == 1};
    ck_assert_int_eq(pool_run(p, 2, 1, fail_in_turn, &pair), RK_E_NUMERIC);
    pool_free(p);
}
END_TEST

static rk_status fail_from_three(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker, (void)end;
    atomic_fetch_add((atomic_int *)arg, 1);
    return begin < 3 ? RK_OK : begin == 3 ? RK_E_NUMERIC : RK_E_DATA;
}

START_TEST(above_a_failing_piece_nothing_begins) {
    struct pool *p = pool_new((uint32_t)_i, NULL);
    atomic_int ran = 0;
    ck_assert_int_eq(pool_run(p, 100000, 1, fail_from_three, &ran), RK_E_NUMERIC);
    ck_assert_int_ge(ran, 4);
    ck_assert_int_le(ran, 3 + _i); // each thread ends with its first failure
    pool_free(p);
}
END_TEST

struct cancelling {
    struct pool *pool;
    atomic_int ran;
};

static rk_status cancel_at_ten(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker, (void)end;
    struct cancelling *c = arg;
    if (begin == 10) pool_cancel(c->pool);
    while (begin > 10 && !pool_is_cancelled(c->pool)) sched_yield();
    atomic_fetch_add(&c->ran, 1);
    return RK_OK;
}

START_TEST(cancelling_stops_between_pieces_and_for_good) {
    struct cancelling c = {.pool = pool_new((uint32_t)_i, NULL)};
    ck_assert_int_eq(pool_run(c.pool, 100000, 1, cancel_at_ten, &c), RK_CANCELLED);
    ck_assert_int_ge(c.ran, 11);
    ck_assert_int_le(c.ran, 11 + _i);
    const int before = c.ran;
    ck_assert_int_eq(pool_run(c.pool, 100, 1, cancel_at_ten, &c), RK_CANCELLED);
    ck_assert_int_eq(c.ran, before);
    pool_free(c.pool);
}
END_TEST

static rk_status nest(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker, (void)end;
    struct cancelling *c = arg;
    const rk_status inner = pool_run(c->pool, 5, 1, nest, arg);
    if (inner == RK_E_PARAM && begin == 0) atomic_fetch_add(&c->ran, 1);
    return inner == RK_E_PARAM ? RK_OK : RK_E_DATA;
}

START_TEST(a_loop_inside_a_loop_is_refused) {
    struct cancelling c = {.pool = _i ? pool_new((uint32_t)_i, NULL) : NULL};
    ck_assert_int_eq(pool_run(c.pool, 50, 1, nest, &c), RK_OK);
    ck_assert_int_eq(c.ran, 1);
    pool_free(c.pool);
}
END_TEST

static int count_threads(void) {
    DIR *d = opendir("/proc/self/task");
    int n = 0;
    for (struct dirent *at; (at = readdir(d));) n += at->d_name[0] != '.';
    closedir(d);
    return n;
}

static rk_status do_nothing(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)arg, (void)worker, (void)begin, (void)end;
    return RK_OK;
}

START_TEST(no_thread_is_left_after_free) {
    const int before = count_threads();
    for (int round = 0; round < 10; round++) {
        struct pool *p = pool_new(8, NULL);
        ck_assert_int_eq(pool_run(p, 1, 1, do_nothing, NULL), RK_OK);
        ck_assert_int_eq(count_threads(), before); // nothing to share yet
        ck_assert_int_eq(pool_run(p, 2, 1, do_nothing, NULL), RK_OK);
        ck_assert_int_eq(count_threads(), before + 7);
        pool_free(p);
        for (int tries = 0; count_threads() != before && tries < 1000; tries++) usleep(1000);
        ck_assert_int_eq(count_threads(), before); // a joined thread's /proc entry goes soon after
    }
    struct pool *alone = pool_new(1, NULL);
    ck_assert_int_eq(count_threads(), before);
    pool_free(alone);
    pool_free(NULL);
}
END_TEST

START_TEST(nothing_to_do_is_done) {
    struct pool *p = pool_new(3, NULL);
    ck_assert_int_eq(pool_run(p, 0, 4, mark, NULL), RK_OK);
    ck_assert_int_eq(pool_run(NULL, 0, 0, mark, NULL), RK_OK);
    pool_free(p);
}
END_TEST

START_TEST(cpus_follow_affinity_and_quota) {
    cpu_set_t before, one;
    ck_assert_int_eq(sched_getaffinity(0, sizeof before, &before), 0);
    ck_assert_uint_ge(pool_cpus(), 1);
    ck_assert_uint_le(pool_cpus(), (uint32_t)CPU_COUNT(&before));
    CPU_ZERO(&one);
    for (int k = 0; k < CPU_SETSIZE && CPU_COUNT(&one) == 0; k++)
        if (CPU_ISSET(k, &before)) CPU_SET(k, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    ck_assert_uint_eq(pool_cpus(), 1);
    ck_assert_int_eq(sched_setaffinity(0, sizeof before, &before), 0);

    ck_assert_uint_eq(pool_quota("max 100000\n"), 0);
    ck_assert_uint_eq(pool_quota("100000 100000\n"), 1);
    ck_assert_uint_eq(pool_quota("150000 100000\n"), 2);
    ck_assert_uint_eq(pool_quota("1000 100000\n"), 1);
    ck_assert_uint_eq(pool_quota("1600000 100000\n"), 16);
    ck_assert_uint_eq(pool_quota(""), 0);
    ck_assert_uint_eq(pool_quota("5 0"), 0);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("pool");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, every_index_runs_once_in_pieces_of_the_grain, 1, 6);
    tcase_add_test(cases, partial_sums_are_the_same_bits_at_any_number_of_threads);
    tcase_add_loop_test(cases, the_lowest_failing_piece_gives_the_status, 1, 5);
    tcase_add_loop_test(cases, above_a_failing_piece_nothing_begins, 1, 5);
    tcase_add_loop_test(cases, a_later_failure_above_changes_nothing, 1, 5);
    tcase_add_loop_test(cases, cancelling_stops_between_pieces_and_for_good, 1, 5);
    tcase_add_loop_test(cases, a_loop_inside_a_loop_is_refused, 0, 4);
    tcase_add_test(cases, no_thread_is_left_after_free);
    tcase_add_test(cases, nothing_to_do_is_done);
    tcase_add_test(cases, cpus_follow_affinity_and_quota);
    Suite *suite = suite_create("pool");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
