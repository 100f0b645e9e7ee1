// MovieLens in its forms, made up here; and the real sets, where they are.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "data/movielens.h"
#include "support/files.h"

static struct load l;
static struct dataset d;
static struct error e;

static void setup(void) {
    log_set_verbosity(LOG_QUIET);
    files_done();
    ck_assert_str_ne(files_init(), "");
    load_init(&l, "movielens");
}

static void teardown(void) {
    dataset_done(&d);
    files_done();
}

static void good(const char *path) {
    dataset_done(&d);
    load_path(&l, "movielens", path);
    ck_assert_msg(load_run(&l, &d, 2, &e), "%s", e.text);
}

static const rk_features *group(const rk_features *at, uint32_t n, const char *name) {
    for (uint32_t k = 0; k < n; k++)
        if (strcmp(at[k].name, name) == 0) return &at[k];
    ck_abort_msg("there is no feature %s", name);
    return NULL;
}

// The columns set in a row, by their names, with commas.
static const char *row(const rk_features *f, uint32_t r) {
    static char out[256];
    out[0] = '\0';
    for (uint64_t x = f->values.start[r]; x < f->values.start[r + 1]; x++)
        sprintf(out + strlen(out), "%s%s", *out ? "," : "", f->col_names[f->values.col[x]]);
    return out;
}
#define USER(name) group(d.user_features, d.n_user_features, name)
#define ITEM(name) group(d.item_features, d.n_item_features, name)

static const char *const form_100k[] = {"ml-100k/u.data",
    "2\t1\t3\t881250949\n1\t2\t5\t881250950\n1\t1\t1\t0\n", "ml-100k/u.item",
    "1|Caf\xE9 Noir (1995)|01-Jan-1995||http://x|0|1|0\n2|Unknown|04-Feb-1971||http://y|1|0|1\n"
    "3|Third (1996)|01-Jan-1996||http://z|0|0|0\n",
    "ml-100k/u.genre", "unknown|0\nAction|1\nWar|2\n\n", "ml-100k/u.user",
    "1|24|M|technician|85711\n2|7|F|other|T8H1N\n3|70|M|writer|\n", "ml-100k/u1.test",
    "2\t1\t3\t881250949\n", NULL};

static void is_100k(void) {
    ck_assert_uint_eq(d.n_users, 3);
    ck_assert_uint_eq(d.n_items, 3);
    ck_assert_uint_eq(d.n_ratings, 3);
    ck_assert(d.rating_min == 1 && d.rating_max == 5);
    ck_assert(d.time[0] == RK_NO_TIME && d.time[1] == 881250950);
    ck_assert_str_eq(texts_packed_get(&d.titles, 0), "Caf\xC3\xA9 Noir (1995)");
    ck_assert_str_eq(row(ITEM("genre"), 0), "Action");
    ck_assert_str_eq(row(ITEM("genre"), 1), "War");
    ck_assert_str_eq(row(ITEM("genre"), 2), "");
    ck_assert(ITEM("year")->values.value[1] == 1971);
    ck_assert_str_eq(row(USER("gender"), 0), "M");
    ck_assert_str_eq(row(USER("age"), 0), "18");
    ck_assert_str_eq(row(USER("age"), 1), "1");
    ck_assert_str_eq(row(USER("age"), 2), "56");
    ck_assert_str_eq(row(USER("occupation"), 2), "writer");
    ck_assert_str_eq(row(USER("zip"), 0), "8");
    ck_assert_str_eq(row(USER("zip"), 1), "other");
    ck_assert_str_eq(row(USER("zip"), 2), "");
}

static bool collect(
    void *arg, const char *user, const char *item, const char *place, struct error *err) {
    (void)err;
    sprintf(arg, "%s %s %s", user, item, strrchr(place, '/') + 1);
    return true;
}

