// bmf_random.h - what each stream of random numbers is for, and numbers of the Gamma distribution.
#ifndef BMF_RANDOM_H
#define BMF_RANDOM_H

#include "reckon.h"

// Bits 56 and up of a stream: the purpose; 32 to 55: the sweep; below: row, feature or group.
enum {
    BMF_STREAM_START = 1, // and the next two: of users, items, days
    BMF_STREAM_ROW = 4,
    BMF_STREAM_COLD = 7,
    BMF_STREAM_CENTRED = 10,
    BMF_STREAM_FREE = 13,
    BMF_STREAM_GROUP = 16,
    BMF_STREAM_NOISE = 19,
    BMF_STREAM_LEVEL,
    BMF_STREAM_QUIET,       // and the next
    BMF_STREAM_LATENT = 23, // and the next: the probit's ratings and cutpoints
    BMF_STREAM_GUESS = 25,  // and the next
};

static inline uint64_t bmf_stream(uint32_t purpose, uint32_t sweep, uint32_t index) {
    return (uint64_t)purpose << 56 | (uint64_t)sweep << 32 | index;
}

// The index of a row's stream for bmf_gamma(): without the bits that it uses.
static inline uint32_t bmf_gamma_index(uint32_t row) {
    return (row & 0x7fff) | row >> 15 << 22;
}

// x[n] of Gamma(shape, rate 1), shape > 0, n up to 64, from this stream alone and those that differ
// from it in bits 15 to 21. G. Marsaglia, W. Tsang: A simple method for generating gamma variables
// (ACM TOMS 26, 2000).
void bmf_gamma(const rk_host *host, uint64_t stream, double shape, double *x, size_t n);

#endif
