#include "svd_ratings.h"

#include <stdlib.h>
#include <string.h>

// Items by falling count, each to the part with the fewest ratings so far.
static bool deal(const uint32_t *count, uint32_t n, uint8_t *part) {
    uint32_t most = 0;
    for (uint32_t k = 0; k < n; k++)
        if (count[k] > most) most = count[k];
    size_t *place = calloc((size_t)most + 2, sizeof *place);
    uint32_t *order = malloc(n * sizeof *order);
    const bool ok = place && order;
    if (ok) {
        for (uint32_t k = 0; k < n; k++) place[most - count[k] + 1]++;
        for (size_t c = 1; c <= most; c++) place[c] += place[c - 1];
        for (uint32_t k = 0; k < n; k++) order[place[most - count[k]]++] = k;
        size_t load[SVD_PARTS] = {0};
        for (uint32_t k = 0; k < n; k++) {
            uint32_t least = 0;
            for (uint32_t p = 1; p < SVD_PARTS; p++)
                if (load[p] < load[least]) least = p;
            part[order[k]] = (uint8_t)least;
            load[least] += count[order[k]];
        }
    }
    free(order);
    free(place);
    return ok;
}

static void count_items(struct svd_ratings *r, const rk_data *d, bool with_valid) {
    for (uint32_t i = 0; i < d->n_items; i++)
        r->item_count[i] = (uint32_t)(d->by_item.start[i + 1] - d->by_item.start[i]);
    for (size_t e = 0; with_valid && e < d->valid->n; e++) r->item_count[d->valid->items[e]]++;
}

struct pass {
    struct svd_ratings *ratings;
    const uint8_t *part; // [n_items]; borrowed
    const struct standard *standard;
    bool fills; // else it counts the ratings of each part of a user into the next one's start
};

static void put(const struct pass *p, uint32_t user, uint32_t item, float value, int64_t time) {
    size_t *start = p->ratings->start + (size_t)user * SVD_PARTS + p->part[item];
    if (!p->fills) {
        start[1]++;
        return;
    }
    const size_t at = (*start)++;
    p->ratings->rating[at] =
        (struct svd_rating){.item = item, .value = standard_apply(p->standard, value)};
    p->ratings->time[at] = time;
}

static void pass(const struct pass *p, const rk_data *d, bool with_valid) {
    const rk_csr *r = &d->by_user;
    const rk_pairs *v = d->valid;
    for (uint32_t u = 0; u < r->n_rows; u++)
        for (uint64_t e = r->start[u]; e < r->start[u + 1]; e++)
            put(p, u, r->col[e], r->value[e], d->time ? d->time[e] : RK_NO_TIME);
    for (size_t e = 0; with_valid && e < v->n; e++)
        put(p, v->users[e], v->items[e], d->valid_ratings[e], v->time ? v->time[e] : RK_NO_TIME);
}

bool svd_ratings_init(
    struct svd_ratings *r, const rk_data *d, bool with_valid, const struct standard *standard) {
    *r = (struct svd_ratings){.n_users = d->n_users,
        .n_items = d->n_items,
        .n = d->by_user.start[d->n_users] + (with_valid ? d->valid->n : 0)};
    const size_t n_starts = (size_t)d->n_users * SVD_PARTS;
    uint8_t *part = malloc(d->n_items * sizeof *part);
    r->item_count = malloc(d->n_items * sizeof *r->item_count);
    r->start = calloc(n_starts + 1, sizeof *r->start);
    r->rating = malloc(r->n * sizeof *r->rating);
    r->time = malloc(r->n * sizeof *r->time);
    bool ok = part && r->item_count && r->start && r->rating && r->time;
    if (!ok) goto done;
    count_items(r, d, with_valid);
    ok = deal(r->item_count, d->n_items, part);
    if (!ok) goto done;
    struct pass p = {.ratings = r, .part = part, .standard = standard};
    pass(&p, d, with_valid);
    for (size_t k = 0; k < n_starts; k++) r->start[k + 1] += r->start[k];
    p.fills = true;
    pass(&p, d, with_valid);
    memmove(r->start + 1, r->start, n_starts * sizeof *r->start);
    r->start[0] = 0;
done:
    free(part);
    if (!ok) svd_ratings_done(r);
    return ok;
}

uint64_t svd_ratings_bytes(const rk_shape *shape) {
    const struct svd_ratings *r = NULL;
    const uint64_t n_users = shape->n_users, n_items = shape->n_items;
    const uint64_t dealing = (n_users + 2) * sizeof(size_t) + n_items * sizeof(uint32_t);
    return n_items * (sizeof(uint8_t) + sizeof *r->item_count) + dealing +
           (n_users * SVD_PARTS + 1) * sizeof *r->start +
           shape->n_ratings * (sizeof *r->rating + sizeof *r->time);
}

void svd_ratings_done(struct svd_ratings *r) {
    free(r->item_count);
    free(r->start);
    free(r->rating);
    free(r->time);
    *r = (struct svd_ratings){0};
}
