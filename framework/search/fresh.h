// fresh.h - points that were not asked yet, spread evenly, until there are none.
#ifndef RECKON_SEARCH_FRESH_H
#define RECKON_SEARCH_FRESH_H

#include "search/searching.h"
#include "search/sobol.h"
#include "search/space.h"

struct fresh {
    struct sobol sobol;
    struct space_walk walk;
    bool finite, walking;
    double *u, *at; // [space->n]; owned
};

bool fresh_init(struct fresh *f, const struct search_space *space, uint64_t key, struct error *e);

// A point that is not in the book, valid until the next call; NULL: there is none.
const double *fresh_next(struct fresh *f, const struct search *s);

void fresh_done(struct fresh *f); // accepts zeroed

#endif
