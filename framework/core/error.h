// error.h - how a framework function says what went wrong: one line with place, value and way out.
#ifndef RECKON_CORE_ERROR_H
#define RECKON_CORE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "reckon.h" // RK_PRINTF

// Zeroed: nothing went wrong.
struct error {
    char text[2048]; // NUL-terminated, without a newline; longer messages are cut at a character
};

// Writes the message and returns false, to be returned: `return error_set(e, "...")`. A NULL `e` is
// allowed. A later message replaces an earlier one.
bool error_set(struct error *e, const char *fmt, ...) RK_PRINTF(2, 3);

// Puts "<prefix>: " before the message that is there. Returns false.
bool error_prefix(struct error *e, const char *fmt, ...) RK_PRINTF(2, 3);

// "out of memory for <n> bytes of <what>". Returns false.
bool error_memory(struct error *e, size_t bytes, const char *what);

// Mistakes that are collected, so that all of them can be shown at once.
struct problems {
    char **text; // [n]; owned
    size_t n;
};
void problems_add(struct problems *p, const char *fmt, ...) RK_PRINTF(2, 3);
void problems_done(struct problems *p);

#endif
