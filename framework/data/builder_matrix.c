// builder_matrix: from chunks of rows to both matrices, by counting and dealing out.
//
// Rows are dealt out by pieces of consecutive chunks, each with its own counts, so that every row
// of a matrix keeps the order of the file whatever the number of threads.
#include <stdlib.h>
#include <string.h>

#include "data/builder_own.h"
#include <stdio.h>

enum { MAX_PIECES = 16, USERS_AT_ONCE = 256 };

// Counts, then positions, of each piece for each row of the matrix to be.
struct deal {
    struct finish *f;
    uint32_t *count; // [n_pieces * n]; owned
    uint32_t n;
    size_t n_pieces;
    bool keep_chunks;
};

// As many pieces as threads, if their counts are small beside the ratings.
static bool deal_init(struct deal *d, struct finish *f, uint32_t n, struct error *e) {
    *d = (struct deal){.f = f, .n = n, .n_pieces = f->b->n_threads};
    if (d->n_pieces > MAX_PIECES) d->n_pieces = MAX_PIECES;
    while (d->n_pieces > 1 && d->n_pieces * n > f->b->n_rows / 4) d->n_pieces--;
    if (d->n_pieces == 0) d->n_pieces = 1;
    d->count = calloc(d->n_pieces * n + 1, sizeof *d->count);
    return d->count || error_memory(e, d->n_pieces * n * sizeof *d->count, "matrices");
}

// From counts to start[0 .. n], and to each piece's offset in each row.
static void deal_starts(struct deal *d, uint64_t *start) {
    start[0] = 0;
    for (uint32_t r = 0; r < d->n; r++) {
        uint32_t sum = 0;
        for (size_t p = 0; p < d->n_pieces; p++) {
            uint32_t *count = &d->count[p * d->n + r];
            const uint32_t mine = *count;
            *count = sum;
            sum += mine;
        }
        start[r + 1] = start[r] + sum;
    }
}

static bool run(
    struct finish *f, size_t n, size_t grain, rk_body *body, void *arg, struct error *e) {
    const rk_status status = pool_run(f->b->pool, n, grain, body, arg);
    if (status == RK_OK) return true;
    return status == RK_CANCELLED ? error_set(e, "stopped on request")
                                  : error_set(e, "out of memory while sorting ratings");
}

static size_t piece_start(const struct deal *d, size_t piece, size_t n) {
    return piece * n / d->n_pieces;
}

static rk_status count_users(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    struct deal *d = arg;
    const struct builder *b = d->f->b;
    for (size_t p = begin; p < end; p++)
        for (size_t k = piece_start(d, p, b->n_chunks); k < piece_start(d, p + 1, b->n_chunks);
             k++) {
            const struct chunk *c = b->chunks[k];
            for (uint32_t r = 0; r < c->n; r++)
                d->count[p * d->n + ids_rank_of(&b->ids[SIDE_USER], c->user[r])]++;
        }
    return RK_OK;
}

static void deal_chunk(struct deal *d, const struct chunk *c, uint32_t *count) {
    struct finish *f = d->f;
    const struct ids *users = &f->b->ids[SIDE_USER], *items = &f->b->ids[SIDE_ITEM];
    for (uint32_t r = 0; r < c->n; r++) {
        const uint32_t u = ids_rank_of(users, c->user[r]);
        const uint64_t x = f->user_start[u] + count[u]++;
        f->user_col[x] = ids_rank_of(items, c->item[r]);
        f->user_value[x] = chunk_rating(c, r);
        if (f->time) f->time[x] = chunk_time(c, r);
        if (f->fold) f->fold[x] = chunk_fold(c, r);
        if (f->reachable) f->reachable[x] = c->reachable ? c->reachable[r] : chunk_rating(c, r);
    }
}

static rk_status deal_users(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    struct deal *d = arg;
    struct builder *b = d->f->b;
    for (size_t p = begin; p < end; p++)
        for (size_t k = piece_start(d, p, b->n_chunks); k < piece_start(d, p + 1, b->n_chunks);
             k++) {
            deal_chunk(d, b->chunks[k], d->count + p * d->n);
            if (d->keep_chunks) continue;
            chunk_free(b->chunks[k]);
            b->chunks[k] = NULL;
        }
    return RK_OK;
}

// ---- Sorting within a user, and duplicates -----------------------------------------------------

