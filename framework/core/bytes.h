// bytes.h - messages between processes of one program on one machine: put in order, got in order.
#ifndef RECKON_CORE_BYTES_H
#define RECKON_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Zeroed: empty. Putting never fails visibly; `failed` is set when memory ran out, and then the
// buffer must not be sent. Getting past the end, or a length that cannot be, sets `failed` and
// gives zeros, so that a whole message is read first and judged once.
struct bytes {
    unsigned char *at; // [size]; owned when written, borrowed when read
    size_t size, room;
    size_t got; // read position
    bool failed;
};

void bytes_put(struct bytes *b, const void *data, size_t n);
void bytes_put_u32(struct bytes *b, uint32_t v);
void bytes_put_u64(struct bytes *b, uint64_t v);
void bytes_put_f64(struct bytes *b, double v);
void bytes_put_text(struct bytes *b, const char *text); // NULL is kept as NULL
void bytes_done(struct bytes *b);                       // of a written buffer

struct bytes bytes_view(const void *data, size_t n);
void bytes_get(struct bytes *b, void *out, size_t n);
uint32_t bytes_get_u32(struct bytes *b);
uint64_t bytes_get_u64(struct bytes *b);
double bytes_get_f64(struct bytes *b);
const char *bytes_get_text(struct bytes *b); // borrowed from the buffer; NULL, or NUL-terminated

#endif
