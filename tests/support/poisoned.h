// poisoned.h - ratings with a fold column, of which those of fold 1 may be other ones: for tests
// that what is tested has no say.
#ifndef RECKON_TESTS_POISONED_H
#define RECKON_TESTS_POISONED_H

#include <stdbool.h>
#include <stdio.h>

#include "core/random.h"

// 1200 rows "user,item,stars,when,fold" below that header; valid until the next call.
static inline const char *poisoned_ratings(bool poisoned) {
    static char text[65536];
    size_t n = (size_t)snprintf(text, sizeof text, "user,item,stars,when,fold\n");
    uint64_t bits[1200];
    random_bits(9, 9, bits, 1200);
    for (unsigned k = 0; k < 1200; k++) {
        const unsigned user = k / 30, item = k % 30 * 2 + user % 2, fold = 1 + bits[k] % 3;
        unsigned stars = 1 + (unsigned)(bits[k] >> 32) % 5;
        if (poisoned && fold == 1) stars = 6 - stars;
        n += (size_t)snprintf(
            text + n, sizeof text - n, "%u,%u,%u,%u,%u\n", user, item, stars, 1000 + k, fold);
    }
    return text;
}

#endif
