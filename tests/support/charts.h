// charts.h - charts of every kind for tests: ordinary ones, and those that are hard to draw.
#ifndef RECKON_TESTS_CHARTS_H
#define RECKON_TESTS_CHARTS_H

#include <stdio.h>

struct chart_case {
    const char *name;
    void (*draw)(FILE *out);
};
extern const struct chart_case chart_cases[];
extern const size_t n_chart_cases;

#endif
