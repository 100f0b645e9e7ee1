// kfold: the hashed deal gives every rating to one of `folds` folds, which is tested while the
// others train. Sizes differ by one at most; each repeat deals anew.
#include <stdlib.h>

#include "core/random.h"
#include "split/split.h"

struct kfold {
    int64_t folds, repeats;
};

static const struct setting table[] = {
    {.name = "folds",
        .doc = "parts that the ratings are dealt into; each is tested once",
        .type = SETTING_INT,
        .offset = offsetof(struct kfold, folds),
        .def = 5,
        .min = 2,
        .max = 1000},
    {.name = "repeats",
        .doc = "how often to deal anew",
        .type = SETTING_INT,
        .offset = offsetof(struct kfold, repeats),
        .def = 1,
        .min = 1,
        .max = 1000},
};

static bool plan(const void *settings, const struct dataset *data, uint32_t *n_repeats,
    uint32_t **folds, uint32_t *n_folds, struct error *e) {
    const struct kfold *s = settings;
    if (data && data->n_ratings < (uint64_t)s->folds)
        return error_set(e,
            "folds: %lld folds of %llu ratings; there can be at most one fold a rating",
            (long long)s->folds, (unsigned long long)data->n_ratings);
    *folds = malloc((size_t)s->folds * sizeof **folds);
    if (!*folds) return error_memory(e, (size_t)s->folds * sizeof **folds, "the folds");
    for (uint32_t k = 0; k < s->folds; k++) (*folds)[k] = k + 1;
    *n_folds = (uint32_t)s->folds;
    *n_repeats = (uint32_t)s->repeats;
    return true;
}

static bool assign(const struct split_job *job, uint8_t *role, struct error *e) {
    const struct kfold *s = job->settings;
    const uint64_t n_ratings = job->data->n_ratings;
    uint32_t *rank = malloc(n_ratings * sizeof *rank);
    if (!rank) return error_memory(e, n_ratings * sizeof *rank, "the folds");
    uint64_t n;
    const bool ok = split_rank(
        job->data, random_key(job->seed, RANDOM_FOLD, job->repeat), role, SPLIT_OUT, rank, &n, e);
    for (uint64_t x = 0; ok && x < n_ratings; x++)
        role[x] = rank[x] % (uint32_t)s->folds == job->fold - 1 ? SPLIT_TEST : SPLIT_TRAIN;
    free(rank);
    return ok;
}

REGISTRY_ADD(split_method, kfold) = {
    .id = "kfold",
    .doc = "every rating is tested once: parts of equal size, dealt by a hash of the ids",
    .settings = SETTINGS(table, struct kfold),
    .plan = plan,
    .assign = assign,
    .validate = split_validate_rows,
    .inner = split_inner_rows,
};
