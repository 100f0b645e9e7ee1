#include "data/attributes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/number.h"
#include "data/text.h"

enum use { REAL, LIST, ONE_HOT, TITLE, IMDB };

struct attribute {
    enum use use;
    bool seen_text, seen_list; // what its fields have shown so far
    uint32_t group;
};
struct reading {
    const struct attributes *a;
    struct rows rows;
    struct header header;
    struct attribute *at; // [n]; owned; column 0, the id, included
    size_t n;
    struct error *e;
};

static bool begin(struct reading *r) {
    const struct attributes *a = r->a;
    if (!rows_open(&r->rows, a->path, NULL, a->delimiter, true, r->e)) return false;
    if (!a->header) return true;
    bool more;
    header_done(&r->header);
    return rows_next(&r->rows, &more, r->e) && header_take(&r->header, &r->rows.splitter, r->e);
}

static bool flaw(struct reading *r, enum dataset_count kind, const char *what) {
    return builder_flaw(
        r->a->b, kind, rows_place(&r->rows), r->rows.text, r->rows.length, r->e, "%s", what);
}

// ---- First pass: what each column is -----------------------------------------------------------

static bool look_at_row(struct reading *r) {
    const struct splitter *s = &r->rows.splitter;
    if (s->n > r->n) {
        struct attribute *more = realloc(r->at, s->n * sizeof *more);
        if (!more) return error_memory(r->e, s->n * sizeof *more, "columns");
        memset(more + r->n, 0, (s->n - r->n) * sizeof *more);
        r->at = more;
        r->n = s->n;
    }
    const char *separator = r->a->list_separator;
    for (size_t k = 1; k < s->n; k++) {
        const struct field f = s->field[k];
        double number;
        if (f.length == 0) continue;
        r->at[k].seen_list |= memmem(f.text, f.length, separator, strlen(separator)) != NULL;
        r->at[k].seen_text |= number_real(f.text, f.length, &number) == NUMBER_BAD;
    }
    return true;
}

static const char *column_name(const struct reading *r, size_t k, char out[32]) {
    if (k < r->header.n) return r->header.name[k];
    snprintf(out, 32, "column %zu", k + 1);
    return out;
}

static bool name_columns(struct reading *r) {
    if (r->header.n > 0 && r->n > r->header.n) r->n = r->header.n; // what has no name is left out
    for (size_t k = 1; k < r->n; k++) {
        char made[32];
        const char *name = column_name(r, k, made);
        struct attribute *c = &r->at[k];
        bool named = false;
        for (size_t o = 0; o < r->a->one_hot.n; o++)
            named |= strcmp(r->a->one_hot.at[o], name) == 0;
        const bool items = r->a->side == SIDE_ITEM;
        c->use = items && strcmp(name, "title") == 0  ? TITLE
                 : items && strcmp(name, "imdb") == 0 ? IMDB
                 : c->seen_list                       ? LIST
                 : c->seen_text || named              ? ONE_HOT
                                                      : REAL;
        if (c->use == TITLE || c->use == IMDB) continue;
        static const rk_feature_kind kind[] = {
            RK_FEATURE_REAL, RK_FEATURE_BINARY, RK_FEATURE_ONE_HOT};
        c->group = builder_add_feature(r->a->b, r->a->side, name, kind[c->use], r->e);
        if (c->group == UINT32_MAX) return false;
    }
    return true;
}

static bool look(struct reading *r) {
    bool more, ok = begin(r);
    while (ok && (ok = rows_next(&r->rows, &more, r->e)) && more)
        if (!r->rows.malformed) ok = look_at_row(r);
    rows_close(&r->rows);
    return ok && name_columns(r);
}

// ---- Second pass: the values -------------------------------------------------------------------

static bool set_list(struct reading *r, uint32_t group, uint32_t key, struct field f) {
    const char *separator = r->a->list_separator;
    const size_t step = strlen(separator);
    const char *at = f.text, *end = at + f.length;
    for (bool more = true; more;) {
        const char *next = memmem(at, (size_t)(end - at), separator, step);
        const size_t length = (size_t)((next ? next : end) - at);
        if (length > 0 && !builder_set_feature(r->a->b, group, key, at, length, 1, r->e))
            return false;
        more = next != NULL;
        at = next ? next + step : end;
    }
    return true;
}

static bool set_field(struct reading *r, const struct attribute *c, uint32_t key, struct field f) {
    struct builder *b = r->a->b;
    double number;
    switch (c->use) {
    case TITLE:
        return builder_set_title(b, key, f.text, f.length, r->e);
    case IMDB:
        return builder_set_imdb(b, key, f.text, f.length, r->e);
    case LIST:
        return set_list(r, c->group, key, f);
    case ONE_HOT:
        return builder_set_feature(b, c->group, key, f.text, f.length, 1, r->e);
    case REAL:
        break;
    }
    if (number_real(f.text, f.length, &number) != NUMBER_GOOD)
        return flaw(r, COUNT_NAN, "a feature is no finite number");
    return builder_set_feature(b, c->group, key, NULL, 0, (float)number, r->e);
}

static bool take_row(struct reading *r) {
    const struct splitter *s = &r->rows.splitter;
    if (r->rows.malformed) return flaw(r, COUNT_SHORT_ROW, "the quotes are not those of CSV");
    if (s->n < r->header.n || s->n < r->n)
        return flaw(r, COUNT_SHORT_ROW, "the row has fewer fields than there are columns");
    if (!text_is_utf8(r->rows.text, r->rows.length))
        return flaw(r, COUNT_BAD_ENCODING, "the row is not UTF-8");
    if (builder_find(r->a->b, r->a->side, s->field[0].text, s->field[0].length) != BUILDER_NO_KEY)
        return flaw(r, COUNT_DUPLICATE, "the id is there already");
    const uint32_t key =
        builder_add(r->a->b, r->a->side, s->field[0].text, s->field[0].length, r->e);
    if (key == BUILDER_NO_KEY) return flaw(r, COUNT_BAD_ENCODING, "the id cannot be");
    for (size_t k = 1; k < r->n; k++)
        if (s->field[k].length > 0 && !set_field(r, &r->at[k], key, s->field[k])) return false;
    return true;
}

bool attributes_read(const struct attributes *a, struct error *e) {
    struct reading r = {.a = a, .e = e};
    if (!*a->list_separator) return error_set(e, "list_separator: it is empty");
    bool more, ok = look(&r) && begin(&r);
    while (ok && (ok = rows_next(&r.rows, &more, e)) && more) ok = take_row(&r);
    rows_close(&r.rows);
    header_done(&r.header);
    free(r.at);
    builder_close(a->b, a->side);
    return ok;
}
