// Synthetic data: its shape, its truth, and its files.
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/synthetic.h"

static struct synthetic settings(void) {
    struct synthetic s;
    synthetic_defaults(&s);
    return s;
}

static struct synthetic_world *world(const struct synthetic *s) {
    struct error e = {0};
    struct synthetic_world *w = synthetic_world_new(s, &e);
    ck_assert_msg(w != NULL, "%s", e.text);
    return w;
}

static int descending(const void *a, const void *b) {
    const int x = *(const int *)a, y = *(const int *)b;
    return (x < y) - (x > y);
}

START_TEST(counts_are_exact_pairs_distinct_and_tails_long) {
    const struct synthetic s = settings();
    struct synthetic_world *w = world(&s);
    int per_user[600] = {0}, per_item[900] = {0};
    size_t n = 0;
    for (uint32_t u = 0; u < 600; u++) {
        struct synthetic_user user;
        synthetic_world_user(w, u, false, &user);
        per_user[u] = (int)user.n_ratings;
        n += user.n_ratings;
        ck_assert_uint_ge(user.n_ratings, 1);
        for (size_t k = 0; k < user.n_ratings; k++) {
            const struct synthetic_rating *r = &user.ratings[k];
            ck_assert(k == 0 || r->item > user.ratings[k - 1].item);
            ck_assert_uint_lt(r->item, 900);
            ck_assert(r->rating >= 0.5f && r->rating <= 5 && fmodf(r->rating, 0.5f) == 0);
            ck_assert(r->time >= 1451606400 && r->time < 1451606400 + INT64_C(4) * 366 * 86400);
            per_item[r->item]++;
        }
        for (size_t k = 0; k < user.n_tags; k++) ck_assert_uint_lt(user.tags[k].tag, 40);
    }
    ck_assert_uint_eq(n, 60000);
    qsort(per_user, 600, sizeof *per_user, descending);
    qsort(per_item, 900, sizeof *per_item, descending);
    int top_users = 0, top_items = 0;
    for (int k = 0; k < 60; k++) top_users += per_user[k];
    for (int k = 0; k < 90; k++) top_items += per_item[k];
    // Of MovieLens latest-small, a tenth of the users gave half of the ratings, and a tenth of the
    // items got more than half.
    ck_assert_int_gt(top_users, 60000 / 4);
    ck_assert_int_gt(top_items, 60000 / 4);
    ck_assert_int_lt(per_user[300], 80); // the median is well under the mean of 100
    ck_assert_int_lt(per_item[450], 60); // likewise, of 67
    synthetic_world_free(w);
}
END_TEST

// What a user rated depends on nothing but the seed and the user.
START_TEST(users_are_the_same_in_any_order) {
    const struct synthetic s = settings();
    struct synthetic_world *a = world(&s), *b = world(&s);
    for (uint32_t k = 0; k < 600; k += 7) {
        struct synthetic_user x, y;
        synthetic_world_user(a, k, true, &x);
        for (int again = 0; again < 2; again++) {
            synthetic_world_user(b, 599 - k, true, &y);
            synthetic_world_user(b, k, true, &y);
            ck_assert_uint_eq(x.n_ratings, y.n_ratings);
            for (size_t r = 0; r < x.n_ratings; r++)
                ck_assert(x.ratings[r].item == y.ratings[r].item &&
                          x.ratings[r].rating == y.ratings[r].rating &&
                          x.ratings[r].reachable == y.ratings[r].reachable &&
                          x.ratings[r].time == y.ratings[r].time);
            ck_assert(x.gender == y.gender && x.age == y.age && x.zip == y.zip);
        }
    }
    synthetic_world_free(a);
    synthetic_world_free(b);
}
END_TEST

struct errors {
    double reachable, item_mean, user_mean, mean, shifted;
};

static struct errors measure(const struct synthetic *s) {
    struct synthetic_world *w = world(s);
    double *sum = calloc((size_t)s->items, sizeof *sum), *n = calloc((size_t)s->items, sizeof *n);
    double total = 0, rows = 0;
    for (uint32_t u = 0; u < s->users; u++) {
        struct synthetic_user user;
        synthetic_world_user(w, u, false, &user);
        for (size_t k = 0; k < user.n_ratings; k++) {
            sum[user.ratings[k].item] += user.ratings[k].rating;
            n[user.ratings[k].item]++;
            total += user.ratings[k].rating;
            rows++;
        }
    }
    struct errors x = {0};
    for (uint32_t u = 0; u < s->users; u++) {
        struct synthetic_user user;
        synthetic_world_user(w, u, true, &user);
        double of_user = 0;
        for (size_t k = 0; k < user.n_ratings; k++) of_user += user.ratings[k].rating;
        for (size_t k = 0; k < user.n_ratings; k++) {
            const struct synthetic_rating *r = &user.ratings[k];
            ck_assert(r->reachable >= s->step && r->reachable <= 5);
            x.reachable += pow(r->rating - r->reachable, 2);
            x.shifted += pow(r->rating - r->reachable - 0.05, 2) / 2 +
                         pow(r->rating - r->reachable + 0.05, 2) / 2;
            x.item_mean += pow(r->rating - sum[r->item] / n[r->item], 2);
            x.user_mean += pow(r->rating - of_user / (double)user.n_ratings, 2);
            x.mean += pow(r->rating - total / rows, 2);
        }
    }
    double *each[] = {&x.reachable, &x.item_mean, &x.user_mean, &x.mean, &x.shifted};
    for (int k = 0; k < 5; k++) *each[k] = sqrt(*each[k] / rows);
    free(sum);
    free(n);
    synthetic_world_free(w);
    return x;
}