START_TEST(the_form_of_100k) {
    static const char *const names[] = {"ml-100k.zip", "ml-100k.tar.gz"};
    for (int k = 0; k < 2; k++) {
        good(files_pack(names[k], form_100k));
        is_100k();
        ck_assert_str_eq(d.name, "ml-100k");
        char pair[256] = "";
        ck_assert(l.spec.format->read_pairs(l.spec.settings, "u1.test", collect, pair, &e));
        ck_assert_str_eq(pair, "2 1 u1.test:1");
        ck_assert(!l.spec.format->read_pairs(l.spec.settings, "u9.test", collect, pair, &e));
        ck_assert_ptr_nonnull(strstr(e.text, "u9.test"));
        load_init(&l, "movielens");
    }
    for (const char *const *p = form_100k; *p; p += 2) files_write(strchr(p[0], '/') + 1, p[1]);
    good(files_path(""));
    is_100k();
}
END_TEST

START_TEST(the_form_of_1m) {
    good(files_pack("ml-1m.zip",
        (const char *const[]){"ratings.dat", "1::2::5::978300760\n2::10::1::0\n", "movies.dat",
            "2::Jumanji (1995)::Adventure|Children's\n10::Mis\xE9rables, Les (1995)::Drama\n",
            "users.dat", "1::F::1::10::48067\n2::M::56::16::98107-2117\n", NULL}));
    ck_assert(d.rating_min == 1 && d.n_ratings == 2);
    ck_assert_str_eq(texts_packed_get(&d.titles, 1), "Mis\xC3\xA9rables, Les (1995)");
    ck_assert_str_eq(row(ITEM("genre"), 0), "Adventure,Children's");
    ck_assert_str_eq(row(USER("zip"), 1), "9");
    ck_assert(d.time[0] == 978300760 && d.time[1] == RK_NO_TIME);
}
END_TEST

START_TEST(the_form_of_10m) {
    good(files_pack("ml-10m.zip",
        (const char *const[]){"ml-10M100K/ratings.dat",
            "1::122::5::838985046\n2::1::0.5::838985047\n", "ml-10M100K/movies.dat",
            "1::Toy: Story (1995)::Comedy\n122::\xC3\x89t\xC3\xA9 (1992)::(no genres listed)\n",
            "ml-10M100K/tags.dat",
            "15::122::  Exc\xC3\x89llent!::1215184630\n1::9::x::1\n"
            "2::1::b::0\n",
            NULL}));
    ck_assert(d.rating_min == 0.5f && d.n_ratings == 2 && d.n_user_features == 0);
    ck_assert_str_eq(texts_packed_get(&d.titles, 1), "\xC3\x89t\xC3\xA9 (1992)");
    ck_assert_str_eq(row(ITEM("genre"), 1), "");
    ck_assert_uint_eq(d.tags.n, 2);
    ck_assert_str_eq(texts_packed_get(&d.tags.names, 1), "exc\xC3\xA9llent!");
    const int known = d.tags.item[0] == 0 ? 0 : 1;
    ck_assert(d.tags.user[known] == 1 && d.tags.time[known] == RK_NO_TIME); // 0 is none
    ck_assert(d.tags.user[1 - known] == UINT32_MAX && d.tags.item[1 - known] == 1);
    ck_assert_int_eq(d.tags.time[1 - known], 1215184630);
    ck_assert_uint_eq(d.count[COUNT_TAGS_SET_ASIDE], 1);
}
END_TEST

static const char *const form_csv[] = {"ml-latest-small/ratings.csv",
    "userId,movieId,rating,timestamp\r\n1,1,4.0,964982703\r\n1,3,0.5,964981247\r\n",
    "ml-latest-small/movies.csv",
    "movieId,title,genres\r\n1,\"American President, The (1995)\",Comedy|Drama\r\n"
    "3,\"He said \"\"no\"\" (2001-2003)\",(no genres listed)\r\n4,Nothing,War\r\n",
    "ml-latest-small/tags.csv",
    "userId,movieId,tag,timestamp\r\n1,3,\"a, B\",1445714994\r\n2,1,c,5\r\n",
    "ml-latest-small/links.csv", "movieId,imdbId,tmdbId\r\n1,0112346,9087\r\n3,,\r\n", NULL};

