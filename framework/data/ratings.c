// ratings: blocks of lines to chunks of rows, and the simple reader for rows that are odd.
#include "data/ratings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/grow.h"
#include "data/number.h"
#include "data/ratings_own.h"
#include "data/text.h"

enum { BLOCK_BYTES = 1 << 18, PADDING = 64 };

struct reading {
    struct builder *b;
    const struct ratings_layout *layout;
    const struct fold_lines *folds; // NULL: none
    struct splitter splitter;
    const char *file; // kept by the builder
    uint64_t line;    // lines before the block at hand
    uint64_t row;     // data rows before it
    char *text;       // owned: n_blocks * block_bytes, one longest line, padding
    size_t text_room, waiting;
    struct block *block; // [n_blocks]; owned
    size_t n_blocks, n_used, block_bytes;
    struct error *e;
};

enum fate { TAKEN, ASIDE, FAILED };

// ---- The simple reader -------------------------------------------------------------------------

struct odd_place {
    struct place place;
    const char *text;
    size_t length;
};

static enum fate flaw(
    struct reading *r, enum dataset_count kind, const struct odd_place *at, const char *what) {
    return builder_flaw(r->b, kind, at->place, at->text, at->length, r->e, "%s", what) ? ASIDE
                                                                                       : FAILED;
}

static enum fate take_key(struct reading *r, enum builder_side side, const struct field *f,
    const struct odd_place *at, uint32_t *key) {
    const bool user = side == SIDE_USER;
    if (f->length == 0)
        return flaw(r, COUNT_SHORT_ROW, at, user ? "the user is empty" : "the item is empty");
    if (!text_is_utf8(f->text, f->length))
        return flaw(
            r, COUNT_BAD_ENCODING, at, user ? "the user is not UTF-8" : "the item is not UTF-8");
    if (builder_is_closed(r->b, side)) {
        *key = builder_find(r->b, side, f->text, f->length);
        if (*key != BUILDER_NO_KEY) return TAKEN;
        return flaw(r, user ? COUNT_UNKNOWN_USER : COUNT_UNKNOWN_ITEM, at,
            user ? "the user is not in the file of users" : "the item is not in the file of items");
    }
    *key = BUILDER_NO_KEY; // joins once the whole row is known to be good
    return TAKEN;
}

static enum fate add_key(struct reading *r, enum builder_side side, const struct field *f,
    const struct odd_place *at, uint32_t *key) {
    if (*key != BUILDER_NO_KEY) return TAKEN;
    struct error e = {0};
    *key = builder_add(r->b, side, f->text, f->length, &e);
    if (*key != BUILDER_NO_KEY) return TAKEN;
    return flaw(r, COUNT_BAD_ENCODING, at, e.text);
}

static enum fate take_rating(
    struct reading *r, const struct field *f, const struct odd_place *at, float *out) {
    double rating;
    switch (number_real(f->text, f->length, &rating)) {
    case NUMBER_BAD:
        return flaw(r, COUNT_BAD_NUMBER, at,
            r->layout->perhaps_header && at->place.line == 1
                ? "the rating is not a number; header = true, if this line names the columns"
                : "the rating is not a number");
    case NUMBER_NAN:
        return flaw(r, COUNT_NAN, at, "the rating is no finite number");
    case NUMBER_GOOD:
        break;
    }
    *out = (float)rating;
    if (*out >= r->b->rating_min && *out <= r->b->rating_max) return TAKEN;
    char what[96];
    snprintf(what, sizeof what, "the rating is off the scale from %g to %g",
        (double)r->b->rating_min, (double)r->b->rating_max);
    return flaw(r, COUNT_OFF_SCALE, at, what);
}

// An empty time is not known.
static enum fate take_time(
    struct reading *r, const struct field *f, const struct odd_place *at, int64_t *out) {
    *out = RK_NO_TIME;
    if (f->length == 0) return TAKEN;
    if (number_int(f->text, f->length, out) != NUMBER_GOOD)
        return flaw(r, COUNT_BAD_NUMBER, at, "the time is not a number");
    if (r->layout->zero_time_unknown && *out == 0) *out = RK_NO_TIME;
    return TAKEN;
}

static enum fate take_fold(
    struct reading *r, const struct field *f, const struct odd_place *at, uint32_t *out) {
    int64_t fold;
    if (number_whole(f->text, f->length, &fold) != NUMBER_GOOD || fold < 0 || fold >= UINT32_MAX)
        return flaw(r, COUNT_BAD_NUMBER, at, "the fold is not a whole number from 0");
    *out = (uint32_t)fold;
    return TAKEN;
}

