// fold_lines: fold numbers from a file of their own, one a line (ratings.h).
#include <stdlib.h>
#include <string.h>

#include "data/grow.h"
#include "data/number.h"
#include "data/ratings.h"
#include "data/text.h"

// The first number that a byte cannot hold moves all to words.
static bool widen(struct fold_lines *f, size_t *room, struct error *e) {
    *room = f->n + 1;
    f->wide = malloc(*room * sizeof *f->wide);
    if (!f->wide) return error_memory(e, *room * sizeof *f->wide, "fold numbers");
    for (size_t k = 0; k < f->n; k++) f->wide[k] = f->narrow[k];
    free(f->narrow);
    f->narrow = NULL;
    return true;
}

static bool add(struct fold_lines *f, size_t *room, uint32_t fold, struct error *e) {
    if (fold > 255 && !f->wide && !widen(f, room, e)) return false;
    if (f->wide) {
        if (!grow_to(&f->wide, room, f->n + 1, sizeof *f->wide, "fold numbers", e)) return false;
        f->wide[f->n++] = fold;
    } else {
        if (!grow_to(&f->narrow, room, f->n + 1, 1, "fold numbers", e)) return false;
        f->narrow[f->n++] = (uint8_t)fold;
    }
    return true;
}

bool fold_lines_read(struct fold_lines *f, const char *path, struct error *e) {
    *f = (struct fold_lines){.path = path};
    struct lines lines;
    if (!lines_open(&lines, path, NULL, e)) return false;
    size_t room = 0, length;
    const char *text;
    bool ok;
    while ((ok = lines_next(&lines, &text, &length, e)) && text) {
        int64_t fold;
        length = text_trim(&text, length);
        if (number_whole(text, length, &fold) != NUMBER_GOOD || fold < 0 || fold >= UINT32_MAX) {
            char shown[TEXT_SHOWN];
            ok = error_set(e, "%s:%llu: %s is no fold number; one a line is needed, 0 for none",
                path, (unsigned long long)lines.line, text_show(text, length, shown));
            break;
        }
        if (!(ok = add(f, &room, (uint32_t)fold, e))) break;
    }
    lines_close(&lines);
    if (!ok) fold_lines_done(f);
    return ok;
}

void fold_lines_done(struct fold_lines *f) {
    free(f->narrow);
    free(f->wide);
    *f = (struct fold_lines){0};
}

bool fold_lines_check(const struct fold_lines *f, uint64_t n_rows, struct error *e) {
    return !f->path || f->n == n_rows ||
           error_set(e, "%s: %zu fold numbers for %llu rows of ratings; one for each is needed",
               f->path, f->n, (unsigned long long)n_rows);
}
