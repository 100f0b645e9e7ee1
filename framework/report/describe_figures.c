// Charts and tables of classes, for a description's page.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/chart.h"
#include "report/describe_page.h"
#include "report/describe_words.h"
#include "report/wording.h"

enum { NAME = 40, MOST_BARS = 150, MOST_ROWS = 60, MOST_HEAT = 40, NARROW = 12, FEW = 2 };

void describe_page_open(struct describe_sheet *s, const char *id) {
    for (size_t k = 0; k < s->n_links; k++)
        if (strcmp(s->links[k].id, id) == 0) page_section(&s->page, id, s->links[k].heading);
}

const struct describe_classes *describe_page_times(const struct describe *d) {
    return d->n_classes > 1 && strcmp(d->classes[1].of, "time") == 0 ? &d->classes[1] : NULL;
}

void describe_page_sum(struct describe_sheet *s, const struct describe_sum *sum) {
    const double mean = describe_mean(sum), deviation = describe_deviation(sum);
    page_cell(&s->page, wording_count(&s->arena, sum->n), (double)sum->n, NULL, NULL);
    page_cell(&s->page, wording_fixed(&s->arena, mean, 3), mean, NULL, NULL);
    page_cell(&s->page, wording_fixed(&s->arena, deviation, 3), deviation, NULL, NULL);
}

// ---- Classes in an order -----------------------------------------------------------------------

static int more_ratings(const void *a, const void *b) {
    const struct describe_class *x = *(const struct describe_class *const *)a;
    const struct describe_class *y = *(const struct describe_class *const *)b;
    if (x->of.n != y->of.n) return x->of.n < y->of.n ? 1 : -1;
    return (x > y) - (x < y);
}

// Whether the classes have an order of their own: times, values, bands and names that are numbers.
static bool is_ordered(const struct describe_classes *c) {
    if (c->side == DESCRIBE_RATINGS || c->bands) return true;
    for (size_t k = 0; k < c->n; k++)
        if (c->at[k].name[0] < '0' || c->at[k].name[0] > '9') return false;
    return true;
}

// Whether a line may join them: an order alone is none, as codes of occupations have it too.
static bool is_scale(const struct describe_classes *c) {
    return c->side == DESCRIBE_RATINGS || c->bands || strcmp(c->title, "age") == 0;
}

// In their order, or by ratings.
static const struct describe_class **in_order(
    struct describe_sheet *s, const struct describe_classes *c) {
    const struct describe_class **at = arena_alloc(&s->arena, (c->n + 1) * sizeof(void *));
    if (!at) return NULL;
    for (size_t k = 0; k < c->n; k++) at[k] = &c->at[k];
    if (!is_ordered(c)) qsort(at, c->n, sizeof(void *), more_ratings);
    return at;
}

// Names and numbers for a chart.
struct drawn {
    const char **names;
    double *values;
    size_t n;
    const struct describe_class *highest, *lowest;
    double high, low;
};

static bool draw(
    struct describe_sheet *s, const struct describe_classes *c, bool means, struct drawn *out) {
    const struct describe_class **at = in_order(s, c);
    *out = (struct drawn){.names = arena_alloc(&s->arena, (c->n + 1) * sizeof *out->names),
        .values = arena_alloc(&s->arena, (c->n + 1) * sizeof *out->values),
        .n = c->n < MOST_BARS ? c->n : MOST_BARS};
    if (!at || !out->names || !out->values) return false;
    for (size_t k = 0; k < out->n; k++) {
        const struct describe_sum *sum = &at[k]->of;
        const double value = !means ? (double)sum->n : sum->n < s->least ? NAN : describe_mean(sum);
        out->names[k] = describe_words_cut(&s->arena, at[k]->name, NAME);
        out->values[k] = value;
        if (isnan(value)) continue;
        if (!out->highest || value > out->high) out->highest = at[k], out->high = value;
        if (!out->lowest || value < out->low) out->lowest = at[k], out->low = value;
    }
    return out->highest != NULL;
}

static const char *next_id(struct describe_sheet *s) {
    return arena_printf(&s->arena, "chart-%u", ++s->n_charts);
}