static enum fate read_odd(struct reading *r, struct block *b, const struct odd_row *odd) {
    const struct ratings_layout *l = r->layout;
    uint32_t lines = odd->row; // before this row in the block
    for (size_t k = 0; k < b->n_gaps && b->gaps[k].row <= odd->row; k++) lines += b->gaps[k].lines;
    const struct odd_place at = {
        {r->file, r->line + lines + 1}, b->text + odd->offset, odd->length};
    if (!splitter_split(&r->splitter, at.text, at.length))
        return flaw(r, COUNT_SHORT_ROW, &at, "the quotes are not those of CSV on one line");
    const struct field *f = r->splitter.field;
    const int n = (int)r->splitter.n;
    if (l->user >= n || l->item >= n || l->rating >= n || l->time >= n || l->fold >= n) {
        char what[64];
        snprintf(what, sizeof what, "the row is short: %d field%s", n, n == 1 ? "" : "s");
        return flaw(r, COUNT_SHORT_ROW, &at, what);
    }
    const uint32_t k = odd->row;
    enum fate fate = take_key(r, SIDE_USER, &f[l->user], &at, &b->user[k]);
    if (fate == TAKEN) fate = take_key(r, SIDE_ITEM, &f[l->item], &at, &b->item[k]);
    if (fate == TAKEN) fate = take_rating(r, &f[l->rating], &at, &b->rating[k]);
    b->time[k] = RK_NO_TIME;
    if (fate == TAKEN && l->time >= 0) fate = take_time(r, &f[l->time], &at, &b->time[k]);
    b->fold[k] = 0;
    if (fate == TAKEN && l->fold >= 0) fate = take_fold(r, &f[l->fold], &at, &b->fold[k]);
    if (fate == TAKEN) fate = add_key(r, SIDE_USER, &f[l->user], &at, &b->user[k]);
    if (fate == TAKEN) fate = add_key(r, SIDE_ITEM, &f[l->item], &at, &b->item[k]);
    return fate;
}

// ---- From blocks to chunks ---------------------------------------------------------------------

// Takes out the rows that were set aside, whose places are in odd[0 .. n - 1].row, and turns them
// into gaps.
static bool compact(struct block *b, const struct odd_row *odd, size_t n, struct error *e) {
    struct chunk_gap *gaps = malloc((b->n_gaps + n + 1) * sizeof *gaps);
    if (!gaps) return error_memory(e, (b->n_gaps + n) * sizeof *gaps, "ratings");
    size_t n_gaps = 0, g = 0, o = 0;
    uint32_t to = 0;
    for (uint32_t k = 0; k <= b->n; k++) {
        if (g < b->n_gaps && b->gaps[g].row == k)
            gaps[n_gaps++] = (struct chunk_gap){to, b->gaps[g++].lines};
        if (k == b->n) break;
        if (o < n && odd[o].row == k) {
            gaps[n_gaps++] = (struct chunk_gap){to, 1};
            o++;
            continue;
        }
        b->user[to] = b->user[k];
        b->item[to] = b->item[k];
        b->rating[to] = b->rating[k];
        b->time[to] = b->time[k];
        b->fold[to++] = b->fold[k];
    }
    free(b->gaps);
    b->gaps = gaps;
    b->n_gaps = n_gaps;
    b->gaps_room = b->n_gaps;
    b->n = to;
    return true;
}

// Rows past the last fold number are in none; fold_lines_check() will complain.
static void number_folds(struct reading *r, struct block *b) {
    const struct fold_lines *f = r->folds;
    for (uint32_t k = 0; k < b->n; k++) {
        const uint64_t row = r->row + k;
        b->fold[k] = row >= f->n ? 0 : f->narrow ? f->narrow[row] : f->wide[row];
    }
}

static bool finish_block(struct reading *r, struct block *b) {
    if (b->failed) return error_memory(r->e, b->room * 24, "ratings");
    const uint32_t n_rows = b->n;
    size_t n_aside = 0;
    for (size_t k = 0; k < b->n_odd; k++) {
        const enum fate fate = read_odd(r, b, &b->odd[k]);
        if (fate == FAILED) return false;
        if (fate == ASIDE) b->odd[n_aside++] = b->odd[k];
    }
    if (r->folds) number_folds(r, b);
    if (n_aside > 0 && !compact(b, b->odd, n_aside, r->e)) return false;
    const uint64_t first_line = r->line + 1;
    r->line += b->n_lines;
    r->row += n_rows;
    builder_count(r->b, COUNT_ROWS, n_rows);
    if (b->n == 0) return true;
    const bool folds = r->folds || r->layout->fold >= 0;
    struct chunk *c = chunk_new(&(struct builder_rows){.n = b->n,
        .user = b->user,
        .item = b->item,
        .rating = b->rating,
        .time = r->layout->time >= 0 ? b->time : NULL,
        .fold = folds ? b->fold : NULL});
    if (!c) return error_memory(r->e, b->n * 16, "ratings");
    c->file = r->file;
    c->line = first_line;
    c->n_gaps = (uint32_t)b->n_gaps;
    if (b->n_gaps) {
        c->gaps = malloc(b->n_gaps * sizeof *c->gaps);
        if (c->gaps) memcpy(c->gaps, b->gaps, b->n_gaps * sizeof *c->gaps);
    }
    if ((c->n_gaps && !c->gaps) || !builder_add_chunk(r->b, c, r->e)) {
        chunk_free(c);
        return error_memory(r->e, b->n * 16, "ratings");
    }
    return true;
}

