// The main table: each number leads to the folds that it is the mean of, each name to its
// parameters.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/html.h"
#include "report/shown.h"
#include "report/wording.h"

// "rmse" of "rmse.inner"; NULL: the column is no metric's.
static const struct metric_spec *metric_of(const struct html *h, const char *key) {
    const struct plan *plan = h->report->results->plan;
    for (size_t k = 0; k < plan->n_metrics; k++) {
        const size_t n = strlen(plan->metrics[k].label);
        if (strncmp(key, plan->metrics[k].label, n) == 0 && (key[n] == '\0' || key[n] == '.'))
            return &plan->metrics[k];
    }
    return NULL;
}

static const char *help_of(const struct html *h, const char *key) {
    static const char *const others[][2] = {
        {"answered", "share of the test rows that the model answered itself"},
        {"trials", "configurations tried in a fold, at full effort"},
        {"fit_seconds", "mean time to fit, by the clock; depends on the machine"},
        {"memory_bytes", "mean of the most memory taken; depends on the machine"},
    };
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        if (strcmp(key, others[k][0]) == 0) return others[k][1];
    const struct metric_spec *m = metric_of(h, key);
    const char *point = m ? strchr(key + strlen(m->label), '.') : NULL;
    if (!m) return NULL;
    if (!point) return m->metric->doc;
    static const char *const parts[][2] = {
        {".interval", "of one fold, by a bootstrap over users; mean of its ends over folds"},
        {".inner", "what was chosen, on inner folds of each training fold"},
        {".optimism", "by how much it looks better on inner folds than on the test rows"},
        {".train", "the same on the rows that were trained on"},
    };
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
        if (strcmp(point, parts[k][0]) == 0) return parts[k][1];
    return NULL;
}

// Intervals are text, and go by their lower end.
static double sort_value(const struct cell *cell) {
    char *end;
    if (!isnan(cell->value)) return cell->value;
    const double low = strtod(cell->text, &end);
    return end == cell->text ? NAN : low;
}

static void write_cell(struct html *h, const struct table *t, size_t row, size_t column,
    const char *folds, const char *parameters) {
    const struct cell *cell = shown_cell(t, row, column);
    const bool has_link = *cell->text != '\0';
    const char *link = column == 0 ? parameters : folds;
    const char *detail = cell->sd_text ? arena_printf(&h->arena, "±%s", cell->sd_text) : NULL;
    page_cell_marked(&h->page, shown_text(t, row, column, &h->arena), sort_value(cell),
        has_link ? link : NULL, detail, cell->mark, cell->strong);
}

// The row of that name in the table of scores, or SIZE_MAX.
static size_t find_row(const struct html *h, const struct table *of, size_t row) {
    const struct tables *all = &h->report->tables;
    for (size_t k = 0; k < all->n; k++) {
        const struct table *t = &all->at[k];
        if (t->data_index != of->data_index) continue;
        for (size_t j = 0; j < t->n_rows; j++)
            if (strcmp(t->rows[j].label, of->rows[row].label) == 0) return j;
    }
    return SIZE_MAX;
}

void html_table(struct html *h, size_t data, const struct table *t) {
    size_t n;
    const size_t *shown = shown_columns(t, SHOW_PAGE | SHOW_TERMINAL, &h->arena, &n);
    struct page_column *columns = arena_alloc(&h->arena, (n + 1) * sizeof *columns);
    if (!shown || !columns) return;
    for (size_t k = 0; k < n; k++) {
        const struct table_column *c = &t->columns[shown[k]];
        columns[k] = (struct page_column){c->title, help_of(h, c->key), c->is_number};
    }
    page_table(&h->page, NULL, t->title, columns, n);
    for (size_t row = 0; row < t->n_rows; row++) {
        const size_t at = data ? find_row(h, t, row) : SIZE_MAX;
        const char *parameters = NULL, *folds = NULL;
        if (at != SIZE_MAX) {
            parameters = arena_printf(&h->arena, "#%s", html_anchor(h, data, at, ""));
            folds = arena_printf(&h->arena, "#%s", html_anchor(h, data, at, "-folds"));
        }
        page_row(&h->page, NULL, false);
        for (size_t k = 0; k < n; k++) write_cell(h, t, row, shown[k], folds, parameters);
        page_row_end(&h->page);
    }
    page_table_end(&h->page);
}