struct scratch {
    uint64_t *key[2]; // [room]; owned: column << 32 | position
    uint64_t *moved;  // [room]; owned
    size_t room;
};
struct sorting {
    struct finish *f;
    struct scratch *scratch; // [n_threads]
    uint32_t *kept;          // [n_users]: entries left in each row
};

static bool scratch_grow(struct scratch *s, size_t n) {
    if (n <= s->room) return true;
    for (int k = 0; k < 2; k++) {
        free(s->key[k]);
        s->key[k] = malloc(n * sizeof *s->key[k]);
    }
    free(s->moved);
    s->moved = malloc(n * sizeof *s->moved);
    s->room = s->key[0] && s->key[1] && s->moved ? n : 0;
    return s->room > 0;
}

static void scratch_done(struct scratch *s) {
    free(s->key[0]);
    free(s->key[1]);
    free(s->moved);
}

// Sorts key[0] by its upper half, stably; gives the array that holds the result.
static const uint64_t *sort_keys(struct scratch *s, size_t n, uint32_t n_cols) {
    uint64_t *from = s->key[0], *to = s->key[1];
    if (n <= 32) {
        for (size_t k = 1; k < n; k++) {
            const uint64_t x = from[k];
            size_t at = k;
            for (; at > 0 && from[at - 1] > x; at--) from[at] = from[at - 1];
            from[at] = x;
        }
        return from;
    }
    for (unsigned shift = 32; shift < 64 && (n_cols - 1) >> (shift - 32); shift += 8) {
        uint32_t at[256] = {0};
        for (size_t k = 0; k < n; k++) at[from[k] >> shift & 255]++;
        uint32_t sum = 0;
        for (int digit = 0; digit < 256; digit++) {
            const uint32_t here = at[digit];
            at[digit] = sum;
            sum += here;
        }
        for (size_t k = 0; k < n; k++) to[at[from[k] >> shift & 255]++] = from[k];
        uint64_t *other = from;
        from = to;
        to = other;
    }
    return from;
}

// Of entries with the same column the last by time is kept, the later row among equal times. Writes
// the kept keys to `out`, which may be `key`, and gives their number.
static uint32_t drop_duplicates(const uint64_t *key, size_t n, const int64_t *time, uint64_t *out) {
    uint32_t kept = 0;
    for (size_t k = 0; k < n; k++) {
        if (kept == 0 || out[kept - 1] >> 32 != key[k] >> 32) {
            out[kept++] = key[k];
        } else if (!time || time[(uint32_t)key[k]] >= time[(uint32_t)out[kept - 1]]) {
            out[kept - 1] = key[k];
        }
    }
    return kept;
}

#define GATHER(type, array) \
    if (array) { \
        type *moved = (type *)s->moved; \
        for (uint32_t k = 0; k < kept; k++) moved[k] = (array)[first + (uint32_t)key[k]]; \
        memcpy((array) + first, moved, kept * sizeof *moved); \
    }

static uint32_t sort_user(
    struct finish *f, struct scratch *s, uint64_t first, size_t n, uint32_t n_items) {
    for (size_t k = 0; k < n; k++) s->key[0][k] = (uint64_t)f->user_col[first + k] << 32 | k;
    const uint64_t *sorted = sort_keys(s, n, n_items);
    uint64_t *key = s->key[sorted == s->key[1]];
    const uint32_t kept = drop_duplicates(sorted, n, f->time ? f->time + first : NULL, key);
    for (uint32_t k = 0; k < kept; k++) f->user_col[first + k] = (uint32_t)(key[k] >> 32);
    GATHER(float, f->user_value)
    GATHER(int64_t, f->time)
    GATHER(uint32_t, f->fold)
    GATHER(float, f->reachable)
    return kept;
}

static bool ascends(const uint32_t *col, size_t n) {
    for (size_t k = 1; k < n; k++)
        if (col[k - 1] >= col[k]) return false;
    return true;
}

static rk_status sort_users(void *arg, uint32_t worker, size_t begin, size_t end) {
    struct sorting *s = arg;
    struct finish *f = s->f;
    for (size_t u = begin; u < end; u++) {
        const uint64_t first = f->user_start[u];
        const size_t n = f->user_start[u + 1] - first;
        s->kept[u] = (uint32_t)n;
        if (ascends(f->user_col + first, n)) continue;
        if (!scratch_grow(&s->scratch[worker], n)) return RK_E_MEMORY;
        s->kept[u] = sort_user(f, &s->scratch[worker], first, n, f->n_items);
    }
    return RK_OK;
}

