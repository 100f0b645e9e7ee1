#include "data/pairs.h"

#include <string.h>

#include "data/columns.h"
#include "data/number.h"
#include "data/text.h"

enum { LONGEST_ID = 4096 };

struct layout {
    int user, item, time; // columns from 0; time -1: there is none
};

static bool has_column(const struct header *h, const char *name) {
    for (size_t k = 0; k < h->n; k++)
        if (strcmp(h->name[k], name) == 0) return true;
    return false;
}

static bool take_header(struct rows *rows, const char *path, struct layout *l, struct error *e) {
    struct header h = {0};
    bool more = false;
    if (!rows_next(rows, &more, e)) return false;
    if (!more || rows->malformed)
        return error_set(e,
            "%s:1: a header is expected that names the columns user and item, and perhaps time",
            path);
    const struct column user = {.name = "user"}, item = {.name = "item"};
    bool ok = header_take(&h, &rows->splitter, e) &&
              header_find(&h, &user, "user", path, &l->user, e) &&
              header_find(&h, &item, "item", path, &l->item, e);
    const struct column time = {.name = "time"};
    l->time = -1;
    if (ok && has_column(&h, "time")) ok = header_find(&h, &time, "time", path, &l->time, e);
    header_done(&h);
    return ok;
}

static bool refuse(
    const struct rows *rows, const char *path, const char *expected, struct error *e) {
    char shown[TEXT_SHOWN];
    return error_set(e, "%s:%llu: %s is expected, not %s", path, (unsigned long long)rows->line,
        expected, text_show(rows->text, rows->length, shown));
}

// An id as a text of its own; NULL: there is none, or it is no id.
static const char *take_id(const struct rows *rows, int column, char *out) {
    if ((size_t)column >= rows->splitter.n) return NULL;
    const char *text = rows->splitter.field[column].text;
    const size_t length = text_trim(&text, rows->splitter.field[column].length);
    if (length == 0 || length >= LONGEST_ID || memchr(text, '\0', length)) return NULL;
    memcpy(out, text, length);
    out[length] = '\0';
    return out;
}

static bool take_time(const struct rows *rows, int column, int64_t *out) {
    *out = RK_NO_TIME;
    if (column < 0) return true;
    if ((size_t)column >= rows->splitter.n) return false;
    const char *text = rows->splitter.field[column].text;
    const size_t length = text_trim(&text, rows->splitter.field[column].length);
    return length == 0 || number_int(text, length, out) == NUMBER_GOOD;
}

static bool read_rows(struct rows *rows, const char *path,
    bool (*each)(void *arg, const struct pairs_row *row, struct error *e), void *arg,
    struct error *e) {
    struct layout l;
    char user[LONGEST_ID], item[LONGEST_ID];
    bool more = false;
    if (!take_header(rows, path, &l, e)) return false;
    for (;;) {
        if (!rows_next(rows, &more, e)) return false;
        if (!more) return true;
        if (rows->malformed) return refuse(rows, path, "a row with quotes as in CSV", e);
        struct pairs_row row = {
            .user = take_id(rows, l.user, user), .item = take_id(rows, l.item, item)};
        if (!row.user || !row.item) return refuse(rows, path, "a row with a user and an item", e);
        if (!take_time(rows, l.time, &row.time))
            return refuse(rows, path, "a row with a time in seconds since 1970, or without one", e);
        if (!each(arg, &row, e)) return false;
    }
}

bool pairs_read(const char *path,
    bool (*each)(void *arg, const struct pairs_row *row, struct error *e), void *arg,
    struct error *e) {
    struct rows rows;
    if (!rows_open(&rows, path, NULL, ",", true, e)) return false;
    const bool ok = read_rows(&rows, path, each, arg, e);
    rows_close(&rows);
    return ok;
}
