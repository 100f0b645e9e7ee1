// figures_own.h - what the figures of one data set share; for figures*.c alone.
#ifndef RECKON_REPORT_FIGURES_OWN_H
#define RECKON_REPORT_FIGURES_OWN_H

#include "report/chart.h"
#include "report/figures.h"

struct figures {
    struct page *page;
    const struct report *report;
    const struct plan *plan;
    struct values values;
    size_t *order; // [n_order]: rows with a score, the best by the first metric first, but the best
                   // reachable one
    size_t n_order;  // at most CHART_ROWS: the best of them, and the fallback
    size_t n_scored; // how many there were
    unsigned n_charts, n_figures;
    struct arena arena; // owned
    bool no_room;       // memory ran out
};

// Zeroed memory; sets no_room if there is none.
void *figures_alloc(struct figures *f, size_t n, size_t size);

// An id for the next chart, with title and text.
struct chart_head figures_head(struct figures *f, const char *title, const char *alt);
// A figure whose charts stand side by side.
void figures_begin(struct figures *f, const char *caption);
void figures_end(struct figures *f);

const char *figures_label(struct figures *f, size_t row); // clean; long ones are cut
const char *figures_number(struct figures *f, size_t metric, double value);
// "RMSE (lower is better)"
struct chart_axis figures_axis(struct figures *f, size_t metric);
const char *figures_metric(struct figures *f, size_t metric); // "RMSE", "top 5 % share=0.1"
// Pooled over all test rows with its interval where that is known, else the mean over folds; NAN:
// none.
double figures_score(const struct figures *f, size_t row, size_t metric, double *low, double *high);
bool figures_better(const struct figures *f, size_t metric, double a, double b);
// NULL: nothing is compared.
const struct comparison *figures_comparison(const struct figures *f, size_t metric);
const struct comparison_row *figures_compared(const struct figures *f, size_t row, size_t metric);

// "a, b and c"; beyond `most`, "a, b and 7 more"
const char *figures_list(struct figures *f, const char *const *at, size_t n, size_t most);

// Each kind. They write nothing where there is nothing to show.
void figures_models(struct figures *f);
void figures_folds(struct figures *f);
void figures_costs(struct figures *f);
void figures_curves(struct figures *f);
void figures_sweeps(struct figures *f);
void figures_searches(struct figures *f);
void figures_errors(struct figures *f);

#endif
