// A reader, whole: copied to framework/data/, it is a source that experiments can name.
//
// triplets: lines of "user item rating", separated by spaces or tabs, as many as one likes; what
// follows on the line is not looked at. Lines that are blank or begin with # are none.
#include <stdlib.h>
#include <string.h>

#include "data/lines.h"
#include "data/number.h"
#include "data/source.h"

struct triplets {
    struct path file;
    struct reals scale;
};

static const struct setting table[] = {
    {.name = "triplets",
        .doc = "a file of ratings (plain, compressed or alone in an archive)",
        .type = SETTING_PATH,
        .offset = offsetof(struct triplets, file),
        .required = true},
    {.name = "scale",
        .doc = "the lowest and the highest rating that there can be",
        .type = SETTING_REALS,
        .offset = offsetof(struct triplets, scale),
        .required = true,
        .min = -1e6,
        .max = 1e6},
};

enum { BLANKS_N = 3, BLOCK = 4096 };

static struct field next_field(const char **at, const char *end) {
    static const char blanks[BLANKS_N] = " \t\r";
    while (*at < end && memchr(blanks, **at, BLANKS_N)) ++*at;
    struct field f = {.text = *at};
    while (*at < end && !memchr(blanks, **at, BLANKS_N)) ++*at;
    f.length = (size_t)(*at - f.text);
    return f;
}

struct reading {
    struct builder *b;
    struct lines lines;
    size_t n; // rows that wait
    uint32_t user[BLOCK], item[BLOCK];
    float rating[BLOCK];
};

static bool flush(struct reading *r, struct error *e) {
    const struct builder_rows rows = {
        .n = r->n, .user = r->user, .item = r->item, .rating = r->rating};
    r->n = 0;
    return rows.n == 0 || builder_add_rows(r->b, &rows, e);
}

// What is wrong with the rating, if anything is.
static const char *take_rating(
    const struct triplets *s, const struct field *f, float *out, enum dataset_count *kind) {
    double value;
    *kind = COUNT_BAD_NUMBER;
    if (f->length == 0) return *kind = COUNT_SHORT_ROW, "a row is a user, an item and a rating";
    if (number_real(f->text, f->length, &value) != NUMBER_GOOD) return "the rating is not a number";
    *kind = COUNT_OFF_SCALE;
    if (value < s->scale.at[0] || value > s->scale.at[1]) return "the rating is off the scale";
    *out = (float)value;
    return NULL;
}

static bool take_line(
    struct reading *r, const struct triplets *s, const char *text, size_t length, struct error *e) {
    const char *at = text, *end = text + length;
    const struct field user = next_field(&at, end), item = next_field(&at, end),
                       rating = next_field(&at, end);
    if (user.length == 0 || user.text[0] == '#') return true;
    enum dataset_count kind;
    const char *wrong = take_rating(s, &rating, &r->rating[r->n], &kind);
    if (wrong) {
        builder_count(r->b, COUNT_ROWS, 1);
        return builder_flaw(r->b, kind, lines_place(&r->lines), text, length, e, "%s", wrong);
    }
    r->user[r->n] = builder_add(r->b, SIDE_USER, user.text, user.length, e);
    if (r->user[r->n] == BUILDER_NO_KEY) return false;
    r->item[r->n] = builder_add(r->b, SIDE_ITEM, item.text, item.length, e);
    if (r->item[r->n] == BUILDER_NO_KEY) return false;
    return ++r->n < BLOCK || flush(r, e);
}

static bool read_lines(struct reading *r, const struct triplets *s, struct error *e) {
    const char *text;
    size_t length;
    while (lines_next(&r->lines, &text, &length, e)) {
        if (!text) return flush(r, e);
        if (!take_line(r, s, text, length, e)) return false;
    }
    return false;
}

static bool read_set(const void *settings, struct builder *b, struct error *e) {
    const struct triplets *s = settings;
    if (s->scale.n != 2) return error_set(e, "scale: two numbers are needed, such as [1, 5]");
    char *stem = input_stem(s->file.found);
    struct reading *r = calloc(1, sizeof *r);
    bool ok = r && stem;
    if (!ok) error_memory(e, sizeof *r, "rows");
    ok = ok && builder_set_name(b, stem, e) &&
         builder_set_scale(b, (float)s->scale.at[0], (float)s->scale.at[1], e);
    if (ok) r->b = b;
    if (ok && (ok = lines_open(&r->lines, s->file.found, NULL, e))) {
        ok = read_lines(r, s, e);
        lines_close(&r->lines);
    }
    free(r);
    free(stem);
    return ok;
}

REGISTRY_ADD(data_format, triplets) = {
    .id = "triplets",
    .doc = "user, item and rating on each line, with blanks between",
    .settings = SETTINGS(table, struct triplets),
    .read = read_set,
};