void describe_page_bars(struct describe_sheet *s, const struct describe_classes *c,
    const char *caption, const char *class_title) {
    struct drawn drawn;
    struct arena *a = &s->arena;
    if (!draw(s, c, false, &drawn)) return;
    page_figure(&s->page, NULL, caption);
    chart_bars(s->page.out,
        &(struct chart_head){.id = next_id(s),
            .alt = arena_printf(a, "%s Most have %s: %s of %s.", caption,
                describe_words_cut(a, drawn.highest->name, NAME),
                wording_count(a, drawn.highest->of.n), wording_count(a, s->d->data->n_ratings))},
        class_title, drawn.names, drawn.n, &(struct chart_axis){.title = "Ratings"},
        &(struct chart_bars_series){.label = "ratings", .values = drawn.values}, 1);
    page_figure_end(&s->page);
}

// Classes without an order: dots beside the mean of all.
static void put_dots(struct describe_sheet *s, const struct drawn *drawn,
    const struct chart_head *head, const struct chart_axis *axis) {
    struct chart_interval *at = arena_alloc(&s->arena, drawn->n * sizeof *at);
    if (!at) return;
    for (size_t k = 0; k < drawn->n; k++)
        at[k] = (struct chart_interval){drawn->names[k], drawn->values[k], NAN, NAN, false, false};
    chart_intervals(s->page.out, head, axis, at, drawn->n,
        &(struct chart_line){.label = "all ratings", .value = s->d->mean}, 1);
}

void describe_page_means(struct describe_sheet *s, const struct describe_classes *c,
    const char *caption, const char *class_title) {
    struct drawn drawn;
    struct arena *a = &s->arena;
    if (!draw(s, c, true, &drawn)) return;
    const struct chart_axis axis = {.title = "Mean rating"};
    const struct chart_head head = {.id = next_id(s),
        .alt = arena_printf(a, "%s From %.2f for %s to %.2f for %s.", caption, drawn.low,
            describe_words_cut(a, drawn.lowest->name, NAME), drawn.high,
            describe_words_cut(a, drawn.highest->name, NAME))};
    page_figure(&s->page, NULL, caption);
    if (is_scale(c) && is_ordered(c))
        chart_profile(s->page.out, &head, class_title, drawn.names, drawn.n, &axis,
            &(struct chart_bars_series){.label = "mean rating", .values = drawn.values}, 1);
    else
        put_dots(s, &drawn, &head, &axis);
    page_figure_end(&s->page);
}

// A time as a number: years, with months as parts of them; days are counted.
static double time_of(const struct describe_class *c, size_t k) {
    int year = 0, month = 0, day = 0;
    const int n = sscanf(c->name, "%d-%d-%d", &year, &month, &day);
    return n == 3 ? (double)k : n == 2 ? year + (month - 0.5) / 12 : year;
}

void describe_page_curve(
    struct describe_sheet *s, const struct describe_classes *c, bool means, const char *caption) {
    struct arena *a = &s->arena;
    struct drawn drawn;
    double *x = arena_alloc(a, (c->n + 1) * sizeof *x);
    if (!x || !draw(s, c, means, &drawn)) return;
    for (size_t k = 0; k < drawn.n; k++) x[k] = time_of(&c->at[k], k);
    const bool days = strcmp(c->title, "day") == 0;
    page_figure(&s->page, NULL, caption);
    chart_curves(s->page.out,
        &(struct chart_head){.id = next_id(s),
            .alt = arena_printf(a, "%s The most is %.6g in %s, the least %.6g in %s.", caption,
                drawn.high, drawn.highest->name, drawn.low, drawn.lowest->name)},
        &(struct chart_axis){
            .title = days ? arena_printf(a, "Days since %s", c->at[0].name) : "Year"},
        &(struct chart_axis){.title = means ? "Mean rating" : "Ratings"},
        &(struct chart_series){.label = means ? "mean rating" : "ratings",
            .x = x,
            .y = drawn.values,
            .n = drawn.n,
            .marks = drawn.n <= 40},
        1);
    page_figure_end(&s->page);
}

