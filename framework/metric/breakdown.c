#include "metric/breakdown.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const breakdown_name[BREAKDOWN_N] = {
    "rating", "activity", "popularity", "genre", "year"};

static const char none[] = "(none)";
enum { MOST_VALUES = 20, PARTS = 10, DECADES = 1000 };

// Bounds of counts, and what each is called: at least `from`.
static const struct {
    uint64_t from;
    const char *key;
} steps[] = {{0, "0"}, {1, "1-4"}, {5, "5-9"}, {10, "10-19"}, {20, "20-49"}, {50, "50-99"},
    {100, "100-199"}, {200, "200-499"}, {500, "500-999"}, {1000, "1000+"}};
enum { STEPS = sizeof steps / sizeof *steps };

struct sum {
    uint64_t rows;
    double error, absolute, square;
};

// Sums while rows are gone through.
struct gathering {
    const struct metric_rows *rows;
    const rk_features *genre, *year; // NULL: the data has none
    float value[MOST_VALUES + 1];    // [n_values], ascending; what ratings there are
    size_t n_values;                 // over MOST_VALUES: parts of the scale
    double low, width;               // of the scale
    struct sum rating[MOST_VALUES], activity[STEPS], popularity[STEPS];
    struct sum decade[DECADES + 1]; // the last one: not known
    struct sum *genres;             // [columns + 1]; owned; the last one: not known
};

// ---- Which cell --------------------------------------------------------------------------------

// Into the ascending values; false: there are too many.
static bool note_value(struct gathering *g, float value) {
    size_t at = 0;
    while (at < g->n_values && g->value[at] < value) at++;
    if (at < g->n_values && g->value[at] == value) return true;
    memmove(&g->value[at + 1], &g->value[at], (g->n_values - at) * sizeof value);
    g->value[at] = value;
    return ++g->n_values <= MOST_VALUES;
}

// Of the whole data set, so that the cells are the same in every fold.
static void find_values(struct gathering *g, const struct dataset *data) {
    float last = NAN;
    for (uint64_t k = 0; k < data->n_ratings; k++) {
        const float value = data->by_user.value[k];
        if (value != last && !note_value(g, value)) return;
        last = value;
    }
    for (size_t k = 0; k < g->rows->n; k++)
        if (!note_value(g, g->rows->truth[k])) return;
}

static size_t rating_cell(const struct gathering *g, float truth) {
    size_t at = 0;
    if (g->n_values > MOST_VALUES) {
        const double part = floor(PARTS * ((double)truth - g->low) / g->width);
        return !(part > 0) ? 0 : part < PARTS ? (size_t)part : PARTS - 1;
    }
    while (at + 1 < g->n_values && g->value[at] < truth) at++;
    return at;
}

static size_t step_of(uint64_t count) {
    size_t at = STEPS - 1;
    while (count < steps[at].from) at--;
    return at;
}

static size_t decade_of(const rk_features *year, uint32_t item) {
    const uint64_t first = year->values.start[item];
    if (first == year->values.start[item + 1]) return DECADES;
    const float value = year->values.value[first];
    return value > 0 && value < 10 * DECADES ? (size_t)value / 10 : DECADES;
}

// ---- Summing -----------------------------------------------------------------------------------

static void add(struct sum *s, double error) {
    s->rows++;
    s->error += error;
    s->absolute += fabs(error);
    s->square += error * error;
}

static void add_genres(struct gathering *g, uint32_t item, double error) {
    const rk_csr *m = &g->genre->values;
    bool any = false;
    for (uint64_t k = m->start[item]; k < m->start[item + 1]; k++) {
        if (m->value[k] == 0) continue;
        add(&g->genres[m->col[k]], error);
        any = true;
    }
    if (!any) add(&g->genres[m->n_cols], error);
}

static void add_rows(struct gathering *g, const rk_data *train) {
    const struct metric_rows *rows = g->rows;
    for (size_t k = 0; k < rows->n; k++) {
        const uint32_t u = rows->users[k], i = rows->items[k];
        const double error = (double)rows->answer[k] - (double)rows->truth[k];
        const uint64_t *user = &train->by_user.start[u], *item = &train->by_item.start[i];
        add(&g->rating[rating_cell(g, rows->truth[k])], error);
        add(&g->activity[step_of(user[1] - user[0])], error);
        add(&g->popularity[step_of(item[1] - item[0])], error);
        if (g->genre) add_genres(g, i, error);
        if (g->year) add(&g->decade[decade_of(g->year, i)], error);
    }
}

// ---- Cells -------------------------------------------------------------------------------------

// Cells and their keys in one block each until breakdown_copy() makes one of them.
struct made {
    struct breakdown b;
    char (*key)[48]; // [room]; owned
};

static void make_cell(struct made *m, enum breakdown_by by, const char *key, const struct sum *s) {
    if (s->rows == 0) return;
    m->b.at[m->b.n++] = (struct breakdown_cell){by, key, s->rows, s->error, s->absolute, s->square};
}

