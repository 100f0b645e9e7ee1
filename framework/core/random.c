#include "core/random.h"

#include <math.h>

__extension__ typedef unsigned __int128 wide;

void random_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u; // the Weyl sequences of the paper, section 3.2
        k1 += 0xBB67AE85u;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

// Block `block` of a stream: the counter's low half counts, its high half is the stream.
static void stream_block(uint64_t key, uint64_t stream, uint64_t block, uint32_t out[4]) {
    const uint32_t counter[4] = {
        (uint32_t)block, (uint32_t)(block >> 32), (uint32_t)stream, (uint32_t)(stream >> 32)};
    const uint32_t halves[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
    random_philox(counter, halves, out);
}

void random_uniform(uint64_t key, uint64_t stream, float *out, size_t n) {
    uint32_t word[4];
    for (size_t k = 0; k < n; k++) {
        if (k % 4 == 0) stream_block(key, stream, k / 4, word);
        out[k] = (float)(word[k % 4] >> 8) * 0x1p-24f;
    }
}

// Box and Muller (1958), two normals from two words; in double, so that the tails are right.
void random_normal(uint64_t key, uint64_t stream, float *out, size_t n) {
    uint32_t word[4];
    double pair[2] = {0, 0};
    for (size_t k = 0; k < n; k++) {
        if (k % 4 == 0) stream_block(key, stream, k / 4, word);
        if (k % 2 == 0) {
            const double u = ((double)word[k % 4] + 0.5) * 0x1p-32; // never 0
            const double angle = (double)word[k % 4 + 1] * (0x1p-32 * 2 * M_PI);
            const double radius = sqrt(-2 * log(u));
            pair[0] = radius * cos(angle);
            pair[1] = radius * sin(angle);
        }
        out[k] = (float)pair[k % 2];
    }
}

void random_bits(uint64_t key, uint64_t stream, uint64_t *out, size_t n) {
    uint32_t word[4];
    for (size_t k = 0; k < n; k++) {
        if (k % 2 == 0) stream_block(key, stream, k / 2, word);
        out[k] = word[k % 2 * 2] | (uint64_t)word[k % 2 * 2 + 1] << 32;
    }
}

uint32_t random_below(uint64_t bits, uint32_t bound) {
    return (uint32_t)(((wide)bits * bound) >> 64);
}

void random_shuffle(uint64_t key, uint64_t stream, uint32_t *at, size_t n) {
    uint32_t word[4];
    for (size_t left = n, k = 0; left > 1; left--, k++) {
        if (k % 2 == 0) stream_block(key, stream, k / 2, word);
        const uint64_t bits = word[k % 2 * 2] | (uint64_t)word[k % 2 * 2 + 1] << 32;
        const size_t pick = (size_t)(((wide)bits * left) >> 64);
        const uint32_t held = at[left - 1];
        at[left - 1] = at[pick];
        at[pick] = held;
    }
}

// Steele, Lea, Flood: Fast splittable pseudorandom number generators (OOPSLA 2014), mix64
// variant 13.
static uint64_t finalise(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

uint64_t random_mix(uint64_t a, uint64_t b) {
    return finalise(finalise(a + 0x9E3779B97F4A7C15u) + b + 0x9E3779B97F4A7C15u);
}

uint64_t random_key(uint64_t seed, enum random_purpose purpose, uint64_t index) {
    return random_mix(random_mix(seed, (uint64_t)purpose), index);
}
