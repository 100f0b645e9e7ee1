// html.h - the parts of report.html, each in a file of its own: html_<part>.c.
//
// Anchors: data set d and row r of its table, both from 1, are "d1-r2"; its folds "d1-r2-folds".
#ifndef RECKON_REPORT_HTML_H
#define RECKON_REPORT_HTML_H

#include <jansson.h>

#include "report/page.h"
#include "report/report.h"
#include "report/values.h"

struct html {
    struct page page;
    const struct report *report;
    struct arena arena;  // owned: texts as they are made up
    json_t *provenance;  // owned
    size_t trials_shown; // in tables of folds
    size_t logs_shown;
};

// One data set of the report.
struct html_data {
    size_t nth;                // from 1
    const struct table *table; // of slice "all"
    struct values values;      // rows as the table's
};

// What is shown at most; what is left out is said, and where it is.
enum { HTML_TRIALS_MOST = 2000, HTML_LOGS_MOST = 50, HTML_LOG_MOST = 4000 };

// Of scores, or of differences; numbers lead to the folds of the row of that name. `data`: from 1;
// 0: over all data sets, which leads nowhere.
void html_table(struct html *h, size_t data, const struct table *t);
void html_rows(struct html *h, const struct html_data *d); // where each number comes from
void html_definitions(struct html *h);
void html_provenance(struct html *h);
void html_again(struct html *h); // commands that give the same once more

// "d1-r2", with `suffix` behind it.
const char *html_anchor(struct html *h, size_t data, size_t row, const char *suffix);
// A label cut to 60 columns, where it stands in full elsewhere.
const char *html_short(struct html *h, const char *label);
// The title of a metric's column: with settings of its own, it goes by its label.
const char *html_metric_title(const struct metric_spec *m);

#endif