START_TEST(the_truth_is_what_scores_best) {
    struct synthetic s = settings();
    s.seed = 3;
    const struct errors x = measure(&s);
    ck_assert(x.reachable > 0.70 && x.reachable < 0.82); // the noise, less what the ends cut off
    ck_assert(x.item_mean > x.reachable + 0.05);         // though these means have seen the rating
    ck_assert(x.user_mean > x.reachable + 0.05);
    ck_assert(x.mean > x.item_mean && x.mean > x.user_mean);
    ck_assert(x.mean > 0.95 && x.mean < 1.25); // MovieLens: 1.04 to 1.13
    ck_assert(x.shifted > x.reachable);
}
END_TEST

// The expectation over rounding and cutting has no bias, at either end of the scale or between.
START_TEST(what_is_reachable_is_an_expectation) {
    for (int whole = 0; whole < 2; whole++) {
        struct synthetic s = settings();
        s.users = 3000, s.items = 500, s.ratings = 200000, s.noise = 1.2, s.step = whole ? 1 : 0.5;
        struct synthetic_world *w = world(&s);
        double off[10] = {0}, n[10] = {0}, square[10] = {0};
        for (uint32_t u = 0; u < 3000; u++) {
            struct synthetic_user user;
            synthetic_world_user(w, u, true, &user);
            for (size_t k = 0; k < user.n_ratings; k++) {
                const struct synthetic_rating *r = &user.ratings[k];
                const int bin = (int)(r->reachable * 2 - 0.01);
                off[bin] += r->rating - r->reachable;
                square[bin] += pow(r->rating - r->reachable, 2);
                n[bin]++;
            }
        }
        int bins = 0;
        for (int b = 0; b < 10; b++)
            if (n[b] > 1000) {
                bins++;
                ck_assert_msg(fabs(off[b]) < 4 * sqrt(square[b]), "step %g, bin %d: off by %g",
                    s.step, b, off[b] / n[b]);
            }
        ck_assert_int_ge(bins, 4);
        synthetic_world_free(w);
    }
}
END_TEST

START_TEST(without_noise_the_truth_is_the_rating) {
    struct synthetic s = settings();
    s.noise = 0;
    ck_assert(measure(&s).reachable == 0);
}
END_TEST

START_TEST(a_dense_or_flat_world_is_filled_too) {
    static const struct {
        int users, items, ratings, genres, tags, rank;
        double tail;
    } worlds[] = {{50, 40, 1000, 18, 40, 8, 2}, {1, 2, 1, 0, 0, 0, 0}, {7, 3, 10, 1, 1, 1, 1},
        {100, 1000, 100, 64, 5, 3, 1}, {20, 3000, 30000, 5, 0, 2, 2},
        {3, 100000, 1000, 9, 9, 4, 0}};
    for (size_t k = 0; k < sizeof worlds / sizeof *worlds; k++) {
        struct synthetic s = settings();
        s.users = worlds[k].users, s.items = worlds[k].items, s.ratings = worlds[k].ratings;
        s.genres = worlds[k].genres, s.tags = worlds[k].tags, s.rank = worlds[k].rank;
        s.tail = worlds[k].tail, s.tag_rate = 0.5;
        struct synthetic_world *w = world(&s);
        size_t n = 0;
        for (uint32_t u = 0; u < s.users; u++) {
            struct synthetic_user user;
            synthetic_world_user(w, u, true, &user);
            n += user.n_ratings;
            ck_assert_uint_ge(user.n_ratings, 1);
            for (size_t r = 1; r < user.n_ratings; r++)
                ck_assert_uint_gt(user.ratings[r].item, user.ratings[r - 1].item);
        }
        ck_assert_uint_eq(n, (size_t)s.ratings);
        synthetic_world_free(w);
    }
}
END_TEST

