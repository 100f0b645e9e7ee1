// warnings_own.h - the parts of warnings.c.
#ifndef RECKON_REPORT_WARNINGS_OWN_H
#define RECKON_REPORT_WARNINGS_OWN_H

#include "report/warnings.h"

struct warning_job {
    struct warnings *out;
    const struct values *values;
    const struct comparisons *comparisons;
    struct arena *arena;
    const char **names; // [values->n + n_metrics + 1]: room for a list
    size_t n_names;
    size_t n_tuned; // warnings about searches
    bool failed;    // out of memory
};

void warning_add(struct warning_job *j, const char *text, const char *brief);
const char *warning_name(const struct warning_job *j, const struct values_row *row);
const char *warning_list(struct warning_job *j); // of the names
// "als is behind the fallback", "3 rows are behind the fallback"
const char *warning_brief(
    const struct warning_job *j, size_t n, const char *only, const char *one, const char *many);

// One warning at most, each.
void warn_yardstick(struct warning_job *j);
void warn_intervals(struct warning_job *j);

#endif
