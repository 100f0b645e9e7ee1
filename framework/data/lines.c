#include "data/lines.h"

#include <stdlib.h>
#include <string.h>

#include "data/grow.h"

static const char byte_order_mark[] = "\xEF\xBB\xBF";

// By its byte order mark, in either order.
static bool is_utf16(const struct lines *l) {
    return l->end >= 2 &&
           (memcmp(l->buffer, "\xFF\xFE", 2) == 0 || memcmp(l->buffer, "\xFE\xFF", 2) == 0);
}

bool lines_open(struct lines *l, const char *path, const char *member, struct error *e) {
    *l = (struct lines){.room = LINES_LONGEST + 4096};
    l->in = input_open(path, member, e);
    if (!l->in) return false;
    l->buffer = malloc(l->room);
    if (!l->buffer) {
        lines_close(l);
        return error_memory(e, l->room, "a file's lines");
    }
    if (!lines_fill(l, 3, e)) {
        lines_close(l);
        return false;
    }
    if (l->end == 0) {
        error_set(e, "%s is empty", input_name(l->in));
        lines_close(l);
        return false;
    }
    if (is_utf16(l)) {
        error_set(e, "%s is UTF-16; convert it: iconv -f UTF-16 -t UTF-8", input_name(l->in));
        lines_close(l);
        return false;
    }
    if (l->end >= 3 && memcmp(l->buffer, byte_order_mark, 3) == 0) l->begin = 3;
    return true;
}

void lines_close(struct lines *l) {
    input_close(l->in);
    free(l->buffer);
    *l = (struct lines){0};
}

struct place lines_place(const struct lines *l) {
    return (struct place){input_name(l->in), l->line};
}

bool lines_fill(struct lines *l, size_t want, struct error *e) {
    if (l->begin > 0) {
        memmove(l->buffer, l->buffer + l->begin, l->end - l->begin);
        l->end -= l->begin;
        l->begin = 0;
    }
    while (!l->ended && l->end < want) {
        size_t got;
        if (!input_read(l->in, l->buffer + l->end, l->room - l->end, &got, e)) return false;
        l->ended = got == 0;
        l->end += got;
    }
    return true;
}

bool lines_next(struct lines *l, const char **text, size_t *length, struct error *e) {
    *text = NULL;
    *length = 0;
    char *newline =
        l->end > l->begin ? memchr(l->buffer + l->begin, '\n', l->end - l->begin) : NULL;
    if (!newline && !l->ended) {
        if (!lines_fill(l, l->room, e)) return false;
        newline = memchr(l->buffer, '\n', l->end);
    }
    if (l->begin == l->end) return true;
    l->line++;
    size_t n =
        (size_t)(newline ? newline - (l->buffer + l->begin) : (ptrdiff_t)(l->end - l->begin));
    if (n > LINES_LONGEST)
        return error_set(e, "%s:%llu: a line is longer than %zu bytes; is this the right file?",
            input_name(l->in), (unsigned long long)l->line, LINES_LONGEST);
    *text = l->buffer + l->begin;
    l->begin += n + (newline != NULL);
    if (n > 0 && (*text)[n - 1] == '\r') n--;
    *length = n;
    return true;
}

// ---- Fields ------------------------------------------------------------------------------------

// A blank is a byte as any other, and rows end where the caller says.
static int nothing_is_blank(unsigned char c) {
    (void)c;
    return 0;
}
static int newline_ends(unsigned char c) {
    return c == '\n';
}

