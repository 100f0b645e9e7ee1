// random.h - random numbers as a function of (key, stream, position): no state, no order.
//
// Philox4x32-10, Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
// Check values: the known answers of Random123 (tests/unit/test_random.c).
#ifndef RECKON_CORE_RANDOM_H
#define RECKON_CORE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

// One block of Philox4x32-10.
void random_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

// Numbers 0 .. n - 1 of stream `stream` under `key`. Two calls with the same key and stream give
// the same numbers, and a longer one begins with those of a shorter one.
void random_uniform(uint64_t key, uint64_t stream, float *out, size_t n); // [0, 1), 24 bits
void random_normal(uint64_t key, uint64_t stream, float *out, size_t n);  // N(0, 1)
void random_bits(uint64_t key, uint64_t stream, uint64_t *out, size_t n);

// Uniform on 0 .. bound - 1 from 64 random bits (Lemire's multiplication; bias below 2^-32).
uint32_t random_below(uint64_t bits, uint32_t bound);

// Fisher-Yates over at[0 .. n - 1].
void random_shuffle(uint64_t key, uint64_t stream, uint32_t *at, size_t n);

// What random numbers are for: each purpose has its own key, so that asking for more of one changes
// nothing in another.
enum random_purpose {
    RANDOM_FOLD = 1,
    RANDOM_INNER,
    RANDOM_VALIDATION,
    RANDOM_TIE,
    RANDOM_TRIAL,
    RANDOM_BOOTSTRAP,
    RANDOM_FILTER,
    RANDOM_SYNTHETIC,
    RANDOM_ORDER,  // in which test pairs are asked
    RANDOM_SEARCH, // candidates
    RANDOM_SHARE   // which training rows a share of them is
};
uint64_t random_key(uint64_t seed, enum random_purpose purpose, uint64_t index);

// A well-mixed 64-bit hash of two numbers (the finaliser of SplitMix64, applied to each in turn).
uint64_t random_mix(uint64_t a, uint64_t b);

#endif
