// saved_world.h - a saved model made up by hand, for tests and fuzzers; and a look at all of one.
#ifndef RECKON_TESTS_SUPPORT_SAVED_WORLD_H
#define RECKON_TESTS_SUPPORT_SAVED_WORLD_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trial/saved.h"

static inline struct saved saved_world(void) {
    static const uint64_t names[] = {0, 5, 11}, users[] = {0, 2, 4, 8}, items[] = {0, 2, 5};
    static const int ints[] = {64, 32};
    static const struct param_value values[] = {{0.1, NULL, 0}, {0, ints, 2}};
    static const float user_bias[] = {0.5f, -0.25f, 0}, item_bias[] = {1, -1};
    return (struct saved){.plugin = "als",
        .version = "1.2",
        .hash = "0123456789abcdef0123456789abcdef",
        .reckon = "0.3",
        .label = "als rank=8",
        .data = "ml-made",
        .data_hash = "ffffffffffffffff0000000000000000",
        .isa = "x86-64-v3",
        .blas_core = "",
        .key = 77,
        .n_ratings = 900,
        .rating_min = 0.5f,
        .rating_max = 5,
        .clip = true,
        .n_params = 2,
        .names = {2, names, "rate\0sizes"},
        .values = values,
        .users = {3, users,
            "1\0"
            "2\0"
            "ann"},
        .items = {2, items, "7\0x1"},
        .mean = 3.5,
        .user_bias = user_bias,
        .item_bias = item_bias,
        .state = "state",
        .n_state = 5};
}

// Everything that a reader may look at: the sum of its bytes, so that all of it is read.
static inline double saved_look(const struct saved *s) {
    const char *const texts[] = {s->plugin, s->version, s->hash, s->reckon, s->label, s->data,
        s->data_hash, s->isa, s->blas_core};
    const struct texts_packed *const packed[] = {&s->names, &s->users, &s->items};
    double sum = 0;
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) sum += (double)strlen(texts[k]);
    for (size_t p = 0; p < 3; p++)
        for (uint32_t k = 0; k < packed[p]->n; k++) {
            sum += (double)strlen(texts_packed_get(packed[p], k));
            sum += texts_packed_find(packed[p], texts_packed_get(packed[p], k));
        }
    for (uint32_t k = 0; k < s->n_params; k++)
        for (size_t x = 0; x < s->values[k].n; x++) sum += s->values[k].ints[x];
    for (uint32_t u = 0; u < s->users.n; u++) sum += saved_fallback(s, u, UINT32_MAX);
    for (uint32_t i = 0; i < s->items.n; i++) sum += saved_fallback(s, UINT32_MAX, i);
    for (size_t k = 0; k < s->n_state; k++) sum += ((const unsigned char *)s->state)[k];
    return sum;
}

#endif
