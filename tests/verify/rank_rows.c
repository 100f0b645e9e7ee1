// rank_rows USERS ITEMS TRAIN TEST K RELEVANT THREADS < numbers: ranks the catalogue by a matrix of
// answers, scores it, and prints "place P" for each test row and "name value" for each number of
// the metrics that need places: ranking.py's way in. The numbers are: training rows "user item
// rating" by user and item, test rows likewise in any order, tie words of users, of items, and the
// answers by user, "nan" where there is none.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "core/random.h"
#include "metric/score.h"
#include "model/host.h"
#include "support/metric_settings.h"
#include "trial/ranking.h"

struct world {
    size_t n_users, n_items, n_train, n_test;
    uint64_t *start, *start_by_item, *user_tie, *item_tie;
    uint32_t *col, *col_by_item, *users, *items, *rank;
    float *value, *value_by_item, *truth, *answers, *given;
    uint64_t *tie;
    uint8_t *cold;
};

static void *room(size_t n, size_t size) {
    void *at = calloc(n + 1, size);
    if (!at) abort();
    return at;
}

static void read_training(struct world *w) {
    uint32_t *user = room(w->n_train, sizeof *user);
    for (size_t k = 0; k < w->n_train; k++) {
        if (scanf("%" SCNu32 " %" SCNu32 " %f", &user[k], &w->col[k], &w->value[k]) != 3) exit(2);
        w->start[user[k] + 1]++;
        w->start_by_item[w->col[k] + 1]++;
    }
    for (size_t u = 0; u < w->n_users; u++) w->start[u + 1] += w->start[u];
    uint64_t *next = room(w->n_items, sizeof *next);
    for (size_t i = 0; i < w->n_items; i++)
        next[i + 1] = w->start_by_item[i + 1] += w->start_by_item[i];
    for (size_t k = 0; k < w->n_train; k++) {
        const uint64_t at = next[w->col[k]]++;
        w->col_by_item[at] = user[k];
        w->value_by_item[at] = w->value[k];
    }
    free(next);
    free(user);
}

static void read_words(uint64_t *at, size_t n) {
    for (size_t k = 0; k < n; k++)
        if (scanf("%" SCNu64, &at[k]) != 1) exit(2);
}

static void read_world(struct world *w) {
    w->start = room(w->n_users + 1, sizeof *w->start);
    w->start_by_item = room(w->n_items + 1, sizeof *w->start_by_item);
    w->col = room(w->n_train, sizeof *w->col);
    w->value = room(w->n_train, sizeof *w->value);
    w->col_by_item = room(w->n_train, sizeof *w->col_by_item);
    w->value_by_item = room(w->n_train, sizeof *w->value_by_item);
    w->users = room(w->n_test, sizeof *w->users);
    w->items = room(w->n_test, sizeof *w->items);
    w->truth = room(w->n_test, sizeof *w->truth);
    w->rank = room(w->n_test, sizeof *w->rank);
    w->given = room(w->n_test, sizeof *w->given);
    w->tie = room(w->n_test, sizeof *w->tie);
    w->cold = room(w->n_test, sizeof *w->cold);
    w->user_tie = room(w->n_users, sizeof *w->user_tie);
    w->item_tie = room(w->n_items, sizeof *w->item_tie);
    w->answers = room(w->n_users * w->n_items, sizeof *w->answers);
    read_training(w);
    for (size_t k = 0; k < w->n_test; k++)
        if (scanf("%" SCNu32 " %" SCNu32 " %f", &w->users[k], &w->items[k], &w->truth[k]) != 3)
            exit(2);
    read_words(w->user_tie, w->n_users);
    read_words(w->item_tie, w->n_items);
    for (size_t k = 0; k < w->n_users * w->n_items; k++)
        if (scanf("%f", &w->answers[k]) != 1) exit(2);
    for (size_t k = 0; k < w->n_test; k++)
        w->given[k] = w->answers[w->users[k] * w->n_items + w->items[k]];
}

static void world_done(struct world *w) {
    void *const all[] = {w->start, w->start_by_item, w->user_tie, w->item_tie, w->col,
        w->col_by_item, w->users, w->items, w->rank, w->value, w->value_by_item, w->truth,
        w->answers, w->given, w->tie, w->cold};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
}

