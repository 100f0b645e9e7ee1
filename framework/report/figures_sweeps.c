// figures_sweeps.c - rows of one plugin that differ by few parameters: a line over one number, a
// map over two.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/figures_own.h"
#include "report/wording.h"

enum { LINES = 8, LEAST_LINE = 3, CELLS_MOST = 400 };

// Rows of one plugin by fixed values.
struct sweep {
    struct figures *f;
    const struct schema *schema;
    size_t *rows; // [n], of the values
    size_t n;
    size_t params[4]; // that differ between them, the one with the most values first
    size_t n_params;
};

static const struct param_value *value_of(const struct sweep *s, size_t row, size_t param) {
    return &s->f->plan->models[s->f->values.rows[row].model].values[param];
}

static bool is_same(const struct param_value *a, const struct param_value *b) {
    return a->number == b->number && a->n == b->n &&
           (a->n == 0 || memcmp(a->ints, b->ints, a->n * sizeof *a->ints) == 0);
}

static size_t count_values(const struct sweep *s, size_t param) {
    size_t distinct = 0;
    for (size_t k = 0; k < s->n; k++) {
        size_t same = 0;
        while (!is_same(value_of(s, s->rows[same], param), value_of(s, s->rows[k], param))) same++;
        distinct += same == k;
    }
    return distinct;
}

static bool is_number(const struct sweep *s, size_t param) {
    return s->schema->params[param].type == RK_TYPE_INT ||
           s->schema->params[param].type == RK_TYPE_REAL;
}

// False: they do not differ, or by too many parameters.
static bool find_params(struct sweep *s) {
    size_t most[4] = {0};
    s->n_params = 0;
    for (size_t p = 0; p < s->schema->n_params; p++) {
        const size_t n = count_values(s, p);
        if (n < 2) continue;
        if (s->n_params == 4) return false;
        // Numbers come first, and of these the one with the most values.
        const size_t weight = n + (is_number(s, p) ? 10000 : 0);
        size_t at = s->n_params++;
        for (; at > 0 && most[at - 1] < weight; at--) {
            most[at] = most[at - 1];
            s->params[at] = s->params[at - 1];
        }
        most[at] = weight;
        s->params[at] = p;
    }
    return s->n_params > 0 && is_number(s, s->params[0]);
}

static const char *print_value(const struct sweep *s, size_t row, size_t param) {
    return wording_clean(&s->f->arena,
        schema_print(&s->schema->params[param], value_of(s, row, param), &s->f->arena));
}

// What the row has beside the first parameter: "solver = cg"
static const char *others(const struct sweep *s, size_t row) {
    const char *text = "";
    for (size_t k = 1; k < s->n_params; k++)
        text = arena_printf(&s->f->arena, "%s%s%s = %s", text, *text ? ", " : "",
            s->schema->params[s->params[k]].name, print_value(s, row, s->params[k]));
    return text;
}

// "rank = 32, l2 = 0.1"
static const char *all_values(const struct sweep *s, size_t row) {
    const char *more = others(s, row);
    return arena_printf(&s->f->arena, "%s = %s%s%s", s->schema->params[s->params[0]].name,
        print_value(s, row, s->params[0]), *more ? ", " : "", more);
}

static size_t best_row(const struct sweep *s, size_t metric, double *value) {
    size_t best = SIZE_MAX;
    *value = NAN;
    for (size_t k = 0; k < s->n; k++) {
        double low, high;
        const double own = figures_score(s->f, s->rows[k], metric, &low, &high);
        if (isnan(own) || s->f->values.rows[s->rows[k]].status != ROW_OK) continue;
        if (best != SIZE_MAX && !figures_better(s->f, metric, own, *value)) continue;
        best = s->rows[k];
        *value = own;
    }
    return best;
}

static const char *best_words(const struct sweep *s, size_t metric) {
    double value;
    const size_t best = best_row(s, metric, &value);
    if (best == SIZE_MAX) return "No row has a score.";
    return arena_printf(&s->f->arena, "%s: best at %s with %s.", figures_metric(s->f, metric),
        all_values(s, best), figures_number(s->f, metric, value));
}

