#include "common/side.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { YEARS_A_BIN = 5, MOST_BINS = 10 };

// One wanted group on its way into the matrix.
struct source {
    const rk_features *features; // borrowed
    uint32_t *column;            // [values.n_cols, or bins]; owned: UINT32_MAX where no row has it
    uint32_t n;                  // of those
    float *edge;                 // [n - 1]; owned: first value of each bin but the lowest; or NULL
    float origin;                // of the bins of years
};

static bool is_year(const rk_features *f) {
    return f->kind == RK_FEATURE_REAL && strcmp(f->name, "year") == 0;
}

static int compare_floats(const void *a, const void *b) {
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

// Edges between bins of about equal numbers of rows; equal values stay together.
static bool cut_by_rank(struct source *s, const rk_csr *v) {
    const uint64_t n = v->start[v->n_rows];
    float *sorted = malloc((n ? n : 1) * sizeof *sorted);
    s->edge = malloc(MOST_BINS * sizeof *s->edge);
    s->n = 1;
    const bool ok = sorted && s->edge;
    if (ok && n > 0) {
        memcpy(sorted, v->value, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, compare_floats);
        float last = sorted[0];
        for (uint64_t b = 1; b < MOST_BINS; b++) {
            const float edge = sorted[n * b / MOST_BINS];
            if (edge > last) s->edge[s->n++ - 1] = last = edge;
        }
    }
    free(sorted);
    return ok;
}

static void cut_by_years(struct source *s, const rk_csr *v) {
    const uint64_t n = v->start[v->n_rows];
    float least = INFINITY, most = -INFINITY;
    for (uint64_t e = 0; e < n; e++) {
        least = fminf(least, v->value[e]);
        most = fmaxf(most, v->value[e]);
    }
    s->origin = floorf(least / YEARS_A_BIN);
    const double bins = n ? floorf(most / YEARS_A_BIN) - s->origin + 1 : 1;
    s->n = bins < 1000 ? (uint32_t)bins : 1000;
}

// The feature of entry e, before columns that no row has are left out.
static uint32_t feature_at(const struct source *s, uint64_t e) {
    const rk_features *f = s->features;
    if (f->kind != RK_FEATURE_REAL) return f->values.col[e];
    const float x = f->values.value[e];
    if (s->edge) {
        uint32_t bin = 0;
        while (bin + 1 < s->n && x >= s->edge[bin]) bin++;
        return bin;
    }
    const float bin = floorf(x / YEARS_A_BIN) - s->origin;
    return bin < (float)s->n ? (uint32_t)bin : s->n - 1;
}

// Cuts real values into bins, and numbers the columns that some row has from `first` on.
static bool source_init(struct source *s, const rk_features *f, uint32_t first, uint32_t *n_used) {
    const rk_csr *v = &f->values;
    *s = (struct source){.features = f, .n = v->n_cols};
    if (is_year(f))
        cut_by_years(s, v);
    else if (f->kind == RK_FEATURE_REAL && !cut_by_rank(s, v))
        return false;
    s->column = malloc((s->n ? s->n : 1) * sizeof *s->column);
    if (!s->column) return false;
    memset(s->column, 0, s->n * sizeof *s->column);
    for (uint64_t e = 0; e < v->start[v->n_rows]; e++) s->column[feature_at(s, e)] = 1;
    *n_used = 0;
    for (uint32_t k = 0; k < s->n; k++)
        s->column[k] = s->column[k] ? first + (*n_used)++ : UINT32_MAX;
    return true;
}

static float value_of(const rk_features *f, uint64_t e) {
    if (f->kind != RK_FEATURE_COUNT) return 1;
    return f->values.value[e] >= 1 ? 1 + logf(f->values.value[e]) : f->values.value[e];
}

static const rk_features *find(const rk_data *d, enum side_of of, const char *name) {
    const rk_features *first = of == SIDE_USERS ? d->user_features : d->item_features;
    const uint32_t n = of == SIDE_USERS ? d->n_user_features : d->n_item_features;
    for (uint32_t k = 0; k < n; k++) {
        const rk_features *f = RK_NTH(first, d->features_stride, k);
        if (strcmp(f->name, name) == 0) return f;
    }
    return NULL;
}

// The groups that are wanted and there; returns how many.
static uint32_t choose(
    const rk_data *d, enum side_of of, const char *const *names, struct source *sources) {
    const rk_features *first = of == SIDE_USERS ? d->user_features : d->item_features;
    const uint32_t n_there = of == SIDE_USERS ? d->n_user_features : d->n_item_features;
    uint32_t n = 0;
    if (!names)
        for (; n < n_there; n++) sources[n].features = RK_NTH(first, d->features_stride, n);
    for (; names && *names && n < n_there; names++) {
        const rk_features *f = find(d, of, *names);
        if (f) sources[n++].features = f;
    }
    return n;
}

static void fill(struct side *s, const struct source *source) {
    uint64_t *start = (uint64_t *)(uintptr_t)s->rows.start, at = 0;
    uint32_t *col = (uint32_t *)(uintptr_t)s->rows.col;
    float *value = (float *)(uintptr_t)s->rows.value;
    for (uint32_t r = 0; r < s->rows.n_rows; r++) {
        for (uint32_t g = 0; g < s->n_groups; g++) {
            const rk_features *f = source[g].features;
            for (uint64_t e = f->values.start[r]; e < f->values.start[r + 1]; e++) {
                col[at] = source[g].column[feature_at(&source[g], e)];
                value[at++] = value_of(f, e);
            }
        }
        start[r + 1] = at;
    }
}

rk_status side_init(
    struct side *s, const rk_data *data, enum side_of of, const char *const *names) {
    const uint32_t n_rows = of == SIDE_USERS ? data->n_users : data->n_items;
    const uint32_t most = of == SIDE_USERS ? data->n_user_features : data->n_item_features;
    struct source *source = calloc((size_t)most + 1, sizeof *source);
    uint64_t n = 0;
    rk_status status = RK_E_MEMORY;
    *s = (struct side){.rows = {.n_rows = n_rows}};
    s->group = calloc((size_t)most + 1, sizeof *s->group);
    if (!source || !s->group) goto done;
    s->n_groups = choose(data, of, names, source);
    for (uint32_t g = 0; g < s->n_groups; g++) {
        const rk_features *f = source[g].features;
        s->group[g] = (struct side_group){.name = f->name, .first = s->rows.n_cols};
        if (!source_init(&source[g], f, s->rows.n_cols, &s->group[g].n)) goto done;
        s->rows.n_cols += s->group[g].n;
        n += f->values.start[n_rows];
    }
    s->rows.start = calloc((size_t)n_rows + 1, sizeof *s->rows.start);
    s->rows.col = malloc((n ? n : 1) * sizeof *s->rows.col);
    s->rows.value = malloc((n ? n : 1) * sizeof *s->rows.value);
    if (!s->rows.start || !s->rows.col || !s->rows.value) goto done;
    fill(s, source);
    status = RK_OK;
done:
    for (uint32_t g = 0; source && g < most; g++) {
        free(source[g].column);
        free(source[g].edge);
    }
    free(source);
    if (status != RK_OK) side_done(s);
    return status;
}

uint64_t side_most_columns(enum side_of of, const rk_shape *shape) {
    const uint64_t n = of == SIDE_USERS ? shape->user_columns : shape->item_columns;
    return n + 10 * MOST_BINS; // of real values, which are a column each before; years have no end
}

uint64_t side_bytes(enum side_of of, const rk_shape *shape) {
    const uint64_t n_rows = of == SIDE_USERS ? shape->n_users : shape->n_items;
    const uint64_t n = of == SIDE_USERS ? shape->user_entries : shape->item_entries;
    const uint64_t n_columns = side_most_columns(of, shape), groups = 64;
    return groups * (sizeof(struct side_group) + sizeof(struct source)) +
           n_columns * (sizeof(uint32_t) + sizeof(float)) + (n_rows + 1) * sizeof(uint64_t) +
           (n + 1) * (sizeof(uint32_t) + 2 * sizeof(float));
}

void side_done(struct side *s) {
    free((void *)(uintptr_t)s->rows.start);
    free((void *)(uintptr_t)s->rows.col);
    free((void *)(uintptr_t)s->rows.value);
    free(s->group);
    *s = (struct side){0};
}

void side_normalise(struct side *s) {
    float *value = (float *)(uintptr_t)s->rows.value;
    for (uint32_t r = 0; r < s->rows.n_rows; r++) {
        double squares = 0;
        for (uint64_t e = s->rows.start[r]; e < s->rows.start[r + 1]; e++)
            squares += (double)value[e] * value[e];
        const double length = sqrt(squares);
        for (uint64_t e = s->rows.start[r]; squares > 0 && e < s->rows.start[r + 1]; e++)
            value[e] = (float)(value[e] / length);
    }
}