START_TEST(what_cannot_be_is_refused) {
    struct error e = {0};
    struct synthetic s = settings();
    s.ratings = 270001;
    ck_assert(!synthetic_check(&s, &e));
    ck_assert_str_eq(e.text, "synthetic: ratings = 270001 is too many for 600 users and 900 items; "
                             "half of all pairs is the most: 270000");
    ck_assert_ptr_null(synthetic_world_new(&s, &e));
    s.ratings = 270000;
    ck_assert(synthetic_check(&s, &e));
    s.ratings = 599;
    ck_assert(!synthetic_check(&s, &e) && strstr(e.text, "too few"));
    s.ratings = 600;
    ck_assert(synthetic_check(&s, &e));
    s.step = 0.7;
    ck_assert(!synthetic_check(&s, &e) && strstr(e.text, "step = 0.7"));
}
END_TEST

// ---- Files -------------------------------------------------------------------------------------

static char folder[64];

static void make_folder(void) {
    strcpy(folder, "/tmp/reckon-synthetic-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void) {
    static const char *const files[] = {"ratings.csv", "movies.csv", "tags.csv", "ratings.dat",
        "movies.dat", "users.dat", "ratings.csv.part"};
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, files[k]);
        unlink(path);
    }
    ck_assert_int_eq(rmdir(folder), 0); // nothing else was left there
}

static FILE *file_in_folder(const char *name) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return fopen(path, "r");
}

START_TEST(files_hold_the_ratings) {
    struct error e = {0};
    struct synthetic s = settings();
    s.users = 40, s.items = 60, s.ratings = 700, s.step = _i == SYNTHETIC_ML_1M ? 1 : 0.5;
    make_folder();
    ck_assert_msg(synthetic_write(&s, folder, (enum synthetic_form)_i, &e), "%s", e.text);
    FILE *f = file_in_folder(_i == SYNTHETIC_ML_1M ? "ratings.dat" : "ratings.csv");
    char line[256];
    if (_i == SYNTHETIC_ML_LATEST) {
        ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
        ck_assert_str_eq(line, "userId,movieId,rating,timestamp\n");
    }
    struct synthetic_world *w = world(&s);
    for (uint32_t u = 0; u < 40; u++) {
        struct synthetic_user user;
        synthetic_world_user(w, u, false, &user);
        for (size_t k = 0; k < user.n_ratings; k++) {
            const struct synthetic_rating *r = &user.ratings[k];
            char expected[256];
            snprintf(expected, sizeof expected,
                _i == SYNTHETIC_ML_1M ? "%u::%u::%.0f::%lld\n" : "%u,%u,%.1f,%lld\n", u + 1,
                r->item + 1, (double)r->rating, (long long)r->time);
            ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
            ck_assert_str_eq(line, expected);
        }
    }
    ck_assert_ptr_null(fgets(line, sizeof line, f));
    fclose(f);
    synthetic_world_free(w);
    f = file_in_folder(_i == SYNTHETIC_ML_1M ? "movies.dat" : "movies.csv");
    int lines = 0;
    while (fgets(line, sizeof line, f)) lines++;
    ck_assert_int_eq(lines, _i == SYNTHETIC_ML_1M ? 60 : 61);
    fclose(f);

    ck_assert(!synthetic_write(&s, folder, (enum synthetic_form)_i, &e)); // nothing is overwritten
    ck_assert(strstr(e.text, "is there already"));
    remove_folder();
}
END_TEST

START_TEST(whole_star_files_need_whole_stars) {
    struct error e = {0};
    const struct synthetic s = settings();
    make_folder();
    ck_assert(!synthetic_write(&s, folder, SYNTHETIC_ML_1M, &e));
    ck_assert(strstr(e.text, "set step = 1"));
    remove_folder();
    ck_assert(!synthetic_write(&s, "/proc/nowhere", SYNTHETIC_ML_LATEST, &e));
    ck_assert(strstr(e.text, "/proc/nowhere"));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("synthetic");
    TCase *truth = tcase_create("world");
    tcase_set_timeout(truth, 60);
    tcase_add_test(truth, counts_are_exact_pairs_distinct_and_tails_long);
    tcase_add_test(truth, users_are_the_same_in_any_order);
    tcase_add_test(truth, the_truth_is_what_scores_best);
    tcase_add_test(truth, what_is_reachable_is_an_expectation);
    tcase_add_test(truth, without_noise_the_truth_is_the_rating);
    tcase_add_test(truth, a_dense_or_flat_world_is_filled_too);
    tcase_add_test(truth, what_cannot_be_is_refused);
    suite_add_tcase(suite, truth);
    TCase *files = tcase_create("files");
    tcase_add_loop_test(files, files_hold_the_ratings, SYNTHETIC_ML_LATEST, SYNTHETIC_ML_1M + 1);
    tcase_add_test(files, whole_star_files_need_whole_stars);
    suite_add_tcase(suite, files);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
