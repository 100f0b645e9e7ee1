// figures_errors.c - where models err: by rating, activity, popularity, genre and year.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/figures_own.h"
#include "report/wording.h"

enum { MODELS = 4, LEAST_ROWS = 20 };

static const struct {
    const char *title;           // of the axis
    const char *before, *behind; // in sentences: "for ratings of 4.5"
    const char *none;            // the same of "(none)"
    bool ordered;
} kinds[BREAKDOWN_N] = {
    [BREAKDOWN_RATING] = {"true rating", "for ratings of ", "", "", true},
    [BREAKDOWN_ACTIVITY] = {"ratings of the user in training", "for users with ",
        " ratings in training", "", true},
    [BREAKDOWN_POPULARITY] = {"ratings of the item in training", "for items with ",
        " ratings in training", "", true},
    [BREAKDOWN_GENRE] = {"genre", "for ", "", "for items without a genre", false},
    [BREAKDOWN_YEAR] = {"release", "for items of the ", "", "for items without a year", true},
};

// Sums of one class over all trials of each model shown.
struct class {
    const char *key, *name; // clean
    size_t order;           // of appearance
    uint64_t rows[MODELS + 1];
    double error[MODELS + 1], square[MODELS + 1];
};

struct errors {
    struct figures *f;
    size_t rows[MODELS + 1]; // of the values
    size_t n;
    struct class *at; // [n_classes]
    size_t n_classes, room, n_thin;
};

// The best models, and the fallback.
static void choose_rows(struct errors *e) {
    struct figures *f = e->f;
    size_t fallback = SIZE_MAX;
    for (size_t k = 0; k < f->n_order; k++) {
        const struct values_row *row = &f->values.rows[f->order[k]];
        if (row->model == MODEL_FALLBACK) fallback = f->order[k];
        if (row->model >= 0 && row->status == ROW_OK && e->n < MODELS)
            e->rows[e->n++] = f->order[k];
    }
    if (fallback != SIZE_MAX) e->rows[e->n++] = fallback;
}

static struct class *find_class(struct errors *e, const char *key) {
    for (size_t k = 0; k < e->n_classes; k++)
        if (strcmp(e->at[k].key, key) == 0) return &e->at[k];
    if (e->n_classes == e->room) {
        const size_t room = e->room ? 2 * e->room : 32;
        struct class *at = figures_alloc(e->f, room, sizeof *at);
        if (!at) return NULL;
        if (e->n_classes) memcpy(at, e->at, e->n_classes * sizeof *at);
        e->at = at;
        e->room = room;
    }
    struct class *c = &e->at[e->n_classes];
    *c = (struct class){
        .key = key, .name = wording_clean(&e->f->arena, key), .order = e->n_classes++};
    return c;
}

static void add_trial(
    struct errors *e, size_t which, const struct trial_record *t, enum breakdown_by by) {
    for (size_t k = 0; !t->failed && k < t->breakdown.n; k++) {
        const struct breakdown_cell *cell = &t->breakdown.at[k];
        struct class *c = cell->by == by ? find_class(e, cell->key) : NULL;
        if (!c) continue;
        c->rows[which] += cell->rows;
        c->error[which] += cell->error;
        c->square[which] += cell->square;
    }
}

// Classes that begin with a number are in its order ("10-19"; "1990s"), others by rows; "(none)"
// is last.
static int by_class(const void *left, const void *right) {
    const struct class *a = left, *b = right;
    const bool none_a = a->key[0] == '(', none_b = b->key[0] == '(';
    if (none_a != none_b) return none_a ? 1 : -1;
    char *end_a, *end_b;
    const double x = strtod(a->key, &end_a), y = strtod(b->key, &end_b);
    if (end_a != a->key && end_b != b->key && x != y) return x < y ? -1 : 1;
    if (end_a == a->key && a->rows[0] != b->rows[0]) return a->rows[0] > b->rows[0] ? -1 : 1;
    return strcmp(a->key, b->key);
}

static void gather(struct errors *e, enum breakdown_by by) {
    const struct figures *f = e->f;
    e->at = NULL;
    e->n_classes = e->room = e->n_thin = 0;
    for (size_t which = 0; which < e->n; which++) {
        const struct values_row *row = &f->values.rows[e->rows[which]];
        for (size_t k = 0; k < row->n; k++) add_trial(e, which, row->trial[k], by);
    }
    size_t kept = 0;
    for (size_t k = 0; k < e->n_classes; k++) {
        uint64_t most = 0;
        for (size_t which = 0; which < e->n; which++)
            if (e->at[k].rows[which] > most) most = e->at[k].rows[which];
        if (most >= LEAST_ROWS) e->at[kept++] = e->at[k];
    }
    e->n_thin = e->n_classes - kept;
    e->n_classes = kept;
    if (kept) qsort(e->at, kept, sizeof *e->at, by_class);
}

static double rmse_of(const struct class *c, size_t which) {
    return c->rows[which] ? sqrt(c->square[which] / (double)c->rows[which]) : NAN;
}