// ---- Lines
// ---------------------------------------------------------------------------------------

struct point {
    double x, y, low, high;
};

static int by_x(const void *left, const void *right) {
    const struct point *a = left, *b = right;
    return a->x < b->x ? -1 : a->x > b->x;
}

// The line of the rows that have the other parameters as row `like`.
static bool make_line(
    const struct sweep *s, size_t metric, const char *like, struct chart_series *out) {
    struct figures *f = s->f;
    struct point *at = figures_alloc(f, s->n, sizeof *at);
    double *room = figures_alloc(f, 4 * s->n, sizeof *room);
    size_t n = 0;
    bool bands = true;
    if (!at || !room) return false;
    for (size_t k = 0; k < s->n; k++) {
        if (strcmp(others(s, s->rows[k]), like) != 0) continue;
        struct point p = {.x = value_of(s, s->rows[k], s->params[0])->number};
        p.y = figures_score(f, s->rows[k], metric, &p.low, &p.high);
        if (isnan(p.y)) continue;
        bands = bands && !isnan(p.low);
        at[n++] = p;
    }
    qsort(at, n, sizeof *at, by_x);
    for (size_t k = 0; k < n; k++) {
        room[k] = at[k].x;
        room[s->n + k] = at[k].y;
        room[2 * s->n + k] = at[k].low;
        room[3 * s->n + k] = at[k].high;
    }
    *out = (struct chart_series){.label = *like ? like : s->schema->id,
        .x = room,
        .y = room + s->n,
        .low = bands ? room + 2 * s->n : NULL,
        .high = bands ? room + 3 * s->n : NULL,
        .n = n,
        .marks = true};
    return n >= LEAST_LINE;
}

static size_t make_lines(const struct sweep *s, size_t metric, struct chart_series lines[LINES]) {
    size_t n = 0;
    for (size_t k = 0; k < s->n; k++) {
        const char *like = others(s, s->rows[k]);
        size_t same = 0;
        while (strcmp(others(s, s->rows[same]), like) != 0) same++;
        if (same == k && n < LINES && make_line(s, metric, like, &lines[n])) n++;
    }
    return n;
}

static void draw_lines(const struct sweep *s, size_t metric) {
    struct chart_series lines[LINES];
    const size_t n = make_lines(s, metric, lines);
    const struct schema_param *p = &s->schema->params[s->params[0]];
    // Bands over one another would hide what they show.
    for (size_t k = 0; n > 2 && k < n; k++) lines[k].low = lines[k].high = NULL;
    const struct chart_axis x = {.title = p->name, .is_log = (p->role & RK_LOG) != 0},
                            y = figures_axis(s->f, metric);
    const struct chart_head head =
        figures_head(s->f, figures_metric(s->f, metric), best_words(s, metric));
    chart_curves(s->f->page->out, &head, &x, &y, lines, n);
}

// ---- Maps
// ----------------------------------------------------------------------------------------

