// space.h - points of a space: which dimensions hold, how the unit cube maps to points, and walks
// over all points of a finite one.
#ifndef RECKON_SEARCH_SPACE_H
#define RECKON_SEARCH_SPACE_H

#include "search/search.h"

// Whether dimension `d` holds at a point of which those before `d` are known.
bool space_holds(const struct search_space *space, size_t d, const double *at);

// The default's coordinates: NAN where a dimension does not hold, and where it is in no list.
void space_default(const struct search_space *space, double *at);

// The point that belongs to u [space->n] in [0, 1): lists in equal parts, ranges by their scale.
// Coordinates of dimensions that do not hold are left unused.
void space_point(const struct search_space *space, const double *u, double *at);

// A coordinate of a dimension from u in [0, 1).
double space_value(const struct search_dim *d, double u);

// The other way round: the middle of what belongs to a coordinate. A default that lies outside a
// range is outside [0, 1], by half at most.
double space_unit(const struct search_dim *d, double x);

// The number of points of one dimension; 0: a range of real numbers, which has no end of them.
uint32_t space_count(const struct search_dim *d);

// A walk over all points of chosen coordinates, the last dimension fastest.
struct space_walk {
    const struct search_space *space; // borrowed
    uint32_t *n;                      // [space->n] coordinates of each dimension; owned
    double **value;                   // [space->n][n]; owned; NULL: the first, then each by 1 more
    uint32_t *index;                  // [space->n]; owned
    double *at;                       // [space->n] the point; owned
    bool begun;
};

// By the steps of each range (grid), or by all there are: false without a message where a dimension
// has no end of them, or no steps.
bool space_walk_init(
    struct space_walk *w, const struct search_space *space, bool grid, struct error *e);
bool space_walk_next(struct space_walk *w); // to the next point; false: there is none
void space_walk_done(struct space_walk *w); // accepts zeroed

#endif
