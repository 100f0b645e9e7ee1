// simplex.h - least squares by weights of at least 0 and sum 1.
#ifndef RECKON_TRIAL_SIMPLEX_H
#define RECKON_TRIAL_SIMPLEX_H

#include <stddef.h>

enum { SIMPLEX_MOST = 12 };

// weights [n] that minimise w'Pw, P = products [n][n] of the columns' errors, E'E: as weights have
// the sum 1, that is the squared error of the weighted mean. The point of least norm in a polytope
// (P. Wolfe, "Finding the nearest point in a polytope", Mathematical Programming 11, 1976): an
// active set of columns that are affinely independent, grown by the column that the mean's error is
// least alike, shrunk where a weight would be below 0. Exact but for rounding; the same bits for
// the same products. Of columns that are alike, the first one counts.
void simplex_least_squares(size_t n, const double *products, double *weights);

#endif
