// Tags as a training fold knows them: vocabulary and counts without those that came later or
// belong to what is held out.
#include <stdlib.h>

#include "split/fold_image.h"

// What decides about a tag that was not set on a held-out pair.
struct knowledge {
    enum split_tags rule;
    bool *held;   // [n_users or n_items], by the rule; has a held-out rating; owned
    int64_t *cut; // [1 or n_users], by the rule; time of the newest training rating; owned
    bool *given;  // [n_users]; has a rating that is not held out; owned
};

static bool is_held_out(uint8_t role) {
    return role == SPLIT_TEST || role == SPLIT_VALID || role == SPLIT_HELD;
}

static void learn(struct knowledge *k, const struct dataset *d, const uint8_t *role) {
    const rk_csr *r = &d->by_user;
    k->cut[0] = RK_NO_TIME;
    for (uint32_t u = 0; u < r->n_rows; u++) {
        const uint32_t own = k->rule == SPLIT_TAGS_USER_TIME ? u : 0;
        if (own) k->cut[own] = RK_NO_TIME;
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++) {
            if (is_held_out(role[x])) k->held[k->rule == SPLIT_TAGS_ITEMS ? r->col[x] : u] = true;
            if (!is_held_out(role[x])) k->given[u] = true;
            if (role[x] == SPLIT_TRAIN && d->time && d->time[x] > k->cut[own])
                k->cut[own] = d->time[x];
        }
    }
}

static void knowledge_done(struct knowledge *k) {
    free(k->held);
    free(k->cut);
    free(k->given);
}

static bool knowledge_init(struct knowledge *k, const struct dataset *d, enum split_tags rule,
    const uint8_t *role, struct error *e) {
    const size_t most = d->n_users > d->n_items ? d->n_users : d->n_items;
    *k = (struct knowledge){.rule = rule};
    k->held = calloc(most + 1, sizeof *k->held);
    k->cut = calloc((size_t)d->n_users + 1, sizeof *k->cut);
    k->given = calloc((size_t)d->n_users + 1, sizeof *k->given);
    if (!k->held || !k->cut || !k->given)
        return error_memory(e, d->n_users * sizeof *k->cut, "the tags of a fold");
    learn(k, d, role);
    return true;
}

// A tag whose time is not known might have been set after any cut.
static bool is_before(int64_t time, int64_t cut) {
    return time != RK_NO_TIME && time <= cut;
}

static bool is_known(
    const struct dataset *d, const struct knowledge *k, const uint8_t *role, size_t row) {
    const uint32_t user = d->tags.user[row], item = d->tags.item[row];
    const bool listed = user != UINT32_MAX;
    const uint64_t x = listed ? dataset_find_entry(d, user, item) : UINT64_MAX;
    if (x != UINT64_MAX && is_held_out(role[x])) return false;
    const bool given = x != UINT64_MAX; // a row that trains, or that a share left out
    switch (k->rule) {
    case SPLIT_TAGS_USERS:
        return given || !listed || !k->held[user];
    case SPLIT_TAGS_ITEMS:
        return given || !k->held[item];
    case SPLIT_TAGS_TIME:
        return is_before(d->tags.time[row], k->cut[0]);
    case SPLIT_TAGS_USER_TIME:
        return !listed || !k->given[user] || is_before(d->tags.time[row], k->cut[user]);
    default:
        return true;
    }
}

static int compare_cells(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// One cell a known row of a kept tag, item in the upper half and tag in the lower, ascending.
// Tags that are not kept have a count of 0 afterwards.
static size_t gather_cells(const struct dataset *d, const struct knowledge *known,
    const uint8_t *role, uint32_t *count, uint64_t *cell) {
    size_t n_known = 0, n = 0;
    for (size_t k = 0; k < d->tags.n; k++)
        if (is_known(d, known, role, k)) {
            count[d->tags.tag[k]]++;
            cell[n_known++] = (uint64_t)d->tags.item[k] << 32 | d->tags.tag[k];
        }
    for (uint32_t tag = 0; tag < d->tags.names.n; tag++)
        if (count[tag] < d->tags.min_count) count[tag] = 0;
    for (size_t k = 0; k < n_known; k++)
        if (count[(uint32_t)cell[k]]) cell[n++] = cell[k];
    qsort(cell, n, sizeof *cell, compare_cells);
    return n;
}

// Turns runs of equal cells into one entry each.
static void fill_matrix(
    struct fold_tags *t, const uint64_t *cell, size_t n, const uint32_t *column) {
    uint32_t n_rows = t->group.values.n_rows, row = 0;
    uint64_t entry = 0;
    for (size_t k = 0; k < n; k++) {
        if (k > 0 && cell[k] == cell[k - 1]) {
            t->value[entry - 1]++;
            continue;
        }
        for (; row < (uint32_t)(cell[k] >> 32); row++) t->start[row + 1] = entry;
        t->col[entry] = column[(uint32_t)cell[k]];
        t->value[entry++] = 1;
    }
    for (; row < n_rows; row++) t->start[row + 1] = entry;
}

bool fold_tags_init(struct fold_tags *t, const struct dataset *data, enum split_tags rule,
    const uint8_t *role, struct error *e) {
    const uint32_t n_names = data->tags.names.n;
    struct knowledge known;
    *t = (struct fold_tags){0};
    if (data->tags.n == 0) return true;
    if (!knowledge_init(&known, data, rule, role, e)) {
        knowledge_done(&known);
        return false;
    }
    bool ok = false;
    uint32_t *column = NULL;
    uint32_t *count = calloc(n_names, sizeof *count);
    uint64_t *cell = malloc(data->tags.n * sizeof *cell);
    if (!count || !cell) goto done;
    const size_t n = gather_cells(data, &known, role, count, cell);

    column = malloc(n_names * sizeof *column);
    t->col_names = malloc(n_names * sizeof *t->col_names);
    t->start = calloc((size_t)data->n_items + 1, sizeof *t->start);
    t->col = malloc((n ? n : 1) * sizeof *t->col);
    t->value = malloc((n ? n : 1) * sizeof *t->value);
    if (!column || !t->col_names || !t->start || !t->col || !t->value) goto done;
    uint32_t n_cols = 0;
    for (uint32_t tag = 0; tag < n_names; tag++)
        if (count[tag]) {
            t->col_names[n_cols] = texts_packed_get(&data->tags.names, tag);
            column[tag] = n_cols++;
        }
    t->group = (rk_features){.name = "tag",
        .kind = RK_FEATURE_COUNT,
        .values = {data->n_items, n_cols, t->start, t->col, t->value},
        .col_names = t->col_names};
    fill_matrix(t, cell, n, column);
    ok = true;
done:
    if (!ok) {
        error_memory(e, data->tags.n * sizeof *cell, "the tags of a fold");
        fold_tags_done(t);
    }
    knowledge_done(&known);
    free(cell);
    free(count);
    free(column);
    return ok;
}

void fold_tags_done(struct fold_tags *t) {
    free(t->start);
    free(t->col);
    free(t->value);
    free(t->col_names);
    *t = (struct fold_tags){0};
}
