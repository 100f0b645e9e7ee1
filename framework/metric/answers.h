// answers.h - what a model says of one fold, as metrics take it.
#ifndef RECKON_METRIC_ANSWERS_H
#define RECKON_METRIC_ANSWERS_H

#include <stdint.h>

// All arrays are borrowed. Those that may be NULL were not asked for, or the model has none.
struct answers {
    const float *rating; // [test->n]; NAN: no opinion
    const float *train;  // [entries of train->by_user], in that order; or NULL
    const float *sd;     // [test->n]: standard deviations of the ratings to expect, noise included;
                         // NAN: none is known; or NULL
    const uint32_t *rank; // [test->n]: place, from 1, of the row's item among all items of the
                          // catalogue that its user has not rated in training, by answers before
                          // clipping, open ones filled in by the fallback, ties by hash; or NULL
};

#endif