START_TEST(the_form_of_latest) {
    good(files_pack("ml-latest-small.zip", form_csv));
    ck_assert(d.rating_min == 0.5f && d.n_ratings == 2 && d.n_items == 3);
    ck_assert_str_eq(texts_packed_get(&d.titles, 0), "American President, The (1995)");
    ck_assert_str_eq(texts_packed_get(&d.titles, 1), "He said \"no\" (2001-2003)");
    ck_assert_uint_eq(ITEM("year")->values.start[3], 2);
    ck_assert(ITEM("year")->values.value[1] == 2001);
    ck_assert_str_eq(row(ITEM("genre"), 0), "Comedy,Drama");
    ck_assert_str_eq(row(ITEM("genre"), 1), "");
    ck_assert_str_eq(texts_packed_get(&d.imdb, 0), "tt0112346");
    ck_assert_str_eq(texts_packed_get(&d.imdb, 1), "");
    ck_assert_uint_eq(d.tags.n, 2);
    ck_assert_str_eq(texts_packed_get(&d.tags.names, d.tags.tag[0]), "a, b");
    ck_assert_uint_eq(d.tags.user[1], UINT32_MAX);
}
END_TEST

START_TEST(files_of_a_folder_may_be_compressed) {
    files_pack("ratings.csv.gz", (const char *const[]){"", form_csv[1], NULL});
    files_write("movies.csv", form_csv[3]);
    good(files_path("/"));
    ck_assert_uint_eq(d.n_ratings, 2);
    ck_assert_uint_eq(d.titles.n, 3);
    load_init(&l, "movielens");
    good(files_path("ratings.csv.gz"));
    ck_assert_uint_eq(d.n_ratings, 2);
    ck_assert_uint_eq(d.titles.n, 0);
}
END_TEST

static void bad(const char *const *pairs, const char *want) {
    load_init(&l, "movielens");
    load_path(&l, "movielens", files_pack("bad.zip", pairs));
    ck_assert_msg(!load_run(&l, &d, 1, &e), "no error where \"%s\" should be", want);
    ck_assert_msg(strstr(e.text, want) != NULL, "\"%s\" is not in \"%s\"", want, e.text);
}

START_TEST(an_item_or_user_twice_is_counted) {
    load_path(&l, "movielens",
        files_pack("twice.zip", (const char *const[]){"ratings.dat", "1::2::5::9\n", "movies.dat",
                                    "2::A (1990)::Drama\n2::B (1991)::Comedy\n", "users.dat",
                                    "1::F::1::10::4\n1::M::1::10::4\n", NULL}));
    ck_assert_msg(load_run(&l, &d, 1, &e), "%s", e.text);
    ck_assert_uint_eq(d.count[COUNT_DUPLICATE], 2);
    ck_assert_str_eq(texts_packed_get(&d.titles, 0), "A (1990)");
    ck_assert_str_eq(row(USER("gender"), 0), "F");
}
END_TEST

