#include "support/made.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "core/random.h"

static int compare_rows(const void *a, const void *b) {
    const struct made_row *x = a, *y = b;
    if (x->user != y->user) return x->user < y->user ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

static int compare_rows_by_item(const void *a, const void *b) {
    const struct made_row *x = a, *y = b;
    if (x->item != y->item) return x->item < y->item ? -1 : 1;
    return (x->user > y->user) - (x->user < y->user);
}

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static uint32_t find_id(const uint32_t *ids, uint32_t n, uint32_t id) {
    for (uint32_t k = 0; k < n; k++)
        if (ids[k] == id) return k;
    return UINT32_MAX;
}

static struct texts_packed pack(struct arena *a, const char *const *text, uint32_t n) {
    uint64_t *start = arena_alloc(a, (n + 1) * sizeof *start);
    for (uint32_t k = 0; k < n; k++) start[k + 1] = start[k] + strlen(text[k]) + 1;
    char *bytes = arena_alloc(a, start[n] + 1);
    for (uint32_t k = 0; k < n; k++) strcpy(bytes + start[k], text[k]);
    return (struct texts_packed){n, start, bytes};
}

static struct texts_packed pack_ids(
    struct arena *a, const uint32_t *ids, uint32_t n, const uint64_t **hash) {
    const char **text = arena_alloc(a, (n + 1) * sizeof *text);
    uint64_t *hashes = arena_alloc(a, (n + 1) * sizeof *hashes);
    for (uint32_t k = 0; k < n; k++) {
        text[k] = arena_printf(a, "%u", ids[k]);
        hashes[k] = XXH3_64bits(text[k], strlen(text[k]));
    }
    *hash = hashes;
    return pack(a, text, n);
}

// One matrix of the rows, which are sorted by what its rows are.
static rk_csr matrix(
    struct arena *a, const struct made_spec *s, const struct made_row *row, bool by_item) {
    const uint32_t n_rows = by_item ? s->n_items : s->n_users;
    uint64_t *start = arena_alloc(a, ((size_t)n_rows + 1) * sizeof *start);
    uint32_t *col = arena_alloc(a, (s->n_rows + 1) * sizeof *col);
    float *value = arena_alloc(a, (s->n_rows + 1) * sizeof *value);
    for (size_t k = 0; k < s->n_rows; k++) {
        const uint32_t u = find_id(s->users, s->n_users, row[k].user);
        const uint32_t i = find_id(s->items, s->n_items, row[k].item);
        start[(by_item ? i : u) + 1]++;
        col[k] = by_item ? u : i;
        value[k] = row[k].value;
    }
    for (uint32_t r = 0; r < n_rows; r++) start[r + 1] += start[r];
    return (rk_csr){n_rows, by_item ? s->n_users : s->n_items, start, col, value};
}

static void make_rows(struct made *m, const struct made_spec *s) {
    struct dataset *d = &m->data;
    struct made_row *row = arena_alloc(&m->arena, (s->n_rows + 1) * sizeof *row);
    if (s->n_rows) memcpy(row, s->rows, s->n_rows * sizeof *row);
    qsort(row, s->n_rows, sizeof *row, compare_rows_by_item);
    d->by_item = matrix(&m->arena, s, row, true);
    qsort(row, s->n_rows, sizeof *row, compare_rows);
    d->by_user = matrix(&m->arena, s, row, false);
    int64_t *time = arena_alloc(&m->arena, (s->n_rows + 1) * sizeof *time);
    uint32_t *fold = arena_alloc(&m->arena, (s->n_rows + 1) * sizeof *fold);
    float *reachable = arena_alloc(&m->arena, (s->n_rows + 1) * sizeof *reachable);
    for (size_t k = 0; k < s->n_rows; k++) {
        time[k] = row[k].time;
        fold[k] = row[k].fold;
        reachable[k] = row[k].value + 0.125f;
    }
    d->n_ratings = s->n_rows;
    d->time = s->times ? time : NULL;
    d->fold = s->folds ? fold : NULL;
    d->reachable = s->reachable ? reachable : NULL;
}

static void make_tags(struct made *m, const struct made_spec *s) {
    const char **name = arena_alloc(&m->arena, (s->n_tags + 1) * sizeof *name);
    uint32_t *user = arena_alloc(&m->arena, (s->n_tags + 1) * sizeof *user);
    uint32_t *item = arena_alloc(&m->arena, (s->n_tags + 1) * sizeof *item);
    uint32_t *tag = arena_alloc(&m->arena, (s->n_tags + 1) * sizeof *tag);
    int64_t *time = arena_alloc(&m->arena, (s->n_tags + 1) * sizeof *time);
    for (size_t k = 0; k < s->n_tags; k++) name[k] = s->tags[k].tag;
    qsort(name, s->n_tags, sizeof *name, compare_texts);
    uint32_t n = 0;
    for (size_t k = 0; k < s->n_tags; k++)
        if (n == 0 || strcmp(name[n - 1], name[k]) != 0) name[n++] = name[k];
    for (size_t k = 0; k < s->n_tags; k++) {
        user[k] = find_id(s->users, s->n_users, s->tags[k].user);
        item[k] = find_id(s->items, s->n_items, s->tags[k].item);
        time[k] = s->tags[k].time ? s->tags[k].time : RK_NO_TIME;
        while (strcmp(name[tag[k]], s->tags[k].tag) != 0) tag[k]++;
    }
    m->data.tags = (struct dataset_tags){.n = s->n_tags,
        .user = user,
        .item = item,
        .tag = tag,
        .time = time,
        .names = pack(&m->arena, name, n),
        .min_count = s->min_count};
}

// Row k has a 1 in the column ids[k] % n_cols; a row of ids[k] % 7 == 0 is empty.
static rk_features *make_feature(struct arena *a, const char *name, rk_feature_kind kind,
    const char *const *cols, uint32_t n_cols, const uint32_t *ids, uint32_t n) {
    uint64_t *start = arena_alloc(a, ((size_t)n + 1) * sizeof *start);
    uint32_t *col = arena_alloc(a, ((size_t)n + 1) * sizeof *col);
    float *value = arena_alloc(a, ((size_t)n + 1) * sizeof *value);
    for (uint32_t k = 0; k < n; k++) {
        start[k + 1] = start[k];
        if (ids[k] % 7 == 0) continue;
        col[start[k]] = ids[k] % n_cols;
        value[start[k + 1]++] = 1;
    }
    rk_features *f = arena_alloc(a, sizeof *f);
    *f = (rk_features){name, kind, {n, n_cols, start, col, value}, cols};
    return f;
}

void made_init(struct made *m, const struct made_spec *s) {
    static const char *const gender[] = {"F", "M"};
    static const char *const genre[] = {"Action", "Comedy", "Drama"};
    *m = (struct made){0};
    struct dataset *d = &m->data;
    struct arena *a = &m->arena;
    *d = (struct dataset){.name = "made",
        .hash = "00000000000000000000000000000000",
        .n_users = s->n_users,
        .n_items = s->n_items,
        .rating_min = 0.5f,
        .rating_max = 5.0f};
    d->users = pack_ids(a, s->users, s->n_users, &d->user_hash);
    d->items = pack_ids(a, s->items, s->n_items, &d->item_hash);
    d->count = arena_alloc(a, COUNT_N * sizeof *d->count);
    make_rows(m, s);
    make_tags(m, s);
    if (!s->features) return;
    d->n_user_features = d->n_item_features = 1;
    d->user_features =
        make_feature(a, "gender", RK_FEATURE_ONE_HOT, gender, 2, s->users, s->n_users);
    d->item_features = make_feature(a, "genre", RK_FEATURE_BINARY, genre, 3, s->items, s->n_items);
}

void made_done(struct made *m) {
    arena_done(&m->arena);
    *m = (struct made){0};
}

struct made_spec made_random(
    struct arena *arena, uint64_t seed, uint32_t n_users, uint32_t n_items, size_t n_rows) {
    static const char *const names[] = {"noir", "boring", "classic", "slow", "funny", "1980s"};
    uint32_t *users = arena_alloc(arena, n_users * sizeof *users);
    uint32_t *items = arena_alloc(arena, n_items * sizeof *items);
    struct made_row *rows = arena_alloc(arena, n_rows * sizeof *rows);
    struct made_tag *tags = arena_alloc(arena, n_rows * sizeof *tags);
    bool *taken = arena_alloc(arena, (size_t)n_users * n_items);
    for (uint32_t u = 0; u < n_users; u++) users[u] = 3 * u + 1;
    for (uint32_t i = 0; i < n_items; i++) items[i] = 2 * i + 5;
    size_t n = 0, n_tags = 0;
    for (uint64_t k = 0; n < n_rows; k++) {
        uint64_t bits[5];
        random_bits(seed, k, bits, 5);
        const uint32_t u = random_below(bits[0], random_below(bits[1], n_users) + 1);
        const uint32_t i = random_below(bits[2], random_below(bits[4], n_items) + 1);
        if (taken[(size_t)u * n_items + i]) continue;
        taken[(size_t)u * n_items + i] = true;
        rows[n++] = (struct made_row){users[u], items[i], (float)(1 + bits[3] % 10) / 2,
            (int64_t)(1000000000 + bits[3] % 10000000), 0};
        if (bits[3] % 3 == 0)
            tags[n_tags++] =
                (struct made_tag){bits[3] % 5 ? users[u] : 0, items[i], names[bits[1] % 6], 0};
    }
    return (struct made_spec){.users = users,
        .items = items,
        .n_users = n_users,
        .n_items = n_items,
        .rows = rows,
        .n_rows = n,
        .tags = tags,
        .n_tags = n_tags,
        .min_count = 2,
        .times = true,
        .features = true};
}
