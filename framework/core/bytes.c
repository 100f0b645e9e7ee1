#include "core/bytes.h"

#include <stdlib.h>
#include <string.h>

void bytes_put(struct bytes *b, const void *data, size_t n) {
    if (b->failed) return;
    if (b->size + n > b->room) {
        const size_t room = (b->size + n) * 2;
        unsigned char *at = realloc(b->at, room);
        if (!at) {
            b->failed = true;
            return;
        }
        b->at = at;
        b->room = room;
    }
    if (n) memcpy(b->at + b->size, data, n);
    b->size += n;
}

void bytes_put_u32(struct bytes *b, uint32_t v) {
    bytes_put(b, &v, sizeof v);
}

void bytes_put_u64(struct bytes *b, uint64_t v) {
    bytes_put(b, &v, sizeof v);
}

void bytes_put_f64(struct bytes *b, double v) {
    bytes_put(b, &v, sizeof v);
}

// Length with its NUL, then the bytes; length 0 is NULL.
void bytes_put_text(struct bytes *b, const char *text) {
    const size_t n = text ? strlen(text) + 1 : 0;
    bytes_put_u32(b, (uint32_t)n);
    bytes_put(b, text, n);
}

void bytes_done(struct bytes *b) {
    free(b->at);
    *b = (struct bytes){0};
}

struct bytes bytes_view(const void *data, size_t n) {
    return (struct bytes){.at = (unsigned char *)(uintptr_t)data, .size = n};
}

void bytes_get(struct bytes *b, void *out, size_t n) {
    if (b->failed || n > b->size - b->got) {
        b->failed = true;
        memset(out, 0, n);
        return;
    }
    memcpy(out, b->at + b->got, n);
    b->got += n;
}

uint32_t bytes_get_u32(struct bytes *b) {
    uint32_t v;
    bytes_get(b, &v, sizeof v);
    return v;
}

uint64_t bytes_get_u64(struct bytes *b) {
    uint64_t v;
    bytes_get(b, &v, sizeof v);
    return v;
}

double bytes_get_f64(struct bytes *b) {
    double v;
    bytes_get(b, &v, sizeof v);
    return v;
}

const char *bytes_get_text(struct bytes *b) {
    const size_t n = bytes_get_u32(b);
    if (b->failed || n == 0) return NULL;
    if (n > b->size - b->got || b->at[b->got + n - 1] != '\0') {
        b->failed = true;
        return NULL;
    }
    const char *text = (const char *)b->at + b->got;
    b->got += n;
    return text;
}