// Moves rows together where duplicates have left room.
static void close_ranks(struct finish *f, const uint32_t *kept) {
    uint64_t to = 0;
    for (uint32_t u = 0; u < f->n_users; u++) {
        const uint64_t from = f->user_start[u];
        memmove(f->user_col + to, f->user_col + from, kept[u] * sizeof *f->user_col);
        memmove(f->user_value + to, f->user_value + from, kept[u] * sizeof *f->user_value);
        if (f->time) memmove(f->time + to, f->time + from, kept[u] * sizeof *f->time);
        if (f->fold) memmove(f->fold + to, f->fold + from, kept[u] * sizeof *f->fold);
        if (f->reachable)
            memmove(f->reachable + to, f->reachable + from, kept[u] * sizeof *f->reachable);
        f->user_start[u] = to;
        to += kept[u];
    }
    f->user_start[f->n_users] = f->n = to;
}

static void keep_text(char out[256], const struct ids *ids, uint32_t key) {
    if (key < IDS_DIRECT)
        snprintf(out, 256, "%u", key);
    else
        snprintf(out, 256, "%s", words_get(&ids->text, key - IDS_DIRECT));
}

// Names the first row, in the order of the files, whose pair an earlier row has.
static bool report_duplicate(const struct finish *f, uint32_t u, uint32_t i, struct error *e) {
    const struct builder *b = f->b;
    const struct chunk *first = NULL;
    uint32_t first_row = 0;
    for (size_t k = 0; k < b->n_chunks; k++) {
        const struct chunk *c = b->chunks[k];
        for (uint32_t r = 0; r < c->n; r++) {
            if (ids_rank_of(&b->ids[SIDE_USER], c->user[r]) != u ||
                ids_rank_of(&b->ids[SIDE_ITEM], c->item[r]) != i)
                continue;
            if (!first) {
                first = c;
                first_row = r;
                continue;
            }
            char user[256], item[256];
            keep_text(user, &b->ids[SIDE_USER], c->user[r]);
            keep_text(item, &b->ids[SIDE_ITEM], c->item[r]);
            return error_set(e,
                "%s:%llu: user \"%s\" rates item \"%s\" a second time, after %s:%llu "
                "(duplicates = \"last\" keeps the last by time)",
                c->file ? c->file : "row", (unsigned long long)chunk_line(c, r), user, item,
                first->file ? first->file : "row",
                (unsigned long long)chunk_line(first, first_row));
        }
    }
    return error_set(e, "a user rates an item twice");
}

// The first pair, by user, that stands there twice.
static bool find_duplicate(const struct finish *f, struct error *e) {
    uint8_t *seen = calloc((size_t)f->n_items + 1, 1);
    if (!seen) return error_memory(e, f->n_items, "items");
    bool ok = true;
    for (uint32_t u = 0; ok && u < f->n_users; u++) {
        uint64_t x = f->user_start[u];
        for (; ok && x < f->user_start[u + 1]; x++) {
            ok = !seen[f->user_col[x]];
            if (!ok) report_duplicate(f, u, f->user_col[x], e);
            seen[f->user_col[x]] = 1;
        }
        while (x-- > f->user_start[u]) seen[f->user_col[x]] = 0;
    }
    free(seen);
    return ok;
}

static bool sort_all(struct finish *f, struct error *e) {
    const uint32_t n_threads = f->b->pool ? pool_threads(f->b->pool) : 1;
    struct sorting s = {.f = f};
    s.scratch = calloc(n_threads, sizeof *s.scratch);
    s.kept = calloc((size_t)f->n_users + 1, sizeof *s.kept);
    bool ok = s.scratch && s.kept;
    if (!ok) error_memory(e, f->n_users * sizeof *s.kept, "users");
    if (ok) ok = run(f, f->n_users, USERS_AT_ONCE, sort_users, &s, e);
    uint64_t n = 0;
    for (uint32_t u = 0; ok && u < f->n_users; u++) n += s.kept[u];
    if (ok && n < f->n) {
        f->b->count[COUNT_DUPLICATE] += f->n - n;
        close_ranks(f, s.kept);
    }
    for (uint32_t k = 0; s.scratch && k < n_threads; k++) scratch_done(&s.scratch[k]);
    free(s.scratch);
    free(s.kept);
    return ok;
}

