// given_read: files with answers into rows.
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/formula.h"
#include "data/columns.h"
#include "data/grow.h"
#include "data/number.h"
#include "data/text.h"
#include "trial/given_own.h"

enum { LONGEST_ID = 4096 };

// ---- Columns -----------------------------------------------------------------------------------

// What tools call them; the first that is there is taken.
static const char *const user_names[] = {"user", "user_id", "userid", "uid", "u", NULL};
static const char *const item_names[] = {
    "item", "item_id", "itemid", "iid", "movie", "movie_id", "movieid", "i", NULL};
static const char *const answer_names[] = {
    "answer", "prediction", "predicted", "pred", "est", "score", "predicted_rating", NULL};
static const char *const fold_names[] = {"fold", NULL};
static const char *const rating_names[] = {"rating", "r_ui", "rui", "truth", NULL};

struct layout {
    int user, item, answer, fold, rating; // from 0; -1: there is none
    bool is_own;                          // a file of the kind that Reckon writes
};

static bool find_usual(
    const struct header *h, const char *const *names, const char *file, int *out, struct error *e) {
    *out = -1;
    for (; *names && *out < 0; names++)
        for (size_t k = 0; k < h->n; k++) {
            if (strcasecmp(h->name[k], *names) != 0) continue;
            if (*out >= 0)
                return error_set(e, "%s:1: there are two columns \"%s\", %d and %zu; name the one",
                    file, *names, *out + 1, k + 1);
            *out = (int)k;
        }
    return true;
}

static bool lacking(const struct header *h, const char *what, const char *const *names,
    const char *file, struct error *e) {
    char all[300] = "", there[300] = "", shown[TEXT_SHOWN];
    size_t n = 0;
    for (; *names && n < sizeof all; names++)
        n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", n ? ", " : "", *names);
    n = 0;
    for (size_t k = 0; k < h->n && n < sizeof there; k++)
        n += (size_t)snprintf(there + n, sizeof there - n, "%s%s", n ? ", " : "",
            text_show(h->name[k], strlen(h->name[k]), shown));
    return error_set(e,
        "%s:1: a header with a column of %ss is expected, called one of %s, not %s; or name it: "
        "%s=COLUMN",
        file, what, all, there, what);
}

static bool find_column(const struct header *h, const struct column *c, const char *what,
    const char *const *names, bool needed, const char *file, int *out, struct error *e) {
    if (c->name || c->number) return header_find(h, c, what, file, out, e);
    if (!find_usual(h, names, file, out, e)) return false;
    return *out >= 0 || !needed || lacking(h, what, names, file, e);
}

static bool is_number(const struct rows *rows, const struct column *c) {
    double value;
    if (c->number == 0 || c->number > rows->splitter.n) return false;
    const char *text = rows->splitter.field[c->number - 1].text;
    const size_t length = text_trim(&text, rows->splitter.field[c->number - 1].length);
    return number_real(text, length, &value) != NUMBER_BAD;
}

// As the report writes predictions.
static bool is_own(const struct header *h) {
    static const char *const own[] = {"user", "item", "rating", "answer", "filled"};
    if (h->n != sizeof own / sizeof *own) return false;
    for (size_t k = 0; k < h->n; k++)
        if (strcmp(h->name[k], own[k]) != 0) return false;
    return true;
}

// From the first row, which is no header if the columns go by numbers and it has an answer.
static bool lay_out(const struct given_spec *s, const struct rows *rows, const char *file,
    struct layout *l, bool *is_header, struct error *e) {
    struct header h = {0};
    *is_header = !s->user.number || !s->item.number || !is_number(rows, &s->prediction);
    if (*is_header && !header_take(&h, &rows->splitter, e)) return false;
    l->is_own = is_own(&h);
    const bool ok =
        find_column(&h, &s->user, "user", user_names, true, file, &l->user, e) &&
        find_column(&h, &s->item, "item", item_names, true, file, &l->item, e) &&
        find_column(&h, &s->prediction, "prediction", answer_names, true, file, &l->answer, e) &&
        find_column(&h, &s->fold, "fold", fold_names, false, file, &l->fold, e) &&
        find_column(&h, &s->rating, "rating", rating_names, false, file, &l->rating, e);
    header_done(&h);
    return ok;
}