bool splitter_init(struct splitter *s, const char *delimiter, bool quoted, struct error *e) {
    *s = (struct splitter){.delimiter_length = strlen(delimiter)};
    if (s->delimiter_length == 0 || s->delimiter_length >= sizeof s->delimiter ||
        strpbrk(delimiter, "\"\r\n.+-0123456789"))
        return error_set(e,
            "delimiter: \"%s\" cannot be; 1 to %zu bytes are needed, without digits, signs, quotes "
            "and "
            "line ends",
            delimiter, sizeof s->delimiter - 1);
    strcpy(s->delimiter, delimiter);
    if (!quoted || s->delimiter_length > 1) return true;
    if (csv_init(&s->csv, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return error_set(e, "no CSV parser can be had");
    csv_set_delim(&s->csv, (unsigned char)delimiter[0]);
    csv_set_space_func(&s->csv, nothing_is_blank);
    csv_set_term_func(&s->csv, newline_ends);
    s->has_csv = true;
    return true;
}

void splitter_done(struct splitter *s) {
    if (s->has_csv) csv_free(&s->csv);
    free(s->field);
    free(s->bytes);
    *s = (struct splitter){0};
}

static bool add_field(struct splitter *s, const char *text, size_t length) {
    if (!grow_to(&s->field, &s->room, s->n + 1, sizeof *s->field, "fields", NULL)) return false;
    s->field[s->n++] = (struct field){text, length};
    return true;
}

static void take_field(void *text, size_t length, void *arg) {
    struct splitter *s = arg;
    // Room for all was made before: `bytes` does not move.
    char *copy = s->bytes + s->n_bytes;
    if (length) memcpy(copy, text, length);
    s->n_bytes += length;
    if (!add_field(s, copy, length)) s->failed = true;
}

static void take_end(int c, void *arg) {
    struct splitter *s = arg;
    (void)c;
    s->complete = true;
}

static bool split_quoted(struct splitter *s, const char *line, size_t length) {
    if (!grow_to(&s->bytes, &s->bytes_room, length + 1, 1, "fields", NULL)) return false;
    s->n_bytes = 0;
    s->complete = s->failed = false;
    const bool read = csv_parse(&s->csv, line, length, take_field, take_end, s) == length;
    if (read && csv_parse(&s->csv, "\n", 1, take_field, take_end, s) == 1 && s->complete)
        return !s->failed;
    // The parser is in the middle of a row: an end, whatever comes of it, makes it new.
    csv_fini(&s->csv, NULL, NULL, s);
    csv_free(&s->csv);
    const unsigned char delimiter = (unsigned char)s->delimiter[0];
    csv_init(&s->csv, CSV_STRICT | CSV_STRICT_FINI);
    csv_set_delim(&s->csv, delimiter);
    csv_set_space_func(&s->csv, nothing_is_blank);
    csv_set_term_func(&s->csv, newline_ends);
    return false;
}

bool splitter_split(struct splitter *s, const char *line, size_t length) {
    s->n = 0;
    if (s->has_csv && memchr(line, '"', length)) {
        if (split_quoted(s, line, length)) return true;
        s->n = 0;
        return false;
    }
    const char *at = line, *end = line + length;
    for (;;) {
        const char *next = s->delimiter_length == 1
                               ? memchr(at, s->delimiter[0], (size_t)(end - at))
                               : memmem(at, (size_t)(end - at), s->delimiter, s->delimiter_length);
        if (!add_field(s, at, (size_t)((next ? next : end) - at))) return false;
        if (!next) return true;
        at = next + s->delimiter_length;
    }
}

// ---- Rows --------------------------------------------------------------------------------------

bool rows_open(struct rows *r, const char *path, const char *member, const char *delimiter,
    bool quoted, struct error *e) {
    *r = (struct rows){0};
    if (splitter_init(&r->splitter, delimiter, quoted, e) && lines_open(&r->lines, path, member, e))
        return true;
    rows_close(r);
    return false;
}

void rows_close(struct rows *r) {
    lines_close(&r->lines);
    splitter_done(&r->splitter);
    free(r->joined);
    *r = (struct rows){0};
}

struct place rows_place(const struct rows *r) {
    return (struct place){input_name(r->lines.in), r->line};
}

// Whether a quoted field is still open after these bytes of a row.
enum quote_state { FIELD_BEGINS, IN_FIELD, IN_QUOTES, AFTER_QUOTE };
static enum quote_state follow_quotes(
    enum quote_state state, const char *text, size_t length, char delimiter) {
    for (size_t k = 0; k < length; k++) {
        const char c = text[k];
        if (state == IN_QUOTES)
            state = c == '"' ? AFTER_QUOTE : IN_QUOTES;
        else if (c == delimiter)
            state = FIELD_BEGINS;
        else if (c == '"' && state != IN_FIELD)
            state = IN_QUOTES;
        else
            state = IN_FIELD;
    }
    return state;
}

// Adds lines to the row until its quotes are closed, or it is too long to be meant.
static bool join(struct rows *r, struct error *e) {
    const char delimiter = r->splitter.delimiter[0];
    enum quote_state state = follow_quotes(FIELD_BEGINS, r->text, r->length, delimiter);
    if (state != IN_QUOTES) return true;
    if (!grow_to(&r->joined, &r->joined_room, r->length, 1, "a row", e)) return false;
    memcpy(r->joined, r->text, r->length);
    while (state == IN_QUOTES) {
        const char *more;
        size_t n;
        if (!lines_next(&r->lines, &more, &n, e)) return false;
        if (!more || r->length + n + 1 > LINES_LONGEST)
            return error_set(e, "%s:%llu: a quote that begins on this line is never closed",
                input_name(r->lines.in), (unsigned long long)r->line);
        if (!grow_to(&r->joined, &r->joined_room, r->length + n + 1, 1, "a row", e)) return false;
        r->joined[r->length] = '\n';
        memcpy(r->joined + r->length + 1, more, n);
        r->length += n + 1;
        state = follow_quotes(state, more, n, delimiter);
    }
    r->text = r->joined;
    return true;
}

bool rows_next(struct rows *r, bool *more, struct error *e) {
    do {
        if (!lines_next(&r->lines, &r->text, &r->length, e)) return false;
    } while (r->text && r->length == 0);
    *more = r->text != NULL;
    if (!*more) return true;
    r->line = r->lines.line;
    if (r->splitter.has_csv && !join(r, e)) return false;
    r->malformed = !splitter_split(&r->splitter, r->text, r->length);
    return true;
}
