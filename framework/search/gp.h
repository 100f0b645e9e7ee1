// gp.h - Gaussian process regression for tens to hundreds of points.
//
//     y(x) ~ N(mean, v (k(x, x') + noise 1[x = x'])),  k = (1 + s + s^2 / 3) exp(-s),
//     s^2 = 5 sum_d (distance(x_d, x'_d) / length_d)^2                        (Matern 5/2)
//
// Coordinates lie in [0, 1] or are NAN, where a parameter does not hold: that is as far from 0.5 as
// 0.5 is from 0, and orthogonal to it. Two values of a list without order are 1 apart.
// Rasmussen, Williams: Gaussian Processes for Machine Learning, MIT Press 2006, chapters 2, 4, 5.
// Mean and v are those of most likelihood; lengths and noise are of the highest posterior density,
// lengths by a lognormal around LENGTH, noise around NOISE.
#ifndef RECKON_SEARCH_GP_H
#define RECKON_SEARCH_GP_H

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_multimin.h>
#include <gsl/gsl_vector.h>
#include <stdbool.h>

#include "core/error.h"

struct gp {
    size_t n_max, n_dims;
    const bool *nominal; // [n_dims] a list without order; borrowed

    size_t n;  // points
    double *x; // [n_max][n_dims]; owned
    double *y; // [n_max]; owned

    gsl_vector *theta; // [n_dims + 1] logarithms of lengths, then of noise; owned
    double mean, v;

    // Of the points at theta, by gp_condition().
    double *factor; // [n][n], the Cholesky factor's lower triangle; room for n_max; owned
    double *weight; // [n_max] K^-1 (y - mean); owned
    double *ones;   // [n_max] K^-1 1; owned
    double *column; // [n_max]; owned
    double *rate;   // [n_dims] 1 / length; owned
    gsl_multimin_fminimizer *simplex; // owned
    gsl_vector *start, *step;         // [n_dims + 1]; owned
};

bool gp_init(struct gp *g, size_t n_max, size_t n_dims, const bool *nominal, struct error *e);
void gp_done(struct gp *g); // accepts zeroed

// Puts a point in; there must be room.
void gp_add(struct gp *g, const double *x, double y);

// Chooses lengths and noise by the points, from where they were and from the middle; then
// conditions.
void gp_learn(struct gp *g);

// Makes the process that of its points. False: the matrix cannot be factored.
bool gp_condition(struct gp *g);

// Mean and standard deviation (of the function, without noise) at x.
void gp_predict(struct gp *g, const double *x, double *mean, double *deviation);

#endif