// ---- One row -----------------------------------------------------------------------------------

struct reading {
    struct given *g;
    struct rows rows;
    struct layout layout;
    size_t file;
    const char *name; // of the file
};

static bool refuse(const struct reading *r, const char *expected, struct error *e) {
    char shown[TEXT_SHOWN];
    return error_set(e, "%s:%llu: %s is expected, not %s", r->name,
        (unsigned long long)r->rows.line, expected, text_show(r->rows.text, r->rows.length, shown));
}

// Without blanks around it; empty where the row is too short.
static size_t field(const struct reading *r, int column, const char **text) {
    *text = "";
    if (column < 0 || (size_t)column >= r->rows.splitter.n) return 0;
    *text = r->rows.splitter.field[column].text;
    return text_trim(text, r->rows.splitter.field[column].length);
}

// Reckon writes an apostrophe before ids that a spreadsheet would run, and other tools may.
static uint32_t find_id(const struct reading *r, bool is_user, const char *id) {
    const struct dataset *d = r->g->data;
    const int without = *id == '\'' && formula_is(id);
    uint32_t number = UINT32_MAX;
    for (int other = 0; other <= without && number == UINT32_MAX; other++) {
        const char *meant = id + (r->layout.is_own ? without - other : other);
        number = is_user ? dataset_find_user(d, meant) : dataset_find_item(d, meant);
    }
    return number;
}

static bool take_id(
    const struct reading *r, int column, bool is_user, uint32_t *out, struct error *e) {
    char id[LONGEST_ID];
    const char *text;
    const size_t length = field(r, column, &text);
    if (length == 0 || length >= sizeof id || memchr(text, '\0', length))
        return refuse(r, "a row with a user and an item", e);
    memcpy(id, text, length);
    id[length] = '\0';
    *out = find_id(r, is_user, id);
    return true;
}

static bool is_nan(const char *text, size_t length) {
    return length == 0 || (length == 3 && strncasecmp(text, "nan", 3) == 0) ||
           (length == 4 && strncasecmp(text, "null", 4) == 0) ||
           (length == 2 && strncasecmp(text, "NA", 2) == 0);
}

static bool take_answer(const struct reading *r, float *out, struct error *e) {
    const char *text;
    const size_t length = field(r, r->layout.answer, &text);
    double value = NAN;
    if ((size_t)r->layout.answer >= r->rows.splitter.n)
        return refuse(r, "a row with a prediction", e);
    *out = NAN;
    if (is_nan(text, length)) return true;
    const enum number_kind kind = number_real(text, length, &value);
    *out = (float)value;
    if (kind == NUMBER_GOOD && isfinite(*out)) return true;
    return refuse(r,
        kind == NUMBER_BAD ? "a number as prediction, or nothing for none" : "a finite prediction",
        e);
}

static bool take_unit(const struct reading *r, uint32_t *out, struct error *e) {
    const struct given_folds *folds = &r->g->folds;
    const char *text;
    int64_t number = 0;
    *out = 0;
    if (r->layout.fold < 0) {
        if (r->g->spec->n_files > 1) *out = (uint32_t)r->file + 1;
        return true;
    }
    const size_t length = field(r, r->layout.fold, &text);
    if (number_whole(text, length, &number) == NUMBER_GOOD)
        for (uint32_t k = 0; k < folds->n; k++)
            if (folds->at[k] == number) {
                *out = k + 1;
                return true;
            }
    char expected[96];
    snprintf(expected, sizeof expected,
        "the number of a fold, as the split has them from %u to %u,", folds->at[0],
        folds->at[folds->n - 1]);
    return refuse(r, expected, e);
}

static bool check_rating(const struct reading *r, uint32_t user, uint32_t item, struct error *e) {
    const char *text;
    double value;
    const size_t length = field(r, r->layout.rating, &text);
    const uint64_t entry = dataset_find_entry(r->g->data, user, item);
    if (r->layout.rating < 0 || length == 0 || entry == UINT64_MAX) return true;
    const float rating = r->g->data->by_user.value[entry];
    if (number_real(text, length, &value) == NUMBER_GOOD && (float)value == rating) return true;
    char expected[96];
    snprintf(expected, sizeof expected, "the rating %.9g, which the data has for the pair,",
        (double)rating);
    return refuse(r, expected, e);
}

