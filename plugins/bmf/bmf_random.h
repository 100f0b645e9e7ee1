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
};

static inline uint64_t bmf_stream(uint32_t purpose, uint32_t sweep, uint32_t index) {
    return (uint64_t)purpose << 56 | (uint64_t)sweep << 32 | index;
}

// x[n] of Gamma(shape, rate 1), shape > 0, from this stream alone. G. Marsaglia, W. Tsang: A simple
// method for generating gamma variables (ACM TOMS 26, 2000).
void bmf_gamma(const rk_host *host, uint64_t stream, double shape, double *x, size_t n);

#endif