// ---- One feature -------------------------------------------------------------------------------

static void put_table(struct describe_sheet *s, const struct describe_classes *c) {
    const bool users = c->side == DESCRIBE_USERS;
    const struct page_column columns[] = {{describe_words_heading(c, NAME, &s->arena), NULL, false},
        {describe_words_side(c), "in the catalogue, rated or not", true},
        {users ? "active" : "rated", "with at least one rating", true}, {"ratings", NULL, true},
        {"share", c->several ? "of all ratings; one counts in several rows" : "of all ratings",
            true},
        {"mean", NULL, true}, {"deviation", NULL, true}};
    const struct describe_class **at = in_order(s, c);
    struct page *p = &s->page;
    const size_t n = c->n < MOST_ROWS ? c->n : MOST_ROWS;
    if (!at) return;
    const char *without = describe_words_without(c, &s->arena);
    page_table(p, NULL,
        arena_printf(&s->arena, "%s by %s%s.%s%s", users ? "Users" : "Items",
            describe_words_cut(&s->arena, c->title, NAME),
            c->n > n ? arena_printf(&s->arena, ", the first %zu of %zu", n, c->n) : "",
            c->several ? " What is in several rows counts in each." : "",
            *without ? arena_printf(&s->arena, " %s", without) : ""),
        columns, sizeof columns / sizeof *columns);
    for (size_t k = 0; k < n; k++) {
        const double share = (double)at[k]->of.n / (double)s->d->data->n_ratings;
        const double mean = describe_mean(&at[k]->of), deviation = describe_deviation(&at[k]->of);
        const uint32_t rated = users ? at[k]->users : at[k]->items;
        page_row(p, NULL, false);
        page_cell(p, at[k]->name, NAN, NULL, NULL);
        page_cell(p, wording_count(&s->arena, at[k]->units), at[k]->units, NULL, NULL);
        page_cell(p, wording_count(&s->arena, rated), rated, NULL, NULL);
        page_cell(p, wording_count(&s->arena, at[k]->of.n), (double)at[k]->of.n, NULL, NULL);
        page_cell(p, wording_percent(&s->arena, share), share, NULL, NULL);
        page_cell(p, wording_fixed(&s->arena, mean, 3), mean, NULL, NULL);
        page_cell(p, wording_fixed(&s->arena, deviation, 3), deviation, NULL, NULL);
        page_row_end(p);
    }
    page_table_end(p);
}

void describe_page_feature(struct describe_sheet *s, const struct describe_classes *c) {
    const char *heading = describe_words_heading(c, NAME, &s->arena);
    const char *title = describe_words_cut(&s->arena, c->title, NAME);
    page_heading(&s->page, NULL, heading);
    if (c->n > FEW && strcmp(c->title, "decade") != 0) {
        page_grid(&s->page);
        describe_page_bars(s, c, arena_printf(&s->arena, "Ratings by %s.", title), heading);
        describe_page_means(s, c, arena_printf(&s->arena, "Mean rating by %s.", title), heading);
        page_grid_end(&s->page);
    }
    const bool folded = c->n > 30;
    if (folded) page_details(&s->page, arena_printf(&s->arena, "The numbers by %s", title));
    put_table(s, c);
    if (folded) page_details_end(&s->page);
}

// ---- Roll-ups ----------------------------------------------------------------------------------

// A slice as it is drawn: what has many classes makes the rows.
struct heat {
    const struct describe_slice *slice;
    const struct describe_classes *rows, *columns;
    bool turned;
};

static struct heat turn(const struct describe_slice *s) {
    const bool turned = s->columns->n > NARROW && s->columns->n > s->rows->n;
    return (struct heat){s, turned ? s->columns : s->rows, turned ? s->rows : s->columns, turned};
}

static bool is_wide(const struct describe_slice *slice) {
    return turn(slice).columns->n > NARROW;
}

static bool is_drawn(const struct describe_slice *slice) {
    const size_t rows = slice->rows->n, columns = slice->columns->n;
    return rows > 0 && columns > 0 && rows <= MOST_HEAT && columns <= MOST_HEAT;
}

