// words.h - distinct byte strings, numbered in the order in which they first came.
#ifndef RECKON_DATA_WORDS_H
#define RECKON_DATA_WORDS_H

#include <stdint.h>

#include "core/error.h"

#define WORDS_NONE UINT32_MAX

// Zeroed: empty.
struct words {
    uint32_t n;
    uint64_t *start; // [n + 1]; owned; word k is start[k] .. start[k + 1] - 1, the last byte a NUL
    char *bytes;     // owned
    uint32_t *slot;  // [n_slots]; owned; open addressing: number + 1, 0: free
    uint32_t n_slots;
    size_t start_room, bytes_room;
};

// The word's number; WORDS_NONE and an error when memory runs out.
uint32_t words_add(struct words *w, const char *text, size_t length, struct error *e);
uint32_t words_find(const struct words *w, const char *text, size_t length); // or WORDS_NONE
const char *words_get(const struct words *w, uint32_t k);
size_t words_length(const struct words *w, uint32_t k);
void words_done(struct words *w);

// The order of ids and of columns: numbers of at most 18 digits without a leading zero come first,
// as numbers; then everything else, by bytes.
int words_compare(const char *a, const char *b);

// order[0 .. n - 1]: the words' numbers, sorted so; malloc'ed, the caller's. NULL and an error.
uint32_t *words_sort(const struct words *w, struct error *e);

#endif
