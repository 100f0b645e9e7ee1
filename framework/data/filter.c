// filter: a hashed sample of users, then the k-core of what is left (filter.h).
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "core/random.h"
#include "data/builder_own.h"

struct thinning {
    const struct finish *f;
    bool *keep[2];      // [n_users], [n_items]; owned
    uint32_t *count[2]; // likewise: ratings left
    uint64_t key;
    uint32_t at; // user whose id comes next
    double sample;
};

static void sample_user(void *arg, const char *id, size_t length) {
    struct thinning *t = arg;
    const uint64_t hash = random_mix(t->key, XXH3_64bits(id, length));
    t->keep[SIDE_USER][t->at++] = (double)(hash >> 11) * 0x1p-53 < t->sample;
}

static void count_left(struct thinning *t) {
    const struct finish *f = t->f;
    memset(t->count[SIDE_USER], 0, f->n_users * sizeof(uint32_t));
    memset(t->count[SIDE_ITEM], 0, f->n_items * sizeof(uint32_t));
    for (uint32_t u = 0; u < f->n_users; u++)
        for (uint64_t x = f->user_start[u]; t->keep[SIDE_USER][u] && x < f->user_start[u + 1]; x++)
            if (t->keep[SIDE_ITEM][f->user_col[x]]) {
                t->count[SIDE_USER][u]++;
                t->count[SIDE_ITEM][f->user_col[x]]++;
            }
}

// Drops who has fewer than `least` ratings left; false: nobody had.
static bool drop_below(struct thinning *t, enum builder_side side, uint32_t n, int64_t least) {
    bool dropped = false;
    for (uint32_t k = 0; k < n; k++)
        if (t->keep[side][k] && t->count[side][k] < least) {
            t->keep[side][k] = false;
            dropped = true;
        }
    return dropped;
}

static void thin(struct thinning *t) {
    const struct data_filter *want = &t->f->b->filter;
    bool again = true;
    while (again) {
        count_left(t);
        again = drop_below(t, SIDE_USER, t->f->n_users, want->min_user);
        again |= drop_below(t, SIDE_ITEM, t->f->n_items, want->min_item);
    }
}

// Renumbers and moves the entries that are left together.
static void compact(struct finish *f) {
    const struct ids *users = &f->b->ids[SIDE_USER], *items = &f->b->ids[SIDE_ITEM];
    uint64_t to = 0;
    uint32_t row = 0;
    uint64_t begin = 0;
    for (uint32_t u = 0; u < f->n_users; u++) {
        const uint64_t end = f->user_start[u + 1];
        if (users->moved[u] != IDS_NONE) {
            f->user_start[row++] = to;
            for (uint64_t x = begin; x < end; x++) {
                const uint32_t i = items->moved[f->user_col[x]];
                if (i == IDS_NONE) continue;
                f->user_col[to] = i;
                f->user_value[to] = f->user_value[x];
                if (f->time) f->time[to] = f->time[x];
                if (f->fold) f->fold[to] = f->fold[x];
                if (f->reachable) f->reachable[to] = f->reachable[x];
                to++;
            }
        }
        begin = end;
    }
    f->user_start[row] = to;
    f->n = to;
}

static bool apply(struct thinning *t, struct finish *f, struct error *e) {
    struct builder *b = f->b;
    thin(t);
    if (!ids_keep(&b->ids[SIDE_USER], t->keep[SIDE_USER], e) ||
        !ids_keep(&b->ids[SIDE_ITEM], t->keep[SIDE_ITEM], e))
        return false;
    const uint64_t before = f->n;
    compact(f);
    const uint32_t users = ids_count(&b->ids[SIDE_USER]), items = ids_count(&b->ids[SIDE_ITEM]);
    b->count[COUNT_FILTERED_RATINGS] += before - f->n;
    b->count[COUNT_FILTERED_USERS] += f->n_users - users;
    b->count[COUNT_FILTERED_ITEMS] += f->n_items - items;
    f->n_users = users;
    f->n_items = items;
    return f->n > 0 || error_set(e,
                           "filter: no rating is left of %llu with min_user = %lld, min_item = "
                           "%lld, sample = %g",
                           (unsigned long long)before, (long long)b->filter.min_user,
                           (long long)b->filter.min_item, b->filter.sample);
}

bool finish_filter(struct finish *f, struct error *e) {
    const struct data_filter *want = &f->b->filter;
    if (want->min_user <= 0 && want->min_item <= 0 && want->sample >= 1) return true;
    struct thinning t = {
        .f = f, .key = random_key((uint64_t)want->seed, RANDOM_FILTER, 0), .sample = want->sample};
    const uint32_t n[2] = {f->n_users, f->n_items};
    bool ok = true;
    for (int side = 0; side < 2; side++) {
        t.keep[side] = malloc(n[side] + (size_t)1);
        t.count[side] = malloc((n[side] + (size_t)1) * sizeof *t.count[side]);
        ok &= t.keep[side] && t.count[side];
        if (t.keep[side]) memset(t.keep[side], 1, n[side]);
    }
    if (!ok) error_memory(e, (n[0] + (size_t)n[1]) * 5, "the filter");
    if (ok && want->sample < 1) ids_each(&f->b->ids[SIDE_USER], sample_user, &t);
    ok = ok && apply(&t, f, e);
    for (int side = 0; side < 2; side++) {
        free(t.keep[side]);
        free(t.count[side]);
    }
    return ok;
}