// The mean of a cell, or of a margin (row or column beyond the last), if ratings are enough.
static double heat_value(
    const struct describe_sheet *s, const struct heat *h, size_t row, size_t column) {
    const bool in_row = row < h->rows->n, in_column = column < h->columns->n;
    if (!in_row && !in_column) return s->d->mean;
    const size_t at =
        h->turned ? column * h->slice->columns->n + row : row * h->slice->columns->n + column;
    const struct describe_sum *sum = in_row && in_column ? &h->slice->cells[at]
                                     : in_row            ? &h->rows->at[row].of
                                                         : &h->columns->at[column].of;
    return sum->n < s->least ? NAN : describe_mean(sum);
}

// Names of the classes, and of the margin behind them.
static const char **heat_names(struct describe_sheet *s, const struct describe_classes *c) {
    const char **names = arena_alloc(&s->arena, (c->n + 1) * sizeof *names);
    for (size_t k = 0; names && k < c->n; k++)
        names[k] = describe_words_cut(&s->arena, c->at[k].name, NAME);
    if (names) names[c->n] = "all";
    return names;
}

static void put_heat(struct describe_sheet *s, const struct describe_slice *slice) {
    const struct heat h = turn(slice);
    const size_t high = h.rows->n + 1, wide = h.columns->n + 1;
    struct arena *a = &s->arena;
    double *value = arena_alloc(a, wide * high * sizeof *value);
    const char **rows = heat_names(s, h.rows), **columns = heat_names(s, h.columns);
    if (!value || !rows || !columns) return;
    for (size_t k = 0; k < wide * high; k++) value[k] = heat_value(s, &h, k / wide, k % wide);
    const char *rows_title = describe_words_cut(a, h.rows->title, NAME);
    const char *columns_title = describe_words_cut(a, h.columns->title, NAME);
    page_figure(&s->page, NULL,
        arena_printf(a, "Mean rating by %s and %s; in the last row and column, of all.", rows_title,
            columns_title));
    chart_heat(s->page.out,
        &(struct chart_head){.id = next_id(s),
            .alt = arena_printf(a, "Mean rating of %zu classes of %s by %zu of %s.", h.rows->n,
                rows_title, h.columns->n, columns_title)},
        describe_words_heading(h.rows, NAME, a), rows, high,
        describe_words_heading(h.columns, NAME, a), columns, wide, value, 2, SIZE_MAX);
    page_figure_end(&s->page);
}

static void put_cells_note(struct describe_sheet *s) {
    bool several = false;
    for (size_t k = 0; k < s->d->n_slices; k++)
        several |= s->d->slices[k].rows->several || s->d->slices[k].columns->several;
    const char *least =
        s->least > 1
            ? arena_printf(&s->arena, "Cells of fewer than %u ratings are left empty. ", s->least)
            : "";
    const char *text = arena_printf(&s->arena, "%s%s", least,
        several ? "What is in several classes counts in each of them." : "");
    if (*text) page_paragraph(&s->page, text);
}

void describe_page_slices(struct describe_sheet *s) {
    const struct describe *d = s->d;
    if (d->n_slices == 0) return;
    describe_page_open(s, "roll-ups");
    put_cells_note(s);
    page_grid(&s->page);
    for (size_t k = 0; k < d->n_slices; k++)
        if (is_drawn(&d->slices[k]) && !is_wide(&d->slices[k])) put_heat(s, &d->slices[k]);
    page_grid_end(&s->page);
    for (size_t k = 0; k < d->n_slices; k++)
        if (is_drawn(&d->slices[k]) && is_wide(&d->slices[k])) put_heat(s, &d->slices[k]);
    for (size_t k = 0; k < d->n_slices; k++) {
        const struct describe_slice *slice = &d->slices[k];
        if (is_drawn(slice)) continue;
        page_paragraph(
            &s->page, arena_printf(&s->arena, "%s by %s has %zu by %zu cells: see csv or json.",
                          describe_words_heading(slice->rows, NAME, &s->arena),
                          describe_words_cut(&s->arena, slice->columns->title, NAME),
                          slice->rows->n, slice->columns->n));
    }
    page_section_end(&s->page);
}