// ---- by_user -----------------------------------------------------------------------------------

static bool add_sections(struct finish *f, struct error *e) {
    const struct builder *b = f->b;
    f->user_start =
        image_add(&f->im, "user_start", ((size_t)f->n_users + 1) * sizeof *f->user_start, e);
    if (!f->user_start) return false;
    f->user_col = image_add(&f->im, "user_col", f->n * sizeof *f->user_col, e);
    if (!f->user_col) return false;
    f->user_value = image_add(&f->im, "user_value", f->n * sizeof *f->user_value, e);
    if (!f->user_value) return false;
    if (b->has_time && !(f->time = image_add(&f->im, "time", f->n * sizeof *f->time, e)))
        return false;
    if (b->has_fold && !(f->fold = image_add(&f->im, "fold", f->n * sizeof *f->fold, e)))
        return false;
    return !b->has_reachable ||
           (f->reachable = image_add(&f->im, "reachable", f->n * sizeof *f->reachable, e));
}

static void drop_chunks(struct builder *b) {
    for (size_t k = 0; k < b->n_chunks; k++) chunk_free(b->chunks[k]);
    free(b->chunks);
    b->chunks = NULL;
    b->n_chunks = b->chunks_room = 0;
}

bool finish_by_user(struct finish *f, struct error *e) {
    struct deal d = {0};
    f->n = f->b->n_rows;
    bool ok = add_sections(f, e) && deal_init(&d, f, f->n_users, e);
    d.keep_chunks = f->b->policy.duplicates == DUPLICATE_ERROR;
    if (ok) ok = run(f, d.n_pieces, 1, count_users, &d, e);
    if (ok) {
        deal_starts(&d, f->user_start);
        ok = run(f, d.n_pieces, 1, deal_users, &d, e);
    }
    free(d.count);
    if (ok && d.keep_chunks) ok = find_duplicate(f, e);
    drop_chunks(f->b);
    return ok && sort_all(f, e);
}

// ---- by_item -----------------------------------------------------------------------------------

static rk_status count_items(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    struct deal *d = arg;
    for (size_t p = begin; p < end; p++)
        for (uint64_t x = piece_start(d, p, d->f->n); x < piece_start(d, p + 1, d->f->n); x++)
            d->count[p * d->n + d->f->user_col[x]]++;
    return RK_OK;
}

// The user whose row holds entry x.
static uint32_t user_of(const struct finish *f, uint64_t x) {
    uint32_t low = 0, high = f->n_users;
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (f->user_start[middle] <= x)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static rk_status deal_items(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    struct deal *d = arg;
    struct finish *f = d->f;
    for (size_t p = begin; p < end; p++) {
        const uint64_t last = piece_start(d, p + 1, f->n);
        uint64_t x = piece_start(d, p, f->n);
        if (x == last) continue;
        for (uint32_t u = user_of(f, x); x < last; u++)
            for (; x < last && x < f->user_start[u + 1]; x++) {
                const uint32_t i = f->user_col[x];
                const uint64_t y = f->item_start[i] + d->count[p * d->n + i]++;
                f->item_col[y] = u;
                f->item_value[y] = f->user_value[x];
            }
    }
    return RK_OK;
}

bool finish_by_item(struct finish *f, struct error *e) {
    struct deal d = {0};
    f->item_start =
        image_add(&f->im, "item_start", ((size_t)f->n_items + 1) * sizeof *f->item_start, e);
    if (!f->item_start) return false;
    f->item_col = image_add(&f->im, "item_col", f->n * sizeof *f->item_col, e);
    if (!f->item_col) return false;
    f->item_value = image_add(&f->im, "item_value", f->n * sizeof *f->item_value, e);
    bool ok = f->item_value && deal_init(&d, f, f->n_items, e);
    if (ok) ok = run(f, d.n_pieces, 1, count_items, &d, e);
    if (ok) {
        deal_starts(&d, f->item_start);
        ok = run(f, d.n_pieces, 1, deal_items, &d, e);
    }
    free(d.count);
    return ok;
}
