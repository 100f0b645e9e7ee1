// blended.h - what blends are made of, in numbers and words.
#ifndef RECKON_REPORT_BLENDED_H
#define RECKON_REPORT_BLENDED_H

#include "report/values.h"

// What a row is a mean of; NULL: it is none, or the harness's own.
const struct blend_spec *blended_how(const struct values *v, const struct values_row *row);

// "als", "svd" as one list: "als, svd and bias". Labels are made harmless, none is left out.
const char *blended_members(const struct plan *plan, const struct blend_spec *b, struct arena *a);

// "equal", "as given", "fitted on 5 inner folds".
const char *blended_weights(const struct blend_spec *b, struct arena *a);

// "als × 0.75, svd × 0.25": what the experiment says; of fitted weights the names alone.
const char *blended_recipe(const struct plan *plan, const struct blend_spec *b, struct arena *a);

// A member's weight over the trials that have one.
struct blended_weight {
    double mean, low, high; // NAN: there is none
};
struct blended_weight blended_weight(const struct values_row *row, size_t member);

// The line below the table: "mix is the mean of als × 0.71 (0.68 to 0.75 over folds) and svd ..."
const char *blended_note(
    const struct values *v, const struct values_row *row, const char *label, struct arena *a);

#endif