static bool answer(void *arg, const rk_pairs *pairs, float *out, struct error *e) {
    const struct world *w = arg;
    (void)e;
    for (size_t k = 0; k < pairs->n; k++)
        out[k] = w->answers[pairs->users[k] * w->n_items + pairs->items[k]];
    return true;
}

static bool rank(struct world *w, const rk_data *train, const struct fallback *fallback,
    uint32_t n_threads, struct error *e) {
    struct host host;
    struct pool *pool = pool_new(n_threads, e);
    if (!pool) return false;
    host_init(&host, pool, 0);
    const rk_pairs pairs = {
        .size = sizeof pairs, .n = w->n_test, .users = w->users, .items = w->items};
    const struct ranking r = {.pairs = &pairs,
        .train = train,
        .fallback = fallback,
        .user_tie = w->user_tie,
        .item_tie = w->item_tie,
        .answer = answer,
        .arg = w};
    const bool ok = ranking_make(&r, &host.api, w->rank, e);
    pool_free(pool);
    return ok;
}

static bool score(struct world *w, const rk_data *train, const struct fallback *fallback, double k,
    double relevant, struct error *e) {
    static const char *const ids[] = {"ndcg", "recall", "precision", "mrr", "map"};
    enum { N = sizeof ids / sizeof *ids };
    struct metric_spec specs[N];
    void *settings[N];
    for (int m = 0; m < N; m++) {
        const struct metric *metric = metric_find(ids[m]);
        settings[m] = metric_settings_default(metric);
        metric_settings_set(settings[m], metric, "relevant", relevant);
        if (metric->settings.n > 1) metric_settings_set(settings[m], metric, "k", k);
        specs[m] = (struct metric_spec){metric, settings[m], ids[m]};
    }
    const struct test test = {.n = w->n_test,
        .users = w->users,
        .items = w->items,
        .truth = w->truth,
        .cold = w->cold,
        .tie = w->tie};
    const struct score_job job = {.test = &test,
        .train = train,
        .fallback = fallback,
        .metrics = specs,
        .n_metrics = N,
        .only_all = true};
    struct scores scores = {0};
    const struct answers answers = {.rating = w->given, .rank = w->rank};
    const bool ok = score_all(&job, &answers, NULL, &scores, e);
    for (size_t s = 0; ok && s < scores.n; s++)
        printf("%s %.17g\n", scores.at[s].name, scores.at[s].value);
    scores_done(&scores);
    for (int m = 0; m < N; m++) free(settings[m]);
    return ok;
}

int main(int argc, char **argv) {
    if (argc != 8) {
        fprintf(stderr, "usage: rank_rows USERS ITEMS TRAIN TEST K RELEVANT THREADS < numbers\n");
        return 2;
    }
    struct world w = {.n_users = strtoul(argv[1], NULL, 10),
        .n_items = strtoul(argv[2], NULL, 10),
        .n_train = strtoul(argv[3], NULL, 10),
        .n_test = strtoul(argv[4], NULL, 10)};
    read_world(&w);
    const uint32_t n_users = (uint32_t)w.n_users, n_items = (uint32_t)w.n_items;
    const rk_data train = {.size = sizeof train,
        .n_users = n_users,
        .n_items = n_items,
        .by_user = {.n_rows = n_users, .start = w.start, .col = w.col, .value = w.value},
        .by_item = {.n_rows = n_items,
            .start = w.start_by_item,
            .col = w.col_by_item,
            .value = w.value_by_item},
        .rating_min = 1,
        .rating_max = 5};
    struct fallback fallback;
    struct error e = {0};
    const bool ok = fallback_init(&fallback, &train, &e) &&
                    rank(&w, &train, &fallback, (uint32_t)strtoul(argv[7], NULL, 10), &e) &&
                    score(&w, &train, &fallback, strtod(argv[5], NULL), strtod(argv[6], NULL), &e);
    for (size_t k = 0; ok && k < w.n_test; k++) printf("place %" PRIu32 "\n", w.rank[k]);
    if (!ok) fprintf(stderr, "rank_rows: %s\n", e.text);
    fallback_done(&fallback);
    world_done(&w);
    return !ok;
}
