// A split, whole: copied to framework/split/, it is a method that experiments can name.
//
// every_kth: each user's ratings, ordered by time (by a hash of the ids where times are equal or
// not known), are dealt out in turn. So every user is in every fold with an equal share, and each
// fold reaches over a user's whole history.
#include <stdlib.h>

#include "core/random.h"
#include "split/split.h"

struct every_kth {
    int64_t k;
};

static const struct setting table[] = {
    {.name = "k",
        .doc = "folds: of k ratings of a user that follow each other, each is tested once",
        .type = SETTING_INT,
        .offset = offsetof(struct every_kth, k),
        .def = 5,
        .min = 2,
        .max = 1000},
};

static bool plan(const void *settings, const struct dataset *data, uint32_t *n_repeats,
    uint32_t **folds, uint32_t *n_folds, struct error *e) {
    const struct every_kth *s = settings;
    if (data && data->n_ratings < (uint64_t)s->k)
        return error_set(e, "k: %lld folds of %llu ratings; there can be at most one fold a rating",
            (long long)s->k, (unsigned long long)data->n_ratings);
    *folds = malloc((size_t)s->k * sizeof **folds);
    if (!*folds) return error_memory(e, (size_t)s->k * sizeof **folds, "the folds");
    for (uint32_t f = 0; f < s->k; f++) (*folds)[f] = f + 1;
    *n_folds = (uint32_t)s->k;
    *n_repeats = 1;
    return true;
}

struct slot {
    int64_t time;
    uint64_t hash, entry;
};

static int compare(const void *a, const void *b) {
    const struct slot *x = a, *y = b;
    if (x->time != y->time) return (x->time > y->time) - (x->time < y->time);
    return (x->hash > y->hash) - (x->hash < y->hash);
}

static bool assign(const struct split_job *job, uint8_t *role, struct error *e) {
    const struct every_kth *s = job->settings;
    const struct dataset *d = job->data;
    const rk_csr *r = &d->by_user;
    const uint64_t key = random_key(job->seed, RANDOM_FOLD, job->repeat);
    struct slot *slot = malloc(d->n_items * sizeof *slot); // room for the longest row there can be
    if (!slot) return error_memory(e, d->n_items * sizeof *slot, "the folds");
    for (uint32_t u = 0; u < r->n_rows; u++) {
        const uint64_t user = random_mix(key, d->user_hash[u]), begin = r->start[u];
        const size_t n = (size_t)(r->start[u + 1] - begin);
        for (size_t k = 0; k < n; k++)
            slot[k] = (struct slot){.time = d->time ? d->time[begin + k] : 0,
                .hash = random_mix(user, d->item_hash[r->col[begin + k]]),
                .entry = begin + k};
        qsort(slot, n, sizeof *slot, compare);
        // Users start at different folds, so that those with few ratings fill all folds alike.
        for (size_t k = 0; k < n; k++)
            role[slot[k].entry] =
                (user + k) % (uint64_t)s->k == job->fold - 1 ? SPLIT_TEST : SPLIT_TRAIN;
    }
    free(slot);
    return true;
}

REGISTRY_ADD(split_method, every_kth) = {
    .id = "every_kth",
    .doc = "each user's ratings are dealt out in turn, in the order of time",
    .settings = SETTINGS(table, struct every_kth),
    .plan = plan,
    .assign = assign,
    .validate = split_validate_rows,
    .inner = split_inner_rows,
};
