// Places in the whole catalogue against naive code, by a made model with ties, open answers and
// times; the same at any number of threads; what fails and what is cancelled.
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "model/host.h"
#include "trial/ranking.h"

enum { USERS = 700, ITEMS = 41, MOST = USERS * ITEMS }; // more users than are asked at once

enum role { NONE, TRAIN, TEST };

static struct world {
    uint8_t role[USERS][ITEMS];
    uint64_t by_user[USERS + 1], by_item[ITEMS + 1], user_tie[USERS], item_tie[ITEMS];
    uint32_t items_of[MOST], users_of[MOST]; // training
    float ratings[MOST], ratings_by_item[MOST];
    uint32_t users[MOST], items[MOST]; // test
    int64_t time[MOST];
    rk_pairs pairs;
    rk_data train;
    struct fallback fallback;
} w;

static uint64_t draw(uint64_t a, uint64_t b) {
    return random_mix(random_mix(7, a), b);
}

static void place_training(void) {
    uint64_t n = 0;
    for (uint32_t u = 0; u < USERS; u++) {
        for (uint32_t i = 0; i < ITEMS; i++)
            if (w.role[u][i] == TRAIN) {
                w.ratings[n] = (float)(1 + draw(u, i) % 5);
                w.items_of[n++] = i;
            }
        w.by_user[u + 1] = n;
    }
    n = 0;
    for (uint32_t i = 0; i < ITEMS; i++) {
        for (uint32_t u = 0; u < USERS; u++)
            if (w.role[u][i] == TRAIN) {
                w.ratings_by_item[n] = (float)(1 + draw(u, i) % 5);
                w.users_of[n++] = u;
            }
        w.by_item[i + 1] = n;
    }
    w.train = (rk_data){.size = sizeof w.train,
        .n_users = USERS,
        .n_items = ITEMS,
        .by_user = {.n_rows = USERS, .start = w.by_user, .col = w.items_of, .value = w.ratings},
        .by_item = {.n_rows = ITEMS,
            .start = w.by_item,
            .col = w.users_of,
            .value = w.ratings_by_item},
        .rating_min = 1,
        .rating_max = 5};
}

// Every tenth user has no training row, and the last item none. Test rows are in no order of users.
static void make(void) {
    struct error e = {0};
    size_t n = 0;
    for (uint32_t i = 0; i < ITEMS; i++) {
        w.item_tie[i] = draw(1000, i);
        for (uint32_t u = 0; u < USERS; u++) {
            const uint64_t at = draw(u + 5000, i) % 4;
            w.user_tie[u] = draw(2000, u);
            w.role[u][i] = at == 0 && u % 9 ? TEST : at == 1 ? TRAIN : NONE;
            if (w.role[u][i] == TRAIN && (u % 10 == 0 || i == ITEMS - 1)) w.role[u][i] = NONE;
            if (w.role[u][i] != TEST) continue;
            w.users[n] = u;
            w.items[n] = i;
            w.time[n++] = (draw(u, i) % 7) ? (int64_t)(draw(i, u) % 100) : RK_NO_TIME;
        }
    }
    w.pairs = (rk_pairs){.size = sizeof w.pairs, .n = n, .users = w.users, .items = w.items};
    place_training();
    if (!fallback_init(&w.fallback, &w.train, &e)) abort();
}

// Few values, so that there are ties; some open; one user's are all open, another's all equal.
static float made_answer(uint32_t user, uint32_t item) {
    if (user == 1) return NAN;
    if (user == 2) return 3;
    const uint64_t at = draw(user, item + 100) % 12;
    return at == 0 ? NAN : (float)(at % 5) - 1;
}

struct asked {
    uint32_t infinite_from;    // users from here on; USERS: none
    const int64_t *time;       // [USERS] of each, or NULL
    struct host *cancelled_by; // after this many calls
    _Atomic int calls;
};

static bool answer(void *arg, const rk_pairs *pairs, float *out, struct error *e) {
    struct asked *a = arg;
    const int call = ++a->calls;
    if (a->cancelled_by && call == 3) host_cancel(a->cancelled_by);
    ck_assert_uint_eq(pairs->n, ITEMS);
    ck_assert_ptr_eq(pairs->time ? a : NULL, a->time ? a : NULL);
    for (uint32_t i = 0; i < ITEMS; i++) {
        ck_assert_uint_eq(pairs->items[i], i);
        ck_assert_uint_eq(pairs->users[i], pairs->users[0]);
        if (a->time) ck_assert_int_eq(pairs->time[i], a->time[pairs->users[0]]);
        out[i] = made_answer(pairs->users[i], i);
    }
    if (pairs->users[0] >= a->infinite_from)
        return error_set(e, "user %u, all infinite", pairs->users[0]);
    return true;
}