static bool add_row(struct reading *r, struct error *e) {
    struct given *g = r->g;
    struct given_row row = {.place = given_place(r->file, r->rows.line)};
    if (r->rows.malformed) return refuse(r, "a row with quotes as in CSV", e);
    if (!take_id(r, r->layout.user, true, &row.user, e) ||
        !take_id(r, r->layout.item, false, &row.item, e) || !take_answer(r, &row.answer, e) ||
        !take_unit(r, &row.unit, e))
        return false;
    g->n_rows++;
    if (isnan(row.answer) && g->n_open++ == 0) g->first_open = row.place;
    if (row.user == UINT32_MAX || row.item == UINT32_MAX) {
        if (g->n_strangers++ == 0) g->first_stranger = row.place;
        return true;
    }
    if (!check_rating(r, row.user, row.item, e) ||
        !grow_to(&g->rows, &g->room, g->n + 1, sizeof *g->rows, "predictions", e))
        return false;
    g->rows[g->n++] = row;
    return true;
}

// ---- Files -------------------------------------------------------------------------------------

static bool find_delimiter(const char *path, char out[2], struct error *e) {
    struct lines lines;
    const char *text;
    size_t length;
    if (!lines_open(&lines, path, NULL, e)) return false;
    bool ok = lines_next(&lines, &text, &length, e);
    if (ok && !text) ok = error_set(e, "%s: is empty", path);
    out[0] = !ok                          ? ','
             : memchr(text, '\t', length) ? '\t'
             : memchr(text, ',', length)  ? ','
             : memchr(text, ';', length)  ? ';'
                                          : ',';
    out[1] = '\0';
    lines_close(&lines);
    return ok;
}

// Whether rows can be told apart by fold.
static bool check_folds(const struct reading *r, struct error *e) {
    const struct given_folds *f = &r->g->folds;
    const size_t units = (size_t)f->n * f->n_repeats, n = r->g->spec->n_files;
    if (r->layout.fold >= 0)
        return f->n_repeats == 1 ||
               error_set(e,
                   "%s: a column of folds does not tell the %u repeats of the split apart; give a "
                   "file for each fold of each repeat, without it",
                   r->name, f->n_repeats);
    if (n == units || (n == 1 && f->n_repeats == 1)) return true;
    return error_set(e,
        "%s%s: %zu file%s of predictions for %zu folds%s; %s is expected, or a column \"fold\"",
        r->name, n > 1 ? " ..." : "", n, n == 1 ? "" : "s", units,
        f->n_repeats > 1 ? " of all repeats" : "",
        f->n_repeats > 1 ? "a file for each, in their order,"
                         : "one file, or one for each in their order,");
}

static bool read_rows(struct reading *r, struct error *e) {
    bool more = false, is_header = true;
    if (!rows_next(&r->rows, &more, e)) return false;
    if (!more || r->rows.malformed)
        return error_set(e, "%s:1: a header is expected that names the columns", r->name);
    if (!lay_out(r->g->spec, &r->rows, r->name, &r->layout, &is_header, e)) return false;
    if (!check_folds(r, e)) return false;
    if (!is_header && !add_row(r, e)) return false;
    for (;;) {
        if (!rows_next(&r->rows, &more, e)) return false;
        if (!more) return true;
        if (!add_row(r, e)) return false;
    }
}

static bool read_file(struct given *g, size_t file, struct error *e) {
    struct reading r = {.g = g, .file = file, .name = g->spec->files[file]};
    char found[2];
    if (!g->spec->delimiter && !find_delimiter(r.name, found, e)) return false;
    const char *delimiter = g->spec->delimiter ? g->spec->delimiter : found;
    if (!rows_open(&r.rows, r.name, NULL, delimiter, true, e)) return false;
    const bool ok = read_rows(&r, e);
    rows_close(&r.rows);
    return ok;
}

bool given_read_files(struct given *g, struct error *e) {
    for (size_t k = 0; k < g->spec->n_files; k++)
        if (!read_file(g, k, e)) return false;
    return true;
}
