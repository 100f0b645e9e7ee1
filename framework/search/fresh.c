#include "search/fresh.h"

#include <stdlib.h>

// Draws in a row that are in the book, after which the points are gone through in order.
enum { MISSES = 1000 };

bool fresh_init(struct fresh *f, const struct search_space *space, uint64_t key, struct error *e) {
    *f = (struct fresh){0};
    if (!sobol_init(&f->sobol, space->n, key, e)) return false;
    struct error memory = {0};
    f->finite = space_walk_init(&f->walk, space, false, &memory);
    f->u = calloc(space->n, sizeof *f->u);
    f->at = calloc(space->n, sizeof *f->at);
    if (f->u && f->at && !memory.text[0]) return true;
    return error_memory(e, space->n * sizeof *f->u, "a search");
}

const double *fresh_next(struct fresh *f, const struct search *s) {
    for (int k = 0; k < MISSES && !f->walking; k++) {
        sobol_next(&f->sobol, f->u);
        space_point(s->job.space, f->u, f->at);
        if (!search_knows(s, f->at)) return f->at;
    }
    f->walking = true;
    while (f->finite && space_walk_next(&f->walk))
        if (!search_knows(s, f->walk.at)) return f->walk.at;
    return NULL;
}

void fresh_done(struct fresh *f) {
    sobol_done(&f->sobol);
    space_walk_done(&f->walk);
    free(f->u);
    free(f->at);
    *f = (struct fresh){0};
}
