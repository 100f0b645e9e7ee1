// hybrid_streams.h - what each stream of random numbers is for.
#ifndef HYBRID_STREAMS_H
#define HYBRID_STREAMS_H

#include <stdint.h>

enum {
    HYBRID_OWN_STREAM = 1, // and the next: of items
    HYBRID_LAYER_STREAM = 3,
    HYBRID_ORDER_STREAM,
    HYBRID_ID_STREAM, // and the next
    HYBRID_ROW_DROPOUT_STREAM = 7,
    HYBRID_SLOT_DROPOUT_STREAM, // and the next
};

static inline uint64_t hybrid_stream(uint64_t purpose, uint32_t member, uint64_t index) {
    return purpose << 56 | (uint64_t)member << 48 | index;
}

#endif
