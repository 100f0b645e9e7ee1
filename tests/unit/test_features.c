// Features of items are used honestly, by every plugin of the build that says that it uses genres:
// where the planted ratings hang on genres it predicts better with them than without, and genres
// of other items cost it next to nothing.
#include <check.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/child.h"
#include "core/random.h"
#include "model/loader.h"
#include "model/model.h"

// RMSE, means over the folds.
#define GAIN .01 // at least, by genres
// At most, by genres of other items. Models that choose on the validation slice leave them out; bmf
// never chooses, and over eight seeds and shuffles paid .0011 on average, from .0001 to .0027.
#define COST .003

enum { N_USERS = 300, N_ITEMS = 200, N_GENRES = 6, N_FOLDS = 5, VALID = 20 /* one of them */ };
enum genres { TRUE_GENRES, NO_GENRES, SHUFFLED_GENRES };

// ---- The world ---------------------------------------------------------------------------------

// Items become rarer, and have one or two genres:
//     r(u,i) = 3.5 + b_u + b_i + sum_g in i a(u,g) + noise,  in half stars
struct world {
    size_t n;
    uint32_t user[N_USERS * N_ITEMS], item[N_USERS * N_ITEMS]; // ascending by both
    float value[N_USERS * N_ITEMS];
    float place[N_USERS * N_ITEMS]; // uniform on [0, 1): which fold tests it, which slice has it
    uint32_t genre[N_ITEMS][2];     // ascending
    uint32_t n_genres[N_ITEMS];
};
static struct world world;

static float uniform(uint64_t what, uint64_t x) {
    float f;
    random_uniform(what, x, &f, 1);
    return f;
}

static float normal(uint64_t what, uint64_t x) {
    float f;
    random_normal(what, x, &f, 1);
    return f;
}

enum { GENRE = 1, KEEP, PLACE, USER, ITEM, AFFINITY, NOISE, ORDER, HOST };

static float rating(uint32_t u, uint32_t i) {
    float r = 3.5f + .35f * normal(USER, u) + .45f * normal(ITEM, i) +
              .6f * normal(NOISE, (uint64_t)u * N_ITEMS + i);
    for (uint32_t k = 0; k < world.n_genres[i]; k++)
        r += .5f * normal(AFFINITY, (uint64_t)u * N_GENRES + world.genre[i][k]);
    r = roundf(2 * r) / 2;
    return r < .5f ? .5f : r > 5 ? 5 : r;
}

static void plant(void) {
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        const uint32_t a = (uint32_t)(N_GENRES * uniform(GENRE, 2 * i));
        const uint32_t b = (uint32_t)(N_GENRES * uniform(GENRE, 2 * i + 1));
        world.n_genres[i] = a == b ? 1 : 2;
        world.genre[i][0] = a < b ? a : b;
        world.genre[i][1] = a < b ? b : a;
    }
    for (uint32_t u = 0; u < N_USERS; u++)
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            const uint64_t pair = (uint64_t)u * N_ITEMS + i;
            if (uniform(KEEP, pair) >= 8.f / (8 + (float)i)) continue;
            const size_t e = world.n++;
            world.user[e] = u;
            world.item[e] = i;
            world.value[e] = rating(u, i);
            world.place[e] = uniform(PLACE, pair);
        }
}

// ---- A fold of it ------------------------------------------------------------------------------

enum part { TRAIN, VALIDATION, TEST };

static enum part part_of(size_t e, int fold, bool sliced) {
    const float at = world.place[e] * N_FOLDS;
    if ((int)at == fold) return TEST;
    return sliced && (int)(at * VALID) % VALID == 0 ? VALIDATION : TRAIN;
}

static uint64_t by_user_start[N_USERS + 1], by_item_start[N_ITEMS + 1];
static uint64_t genre_start[N_ITEMS + 1];
static uint32_t by_user_col[N_USERS * N_ITEMS], by_item_col[N_USERS * N_ITEMS];
static uint32_t genre_col[2 * N_ITEMS];
static float by_user_value[N_USERS * N_ITEMS], by_item_value[N_USERS * N_ITEMS];
static float ones[2 * N_ITEMS];

