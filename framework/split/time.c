// time: what came last is tested. One cut in time, by the share of all ratings that come after it;
// or a cut for each user, by the number or share of that user's ratings, at least one of which
// trains.
//
// Ratings of the very time of a cut are dealt to its sides by a hash of the ids, so that the sides
// have exactly the rows that were asked for.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "split/newest.h"

// One of the three is given; the others are 0.
struct by_time {
    double test;
    int64_t last;
    double last_share;
};

static const struct setting table[] = {
    {.name = "test",
        .doc = "share of the ratings, the newest of all, that is tested",
        .type = SETTING_REAL,
        .offset = offsetof(struct by_time, test),
        .min = 1e-6,
        .max = 0.999},
    {.name = "last",
        .doc = "how many of each user's ratings, the newest, are tested",
        .type = SETTING_INT,
        .offset = offsetof(struct by_time, last),
        .min = 1,
        .max = 1000000},
    {.name = "last_share",
        .doc = "share of each user's ratings, the newest, that is tested",
        .type = SETTING_REAL,
        .offset = offsetof(struct by_time, last_share),
        .min = 1e-6,
        .max = 0.999},
};

// ---- How many are tested -----------------------------------------------------------------------

static uint64_t count_test(const void *arg, uint32_t group, uint64_t n) {
    (void)group;
    const uint64_t count = split_share_of(((const struct by_time *)arg)->test, n);
    return count ? count : 1;
}

static uint64_t count_last(const void *arg, uint32_t group, uint64_t n) {
    (void)group;
    const uint64_t last = (uint64_t)((const struct by_time *)arg)->last;
    return last < n ? last : n - 1;
}

static uint64_t count_last_share(const void *arg, uint32_t group, uint64_t n) {
    (void)group;
    return split_share_of(((const struct by_time *)arg)->last_share, n);
}

// ---- The method --------------------------------------------------------------------------------

static bool check_times(const struct dataset *data, struct error *e) {
    for (uint64_t x = 0; data->time && x < data->n_ratings; x++)
        if (data->time[x] != RK_NO_TIME) return true;
    return error_set(e,
        "the ratings of %s have no times; name the column that has them (time = ...), or choose "
        "another split",
        data->name);
}

static bool check_users(const struct by_time *s, const struct dataset *data, struct error *e) {
    const rk_csr *r = &data->by_user;
    uint64_t most = 0;
    for (uint32_t u = 0; u < r->n_rows; u++)
        if (r->start[u + 1] - r->start[u] > most) most = r->start[u + 1] - r->start[u];
    if (s->last && (uint64_t)s->last >= most)
        return error_set(e,
            "last: of each user's ratings one at least trains, and no user has more than %llu; "
            "choose a number below that",
            (unsigned long long)most);
    if (!s->last && count_last_share(s, 0, most) == 0)
        return error_set(e,
            "last_share: %g of a user's ratings is under half a rating for every user; the most "
            "that one has is %llu",
            s->last_share, (unsigned long long)most);
    return true;
}

static bool plan(const void *settings, const struct dataset *data, uint32_t *n_repeats,
    uint32_t **folds, uint32_t *n_folds, struct error *e) {
    const struct by_time *s = settings;
    const int given = (s->test > 0) + (s->last > 0) + (s->last_share > 0);
    if (given != 1)
        return error_set(e,
            "one of test, last and last_share is needed: test = 0.2 tests the newest fifth of all "
            "ratings, last = 5 each user's last five, last_share = 0.2 each user's last fifth; %s",
            given ? "more than one is given" : "none is given");
    if (data && !check_times(data, e)) return false;
    if (data && s->test > 0 && data->n_ratings < 2)
        return error_set(e, "test: a split needs two ratings; the data has %llu",
            (unsigned long long)data->n_ratings);
    if (data && s->test <= 0 && !check_users(s, data, e)) return false;
    *folds = malloc(sizeof **folds);
    if (!*folds) return error_memory(e, sizeof **folds, "the folds");
    (*folds)[0] = 1;
    *n_folds = *n_repeats = 1;
    return true;
}

