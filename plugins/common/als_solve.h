// als_solve.h - one half-iteration: every row of one side solved with the other side fixed.
#ifndef RECKON_PLUGINS_COMMON_ALS_SOLVE_H
#define RECKON_PLUGINS_COMMON_ALS_SOLVE_H

#include "common/als_factors.h"
#include "common/als_implicit.h"
#include "common/ratings.h"
#include "reckon.h"

enum als_solver { ALS_CHOLESKY, ALS_CG };

struct als_solve {
    enum als_solver solver;
    int cg_steps;
    double lambda;                 // of factors, in units of the noise's standard deviation
    double count_power;            // a row of n ratings is penalised by lambda n^count_power
    double damping[2];             // [side]; of biases, in ratings
    struct als_implicit *implicit; // borrowed; NULL: without the implicit-features term
    // Scratch, reused by each half-iteration.
    size_t per_thread; // floats
    float *thread;     // [n_threads x per_thread]; owned
    double *error;     // [pieces of rows]; owned: squared errors of each
};

// Scratch for factors of this shape; the rest is the caller's to set. False: no memory.
bool als_solve_init(struct als_solve *s, const rk_host *host, const struct als_factors *f);
void als_solve_done(struct als_solve *s);
uint64_t als_solve_bytes(const struct als_factors *f, uint32_t n_threads);

// Solves all rows of `side`. *squared_error: what remains on all ratings, in ratings squared.
// RK_E_NUMERIC: a system was not positive definite, and the host has the message.
rk_status als_solve_side(struct als_solve *s, struct als_factors *f, enum als_side side,
    const rk_host *host, const struct ratings *r, double *squared_error);

#endif