static void build_matrices(rk_data *d, int fold, bool sliced) {
    memset(by_user_start, 0, sizeof by_user_start);
    memset(by_item_start, 0, sizeof by_item_start);
    uint64_t n = 0, at[N_ITEMS];
    for (size_t e = 0; e < world.n; e++) {
        if (part_of(e, fold, sliced) != TRAIN) continue;
        by_user_col[n] = world.item[e];
        by_user_value[n++] = world.value[e];
        by_user_start[world.user[e] + 1]++;
        by_item_start[world.item[e] + 1]++;
    }
    for (uint32_t u = 0; u < N_USERS; u++) by_user_start[u + 1] += by_user_start[u];
    for (uint32_t i = 0; i < N_ITEMS; i++) by_item_start[i + 1] += by_item_start[i];
    memcpy(at, by_item_start, sizeof at);
    for (uint32_t u = 0; u < N_USERS; u++)
        for (uint64_t e = by_user_start[u]; e < by_user_start[u + 1]; e++) {
            const uint64_t to = at[by_user_col[e]]++;
            by_item_col[to] = u;
            by_item_value[to] = by_user_value[e];
        }
    d->by_user = (rk_csr){N_USERS, N_ITEMS, by_user_start, by_user_col, by_user_value};
    d->by_item = (rk_csr){N_ITEMS, N_USERS, by_item_start, by_item_col, by_item_value};
}

static void build_features(rk_data *d, enum genres genres) {
    static const char *const names[N_GENRES] = {
        "Action", "Comedy", "Drama", "Horror", "War", "Noir"};
    static rk_features feature = {.name = "genre", .kind = RK_FEATURE_BINARY, .col_names = names};
    uint32_t of[N_ITEMS]; // whose genres an item gets
    for (uint32_t i = 0; i < N_ITEMS; i++) of[i] = i;
    if (genres == SHUFFLED_GENRES) random_shuffle(ORDER, 0, of, N_ITEMS);
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        genre_start[i + 1] = genre_start[i];
        for (uint32_t k = 0; k < world.n_genres[of[i]]; k++)
            genre_col[genre_start[i + 1]++] = world.genre[of[i]][k];
    }
    for (size_t k = 0; k < sizeof ones / sizeof *ones; k++) ones[k] = 1;
    feature.values = (rk_csr){N_ITEMS, N_GENRES, genre_start, genre_col, ones};
    d->item_features = &feature;
    d->n_item_features = genres == NO_GENRES ? 0 : 1;
    d->features_stride = sizeof feature;
}

struct part_rows {
    rk_pairs pairs;
    uint32_t users[N_USERS * N_ITEMS], items[N_USERS * N_ITEMS];
    float value[N_USERS * N_ITEMS];
};
static struct part_rows valid, test;

static void build_part(struct part_rows *p, enum part part, int fold, bool sliced) {
    p->pairs = (rk_pairs){.size = sizeof p->pairs, .users = p->users, .items = p->items};
    for (size_t e = 0; e < world.n; e++) {
        if (part_of(e, fold, sliced) != part) continue;
        p->users[p->pairs.n] = world.user[e];
        p->items[p->pairs.n] = world.item[e];
        p->value[p->pairs.n++] = world.value[e];
    }
}

static void build(rk_data *d, int fold, enum genres genres, bool sliced) {
    *d = (rk_data){.size = sizeof *d,
        .n_users = N_USERS,
        .n_items = N_ITEMS,
        .rating_min = .5f,
        .rating_max = 5,
        .valid = &valid.pairs,
        .valid_ratings = valid.value};
    build_matrices(d, fold, sliced);
    build_features(d, genres);
    build_part(&valid, VALIDATION, fold, sliced);
    build_part(&test, TEST, fold, sliced);
}

// ---- Models on it ------------------------------------------------------------------------------

struct subject {
    const rk_plugin *plugin;
    struct schema schema; // owned
    struct param_value values[64];
};

static void open_plugin(struct subject *s, const char *folder, const char *name) {
    char path[8192];
    struct error e = {0};
    snprintf(path, sizeof path, "%s/%s/%s", getenv("RECKON_BUILD"), folder, name);
    *s = (struct subject){.plugin = loader_open(path, &e)};
    ck_assert_msg(s->plugin && schema_read(&s->schema, s->plugin, path, &e), "%s", e.text);
    ck_assert_uint_le(s->schema.n_params, 64);
    schema_defaults(&s->schema, s->values);
}

static bool uses_genres(const struct schema *s) {
    for (uint32_t k = 0; k < s->n_uses; k++)
        if (strcmp(s->uses_features[k], "item.genre") == 0) return true;
    return false;
}

