// tuned.h - what tuning chose, in numbers and words.
#ifndef RECKON_REPORT_TUNED_H
#define RECKON_REPORT_TUNED_H

#include "report/values.h"

// How a row's parameters were chosen; NULL: its values are fixed, or the row is the harness's own.
const struct tuning *tuned_how(const struct values *v, const struct values_row *row);

// Whether some row is tuned by plan->metrics[metric]; -1: by any.
bool tuned_any(const struct values *v, int metric);

// Over the folds of one row, failed trials left out: the chosen configuration's score on inner
// folds; by how much that looks better than the one on the outer test rows; and how many candidates
// were tried, in those at full effort: 1 for fixed values.
struct summary tuned_inner(const struct values *v, const struct values_row *row);
struct summary tuned_optimism(const struct values *v, const struct values_row *row);
struct summary tuned_trials(const struct values *v, const struct values_row *row);

// Whether searched parameter `d` holds in what was chosen, by its condition.
bool tuned_holds(const struct tuning *how, const struct tuned *chosen, size_t d);

// Lines below the table: of all tuned rows, and of one. `add` takes each.
struct tuned_lines {
    const struct values *values;
    struct arena *arena;
    void (*add)(void *to, const char *line);
    void *to;
};
void tuned_note_all(const struct tuned_lines *l);
void tuned_note_row(const struct tuned_lines *l, const struct values_row *row, const char *label);

// Values chosen at an end of what was searched, and searches that can't be repeated: each with a
// clause of the same for a list.
struct tuned_warnings {
    const struct values *values;
    struct arena *arena;
    void (*add)(void *to, const char *text, const char *brief);
    void *to;
};
void tuned_warn_row(
    const struct tuned_warnings *w, const struct values_row *row, const char *label);
size_t tuned_lines_most(const struct values *v, const struct values_row *row);

#endif
