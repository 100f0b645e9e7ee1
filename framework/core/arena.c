#include "core/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 16384 };

struct arena_block {
    struct arena_block *previous;
    size_t used, size;
    _Alignas(max_align_t) char bytes[];
};

void *arena_alloc(struct arena *a, size_t n) {
    const size_t align = _Alignof(max_align_t);
    if (n > SIZE_MAX / 2) return NULL;
    n = (n + align - 1) / align * align;
    struct arena_block *b = a->last;
    if (!b || b->size - b->used < n) {
        const size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
        b = calloc(1, sizeof *b + size);
        if (!b) return NULL;
        *b = (struct arena_block){.previous = a->last, .size = size};
        a->last = b;
    }
    void *at = b->bytes + b->used;
    b->used += n;
    return at;
}

char *arena_text(struct arena *a, const char *text) {
    static char none[1];
    const size_t n = strlen(text) + 1;
    char *copy = arena_alloc(a, n);
    if (!copy) return none;
    memcpy(copy, text, n);
    return copy;
}

char *arena_printf(struct arena *a, const char *fmt, ...) {
    static char none[1];
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    const int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *copy = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (copy) vsnprintf(copy, (size_t)n + 1, fmt, again);
    va_end(again);
    return copy ? copy : none;
}

void arena_done(struct arena *a) {
    while (a->last) {
        struct arena_block *b = a->last;
        a->last = b->previous;
        free(b);
    }
}