static double bias_of(const struct class *c, size_t which) {
    return c->rows[which] ? c->error[which] / (double)c->rows[which] : NAN;
}

static void draw(struct errors *e, enum breakdown_by by, const char *title, const char *axis,
    double (*read)(const struct class *, size_t), const char *alt) {
    struct figures *f = e->f;
    struct chart_bars_series series[MODELS + 1];
    const char **names = figures_alloc(f, e->n_classes, sizeof *names);
    if (!names) return;
    for (size_t k = 0; k < e->n_classes; k++) names[k] = e->at[k].name;
    for (size_t which = 0; which < e->n; which++) {
        double *values = figures_alloc(f, e->n_classes, sizeof *values);
        if (!values) return;
        for (size_t k = 0; k < e->n_classes; k++) values[k] = read(&e->at[k], which);
        series[which] = (struct chart_bars_series){
            figures_label(f, e->rows[which]), values, !kinds[by].ordered};
    }
    const struct chart_head head = figures_head(f, title, alt);
    const struct chart_axis y = {.title = axis};
    chart_profile(f->page->out, &head, kinds[by].title, names, e->n_classes, &y, series, e->n);
}

static const char *class_words(struct errors *e, enum breakdown_by by, const struct class *c) {
    struct arena *a = &e->f->arena;
    const char *which =
        c->key[0] == '(' && *kinds[by].none
            ? kinds[by].none
            : arena_printf(a, "%s%s%s", kinds[by].before, c->name, kinds[by].behind);
    return arena_printf(a, "%s (RMSE %.3f, bias %+.3f, %s rows)", which, rmse_of(c, 0),
        bias_of(c, 0), wording_count(a, c->rows[0]));
}

// Of the best model: "als errs most for ratings of 0.5 (RMSE 1.913, ...) and least for ..."
static const char *where_most(struct errors *e, enum breakdown_by by) {
    size_t most = 0, least = 0;
    for (size_t k = 1; k < e->n_classes; k++) {
        if (!(rmse_of(&e->at[k], 0) <= rmse_of(&e->at[most], 0))) most = k;
        if (!(rmse_of(&e->at[k], 0) >= rmse_of(&e->at[least], 0))) least = k;
    }
    return arena_printf(&e->f->arena, "%s errs most %s and least %s.",
        figures_label(e->f, e->rows[0]), class_words(e, by, &e->at[most]),
        class_words(e, by, &e->at[least]));
}

static void draw_rows(struct errors *e, enum breakdown_by by) {
    struct figures *f = e->f;
    const char **names = figures_alloc(f, e->n_classes, sizeof *names);
    double *values = figures_alloc(f, e->n_classes, sizeof *values), all = 0;
    if (!names || !values) return;
    for (size_t k = 0; k < e->n_classes; k++) {
        names[k] = e->at[k].name;
        values[k] = (double)e->at[k].rows[0];
        all += values[k];
    }
    const struct chart_bars_series series = {.label = "test rows", .values = values};
    const struct chart_head head =
        figures_head(f, arena_printf(&f->arena, "Test rows by %s", breakdown_name[by]),
            arena_printf(&f->arena, "%s rows in %zu classes.",
                wording_count(&f->arena, (uint64_t)all), e->n_classes));
    const struct chart_axis y = {.title = "test rows"};
    chart_bars(f->page->out, &head, kinds[by].title, names, e->n_classes, &y, &series, 1);
}

static void draw_kind(struct errors *e, enum breakdown_by by) {
    struct arena *a = &e->f->arena;
    const char *where = where_most(e, by);
    const char *caption =
        arena_printf(a, "By %s, over the test rows of all folds. %s", kinds[by].title, where);
    if (by == BREAKDOWN_GENRE)
        caption = arena_printf(a, "%s An item counts in each of its genres.", caption);
    if (e->n_thin)
        caption = arena_printf(a, "%s Left out: %zu %s of less than %d rows.", caption, e->n_thin,
            e->n_thin == 1 ? "class" : "classes", LEAST_ROWS);
    figures_begin(e->f, caption);
    draw(e, by, arena_printf(a, "RMSE by %s", breakdown_name[by]), "RMSE", rmse_of, where);
    draw(e, by, arena_printf(a, "Bias by %s", breakdown_name[by]), "mean of answer less rating",
        bias_of, "Above 0: answers are too high.");
    draw_rows(e, by);
    figures_end(e->f);
}

void figures_errors(struct figures *f) {
    struct errors e = {.f = f};
    bool begun = false;
    choose_rows(&e);
    if (e.n == 0) return;
    for (int by = 0; by < BREAKDOWN_N && !f->no_room; by++) {
        gather(&e, (enum breakdown_by)by);
        if (e.n_classes < 2) continue;
        if (!begun) page_heading(f->page, NULL, "Where models err");
        if (!begun && f->n_order > e.n)
            page_paragraph(
                f->page, arena_printf(&f->arena, "The best %d models by %s, and the fallback.",
                             MODELS, figures_metric(f, 0)));
        begun = true;
        draw_kind(&e, (enum breakdown_by)by);
    }
}