START_TEST(what_is_wrong_is_said) {
    bad((const char *const[]){"a/movies.csv", "movieId,title,genres\n", NULL},
        "neither u.data nor ratings.dat nor ratings.csv is among 1 file, the first of them "
        "a/movies.csv");
    bad((const char *const[]){"a/ratings.csv", "userId,movieId,rating\n1,1,1\n", "b/ratings.csv",
            "userId,movieId,rating\n1,1,1\n", NULL},
        "there are two ratings.csv, a/ratings.csv and b/ratings.csv; which of them is meant cannot "
        "be known");
    bad((const char *const[]){"ratings.csv", "userId,movieID,rating\n1,1,1\n", NULL},
        "ratings.csv:1: item: there is no column \"movieId\" among \"userId\", \"movieID\", "
        "\"rating\"; "
        "did you mean \"movieID\"?");
    bad((const char *const[]){"x/ratings.csv", "userId,movieId,rating\n1,7,1\n", "x/movies.csv",
            "movieId,title,genres\n1,A,War\n", NULL},
        "x/ratings.csv:2: the item is not in the file of items: \"1,7,1\"");
    bad((const char *const[]){"x/ratings.csv", "userId,movieId,rating\n1,1,1\n", "x/movies.csv",
            "movieId,title,genres\n1,\"A,War\n", NULL},
        "x/movies.csv:2: a quote that begins on this line is never closed");
    bad((const char *const[]){"x/ratings.csv", "userId,movieId,rating\n1,1,1\n", "x/movies.csv",
            "movieId,title,genres\n1,A\n", NULL},
        "x/movies.csv:2: the row is short: 2 fields: \"1,A\"");
    bad((const char *const[]){"x/ratings.csv", "userId,movieId,rating\n1,1,1\n", "x/movies.csv",
            "movieId,title,genres\n1,\xE9,War\n", NULL},
        "x/movies.csv:2: the row is not UTF-8: \"1,\\xe9,War\"");
    bad((const char *const[]){"ratings.dat", "1::1::0.5::1\n", "users.dat", "1::F::1::1::1\n",
            NULL},
        "ratings.dat:1: the rating is off the scale from 1 to 5");
    bad((const char *const[]){"ratings.dat", "2::1::5::1\n", "users.dat", "1::F::1::1::1\n", NULL},
        "ratings.dat:1: the user is not in the file of users");
    bad((const char *const[]){"ratings.dat", "1::1::5::1\n", "users.dat", "1::F::old::1::1\n",
            NULL},
        "users.dat:1: the age is not a number");
}
END_TEST

START_TEST(years_in_titles) {
    static const struct {
        const char *title;
        int year;
    } known[] = {{"Toy Story (1995)", 1995}, {"2001 (1968) ", 1968}, {"A (500) Days (2009)", 2009},
        {"B (1975-1979)", 1975}, {"C (1975\xE2\x80\x93 )", 1975}, {"1984", 0}, {"D (19", 0},
        {"", 0}, {"E (1234)", 0}, {"(1999)", 1999}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        ck_assert_int_eq(movielens_year(known[k].title, strlen(known[k].title)), known[k].year);
}
END_TEST

static void real(const char *name, uint64_t ratings, uint32_t users, uint32_t items, size_t tags) {
    const char *path = files_real(name);
    if (!path) {
        fprintf(stderr, "skipped: there is no %s\n", name);
        return;
    }
    good(path);
    ck_assert_uint_eq(d.n_ratings, ratings);
    ck_assert_uint_eq(d.n_users, users);
    ck_assert_uint_eq(d.n_items, items);
    ck_assert_uint_eq(d.titles.n, items);
    ck_assert_uint_eq(d.tags.n, tags);
    ck_assert_uint_eq(d.count[COUNT_ROWS], ratings);
    for (int k = COUNT_SHORT_ROW; k < COUNT_N; k++) ck_assert_uint_eq(d.count[k], 0);
}

START_TEST(real_sets) {
    real("ml-latest-small.zip", 100836, 610, 9742, 3683);
    load_init(&l, "movielens");
    real("ml-100k.zip", 100000, 943, 1682, 0);
    load_init(&l, "movielens");
    real("ml-1m.zip", 1000209, 6040, 3883, 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("data_movielens");
    TCase *c = tcase_create("movielens");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, the_form_of_100k);
    tcase_add_test(c, the_form_of_1m);
    tcase_add_test(c, the_form_of_10m);
    tcase_add_test(c, the_form_of_latest);
    tcase_add_test(c, files_of_a_folder_may_be_compressed);
    tcase_add_test(c, an_item_or_user_twice_is_counted);
    tcase_add_test(c, what_is_wrong_is_said);
    tcase_add_test(c, years_in_titles);
    tcase_add_test(c, real_sets);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
