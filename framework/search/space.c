#include "search/space.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool space_holds(const struct search_space *space, size_t d, const double *at) {
    const struct search_dim *dim = &space->dims[d];
    if (dim->when < 0) return true;
    const double k = at[dim->when];
    return !isnan(k) && dim->when_in[(size_t)k];
}

void space_default(const struct search_space *space, double *at) {
    for (size_t d = 0; d < space->n; d++)
        at[d] = space_holds(space, d, at) ? space->dims[d].def : NAN;
}

// The number near x with as few digits as tell it from others `step` away: what is tried is what
// a table shows, and what a user can write in a file.
static double rounded(double x, double step) {
    if (x == 0 || !(step > 0)) return x;
    int digits = (int)(floor(log10(fabs(x))) - floor(log10(step)));
    if (digits < 0) return 0;
    if (digits > 16) digits = 16;
    char text[40];
    snprintf(text, sizeof text, "%.*e", digits, x);
    return strtod(text, NULL);
}

static double within(const struct search_dim *d, double x) {
    return x < d->min ? d->min : x > d->max ? d->max : x;
}

// Both ends of a range as they are interpolated: whole numbers own the unit above them.
static double low_end(const struct search_dim *d) {
    return d->log ? log(d->min) : d->min;
}
static double high_end(const struct search_dim *d) {
    const double max = d->whole ? d->max + 1 : d->max;
    return d->log ? log(max) : max;
}

double space_value(const struct search_dim *d, double u) {
    if (d->n > 0) {
        const double k = floor(u * d->n);
        return k < d->n ? k : d->n - 1;
    }
    const double low = low_end(d), width = high_end(d) - low;
    const double x = d->log ? exp(low + u * width) : low + u * width;
    if (d->whole) return within(d, floor(x));
    return within(d, rounded(x, (d->log ? x * width : width) * 1e-4));
}

double space_unit(const struct search_dim *d, double x) {
    if (d->n > 0) return (x + 0.5) / d->n;
    const double low = low_end(d), width = high_end(d) - low;
    if (d->whole) x += 0.5;
    if (!(width > 0)) return 0.5;
    const double u = ((d->log ? log(x > 0 ? x : 0) : x) - low) / width;
    return u < -0.5 ? -0.5 : u > 1.5 ? 1.5 : u;
}

void space_point(const struct search_space *space, const double *u, double *at) {
    for (size_t d = 0; d < space->n; d++)
        at[d] = space_holds(space, d, at) ? space_value(&space->dims[d], u[d]) : NAN;
}

uint32_t space_count(const struct search_dim *d) {
    if (d->n > 0) return d->n;
    if (d->min == d->max) return 1;
    if (!d->whole) return 0;
    const double n = d->max - d->min + 1;
    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

// The k-th of a range's steps; both ends are themselves. Twelve digits, so that 1e-3..1 in seven
// steps has 0.01 itself, which may be the default.
static double step_value(const struct search_dim *d, uint32_t k) {
    if (k == 0) return d->min;
    if (k + 1 == d->steps) return d->max;
    const double share = (double)k / (d->steps - 1);
    const double x = d->log ? exp(log(d->min) + share * (log(d->max) - log(d->min)))
                            : d->min + share * (d->max - d->min);
    return within(d, d->whole ? round(x) : rounded(x, fabs(x) * 1e-12));
}

// The distinct steps of a range, ascending.
static bool take_steps(struct space_walk *w, size_t at, const struct search_dim *d) {
    double *value = w->value[at] = calloc(d->steps, sizeof *value);
    if (!value) return false;
    uint32_t n = 0;
    for (uint32_t k = 0; k < d->steps; k++) {
        const double x = step_value(d, k);
        if (n == 0 || x > value[n - 1]) value[n++] = x;
    }
    w->n[at] = n;
    return true;
}

bool space_walk_init(
    struct space_walk *w, const struct search_space *space, bool grid, struct error *e) {
    *w = (struct space_walk){.space = space};
    for (size_t d = 0; d < space->n; d++)
        if (space_count(&space->dims[d]) == 0 && !(grid && space->dims[d].steps > 0)) return false;
    w->n = calloc(space->n, sizeof *w->n);
    w->value = calloc(space->n, sizeof *w->value);
    w->index = calloc(space->n, sizeof *w->index);
    w->at = calloc(space->n, sizeof *w->at);
    bool ok = w->n && w->value && w->index && w->at;
    for (size_t d = 0; ok && d < space->n; d++) {
        const struct search_dim *dim = &space->dims[d];
        w->n[d] = space_count(dim);
        if (grid && dim->n == 0 && dim->steps > 0) ok = take_steps(w, d, dim);
    }
    if (ok) return true;
    space_walk_done(w);
    return error_memory(e, space->n * sizeof(double), "the points of a search");
}

// Sets the coordinates from `d` on to the first that hold.
static void settle(struct space_walk *w, size_t d) {
    for (; d < w->space->n; d++) {
        const struct search_dim *dim = &w->space->dims[d];
        const double first = dim->n > 0 ? 0 : dim->min;
        const uint32_t k = w->index[d];
        w->at[d] = !space_holds(w->space, d, w->at) ? NAN
                   : w->value[d]                    ? w->value[d][k]
                                                    : first + k;
    }
}

bool space_walk_next(struct space_walk *w) {
    size_t from = 0;
    if (w->begun) {
        size_t d = w->space->n;
        while (d > 0 && (isnan(w->at[d - 1]) || w->index[d - 1] + 1 == w->n[d - 1])) {
            w->index[d - 1] = 0;
            d--;
        }
        if (d == 0) return false;
        from = d - 1;
        w->index[from]++;
    }
    w->begun = true;
    settle(w, from);
    return true;
}

void space_walk_done(struct space_walk *w) {
    for (size_t d = 0; w->value && d < w->space->n; d++) free(w->value[d]);
    free(w->n);
    free(w->value);
    free(w->index);
    free(w->at);
    *w = (struct space_walk){0};
}
