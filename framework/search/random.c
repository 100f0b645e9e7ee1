// random: points that fill the space evenly, so that each parameter alone is spread better than by
// independent draws (Bergstra, Bengio: Random search for hyper-parameter optimization, JMLR 13,
// 2012, section 4, on Sobol's sequence in its place).
#include <stdlib.h>

#include "search/searching.h"
#include "search/sobol.h"
#include "search/space.h"

// MISSES: draws in a row that were made before, after which the points are gone through in order.
enum { BATCH = 256, MISSES = 1000 };

struct random_search {
    struct search base;
    struct sobol sobol;
    struct space_walk walk;
    bool finite, walking;
    double *u, *at; // [space->n]; owned
};

static bool draw(struct random_search *r) {
    struct search *s = &r->base;
    for (int k = 0; k < MISSES && !r->walking; k++) {
        sobol_next(&r->sobol, r->u);
        space_point(s->job.space, r->u, r->at);
        if (search_add(s, r->at, 1)) return true;
    }
    r->walking = true;
    while (r->finite && space_walk_next(&r->walk))
        if (search_add(s, r->walk.at, 1)) return true;
    return false;
}

static void propose(struct search *s) {
    struct random_search *r = (struct random_search *)s;
    if (!s->told[0]) search_again(s, 0, 1);
    while (s->n_batch < BATCH && s->n < s->capacity && draw(r)) continue;
}

static void done(struct search *s) {
    struct random_search *r = (struct random_search *)s;
    sobol_done(&r->sobol);
    space_walk_done(&r->walk);
    free(r->u);
    free(r->at);
}

static struct search *begin(const struct search_job *job, struct error *e) {
    struct random_search *r = calloc(1, sizeof *r);
    if (!r) {
        error_memory(e, sizeof *r, "a search");
        return NULL;
    }
    struct error none = {0};
    if (!search_init(&r->base, job, job->trials, propose, done, e)) goto done;
    if (!sobol_init(&r->sobol, job->space->n, job->key, e)) goto done;
    r->finite = space_walk_init(&r->walk, job->space, false, &none);
    r->u = calloc(job->space->n, sizeof *r->u);
    r->at = calloc(job->space->n, sizeof *r->at);
    if (r->u && r->at && !none.text[0]) return &r->base;
    error_memory(e, job->space->n * sizeof *r->u, "a search");
done:
    search_end(&r->base);
    return NULL;
}

REGISTRY_ADD(search_method, random) = {
    .id = "random",
    .doc = "points that fill the space evenly",
    .judge = search_sound,
    .begin = begin,
};
