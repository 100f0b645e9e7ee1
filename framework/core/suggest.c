#include "core/suggest.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 63 };

static int folded(char c) {
    return c == '-' ? '_' : tolower((unsigned char)c);
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

// Optimal string alignment distance (Damerau-Levenshtein without editing a substring twice).
static size_t distance(const char *a, size_t na, const char *b, size_t nb) {
    size_t d[3][LONGEST + 1];
    for (size_t j = 0; j <= nb; j++) d[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t *row = d[i % 3];
        const size_t *above = d[(i + 2) % 3], *two_above = d[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            const size_t replaced = above[j - 1] + (folded(a[i - 1]) != folded(b[j - 1]));
            row[j] = smaller(replaced, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) &&
                folded(a[i - 2]) == folded(b[j - 1]))
                row[j] = smaller(row[j], two_above[j - 2] + 1);
        }
    }
    return d[na % 3][nb];
}

const char *suggest_nearest(const char *word, const char *const *among, size_t n) {
    const size_t length = strlen(word);
    if (length == 0 || length > LONGEST) return NULL;
    const char *best = NULL;
    size_t least = (length + 2) / 3 + 1;
    for (size_t k = 0; k < n; k++) {
        const size_t other = strlen(among[k]);
        if (other > LONGEST) continue;
        const size_t d = distance(word, length, among[k], other);
        if (d < least) {
            least = d;
            best = among[k];
        }
    }
    return best;
}