static bool rank(struct asked *asked, uint32_t n_threads, uint32_t *out, struct error *e) {
    struct host host;
    struct pool *pool = pool_new(n_threads, e);
    ck_assert_ptr_nonnull(pool);
    host_init(&host, pool, 1);
    if (asked->cancelled_by) asked->cancelled_by = &host;
    const struct ranking r = {.pairs = &w.pairs,
        .train = &w.train,
        .fallback = &w.fallback,
        .user_tie = w.user_tie,
        .item_tie = w.item_tie,
        .answer = answer,
        .arg = asked};
    const bool ok = ranking_make(&r, &host.api, out, e);
    pool_free(pool);
    return ok;
}

static float filled(uint32_t user, uint32_t item) {
    const float own = made_answer(user, item);
    return isnan(own) ? fallback_answer(&w.fallback, user, item) : own;
}

static uint32_t naive(uint32_t user, uint32_t item) {
    const float own = filled(user, item);
    const uint64_t tie = random_mix(w.user_tie[user], w.item_tie[item]);
    uint32_t place = 1;
    for (uint32_t i = 0; i < ITEMS; i++) {
        const float other = filled(user, i);
        if (w.role[user][i] == TRAIN) continue;
        place += other > own || (other == own && random_mix(w.user_tie[user], w.item_tie[i]) < tie);
    }
    return place;
}

START_TEST(places_are_those_of_naive_code_at_any_number_of_threads) {
    struct asked asked = {.infinite_from = USERS};
    struct error e = {0};
    uint32_t *first = malloc(MOST * sizeof *first), *second = malloc(MOST * sizeof *second);
    ck_assert_msg(rank(&asked, 1, first, &e) && rank(&asked, 3, second, &e), "%s", e.text);
    bool tested[USERS] = {0};
    int n_tested = 0;
    for (size_t k = 0; k < w.pairs.n; k++) {
        ck_assert_uint_eq(first[k], naive(w.users[k], w.items[k]));
        ck_assert_uint_eq(first[k], second[k]);
        n_tested += !tested[w.users[k]];
        tested[w.users[k]] = true;
    }
    ck_assert_int_eq(asked.calls, 2 * n_tested); // nobody else is asked about
    free(first);
    free(second);
}
END_TEST

static int compare_times(const void *left, const void *right) {
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

START_TEST(a_catalogue_is_asked_about_as_of_the_median_time_of_the_users_test_rows) {
    static int64_t median[USERS], of[ITEMS];
    for (uint32_t u = 0; u < USERS; u++) {
        size_t n = 0;
        for (size_t k = 0; k < w.pairs.n; k++)
            if (w.users[k] == u && w.time[k] != RK_NO_TIME) of[n++] = w.time[k];
        qsort(of, n, sizeof *of, compare_times);
        median[u] = n ? of[(n + 1) / 2 - 1] : RK_NO_TIME;
    }
    struct asked asked = {.infinite_from = USERS, .time = median};
    struct error e = {0};
    uint32_t *out = malloc(MOST * sizeof *out);
    w.pairs.time = w.time;
    ck_assert_msg(rank(&asked, 2, out, &e), "%s", e.text);
    w.pairs.time = NULL;
    free(out);
}
END_TEST

START_TEST(the_message_is_of_the_first_user_whose_answers_fail) {
    uint32_t *out = malloc(MOST * sizeof *out);
    for (uint32_t threads = 1; threads <= 3; threads++) {
        struct asked asked = {.infinite_from = 599};
        struct error e = {0};
        ck_assert(!rank(&asked, threads, out, &e));
        ck_assert_str_eq(e.text, "user 599, all infinite");
    }
    free(out);
}
END_TEST

START_TEST(it_stops_between_users_once_it_is_cancelled) {
    struct host any; // another stands in its place
    struct asked asked = {.infinite_from = USERS, .cancelled_by = &any};
    struct error e = {0};
    uint32_t *out = malloc(MOST * sizeof *out);
    ck_assert(!rank(&asked, 1, out, &e));
    ck_assert_str_eq(e.text, "");
    ck_assert_int_eq(asked.calls, 3);
    free(out);
}
END_TEST

START_TEST(its_memory_is_a_users_catalogue_a_thread) {
    const struct ranking r = {.pairs = &w.pairs, .train = &w.train};
    const size_t one = ranking_bytes(&r, 1), two = ranking_bytes(&r, 2);
    size_t most = 0;
    for (uint32_t u = 0; u < USERS; u++) {
        size_t n = 0;
        for (uint32_t i = 0; i < ITEMS; i++) n += w.role[u][i] == TEST;
        if (n > most) most = n;
    }
    ck_assert_uint_eq(two - one, 8 * ITEMS + 24 * most);
}
END_TEST

int main(void) {
    make();
    TCase *cases = tcase_create("ranking");
    tcase_add_test(cases, places_are_those_of_naive_code_at_any_number_of_threads);
    tcase_add_test(cases, a_catalogue_is_asked_about_as_of_the_median_time_of_the_users_test_rows);
    tcase_add_test(cases, the_message_is_of_the_first_user_whose_answers_fail);
    tcase_add_test(cases, it_stops_between_users_once_it_is_cancelled);
    tcase_add_test(cases, its_memory_is_a_users_catalogue_a_thread);
    Suite *suite = suite_create("ranking");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    fallback_done(&w.fallback);
    return failed != 0;
}
