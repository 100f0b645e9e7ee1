#include "svd_blocks.h"

#include <stdlib.h>
#include <string.h>

enum {
    RATINGS_A_BLOCK = 512, // enough to be worth handing to a thread
    STREAM_BLOCK = 1
};

struct cut {
    uint32_t *user_group; // [n_users]; owned
    uint32_t *item_group; // [n_items]; owned
    uint32_t n_groups;
};

// As many groups as leave a block enough ratings; a power of two.
static uint32_t choose_groups(size_t n, uint32_t n_users, uint32_t n_items) {
    const uint32_t smaller = n_users < n_items ? n_users : n_items;
    uint32_t groups = 1;
    while (groups < SVD_MAX_GROUPS && 2 * groups <= smaller &&
           (size_t)4 * groups * groups * RATINGS_A_BLOCK <= n)
        groups *= 2;
    return groups;
}

// Rows by falling count, each to the group with the fewest ratings so far.
static bool deal(const uint32_t *count, uint32_t n, uint32_t n_groups, uint32_t *group) {
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
        size_t load[SVD_MAX_GROUPS] = {0};
        for (uint32_t k = 0; k < n; k++) {
            uint32_t least = 0;
            for (uint32_t g = 1; g < n_groups; g++)
                if (load[g] < load[least]) least = g;
            group[order[k]] = least;
            load[least] += count[order[k]];
        }
    }
    free(order);
    free(place);
    return ok;
}

static bool count_ratings(struct svd_blocks *b, const rk_data *d, bool with_valid) {
    b->user_count = calloc(d->n_users, sizeof *b->user_count);
    b->item_count = calloc(d->n_items, sizeof *b->item_count);
    if (!b->user_count || !b->item_count) return false;
    for (uint32_t u = 0; u < d->n_users; u++)
        b->user_count[u] = (uint32_t)(d->by_user.start[u + 1] - d->by_user.start[u]);
    for (uint32_t i = 0; i < d->n_items; i++)
        b->item_count[i] = (uint32_t)(d->by_item.start[i + 1] - d->by_item.start[i]);
    for (size_t k = 0; with_valid && k < d->valid->n; k++) {
        b->user_count[d->valid->users[k]]++;
        b->item_count[d->valid->items[k]]++;
    }
    return true;
}

static bool cut_init(
    struct cut *c, const struct svd_blocks *b, uint32_t n_users, uint32_t n_items) {
    c->n_groups = b->n_groups;
    c->user_group = calloc(n_users, sizeof *c->user_group);
    c->item_group = calloc(n_items, sizeof *c->item_group);
    return c->user_group && c->item_group &&
           deal(b->user_count, n_users, c->n_groups, c->user_group) &&
           deal(b->item_count, n_items, c->n_groups, c->item_group);
}

static void cut_done(struct cut *c) {
    free(c->user_group);
    free(c->item_group);
}

static size_t block_of(const struct cut *c, uint32_t u, uint32_t i) {
    return (size_t)c->user_group[u] * c->n_groups + c->item_group[i];
}

static float standard(float value, double center, double unit) {
    return unit > 0 ? (float)((value - center) / unit) : 0;
}

// Calls with `rating` NULL count the ratings of block k into start[k + 1]; with `rating`, they put
// each in its place and leave start[k] at the end of block k.
static void pass(struct svd_blocks *b, const struct cut *c, const rk_data *d, bool with_valid,
    double center, double unit, struct svd_rating *rating) {
    const rk_csr *r = &d->by_user;
    for (uint32_t u = 0; u < r->n_rows; u++)
        for (uint64_t e = r->start[u]; e < r->start[u + 1]; e++) {
            const size_t k = block_of(c, u, r->col[e]);
            const float v = standard(r->value[e], center, unit);
            if (rating)
                rating[b->start[k]++] = (struct svd_rating){u, r->col[e], v};
            else
                b->start[k + 1]++;
        }
    for (size_t e = 0; with_valid && e < d->valid->n; e++) {
        const uint32_t u = d->valid->users[e], i = d->valid->items[e];
        const size_t k = block_of(c, u, i);
        const float v = standard(d->valid_ratings[e], center, unit);
        if (rating)
            rating[b->start[k]++] = (struct svd_rating){u, i, v};
        else
            b->start[k + 1]++;
    }
}

struct shuffling {
    const struct svd_blocks *blocks;
    const rk_host *host;
};

static bool shuffle_block(const struct shuffling *s, size_t k) {
    const size_t n = s->blocks->start[k + 1] - s->blocks->start[k];
    struct svd_rating *rating = s->blocks->rating + s->blocks->start[k];
    if (n < 2) return true;
    uint32_t *at = malloc(n * sizeof *at);
    struct svd_rating *from = malloc(n * sizeof *from);
    const bool ok = at && from;
    if (ok) {
        for (size_t e = 0; e < n; e++) at[e] = (uint32_t)e;
        memcpy(from, rating, n * sizeof *from);
        s->host->shuffle(s->host, ((uint64_t)STREAM_BLOCK << 56) + k, at, n);
        for (size_t e = 0; e < n; e++) rating[e] = from[at[e]];
    }
    free(from);
    free(at);
    return ok;
}

static rk_status shuffle_blocks(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    for (size_t k = begin; k < end; k++)
        if (!shuffle_block(arg, k)) return RK_E_MEMORY;
    return RK_OK;
}

rk_status svd_blocks_init(struct svd_blocks *b, const rk_host *host, const rk_data *d,
    bool with_valid, double center, double unit) {
    struct cut c = {0};
    rk_status status = RK_E_MEMORY;
    *b = (struct svd_blocks){.n = d->by_user.start[d->n_users] + (with_valid ? d->valid->n : 0)};
    b->n_groups = choose_groups(b->n, d->n_users, d->n_items);
    if (!count_ratings(b, d, with_valid) || !cut_init(&c, b, d->n_users, d->n_items)) goto done;
    const size_t n_blocks = (size_t)b->n_groups * b->n_groups;
    b->start = calloc(n_blocks + 1, sizeof *b->start);
    b->rating = malloc(b->n * sizeof *b->rating);
    if (!b->start || !b->rating) goto done;
    pass(b, &c, d, with_valid, center, unit, NULL);
    for (size_t k = 0; k < n_blocks; k++) b->start[k + 1] += b->start[k];
    pass(b, &c, d, with_valid, center, unit, b->rating);
    memmove(b->start + 1, b->start, n_blocks * sizeof *b->start);
    b->start[0] = 0;
    struct shuffling s = {.blocks = b, .host = host};
    status = host->parallel_for(host, n_blocks, b->n_groups, shuffle_blocks, &s);
done:
    cut_done(&c);
    if (status != RK_OK) svd_blocks_done(b);
    return status;
}

void svd_blocks_done(struct svd_blocks *b) {
    free(b->user_count);
    free(b->item_count);
    free(b->start);
    free(b->rating);
    *b = (struct svd_blocks){0};
}
