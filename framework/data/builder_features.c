// builder_features: feature groups and tags, by dense numbers, in the image.
#include <stdlib.h>
#include <string.h>

#include "data/builder_own.h"
#include "data/dataset_image.h"

// Where the next group's parts go in the sections that all groups share.
struct writing {
    struct data_feature *feature;
    uint64_t *start;
    uint32_t *col;
    float *value;
    char *text;
    uint64_t n_start, n_entry, n_text;
};

// One value with its row, for sorting.
struct cell {
    uint32_t row, col;
    float value;
    uint32_t order; // in which they were set
};

static int compare_cells(const void *a, const void *b) {
    const struct cell *x = a, *y = b;
    if (x->row != y->row) return x->row < y->row ? -1 : 1;
    if (x->col != y->col) return x->col < y->col ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static int compare_set(const void *a, const void *b) {
    const struct cell *x = a, *y = b;
    if (x->row != y->row) return x->row < y->row ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

// ONE_HOT: the last set in each row stays. Gives how many are left.
static size_t keep_last(struct cell *cell, size_t n) {
    qsort(cell, n, sizeof *cell, compare_set);
    size_t kept = 0;
    for (size_t k = 0; k < n; k++)
        if (k + 1 == n || cell[k + 1].row != cell[k].row) cell[kept++] = cell[k];
    return kept;
}

// Sorted by row and column, each of them once.
static size_t settle(struct cell *cell, size_t n, rk_feature_kind kind) {
    if (kind == RK_FEATURE_ONE_HOT) n = keep_last(cell, n);
    qsort(cell, n, sizeof *cell, compare_cells);
    size_t kept = 0;
    for (size_t k = 0; k < n; k++) {
        if (kept && cell[kept - 1].row == cell[k].row && cell[kept - 1].col == cell[k].col)
            cell[kept - 1].value =
                cell[k].value + (kind == RK_FEATURE_COUNT ? cell[kept - 1].value : 0);
        else
            cell[kept++] = cell[k];
    }
    return kept;
}

static void write_names(struct writing *w, const struct group *g, const uint32_t *order) {
    w->feature->text = w->n_text;
    strcpy(w->text + w->n_text, g->name);
    w->n_text += strlen(g->name) + 1;
    for (uint32_t k = 0; k < g->columns.n; k++) {
        const size_t size = words_length(&g->columns, order[k]) + 1;
        memcpy(w->text + w->n_text, words_get(&g->columns, order[k]), size);
        w->n_text += size;
    }
}

static bool write_group(struct writing *w, const struct finish *f, const struct group *g,
    uint32_t n_rows, struct error *e) {
    uint32_t *order = words_sort(&g->columns, e);
    if (!order) return false;
    uint32_t *rank = malloc((g->columns.n + (size_t)1) * sizeof *rank);
    struct cell *cell = malloc((g->n + 1) * sizeof *cell);
    const bool ok = rank && cell;
    if (!ok) error_memory(e, g->n * sizeof *cell, "features");
    size_t n = 0;
    for (uint32_t k = 0; ok && k < g->columns.n; k++) rank[order[k]] = k;
    for (size_t k = 0; ok && k < g->n; k++) {
        const uint32_t row = ids_number(&f->b->ids[g->side], g->values[k].key);
        if (row == IDS_NONE) continue;
        cell[n] = (struct cell){row, rank[g->values[k].column], g->values[k].value, (uint32_t)k};
        n++;
    }
    if (ok) {
        n = settle(cell, n, g->kind);
        *w->feature = (struct data_feature){
            .start = w->n_start, .entry = w->n_entry, .n_cols = g->columns.n, .kind = g->kind};
        write_names(w, g, order);
        w->feature++;
        uint64_t *start = w->start + w->n_start;
        for (size_t k = 0; k < n; k++) {
            start[cell[k].row + 1]++;
            w->col[w->n_entry + k] = cell[k].col;
            w->value[w->n_entry + k] = cell[k].value;
        }
        for (uint32_t r = 0; r < n_rows; r++) start[r + 1] += start[r];
        w->n_start += (uint64_t)n_rows + 1;
        w->n_entry += n;
    }
    free(order);
    free(rank);
    free(cell);
    return ok;
}

static bool add_sections(struct writing *w, struct finish *f, struct error *e) {
    uint64_t n_start = 0, n_entry = 0, n_text = 0;
    for (uint32_t k = 0; k < f->b->n_groups; k++) {
        const struct group *g = &f->b->groups[k];
        n_start += (uint64_t)(g->side == SIDE_USER ? f->n_users : f->n_items) + 1;
        n_entry += g->n;
        n_text += strlen(g->name) + 1 + (g->columns.n ? g->columns.start[g->columns.n] : 0);
    }
    w->feature = image_add(&f->im, "feature", f->b->n_groups * sizeof *w->feature, e);
    if (!w->feature) return false;
    w->start = image_add(&f->im, "feature_start", n_start * sizeof *w->start, e);
    if (!w->start) return false;
    w->col = image_add(&f->im, "feature_col", n_entry * sizeof *w->col, e);
    if (!w->col) return false;
    w->value = image_add(&f->im, "feature_value", n_entry * sizeof *w->value, e);
    if (!w->value) return false;
    w->text = image_add(&f->im, "feature_text", n_text, e);
    return w->text;
}

bool finish_features(struct finish *f, struct error *e) {
    if (f->b->n_groups == 0) return true;
    struct writing w = {0};
    if (!add_sections(&w, f, e)) return false;
    for (int side = SIDE_USER; side <= SIDE_ITEM; side++)
        for (uint32_t k = 0; k < f->b->n_groups; k++) {
            const struct group *g = &f->b->groups[k];
            const uint32_t n_rows = side == SIDE_USER ? f->n_users : f->n_items;
            if (g->side == (enum builder_side)side && !write_group(&w, f, g, n_rows, e))
                return false;
        }
    return true;
}

// ---- Tags --------------------------------------------------------------------------------------

// `name` and the texts' order stand for each other: names are ranked before sorting.
static int compare_tags(const void *a, const void *b) {
    const struct tag *x = a, *y = b;
    if (x->user != y->user) return x->user < y->user ? -1 : 1;
    if (x->item != y->item) return x->item < y->item ? -1 : 1;
    if (x->name != y->name) return x->name < y->name ? -1 : 1;
    return (x->time > y->time) - (x->time < y->time);
}

// An unknown time counts as later than any other: the first known one is kept.
static size_t first_of_each(struct tag *tag, size_t n) {
    size_t kept = 0;
    for (size_t k = 0; k < n; k++) {
        struct tag *last = kept ? &tag[kept - 1] : NULL;
        if (last && last->user == tag[k].user && last->item == tag[k].item &&
            last->name == tag[k].name) {
            if (last->time == RK_NO_TIME) last->time = tag[k].time;
        } else {
            tag[kept++] = tag[k];
        }
    }
    return kept;
}

static int compare_bytes(const void *a, const void *b, void *arg) {
    const struct words *w = arg;
    return strcmp(words_get(w, *(const uint32_t *)a), words_get(w, *(const uint32_t *)b));
}

// To dense numbers, dropping tags of items that a filter has dropped; a dropped user is unknown.
static size_t renumber(struct finish *f, bool *used) {
    struct builder *b = f->b;
    size_t n = 0;
    for (size_t k = 0; k < b->n_tags; k++) {
        struct tag t = b->tags[k];
        t.item = ids_number(&b->ids[SIDE_ITEM], t.item);
        if (t.item == IDS_NONE) continue;
        if (t.user != BUILDER_NO_KEY) t.user = ids_number(&b->ids[SIDE_USER], t.user);
        used[t.name] = true;
        b->tags[n++] = t;
    }
    return n;
}

static bool write_tag_names(
    struct finish *f, const uint32_t *order, const bool *used, struct error *e) {
    const struct words *names = &f->b->tag_names;
    uint64_t n = 0, size = 0;
    for (uint32_t k = 0; k < names->n; k++)
        if (used[k]) n++, size += words_length(names, k) + 1;
    uint64_t *start = image_add(&f->im, "tags", (n + 1) * sizeof *start, e);
    if (!start) return false;
    char *text = image_add(&f->im, "tags.text", size, e);
    if (!text) return false;
    for (uint32_t k = 0; k < names->n; k++) {
        if (!used[order[k]]) continue;
        const size_t bytes = words_length(names, order[k]) + 1;
        memcpy(text + *start, words_get(names, order[k]), bytes);
        start[1] = start[0] + bytes;
        start++;
    }
    return true;
}

static bool write_tags(struct finish *f, size_t n, struct error *e) {
    uint32_t *user = image_add(&f->im, "tag_user", n * sizeof *user, e);
    if (!user) return false;
    uint32_t *item = image_add(&f->im, "tag_item", n * sizeof *item, e);
    if (!item) return false;
    uint32_t *name = image_add(&f->im, "tag_name", n * sizeof *name, e);
    if (!name) return false;
    int64_t *time = image_add(&f->im, "tag_time", n * sizeof *time, e);
    if (!time) return false;
    for (size_t k = 0; k < n; k++) {
        user[k] = f->b->tags[k].user;
        item[k] = f->b->tags[k].item;
        name[k] = f->b->tags[k].name;
        time[k] = f->b->tags[k].time;
    }
    return true;
}

bool finish_tags(struct finish *f, struct error *e) {
    struct builder *b = f->b;
    if (b->n_tags == 0) return true;
    const uint32_t n_names = b->tag_names.n;
    bool *used = calloc(n_names, sizeof *used);
    uint32_t *order = malloc(n_names * sizeof *order), *rank = malloc(n_names * sizeof *rank);
    bool ok = used && order && rank;
    if (!ok) error_memory(e, n_names * sizeof *order, "tags");
    if (ok) {
        const size_t n = renumber(f, used);
        for (uint32_t k = 0; k < n_names; k++) order[k] = k;
        qsort_r(order, n_names, sizeof *order, compare_bytes, &b->tag_names);
        uint32_t at = 0;
        for (uint32_t k = 0; k < n_names; k++)
            if (used[order[k]]) rank[order[k]] = at++;
        for (size_t k = 0; k < n; k++) b->tags[k].name = rank[b->tags[k].name];
        qsort(b->tags, n, sizeof *b->tags, compare_tags);
        const size_t kept = first_of_each(b->tags, n);
        ok = kept == 0 || (write_tag_names(f, order, used, e) && write_tags(f, kept, e));
    }
    free(used);
    free(order);
    free(rank);
    return ok;
}
