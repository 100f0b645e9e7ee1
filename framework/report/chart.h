// chart.h - charts as inline SVG, all in one look: numbers in, drawing out.
//
// A chart is one <svg class="chart"> for a page (page.h), between page_figure() and
// page_figure_end(). It scales with the width of the page (viewBox), takes its colours from the
// page's style (classes, so that it follows light and dark), tells its content to those who do not
// see it (title and desc: `title` and `alt`), and shows the numbers of a mark in its tooltip. Marks
// differ by shape as well as by colour. Texts are escaped and, where they are too long, cut with an
// ellipsis, the whole (of a
// label as long as a page, the beginning) in the tooltip. Numbers that are not finite are left out.
// Drawn within this file's own limits: more marks than CHART_MOST are thinned, and the chart says
// so.
#ifndef RECKON_REPORT_CHART_H
#define RECKON_REPORT_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { CHART_MOST = 2000 };

struct chart_axis {
    const char *title; // "RMSE (lower is better)"
    bool is_log;       // for costs and counts; values <= 0 are left out
    const char *unit;  // "s", "bytes", "share" (shown in percent), or NULL
    int decimals;      // of values in labels and tooltips; 0: two more than ticks have
};

struct chart_head {
    const char *id;    // distinct in its page, of letters, digits and hyphens; NULL: none
    const char *title; // short; NULL: none
    const char *alt;   // what it shows, a sentence or two
};

// Models with intervals: a row each, a dot and a bar; reference lines across (random, item mean,
// oracle).
struct chart_interval {
    const char *label;
    double value, low, high;
    bool strong, faint; // the best and those not told from it; such as take no part
};
struct chart_line {
    const char *label;
    double value;
};
void chart_intervals(FILE *out, const struct chart_head *head, const struct chart_axis *axis,
    const struct chart_interval *at, size_t n, const struct chart_line *lines, size_t n_lines);

// Fold by fold dots: a row for each model, a dot for each fold; dots of one fold have one shape
// (where there are at most eight), and lines between rows join them.
struct chart_dots_row {
    const char *label;
    const double *values; // [n_folds]; NAN: none
};
void chart_dots(FILE *out, const struct chart_head *head, const struct chart_axis *axis,
    const struct chart_dots_row *rows, size_t n, const char *const *folds, size_t n_folds);

// Accuracy against cost, each model a labelled point; those that no other beats in both are joined
// and named.
struct chart_point {
    const char *label;
    double x, y;
    bool on_front;
};
void chart_scatter(FILE *out, const struct chart_head *head, const struct chart_axis *x,
    const struct chart_axis *y, const struct chart_point *at, size_t n);

// Curves: learning, elbow, silhouette, long tails, a sweep over one parameter. Band: low..high, or
// NULL.
struct chart_series {
    const char *label;
    const double *x, *y;      // [n]
    const double *low, *high; // [n] or NULL
    size_t n;
    bool marks; // dots at its points
    bool loose; // its points are not joined
};
void chart_curves(FILE *out, const struct chart_head *head, const struct chart_axis *x,
    const struct chart_axis *y, const struct chart_series *at, size_t n);

// Bars over named classes, in groups of series: error by rating value, histograms. Bars begin at 0.
struct chart_bars_series {
    const char *label;
    const double *values; // [n_classes]; NAN: none
    bool loose;           // of a profile: its points are not joined, as the classes have no order
};
void chart_bars(FILE *out, const struct chart_head *head, const char *class_title,
    const char *const *classes, size_t n_classes, const struct chart_axis *y,
    const struct chart_bars_series *at, size_t n);
// The same numbers as joined dots over ordered classes, where 0 is no natural beginning.
void chart_profile(FILE *out, const struct chart_head *head, const char *class_title,
    const char *const *classes, size_t n_classes, const struct chart_axis *y,
    const struct chart_bars_series *at, size_t n);

// A sweep over two parameters, or means by two features: cells coloured by value, with their
// numbers; `best`: that cell is framed (SIZE_MAX: none). values [n_rows * n_columns]; NAN: empty.
void chart_heat(FILE *out, const struct chart_head *head, const char *row_title,
    const char *const *rows, size_t n_rows, const char *column_title, const char *const *columns,
    size_t n_columns, const double *values, int decimals, size_t best);

#endif
