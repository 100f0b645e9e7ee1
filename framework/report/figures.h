// figures.h - the charts of a run's report, each with what it shows in words.
#ifndef RECKON_REPORT_FIGURES_H
#define RECKON_REPORT_FIGURES_H

#include "report/page.h"
#include "report/report.h"

// All figures of one data set (into results->plan->data), within a section of the page, under
// headings of their own: models by metric, fold by fold, accuracy against cost, recorded curves,
// sweeps and searches, errors by class. What there are no numbers for is left out. Ids begin with
// "fig-".
bool figures_write(struct page *p, const struct report *r, uint32_t data, struct error *e);

#endif
