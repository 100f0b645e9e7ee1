// ids.h - external ids, and the dense numbers that they get.
//
// While rows are read an id is a key: a number below IDS_DIRECT written without leading zeros is
// its own key, so that readers need no look-up; any other id is IDS_DIRECT plus the number of its
// text. Once all are known, a key's dense number is its rank among the ids (words_compare()).
#ifndef RECKON_DATA_IDS_H
#define RECKON_DATA_IDS_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/error.h"
#include "data/words.h"

#define IDS_DIRECT ((uint32_t)1 << 27)
#define IDS_NONE UINT32_MAX

struct ids {
    bool closed;              // no other ids may join
    _Atomic uint64_t *bit;    // [IDS_DIRECT / 64], pages exist where written; owned: direct ids
    _Atomic uint32_t n_words; // of `bit` up to the last that is not 0
    struct words text;        // all others
    // After ids_rank():
    uint32_t n;
    uint32_t *before; // [n_before]; owned: direct ids in the words of `bit` before this one
    uint32_t n_before;
    uint32_t n_direct;
    uint32_t *order; // [text.n]; owned: sorted
    uint32_t *rank;  // [text.n]; owned: dense number of each text
    uint32_t *moved; // [n]; owned: rank to dense number, or IDS_NONE; NULL: the same
};

bool ids_init(struct ids *ids, struct error *e);
void ids_done(struct ids *ids); // accepts a zeroed struct

// Length of the decimal number at `text` that is its own key, or 0; *key gets it.
size_t ids_direct(const char *text, size_t length, uint32_t *key);

uint32_t ids_add(struct ids *ids, const char *text, size_t length, struct error *e);
uint32_t ids_find(const struct ids *ids, const char *text, size_t length);

static inline bool ids_has_direct(const struct ids *ids, uint32_t number) {
    return atomic_load_explicit(&ids->bit[number / 64], memory_order_relaxed) >> number % 64 & 1;
}

void ids_add_new(struct ids *ids, uint32_t number);

// From any thread.
static inline void ids_add_direct(struct ids *ids, uint32_t number) {
    if (!ids_has_direct(ids, number)) ids_add_new(ids, number);
}

// All ids are there: gives them dense numbers.
bool ids_rank(struct ids *ids, struct error *e);

// Keeps the ids whose rank r has keep[r], renumbered; `keep` has n elements.
bool ids_keep(struct ids *ids, const bool *keep, struct error *e);

// The rank of a key that was added.
static inline uint32_t ids_rank_of(const struct ids *ids, uint32_t key) {
    if (key >= IDS_DIRECT) return ids->rank[key - IDS_DIRECT];
    const uint64_t below = ((uint64_t)1 << key % 64) - 1;
    const uint64_t bits = atomic_load_explicit(&ids->bit[key / 64], memory_order_relaxed);
    return ids->before[key / 64] + (uint32_t)__builtin_popcountll(bits & below);
}

// The dense number, or IDS_NONE for one that a filter has dropped.
static inline uint32_t ids_number(const struct ids *ids, uint32_t key) {
    const uint32_t rank = ids_rank_of(ids, key);
    return ids->moved ? ids->moved[rank] : rank;
}

// Calls `each` with every id that is left, in dense order.
void ids_each(
    const struct ids *ids, void (*each)(void *arg, const char *id, size_t length), void *arg);

// How many are left.
uint32_t ids_count(const struct ids *ids);

#endif