static rk_status parse_blocks(void *arg, uint32_t worker, size_t begin, size_t end) {
    struct reading *r = arg;
    (void)worker;
    for (size_t k = begin; k < end; k++)
        block_parse(&r->block[k], r->layout, r->b->ids, r->b->rating_min, r->b->rating_max);
    return RK_OK;
}

// Cuts the waiting text into blocks of whole lines; at the end of the input, all of it. Gives the
// bytes that the blocks hold.
static size_t cut_blocks(struct reading *r, bool ended) {
    size_t at = 0;
    if (ended && r->waiting > 0 && r->text[r->waiting - 1] != '\n') r->text[r->waiting++] = '\n';
    for (r->n_used = 0; r->n_used < r->n_blocks && at < r->waiting; r->n_used++) {
        size_t length = r->waiting - at;
        if (length > r->block_bytes || !ended) {
            const size_t look = length < r->block_bytes ? length : r->block_bytes;
            const char *newline = memrchr(r->text + at, '\n', look);
            // A line longer than a block has one of its own.
            if (!newline && look < length)
                newline = memchr(r->text + at + look, '\n', length - look);
            if (!newline) break;
            length = (size_t)(newline + 1 - (r->text + at));
        }
        r->block[r->n_used].text = r->text + at;
        r->block[r->n_used].length = length;
        at += length;
    }
    return at;
}

static bool fill(struct reading *r, struct lines *lines) {
    const size_t room = r->text_room - PADDING;
    const size_t left = lines->end - lines->begin,
                 n = left < room - r->waiting ? left : room - r->waiting;
    memcpy(r->text + r->waiting, lines->buffer + lines->begin, n);
    lines->begin += n;
    r->waiting += n;
    while (!lines->ended && r->waiting < room && lines->begin == lines->end) {
        size_t got;
        if (!input_read(lines->in, r->text + r->waiting, room - r->waiting, &got, r->e))
            return false;
        lines->ended = got == 0;
        r->waiting += got;
    }
    return true;
}

static bool too_long(const struct reading *r) {
    return error_set(r->e, "%s:%llu: a line is longer than %zu bytes; is this the right file?",
        r->file, (unsigned long long)r->line + 1, LINES_LONGEST);
}

static bool read_all(struct reading *r, struct lines *lines) {
    for (;;) {
        if (!fill(r, lines)) return false;
        const bool ended = lines->ended && lines->begin == lines->end;
        const size_t taken = cut_blocks(r, ended);
        if (r->n_used == 0 && r->waiting == 0) return true;
        if (r->n_used == 0) return too_long(r);
        pool_run(r->b->pool, r->n_used, 1, parse_blocks, r);
        for (size_t k = 0; k < r->n_used; k++) {
            // Only a line of its own makes a block so long.
            if (r->block[k].length > LINES_LONGEST + 1) return too_long(r);
            if (!finish_block(r, &r->block[k])) return false;
        }
        memmove(r->text, r->text + taken, r->waiting - taken);
        r->waiting -= taken;
    }
}

bool ratings_read(struct builder *b, const struct ratings_layout *layout, struct lines *lines,
    const struct fold_lines *folds, uint64_t *n_rows, struct error *e) {
    struct reading r = {.b = b,
        .layout = layout,
        .folds = folds && folds->path ? folds : NULL,
        .line = lines->line,
        .row = *n_rows,
        .block_bytes = layout->block_bytes ? layout->block_bytes : BLOCK_BYTES,
        .n_blocks = 4 * (b->pool ? pool_threads(b->pool) : 1),
        .e = e};
    r.text_room = r.n_blocks * r.block_bytes + LINES_LONGEST + PADDING;
    r.text = calloc(r.text_room, 1);
    r.block = calloc(r.n_blocks, sizeof *r.block);
    r.file = builder_keep_file(b, input_name(lines->in), e);
    bool ok = r.text && r.block && r.file;
    if (!ok) error_memory(e, r.text_room, "ratings");
    ok = ok && splitter_init(&r.splitter, layout->delimiter, layout->quoted, e) &&
         read_all(&r, lines);
    for (size_t k = 0; r.block && k < r.n_blocks; k++) block_done(&r.block[k]);
    free(r.block);
    free(r.text);
    splitter_done(&r.splitter);
    *n_rows = r.row;
    return ok;
}