static void make_ratings(struct made *m, const struct gathering *g) {
    const size_t n = g->n_values > MOST_VALUES ? (size_t)PARTS : g->n_values;
    for (size_t k = 0; k < n; k++) {
        char *key = m->key[m->b.n];
        if (g->n_values > MOST_VALUES)
            snprintf(key, sizeof *m->key, "%.6g to %.6g", g->low + g->width * (double)k / PARTS,
                g->low + g->width * (double)(k + 1) / PARTS);
        else
            snprintf(key, sizeof *m->key, "%.6g", (double)g->value[k]);
        make_cell(m, BREAKDOWN_RATING, key, &g->rating[k]);
    }
}

static void make_decades(struct made *m, const struct gathering *g) {
    for (size_t k = 0; k <= DECADES; k++) {
        char *key = m->key[m->b.n];
        if (g->decade[k].rows == 0) continue;
        snprintf(key, sizeof *m->key, k < DECADES ? "%zu0s" : none, k);
        make_cell(m, BREAKDOWN_YEAR, key, &g->decade[k]);
    }
}

static int by_key(const void *a, const void *b) {
    const struct breakdown_cell *x = a, *y = b;
    return strcmp(x->key, y->key);
}

static void make_genres(struct made *m, const struct gathering *g) {
    if (!g->genre) return;
    const size_t n = g->genre->values.n_cols, first = m->b.n;
    for (size_t k = 0; k < n; k++)
        make_cell(m, BREAKDOWN_GENRE, g->genre->col_names[k], &g->genres[k]);
    if (m->b.n > first) qsort(&m->b.at[first], m->b.n - first, sizeof *m->b.at, by_key);
    make_cell(m, BREAKDOWN_GENRE, none, &g->genres[n]);
}

bool breakdown_copy(struct breakdown *to, const struct breakdown *from, struct error *e) {
    size_t bytes = 1;
    for (size_t k = 0; k < from->n; k++) bytes += strlen(from->at[k].key) + 1;
    struct breakdown_cell *at = malloc(from->n * sizeof *at + bytes);
    *to = (struct breakdown){0};
    if (!at) return error_memory(e, from->n * sizeof *at + bytes, "errors by kind of row");
    char *text = (char *)(at + from->n);
    for (size_t k = 0; k < from->n; k++) {
        at[k] = from->at[k];
        at[k].key = text;
        text = stpcpy(text, from->at[k].key) + 1;
    }
    *to = (struct breakdown){at, from->n};
    return true;
}

static bool make_cells(struct breakdown *b, const struct gathering *g, struct error *e) {
    const size_t room = MOST_VALUES + 2 * STEPS + DECADES + 2 +
                        (g->genre ? (size_t)g->genre->values.n_cols + 1 : 0);
    struct made m = {
        .b = {.at = malloc(room * sizeof *m.b.at)}, .key = malloc(room * sizeof *m.key)};
    bool ok = (m.b.at && m.key) || error_memory(e, room * sizeof *m.key, "errors by kind of row");
    if (ok) {
        make_ratings(&m, g);
        for (size_t k = 0; k < STEPS; k++)
            make_cell(&m, BREAKDOWN_ACTIVITY, steps[k].key, &g->activity[k]);
        for (size_t k = 0; k < STEPS; k++)
            make_cell(&m, BREAKDOWN_POPULARITY, steps[k].key, &g->popularity[k]);
        make_genres(&m, g);
        make_decades(&m, g);
        ok = breakdown_copy(b, &m.b, e);
    }
    free(m.b.at);
    free(m.key);
    return ok;
}

// ---- The whole ---------------------------------------------------------------------------------

static const rk_features *find(const struct dataset *data, const char *name) {
    for (uint32_t k = 0; k < data->n_item_features; k++)
        if (strcmp(data->item_features[k].name, name) == 0) return &data->item_features[k];
    return NULL;
}

bool breakdown_make(struct breakdown *b, const struct dataset *data, const rk_data *train,
    const struct metric_rows *rows, struct error *e) {
    struct gathering *g = calloc(1, sizeof *g);
    bool ok = g || error_memory(e, sizeof *g, "errors by kind of row");
    *b = (struct breakdown){0};
    if (!ok) return false;
    g->rows = rows;
    g->low = (double)data->rating_min;
    g->width = (double)data->rating_max - g->low;
    g->genre = find(data, "genre");
    g->year = find(data, "year");
    if (g->year && g->year->kind != RK_FEATURE_REAL) g->year = NULL;
    if (g->genre) {
        g->genres = calloc((size_t)g->genre->values.n_cols + 1, sizeof *g->genres);
        ok = g->genres || error_memory(e, g->genre->values.n_cols * sizeof *g->genres, "genres");
    }
    if (ok) {
        find_values(g, data);
        add_rows(g, train);
        ok = make_cells(b, g, e);
    }
    free(g->genres);
    free(g);
    return ok;
}

void breakdown_done(struct breakdown *b) {
    free(b->at);
    *b = (struct breakdown){0};
}
