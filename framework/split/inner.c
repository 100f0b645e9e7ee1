// Inner folds: the training rows of a fold, split again by the same kind of split.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/random.h"
#include "split/split.h"

uint64_t split_inner_key(const struct split_job *job) {
    return random_key(job->seed, RANDOM_INNER, (uint64_t)job->repeat << 32 | job->fold);
}

bool split_inner_error(const struct split_job *job, struct error *e, const char *format, ...) {
    char why[400];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    if (!job->fold) return error_set(e, "inner fold %u of %u: %s", job->inner, job->n_inner, why);
    return error_set(
        e, "inner fold %u of %u in fold %u: %s", job->inner, job->n_inner, job->fold, why);
}

bool split_inner_rows(const struct split_job *job, uint8_t *role, struct error *e) {
    const uint64_t n_ratings = job->data->n_ratings;
    const uint32_t needed = job->n_inner < 2 ? 2 : job->n_inner;
    uint32_t *rank = malloc((n_ratings + 1) * sizeof *rank);
    if (!rank) return error_memory(e, n_ratings * sizeof *rank, "the inner folds");
    uint64_t n = 0;
    bool ok = split_rank(job->data, split_inner_key(job), role, SPLIT_TRAIN, rank, &n, e);
    if (ok && n < needed)
        ok = split_inner_error(job, e,
            "%llu training rating%s cannot make %u parts; choose fewer inner folds",
            (unsigned long long)n, n == 1 ? "" : "s", needed);
    for (uint64_t x = 0; ok && x < n_ratings; x++)
        if (role[x] == SPLIT_TRAIN && rank[x] % job->n_inner == job->inner - 1)
            role[x] = SPLIT_TEST;
    free(rank);
    return ok;
}
