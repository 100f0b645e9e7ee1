// ratings_pairs: users and items of a file of ratings, one row at a time (ratings.h).
#include <stdio.h>
#include <string.h>

#include "data/ratings.h"
#include "data/text.h"

enum { MAX_ID = 255 };

static bool copy_id(char out[MAX_ID + 1], const struct field *f) {
    if (f->length == 0 || f->length > MAX_ID || memchr(f->text, '\0', f->length)) return false;
    memcpy(out, f->text, f->length);
    out[f->length] = '\0';
    return true;
}

bool ratings_pairs(const struct ratings_layout *l, struct lines *lines,
    bool (*each)(void *arg, const char *user, const char *item, const char *place, struct error *e),
    void *arg, struct error *e) {
    struct splitter s;
    if (!splitter_init(&s, l->delimiter, l->quoted, e)) return false;
    const char *text;
    size_t length;
    bool ok;
    while ((ok = lines_next(lines, &text, &length, e)) && text) {
        if (length == 0) continue;
        char user[MAX_ID + 1], item[MAX_ID + 1], place[512], shown[TEXT_SHOWN];
        snprintf(
            place, sizeof place, "%s:%llu", input_name(lines->in), (unsigned long long)lines->line);
        if (!splitter_split(&s, text, length) || (size_t)l->user >= s.n || (size_t)l->item >= s.n ||
            !copy_id(user, &s.field[l->user]) || !copy_id(item, &s.field[l->item])) {
            ok = error_set(e, "%s: no user and item in %s", place, text_show(text, length, shown));
            break;
        }
        if (!(ok = each(arg, user, item, place, e))) break;
    }
    splitter_done(&s);
    return ok;
}