// The newest of the training rows, of all or of each user's, become `to`.
static bool cut(
    const struct split_job *job, uint64_t key, uint8_t to, uint8_t *role, struct error *e) {
    const struct by_time *s = job->settings;
    const struct newest take = {.data = job->data,
        .by = s->test > 0 ? SPLIT_BY_NONE : SPLIT_BY_USER,
        .key = key,
        .from = SPLIT_TRAIN,
        .to = to,
        .count = s->test > 0 ? count_test
                 : s->last   ? count_last
                             : count_last_share,
        .arg = s};
    return newest_take(&take, role, e);
}

static bool assign(const struct split_job *job, uint8_t *role, struct error *e) {
    memset(role, SPLIT_TRAIN, job->data->n_ratings);
    return cut(job, random_key(job->seed, RANDOM_FOLD, job->repeat), SPLIT_TEST, role, e);
}

static uint64_t count_role(const struct split_job *job, const uint8_t *role, uint8_t wanted) {
    uint64_t n = 0;
    for (uint64_t x = 0; x < job->data->n_ratings; x++) n += role[x] == wanted;
    return n;
}

// The same cut, made again in what is older than the window of the inner fold before: each inner
// fold trains on nothing that is newer than what it tests.
static bool inner(const struct split_job *job, uint8_t *role, struct error *e) {
    const uint64_t n = count_role(job, role, SPLIT_TRAIN);
    for (uint32_t k = 1; k <= job->inner; k++) {
        const uint8_t to = k < job->inner ? SPLIT_HELD : SPLIT_TEST;
        if (!cut(job, split_inner_key(job), to, role, e)) return false;
    }
    if (count_role(job, role, SPLIT_TEST) > 0 && count_role(job, role, SPLIT_TRAIN) > 0)
        return true;
    return split_inner_error(job, e,
        "of %llu training ratings too few are left to test and to train on, so far back in time; "
        "choose fewer inner folds or test less",
        (unsigned long long)n);
}

// ---- Validation --------------------------------------------------------------------------------

struct lent {
    const struct dataset *data;
    uint64_t key;
    double share;
};

static uint64_t count_lent(const void *arg, uint32_t group, uint64_t n) {
    (void)group;
    return split_share_of(((const struct lent *)arg)->share, n);
}

// Of a user's few rows the share is rarely a whole number: it is rounded up as often, over users,
// as its fraction says.
static uint64_t count_lent_by_user(const void *arg, uint32_t user, uint64_t n) {
    const struct lent *l = arg;
    const uint64_t bits = random_mix(l->key, l->data->user_hash[user]);
    const uint64_t count = (uint64_t)floor(l->share * (double)n + (double)(bits >> 11) * 0x1p-53);
    return count < n ? count : n - 1;
}

static bool validate(const struct split_job *job, double share, uint8_t *role, struct error *e) {
    const struct by_time *s = job->settings;
    const struct lent lent = {job->data, split_validation_key(job), share};
    const struct newest take = {.data = job->data,
        .by = s->test > 0 ? SPLIT_BY_NONE : SPLIT_BY_USER,
        .key = lent.key,
        .from = SPLIT_TRAIN,
        .to = SPLIT_VALID,
        .count = s->test > 0 ? count_lent : count_lent_by_user,
        .arg = &lent};
    return newest_take(&take, role, e);
}

static enum split_tags tags(const void *settings) {
    return ((const struct by_time *)settings)->test > 0 ? SPLIT_TAGS_TIME : SPLIT_TAGS_USER_TIME;
}

static void describe(const void *settings, char *text, size_t size) {
    const struct by_time *s = settings;
    if (s->test > 0)
        snprintf(text, size, "newest %.6g %%", 100 * s->test);
    else if (s->last)
        snprintf(text, size, "each user's last %lld", (long long)s->last);
    else
        snprintf(text, size, "each user's last %.6g %%", 100 * s->last_share);
}

REGISTRY_ADD(split_method, time) = {
    .id = "time",
    .doc = "what came last is tested: the newest of all ratings, or of each user's",
    .settings = SETTINGS(table, struct by_time),
    .plan = plan,
    .assign = assign,
    .validate = validate,
    .inner = inner,
    .tags = tags,
    .describe = describe,
};
