// tape.h - a stream in memory, for models as bytes.
#ifndef SUPPORT_TAPE_H
#define SUPPORT_TAPE_H

#include "core/bytes.h"
#include "reckon.h"

struct tape {
    rk_stream stream;
    struct bytes bytes;
    size_t n_reads, most; // most: bytes of one read
};

static inline rk_status tape_write(const rk_stream *s, const void *at, size_t n) {
    bytes_put(&((struct tape *)s->self)->bytes, at, n);
    return RK_OK;
}

static inline rk_status tape_read(const rk_stream *s, void *at, size_t n) {
    struct tape *t = s->self;
    t->n_reads++;
    if (n > t->most) t->most = n;
    if (n > t->bytes.size - t->bytes.got) return RK_E_IO;
    bytes_get(&t->bytes, at, n);
    return RK_OK;
}

static inline void tape_init(struct tape *t) {
    *t = (struct tape){.stream = {t, tape_write, tape_read}};
}

static inline void tape_done(struct tape *t) {
    bytes_done(&t->bytes);
}

#endif
