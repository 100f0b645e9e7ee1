// arena.h - small allocations that live and die together.
#ifndef RECKON_CORE_ARENA_H
#define RECKON_CORE_ARENA_H

#include <stddef.h>

#include "reckon.h"

// Zeroed: empty and ready. Running out of memory ends in the NULL that malloc gives, which callers
// that can fail must check; arena_text() and arena_printf() give "" then.
struct arena {
    struct arena_block *last; // owned; a list
};

// `n` zeroed bytes, aligned for any type; valid until arena_done().
void *arena_alloc(struct arena *a, size_t n);
char *arena_text(struct arena *a, const char *text);
char *arena_printf(struct arena *a, const char *fmt, ...) RK_PRINTF(2, 3);
void arena_done(struct arena *a);

#endif
