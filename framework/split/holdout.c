// holdout: one share of the ratings, the first of the hashed deal, is tested; the rest trains.
#include <math.h>
#include <stdlib.h>

#include "core/random.h"
#include "split/split.h"

struct holdout {
    double test;
    int64_t repeats;
};

static const struct setting table[] = {
    {.name = "test",
        .doc = "share of the ratings that is tested",
        .type = SETTING_REAL,
        .offset = offsetof(struct holdout, test),
        .def = 0.2,
        .min = 1e-6,
        .max = 0.999},
    {.name = "repeats",
        .doc = "how often to deal anew",
        .type = SETTING_INT,
        .offset = offsetof(struct holdout, repeats),
        .def = 1,
        .min = 1,
        .max = 1000},
};

static bool plan(const void *settings, const struct dataset *data, uint32_t *n_repeats,
    uint32_t **folds, uint32_t *n_folds, struct error *e) {
    const struct holdout *s = settings;
    if (data && data->n_ratings < 2)
        return error_set(e, "a hold-out needs two ratings; the data has %llu",
            (unsigned long long)data->n_ratings);
    *folds = malloc(sizeof **folds);
    if (!*folds) return error_memory(e, sizeof **folds, "the folds");
    (*folds)[0] = 1;
    *n_folds = 1;
    *n_repeats = (uint32_t)s->repeats;
    return true;
}

static bool assign(const struct split_job *job, uint8_t *role, struct error *e) {
    const struct holdout *s = job->settings;
    const uint64_t n_ratings = job->data->n_ratings;
    uint32_t *rank = malloc(n_ratings * sizeof *rank);
    if (!rank) return error_memory(e, n_ratings * sizeof *rank, "the hold-out");
    uint64_t n = 0;
    const bool ok = split_rank(
        job->data, random_key(job->seed, RANDOM_FOLD, job->repeat), role, SPLIT_OUT, rank, &n, e);
    double n_test = floor(s->test * (double)n + 0.5);
    n_test = n_test < 1 ? 1 : n_test > (double)n - 1 ? (double)n - 1 : n_test;
    for (uint64_t x = 0; ok && x < n_ratings; x++)
        role[x] = rank[x] < n_test ? SPLIT_TEST : SPLIT_TRAIN;
    free(rank);
    return ok;
}

REGISTRY_ADD(split_method, holdout) = {
    .id = "holdout",
    .doc = "one share of the ratings is tested, chosen by a hash of the ids",
    .settings = SETTINGS(table, struct holdout),
    .plan = plan,
    .assign = assign,
    .validate = split_validate_rows,
    .inner = split_inner_rows,
};
