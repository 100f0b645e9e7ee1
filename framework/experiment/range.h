// range.h - numbers from a low to a high end, as text: "1e-3..1 log", "8..64 5".
#ifndef RECKON_EXPERIMENT_RANGE_H
#define RECKON_EXPERIMENT_RANGE_H

#include "core/arena.h"
#include "core/error.h"
#include "model/schema.h"

struct range {
    double low, high; // both included; low < high
    bool log;         // equal ratios are equal steps; low > 0
    uint32_t steps;   // points of a grid; 0: not said
};

// Whether the text is meant as a range: it has ".." in it, or is "range".
bool range_is_meant(const char *text);

// "low..high", then the words log or linear (else the parameter's own scale decides) and a number
// of points, in either order; or "range", the parameter's whole one. Both ends lie in the
// parameter's own range. A message says what is wrong and what is expected.
bool range_read(const char *text, const struct schema_param *p, struct range *out, struct error *e);

// "0.001..1 (log)", "8..64 (5 points)": for people.
const char *range_describe(const struct range *r, struct arena *arena);

#endif
