// chunk: rows in little room while they are read (builder_own.h).
#include <stdlib.h>
#include <string.h>

#include "data/builder_own.h"
#include "data/grow.h"

static const float tenth[256] = {
#define T(n) (float)((n) / 10.0)
#define T10(n) \
    T(n), T(n + 1), T(n + 2), T(n + 3), T(n + 4), T(n + 5), T(n + 6), T(n + 7), T(n + 8), T(n + 9)
    T10(0), T10(10), T10(20), T10(30), T10(40), T10(50), T10(60), T10(70), T10(80), T10(90),
    T10(100), T10(110), T10(120), T10(130), T10(140), T10(150), T10(160), T10(170), T10(180),
    T10(190), T10(200), T10(210), T10(220), T10(230), T10(240), T(250), T(251), T(252), T(253),
    T(254), T(255)
#undef T
#undef T10
};

static bool tenths_only(const float *rating, size_t n) {
    bool yes = true;
    for (size_t k = 0; k < n && yes; k++)
        yes = rating[k] >= 0 && rating[k] <= 25 &&
              tenth[(uint8_t)(rating[k] * 10 + 0.5f)] == rating[k];
    return yes;
}

static bool times_short(const int64_t *time, size_t n) {
    bool yes = true;
    for (size_t k = 0; k < n; k++)
        yes &= (time[k] >= 0 && time[k] < CHUNK_NO_TIME) || time[k] == RK_NO_TIME;
    return yes;
}

static bool folds_short(const uint32_t *fold, size_t n) {
    bool yes = true;
    for (size_t k = 0; k < n; k++) yes &= fold[k] < 256;
    return yes;
}

// The next `bytes` of the allocation, each array aligned for any of the types here.
static void *carve(unsigned char **at, size_t bytes) {
    void *here = *at;
    *at += (bytes + 7) / 8 * 8;
    return here;
}

struct chunk *chunk_new(const struct builder_rows *r) {
    const size_t n = r->n;
    const bool coded = tenths_only(r->rating, n);
    const bool short_time = r->time && times_short(r->time, n);
    const bool short_fold = r->fold && folds_short(r->fold, n);
    const size_t each = 8 + (coded ? 1 : 4) +
                        (!r->time        ? 0
                            : short_time ? 4
                                         : 8) +
                        (!r->fold        ? 0
                            : short_fold ? 1
                                         : 4) +
                        (r->reachable ? 4 : 0);
    struct chunk *c = malloc(sizeof *c + n * each + 6 * 8);
    if (!c) return NULL;
    *c = (struct chunk){.n = (uint32_t)n};
    unsigned char *at = (unsigned char *)(c + 1);
    c->user = memcpy(carve(&at, 4 * n), r->user, 4 * n);
    c->item = memcpy(carve(&at, 4 * n), r->item, 4 * n);
    if (coded) {
        c->code = carve(&at, n);
        for (size_t k = 0; k < n; k++) c->code[k] = (uint8_t)(r->rating[k] * 10 + 0.5f);
    } else {
        c->rating = memcpy(carve(&at, 4 * n), r->rating, 4 * n);
    }
    if (short_time) {
        c->time32 = carve(&at, 4 * n);
        for (size_t k = 0; k < n; k++)
            c->time32[k] = r->time[k] == RK_NO_TIME ? CHUNK_NO_TIME : (uint32_t)r->time[k];
    } else if (r->time) {
        c->time64 = memcpy(carve(&at, 8 * n), r->time, 8 * n);
    }
    if (short_fold) {
        c->fold8 = carve(&at, n);
        for (size_t k = 0; k < n; k++) c->fold8[k] = (uint8_t)r->fold[k];
    } else if (r->fold) {
        c->fold32 = memcpy(carve(&at, 4 * n), r->fold, 4 * n);
    }
    if (r->reachable) c->reachable = memcpy(carve(&at, 4 * n), r->reachable, 4 * n);
    return c;
}

void chunk_free(struct chunk *c) {
    if (c) free(c->gaps);
    free(c);
}

float chunk_rating(const struct chunk *c, uint32_t row) {
    return c->code ? tenth[c->code[row]] : c->rating[row];
}

int64_t chunk_time(const struct chunk *c, uint32_t row) {
    if (c->time64) return c->time64[row];
    return !c->time32 || c->time32[row] == CHUNK_NO_TIME ? RK_NO_TIME : c->time32[row];
}

uint32_t chunk_fold(const struct chunk *c, uint32_t row) {
    return c->fold8 ? c->fold8[row] : c->fold32 ? c->fold32[row] : 0;
}

uint64_t chunk_line(const struct chunk *c, uint32_t row) {
    uint64_t line = c->line + row;
    for (uint32_t k = 0; k < c->n_gaps && c->gaps[k].row <= row; k++) line += c->gaps[k].lines;
    return line;
}

bool builder_add_chunk(struct builder *b, struct chunk *c, struct error *e) {
    if (!grow_to(&b->chunks, &b->chunks_room, b->n_chunks + 1, sizeof *b->chunks, "ratings", e))
        return false;
    b->chunks[b->n_chunks++] = c;
    b->n_rows += c->n;
    b->has_fold |= c->fold8 || c->fold32;
    b->has_reachable |= c->reachable != NULL;
    // Declared, not observed: whether a model sees times must not depend on the rows that test it.
    b->has_time |= c->time32 || c->time64;
    return true;
}

bool builder_add_rows(struct builder *b, const struct builder_rows *rows, struct error *e) {
    enum { MOST = 1 << 16 };
    for (size_t at = 0; at < rows->n; at += MOST) {
        struct builder_rows part = *rows;
        part.n = rows->n - at < MOST ? rows->n - at : MOST;
        part.user += at;
        part.item += at;
        part.rating += at;
        if (part.time) part.time += at;
        if (part.fold) part.fold += at;
        if (part.reachable) part.reachable += at;
        struct chunk *c = chunk_new(&part);
        if (!c) return error_memory(e, part.n * sizeof *part.user, "ratings");
        if (!builder_add_chunk(b, c, e)) {
            chunk_free(c);
            return false;
        }
    }
    b->count[COUNT_ROWS] += rows->n;
    return true;
}