static int by_number(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

// The distinct values of a parameter, ascending.
static double *find_values(const struct sweep *s, size_t param, size_t *n) {
    double *at = figures_alloc(s->f, s->n, sizeof *at);
    *n = 0;
    for (size_t k = 0; at && k < s->n; k++) at[k] = value_of(s, s->rows[k], param)->number;
    if (!at) return NULL;
    qsort(at, s->n, sizeof *at, by_number);
    for (size_t k = 0; k < s->n; k++)
        if (k == 0 || at[k] != at[k - 1]) at[(*n)++] = at[k];
    return at;
}

static const char **print_all(const struct sweep *s, size_t param, const double *at, size_t n) {
    const char **names = figures_alloc(s->f, n, sizeof *names);
    for (size_t k = 0; names && k < n; k++) {
        const struct param_value v = {.number = at[k]};
        names[k] = schema_print(&s->schema->params[param], &v, &s->f->arena);
    }
    return names;
}

static size_t find_index(const double *at, double value) {
    size_t k = 0;
    while (at[k] != value) k++;
    return k;
}

// Two numbers, and at least half of the cells filled.
static bool is_map(const struct sweep *s) {
    if (s->n_params != 2 || !is_number(s, s->params[1])) return false;
    const size_t cells = count_values(s, s->params[0]) * count_values(s, s->params[1]);
    return s->n >= 4 && cells <= CELLS_MOST && 2 * s->n >= cells;
}

static void draw_map(const struct sweep *s, size_t metric) {
    struct figures *f = s->f;
    size_t n_rows, n_columns;
    const double *rows = find_values(s, s->params[0], &n_rows),
                 *columns = find_values(s, s->params[1], &n_columns);
    if (!rows || !columns) return;
    double *values = figures_alloc(f, n_rows * n_columns, sizeof *values);
    const char **row_names = print_all(s, s->params[0], rows, n_rows),
               **column_names = print_all(s, s->params[1], columns, n_columns);
    if (!values || !row_names || !column_names) return;
    for (size_t k = 0; k < n_rows * n_columns; k++) values[k] = NAN;
    double value;
    const size_t best = best_row(s, metric, &value);
    size_t best_cell = SIZE_MAX;
    for (size_t k = 0; k < s->n; k++) {
        double low, high;
        const size_t cell =
            find_index(rows, value_of(s, s->rows[k], s->params[0])->number) * n_columns +
            find_index(columns, value_of(s, s->rows[k], s->params[1])->number);
        const double own = figures_score(f, s->rows[k], metric, &low, &high);
        if (isnan(values[cell])) values[cell] = own; // of equal rows the first
        if (s->rows[k] == best) best_cell = cell;
    }
    const struct chart_head head =
        figures_head(f, figures_axis(f, metric).title, best_words(s, metric));
    chart_heat(f->page->out, &head, s->schema->params[s->params[0]].name, row_names, n_rows,
        s->schema->params[s->params[1]].name, column_names, n_columns, values,
        f->plan->metrics[metric].metric->decimals, best_cell);
}

// ---- Sweeps
// --------------------------------------------------------------------------------------

static void draw_sweep(const struct sweep *s, bool *begun) {
    struct figures *f = s->f;
    const bool map = is_map(s);
    struct chart_series lines[LINES];
    if (!map && make_lines(s, 0, lines) == 0) return;
    const char *caption = arena_printf(&f->arena, "%s, %zu rows%s.", s->schema->id, s->n,
        map ? "; darker is higher, the best is framed" : "");
    for (size_t m = 0; m < f->plan->n_metrics; m++)
        caption = arena_printf(&f->arena, "%s %s", caption, best_words(s, m));
    caption = arena_printf(&f->arena,
        "%s Values picked by these test rows look better than they are: search = { ... } picks "
        "them without.",
        caption);
    if (!*begun) page_heading(f->page, NULL, "Sweeps");
    *begun = true;
    figures_begin(f, caption);
    for (size_t m = 0; m < f->plan->n_metrics; m++) {
        if (map)
            draw_map(s, m);
        else
            draw_lines(s, m);
    }
    figures_end(f);
}

void figures_sweeps(struct figures *f) {
    struct sweep s = {.f = f, .rows = figures_alloc(f, f->values.n, sizeof *s.rows)};
    bool begun = false;
    for (size_t k = 0; k < f->values.n && !f->no_room; k++) {
        if (f->values.rows[k].model < 0) continue;
        const struct schema *schema = f->plan->models[f->values.rows[k].model].schema;
        bool seen = false;
        s.schema = schema;
        s.n = 0;
        for (size_t o = 0; o < f->values.n; o++) {
            const int model = f->values.rows[o].model;
            if (model < 0 || f->plan->models[model].tuning || !f->plan->models[model].values ||
                strcmp(f->plan->models[model].schema->hash, schema->hash) != 0)
                continue;
            seen = seen || o < k; // a plugin once
            s.rows[s.n++] = o;
        }
        if (seen || s.n < LEAST_LINE || !find_params(&s)) continue;
        draw_sweep(&s, &begun);
    }
}