static double rmse_of(const struct subject *s, int fold, enum genres genres) {
    static float answers[N_USERS * N_ITEMS];
    rk_data d;
    build(&d, fold, genres, s->schema.flags & RK_WANTS_VALID);
    struct host host;
    host_init(&host, NULL, HOST);
    struct model model = {0};
    struct error e = {0};
    rk_status status;
    ck_assert_msg(model_create(&model, s->plugin, s->values, &host, &e), "%s", e.text);
    ck_assert_msg(model_fit(&model, &d, &status, &e), "%s", e.text);
    ck_assert_msg(model_predict(&model, &test.pairs, answers, &e), "%s", e.text);
    model_done(&model);
    double sum = 0;
    for (size_t k = 0; k < test.pairs.n; k++) {
        const float r = fminf(fmaxf(answers[k], d.rating_min), d.rating_max); // NAN: rating_min
        sum += pow((double)(test.value[k] - r), 2);
    }
    return sqrt(sum / (double)test.pairs.n);
}

struct worth {
    double gain, cost;
};

static struct worth worth_of(const struct subject *s) {
    double mean[3] = {0};
    for (int fold = 0; fold < N_FOLDS; fold++)
        for (int genres = TRUE_GENRES; genres <= SHUFFLED_GENRES; genres++)
            mean[genres] += rmse_of(s, fold, (enum genres)genres) / N_FOLDS;
    const struct worth w = {
        mean[NO_GENRES] - mean[TRUE_GENRES], mean[SHUFFLED_GENRES] - mean[NO_GENRES]};
    printf(
        "%s: RMSE %.4f without genres; with them %.4f less; with those of other items %.4f more\n",
        s->schema.id, mean[NO_GENRES], w.gain, w.cost);
    return w;
}

START_TEST(genres_help_where_they_matter_and_cost_nothing_where_not) {
    char folder[4096];
    if (child_is_sanitized()) return; // the same figures, for many times the work
    snprintf(folder, sizeof folder, "%s/plugins", getenv("RECKON_BUILD"));
    DIR *d = opendir(folder);
    ck_assert_ptr_nonnull(d);
    char bad[2000] = "";
    for (const struct dirent *entry; (entry = readdir(d));) {
        const char *end = strrchr(entry->d_name, '.');
        if (!end || strcmp(end, ".so") != 0) continue;
        struct subject s;
        open_plugin(&s, "plugins", entry->d_name);
        if (uses_genres(&s.schema)) {
            const struct worth w = worth_of(&s);
            const size_t n = strlen(bad);
            if (w.gain < GAIN || w.cost > COST)
                snprintf(bad + n, sizeof bad - n,
                    "%s: gain %.4f (at least %g), cost %.4f (at most %g)\n", s.schema.id, w.gain,
                    GAIN, w.cost, COST);
        }
        schema_done(&s.schema);
    }
    closedir(d);
    ck_assert_msg(!bad[0], "%s", bad);
}
END_TEST

static struct worth worth_by(const char *way) {
    struct subject s;
    open_plugin(&s, "tests/plugins", "genres.so");
    ck_assert(uses_genres(&s.schema));
    for (uint32_t c = 0; c < s.schema.params[0].n_choices; c++)
        if (strcmp(s.schema.params[0].choices[c], way) == 0) s.values[0].number = c;
    const struct worth w = worth_of(&s);
    schema_done(&s.schema);
    return w;
}

// What the comparison above rests on: it tells a model that decides from one that always uses
// genres, and from one that never does.
START_TEST(the_comparison_can_fail) {
    const struct worth by_slice = worth_by("auto"), always = worth_by("always");
    const struct worth never = worth_by("never");
    ck_assert_double_ge(by_slice.gain, GAIN);
    ck_assert_double_le(by_slice.cost, COST);
    ck_assert_double_ge(always.gain, GAIN);
    ck_assert_double_gt(always.cost, 2 * COST);
    ck_assert_double_eq(never.gain, 0);
    ck_assert_double_eq(never.cost, 0);
}
END_TEST

int main(void) {
    loader_prepare_blas();
    plant();
    TCase *cases = tcase_create("features");
    tcase_add_test(cases, genres_help_where_they_matter_and_cost_nothing_where_not);
    tcase_add_test(cases, the_comparison_can_fail);
    tcase_set_timeout(cases, 300);
    Suite *suite = suite_create("features");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
