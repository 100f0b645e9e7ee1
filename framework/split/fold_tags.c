// Tags as a training fold knows them: vocabulary and counts without those set on held-out pairs.
#include <stdlib.h>

#include "split/fold_image.h"

static bool is_known(const struct dataset *d, const uint8_t *role, size_t row) {
    if (d->tags.user[row] == UINT32_MAX) return true;
    const uint64_t x = dataset_find_entry(d, d->tags.user[row], d->tags.item[row]);
    return x == UINT64_MAX || (role[x] != SPLIT_TEST && role[x] != SPLIT_VALID);
}

static int compare_cells(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// One cell a known row of a kept tag, item in the upper half and tag in the lower, ascending.
// Tags that are not kept have a count of 0 afterwards.
static size_t gather_cells(
    const struct dataset *d, const uint8_t *role, uint32_t *count, uint64_t *cell) {
    size_t n_known = 0, n = 0;
    for (size_t k = 0; k < d->tags.n; k++)
        if (is_known(d, role, k)) {
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

bool fold_tags_init(
    struct fold_tags *t, const struct dataset *data, const uint8_t *role, struct error *e) {
    const uint32_t n_names = data->tags.names.n;
    *t = (struct fold_tags){0};
    if (data->tags.n == 0) return true;
    bool ok = false;
    uint32_t *column = NULL;
    uint32_t *count = calloc(n_names, sizeof *count);
    uint64_t *cell = malloc(data->tags.n * sizeof *cell);
    if (!count || !cell) goto done;
    const size_t n = gather_cells(data, role, count, cell);

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
