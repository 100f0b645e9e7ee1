// kmeans_shrink.h - how far means of cells are drawn towards 0: leave-one-out in closed form.
//
// A cell of n values x with sum t answers t / (n + s); leaving one of its values out, it would
// answer (t - x) / (n - 1 + s). Over the cell, the squared errors of those answers add up to
//
//     sum (x - (t - x) / (n - 1 + s))^2
//         = ((n + s)^2 sum x^2 - 2 (n + s) t^2 + n t^2) / (n - 1 + s)^2,
//
// so three sums for each cell give the error for every s at once, and s is the value on a grid
// with the least of it over all cells. A user rates an item once: what is left out is all that the
// cell of (cluster, item) knows of him, as with a user who is new.
#ifndef RECKON_PLUGINS_KMEANS_SHRINK_H
#define RECKON_PLUGINS_KMEANS_SHRINK_H

#include <stddef.h>

enum { SHRINK_GRID = 33 };

struct cell {
    double n, sum, squares;
};

// The grid: 1/4 .. 2^14 in steps of sqrt 2.
double shrink_value(size_t at);

// Adds the cell's squared errors for each value of the grid.
void shrink_add(double error[SHRINK_GRID], const struct cell *c);

// The value with the least error; the largest of equals.
double shrink_best(const double error[SHRINK_GRID]);

#endif
