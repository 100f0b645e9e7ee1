// formula.h - text that a spreadsheet would run: in CSV it gets an apostrophe before it.
#ifndef RECKON_CORE_FORMULA_H
#define RECKON_CORE_FORMULA_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// It begins with = + - @ tab or return, and is no number; or does so behind apostrophes, so that
// the one more can be told from them.
static inline bool formula_is(const char *text) {
    text += strspn(text, "'");
    if (!*text || !strchr("=+-@\t\r", *text)) return false;
    char *end;
    strtod(text, &end);
    return end == text || *end;
}

#endif
