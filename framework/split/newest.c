// Selects by the time of the oldest rating that is still among the newest; only those of that very
// time are sorted.
#include "split/newest.h"

#include <stdlib.h>

#include "core/random.h"

struct tie {
    uint64_t hash;
    uint32_t entry;
};

// The entries with the role, by groups, and room for the largest group's times and for ties.
struct groups {
    uint32_t n;
    uint64_t *start; // [n + 1]; owned
    uint32_t *entry; // [start[n]]; owned
    int64_t *time;   // [largest]; owned
    struct tie *tie; // [tie_room]; owned
    uint64_t tie_room;
};

static uint32_t n_groups(const struct newest *t) {
    if (t->by == SPLIT_BY_USER) return t->data->n_users;
    return t->by == SPLIT_BY_ITEM ? t->data->n_items : 1;
}

static uint32_t group_of(const struct newest *t, uint32_t user, uint64_t x) {
    if (t->by == SPLIT_BY_USER) return user;
    return t->by == SPLIT_BY_ITEM ? t->data->by_user.col[x] : 0;
}

static void groups_done(struct groups *g) {
    free(g->start);
    free(g->entry);
    free(g->time);
    free(g->tie);
}

static void count_groups(const struct newest *t, const uint8_t *role, struct groups *g) {
    const rk_csr *r = &t->data->by_user;
    for (uint32_t u = 0; u < r->n_rows; u++)
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++)
            if (role[x] == t->from) g->start[group_of(t, u, x) + 1]++;
}

// Leaves start[k] as it was: the entries of group k are written from start[k] on, and the starts,
// moved on by that, are moved back.
static void fill_groups(const struct newest *t, const uint8_t *role, struct groups *g) {
    const rk_csr *r = &t->data->by_user;
    for (uint32_t u = 0; u < r->n_rows; u++)
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++)
            if (role[x] == t->from) g->entry[g->start[group_of(t, u, x)]++] = (uint32_t)x;
    for (uint32_t k = g->n; k > 0; k--) g->start[k] = g->start[k - 1];
    g->start[0] = 0;
}

static bool groups_init(
    struct groups *g, const struct newest *t, const uint8_t *role, struct error *e) {
    *g = (struct groups){.n = n_groups(t)};
    if (t->data->n_ratings >= UINT32_MAX)
        return error_set(e, "%llu ratings cannot be split; at most %u can",
            (unsigned long long)t->data->n_ratings, UINT32_MAX - 1);
    g->start = calloc((size_t)g->n + 1, sizeof *g->start);
    if (!g->start) return error_memory(e, ((size_t)g->n + 1) * sizeof *g->start, "a split");
    count_groups(t, role, g);
    uint64_t largest = 1;
    for (uint32_t k = 0; k < g->n; k++) {
        if (g->start[k + 1] > largest) largest = g->start[k + 1];
        g->start[k + 1] += g->start[k];
    }
    g->entry = malloc((g->start[g->n] + 1) * sizeof *g->entry);
    g->time = malloc(largest * sizeof *g->time);
    if (!g->entry || !g->time) return error_memory(e, largest * sizeof *g->time, "a split");
    fill_groups(t, role, g);
    return true;
}

static void swap(int64_t *a, int64_t *b) {
    const int64_t held = *a;
    *a = *b;
    *b = held;
}

// The k-th smallest, from 0; reorders. Hoare's selection, by three parts and hashed pivots.
static int64_t select_nth(int64_t *at, uint64_t n, uint64_t k) {
    uint64_t low = 0, high = n; // it is in at[low .. high - 1]
    while (high - low > 1) {
        const int64_t pivot = at[low + random_mix(low, high) % (high - low)];
        uint64_t less = low, x = low, more = high;
        while (x < more) {
            if (at[x] < pivot)
                swap(&at[less++], &at[x++]);
            else if (at[x] > pivot)
                swap(&at[x], &at[--more]);
            else
                x++;
        }
        if (k < less)
            high = less;
        else if (k >= more)
            low = more;
        else
            return pivot;
    }
    return at[low];
}

static int compare_ties(const void *a, const void *b) {
    const struct tie *x = a, *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    return (x->entry > y->entry) - (x->entry < y->entry);
}

static uint32_t user_of(const rk_csr *r, uint64_t x) {
    uint32_t low = 0, high = r->n_rows; // the last row that starts at x or before
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (r->start[middle] <= x)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static uint64_t hash_of(const struct newest *t, uint64_t x) {
    const struct dataset *d = t->data;
    const uint64_t user = random_mix(t->key, d->user_hash[user_of(&d->by_user, x)]);
    return random_mix(user, d->item_hash[d->by_user.col[x]]);
}

static int64_t time_of(const struct newest *t, uint32_t x) {
    return t->data->time ? t->data->time[x] : 0;
}

// The entries of that very time, in the order of their hashes.
static bool sort_ties(const struct newest *t, struct groups *g, const uint32_t *entry, uint64_t n,
    int64_t time, uint64_t *n_ties, struct error *e) {
    *n_ties = 0;
    for (uint64_t k = 0; k < n; k++) *n_ties += time_of(t, entry[k]) == time;
    if (*n_ties > g->tie_room) {
        free(g->tie);
        g->tie = malloc(*n_ties * sizeof *g->tie);
        g->tie_room = g->tie ? *n_ties : 0;
        if (!g->tie) return error_memory(e, *n_ties * sizeof *g->tie, "a split");
    }
    uint64_t at = 0;
    for (uint64_t k = 0; k < n; k++)
        if (time_of(t, entry[k]) == time)
            g->tie[at++] = (struct tie){hash_of(t, entry[k]), entry[k]};
    qsort(g->tie, at, sizeof *g->tie, compare_ties);
    return true;
}

// 0 < n_newest <= n.
static bool take_of_group(const struct newest *t, struct groups *g, const uint32_t *entry,
    uint64_t n, uint64_t n_newest, uint8_t *role, struct error *e) {
    for (uint64_t k = 0; k < n; k++) g->time[k] = time_of(t, entry[k]);
    const int64_t oldest = select_nth(g->time, n, n - n_newest);
    uint64_t n_ties = 0, left = n_newest;
    if (!sort_ties(t, g, entry, n, oldest, &n_ties, e)) return false;
    for (uint64_t k = 0; k < n; k++) {
        if (time_of(t, entry[k]) <= oldest) continue;
        role[entry[k]] = t->to;
        left--;
    }
    for (uint64_t k = n_ties - left; k < n_ties; k++) role[g->tie[k].entry] = t->to;
    return true;
}

bool newest_take(const struct newest *t, uint8_t *role, struct error *e) {
    struct groups g;
    bool ok = groups_init(&g, t, role, e);
    for (uint32_t k = 0; ok && k < g.n; k++) {
        const uint64_t n = g.start[k + 1] - g.start[k];
        const uint64_t n_newest = n ? t->count(t->arg, k, n) : 0;
        if (n_newest > 0)
            ok =
                take_of_group(t, &g, g.entry + g.start[k], n, n_newest < n ? n_newest : n, role, e);
    }
    groups_done(&g);
    return ok;
}
