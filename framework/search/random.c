// random: points that fill the space evenly, so that each parameter alone is spread better than by
// independent draws (Bergstra, Bengio: Random search for hyper-parameter optimization, JMLR 13,
// 2012, section 4; Sobol's sequence in sobol.c).
#include <stdlib.h>

#include "search/fresh.h"

struct random_search {
    struct search base;
    struct fresh fresh;
};

static void propose(struct search *s) {
    struct random_search *r = (struct random_search *)s;
    if (!s->told[0]) search_again(s, 0, 1);
    while (s->n_batch < search_batch(&s->job) && s->n < s->capacity) {
        const double *at = fresh_next(&r->fresh, s);
        if (!at) break;
        search_add(s, at, 1);
    }
}

static void done(struct search *s) {
    fresh_done(&((struct random_search *)s)->fresh);
}

static struct search *begin(const struct search_job *job, struct error *e) {
    struct random_search *r = calloc(1, sizeof *r);
    if (!r) {
        error_memory(e, sizeof *r, "a search");
        return NULL;
    }
    if (search_init(&r->base, job, job->trials, propose, done, e) &&
        fresh_init(&r->fresh, job->space, job->key, e))
        return &r->base;
    search_end(&r->base);
    return NULL;
}

REGISTRY_ADD(search_method, random) = {
    .id = "random",
    .doc = "points that fill the space evenly",
    .judge = search_sound,
    .begin = begin,
};
