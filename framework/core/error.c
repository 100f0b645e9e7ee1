#include "core/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Drops the bytes of a UTF-8 sequence that was cut in the middle.
static void trim_partial_character(char *text, size_t length) {
    size_t at = length;
    while (at > 0 && ((unsigned char)text[at - 1] & 0xC0) == 0x80) at--;
    if (at == 0) return;
    const unsigned char lead = (unsigned char)text[at - 1];
    const size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (length - (at - 1) < want) text[at - 1] = '\0';
}

bool error_set(struct error *e, const char *fmt, ...) {
    if (!e) return false;
    char text[sizeof e->text]; // apart, as an argument may point into e
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n >= (int)sizeof text) trim_partial_character(text, sizeof text - 1);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';
    memcpy(e->text, text, sizeof text);
    return false;
}

bool error_prefix(struct error *e, const char *fmt, ...) {
    if (!e) return false;
    char prefix[sizeof e->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(prefix, sizeof prefix, fmt, args);
    va_end(args);
    return error_set(e, "%s: %s", prefix, e->text);
}

bool error_memory(struct error *e, size_t bytes, const char *what) {
    return error_set(e, "out of memory: %zu bytes for %s", bytes, what);
}

void problems_add(struct problems *p, const char *fmt, ...) {
    struct error e = {0};
    va_list args;
    va_start(args, fmt);
    vsnprintf(e.text, sizeof e.text, fmt, args);
    va_end(args);
    char **text = realloc(p->text, (p->n + 1) * sizeof *text);
    if (!text) return;
    p->text = text;
    char *copy = strdup(e.text);
    if (copy) p->text[p->n++] = copy;
}

void problems_done(struct problems *p) {
    for (size_t k = 0; k < p->n; k++) free(p->text[k]);
    free(p->text);
    *p = (struct problems){0};
}
