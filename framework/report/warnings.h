// warnings.h - what the numbers of one data set say against themselves.
#ifndef RECKON_REPORT_WARNINGS_H
#define RECKON_REPORT_WARNINGS_H

#include "report/comparison.h"

struct warning {
    const char *text;  // one sentence or two, with the numbers and what to do
    const char *brief; // a clause of the same, for a list: "folds differ more than rows do"
};

// In the arena that they were made with; by kind, the gravest first.
struct warnings {
    struct warning *at; // [n]
    size_t n, room;
};

bool warnings_make(struct warnings *w, const struct values *v, const struct comparisons *c,
    struct arena *a, struct error *e);

#endif
