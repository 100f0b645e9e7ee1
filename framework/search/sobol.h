// sobol.h - points that fill a cube evenly: Sobol's sequence, scrambled by a key.
#ifndef RECKON_SEARCH_SOBOL_H
#define RECKON_SEARCH_SOBOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

struct sobol {
    size_t n; // dimensions
    uint64_t key;
    uint64_t at;     // points handed out
    void *generator; // of GSL, for as many dimensions as it has; owned
    double *point;   // owned
};

bool sobol_init(struct sobol *s, size_t n, uint64_t key, struct error *e);

// The next point u [n], each in [0, 1). Of the first 2^k points every dimension has one in each of
// 2^k equal parts (up to 40 dimensions; those past them are plain random numbers).
void sobol_next(struct sobol *s, double *u);

void sobol_done(struct sobol *s); // accepts zeroed

#endif
