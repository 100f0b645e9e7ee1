// report.h - all that a document about a run says, whatever its format: formats only lay it out.
#ifndef RECKON_REPORT_REPORT_H
#define RECKON_REPORT_REPORT_H

#include "core/registry.h"
#include "report/comparison.h"
#include "report/table.h"

// Texts in an arena.
struct lines {
    const char **at; // [n]
    size_t n;
};

struct report {
    struct arena arena;            // owned
    const struct results *results; // borrowed
    const char *experiment;        // the resolved configuration, as text; NULL: not known
    const char *plan_hash;         // 32 hex digits; NULL: not known
    const char *provenance;        // JSON, as the run had it; NULL: as it can be told now; borrowed
    struct comparisons comparisons;
    struct tables tables;      // scores
    struct tables differences; // from the best and the baseline; then ranks over all data sets
    // For each data set of `tables`, in their order: [n_data].
    uint32_t *data;         // into results->plan->data
    struct lines *story;    // sentences: what was compared, what won and whether that is real
    const char **costs;     // what it took, a sentence; "": not known. Not for files that must be
                            // the same bytes again
    struct lines *warnings; // what to distrust, each a sentence with what to do
    size_t n_data;
    const struct candidates *candidates; // borrowed, set by the caller: what searches tried
};

bool report_make(struct report *r, const struct results *results, const char *experiment,
    const char *plan_hash, struct error *e);
void report_done(struct report *r); // accepts a zeroed struct
// Where the texts of a data set stand; n_data: nowhere.
size_t report_find(const struct report *r, uint32_t data);

// A format that a report can be written in. To add one, add one file with
// REGISTRY_ADD(report_format,
// ...).
struct report_format {
    const char *id;   // "md"
    const char *doc;  // one line
    const char *file; // in the folder of results; NULL: table.<id>
    bool (*write)(const struct report *r, FILE *out, struct error *e);
};
REGISTRY_DECLARE(report_format)
const char *report_format_file(const struct report_format *f, struct arena *a);

struct table_style {
    bool colour;
    bool slices;    // the tables of single slices too
    unsigned width; // columns of the terminal; 0: unbounded
};

// The terminal's own form.
void report_print(const struct report *r, const struct table_style *style, FILE *out);

#endif
