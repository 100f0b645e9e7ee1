// For one row with ratings t_1 .. t_n (mean and the other side's biases taken off) of rows
// x_j = [q_j ; 1] of the other side, the unknown w = [p ; b] solves
//
//     (sum_j x_j x_j' + D) w = sum_j t_j x_j,     D = diag(lambda n^c, ..., lambda n^c, damping).
//
// A panel holds the rows [q_j ; 1 ; t_j] of up to PANEL ratings, so that one symmetric product
// gives matrix, right-hand side and t't; and one Cholesky factorization of the matrix, bordered by
// the right-hand side b, gives y = U'^-1 b too. Then t't - y'y is the minimum of
// sum_j (t_j - w'x_j)^2 + w'Dw, and the squared error follows without another pass.
//
// With the implicit-features term, the equations gain w Y'Y and w times the sum of the rated y_j,
// and what they minimise gains w (p'Y'Y p - 2 p'sum y_j), up to a constant.
//
// A row of few ratings is solved in as many unknowns as it has ratings: with X = [x_1 .. x_n]',
// (X D^-1 X' + I) e = t gives the errors e, and w = D^-1 X' e. With the term, D is no longer
// diagonal, but the same for all rows of n ratings: with M D M' = I for the factors' part, p = M'z
// has the penalty |z - z_0|^2, z_0 = M w sum y_j, and the row M q_j in the place of q_j.
#include "common/als_solve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/kernel.h"
#include "common/linalg.h"
#include "common/vec.h"

enum { PANEL = 64, GRAIN = 16, AHEAD = 8, FEW_LD = ALS_FEW + 1 };

// Single precision needs a ridge of about this share of the largest diagonal element.
static const float LEAST_RIDGE = 1e-5f;

// A half-iteration, the same for all its rows.
struct job {
    const struct als_solve *s;
    const rk_csr *rows;
    float *own;         // [rows x ld]
    const float *other; // [columns x ld]
    size_t k, ld;
    float mean, unit; // a rating r is (r - mean) unit
    float damping;
    // The other side's, with the implicit-features term; else NULL.
    const float *implicit; // [columns x ld]
    const float *gram;     // [ld x ld]
    float weight;
};

// One row, and the scratch of the thread that works on it.
struct row {
    const struct job *j;
    uint64_t first, last; // its ratings
    float ridge, damping; // D: lambda n^c, and the bias's
    float *w;             // [ld]: its factors and bias
    float *panel;         // [PANEL x ld]
    float *matrix;        // [ld x ld]
    float *vectors;       // [3 x ld]
    float *rated;         // [ld]: with the term, the weighed sum of what the row rated
    float *inner;         // [PANEL]
    float *turned;        // [ld x FEW_LD]: the panel's transpose, times D^-1/2
    float *small;         // [FEW_LD x FEW_LD]
};

// Factors are far apart and small: without this, half the time of a gather is waiting.
static void prefetch(const float *x, size_t n) {
#ifdef __GNUC__
    for (size_t f = 0; f < n; f += LINALG_ALIGN) __builtin_prefetch(x + f);
#endif
}

// The panel of the ratings from `e` on; returns how many, at most PANEL.
static size_t gather(const struct row *r, uint64_t e) {
    const struct job *j = r->j;
    const size_t depth = r->last - e < PANEL ? (size_t)(r->last - e) : PANEL;
    const uint32_t *col = j->rows->col + e;
    for (size_t m = 0; m < depth; m++) {
        if (m + AHEAD < depth) prefetch(j->other + col[m + AHEAD] * j->ld, j->ld);
        float *x = r->panel + m * j->ld;
        memcpy(x, j->other + col[m] * j->ld, j->ld * sizeof *x);
        const float other_bias = x[j->k];
        x[j->k] = 1;
        x[j->k + 1] = (j->rows->value[e + m] - j->mean) * j->unit - other_bias;
    }
    return depth;
}

// w'Dw.
static double penalty(const struct row *r) {
    double squares = 0;
    for (size_t f = 0; f < r->j->k; f++) squares += (double)r->w[f] * r->w[f];
    const double bias = r->w[r->j->k];
    return r->ridge * squares + r->damping * bias * bias;
}

// y += w Y'Y v.
static void add_gram(const struct job *j, const float *v, float *y) {
    for (size_t f = 0; f < j->k; f++) linalg_axpy(y, j->weight * v[f], j->gram + f * j->ld, j->k);
}

// w (p'Y'Y p - 2 p'sum y): the term, up to a constant.
static double implicit_term(const struct row *r) {
    if (!r->j->gram) return 0;
    const size_t k = r->j->k;
    double of_gram = 0;
    for (size_t f = 0; f < k; f++) {
        of_gram += (double)r->w[f] * linalg_dot(r->j->gram + f * r->j->ld, r->w, k);
    }
    return r->j->weight * of_gram - 2.0 * linalg_dot(r->w, r->rated, k);
}

// What single precision needs of D, as a share of the largest diagonal element of the rest.
static void ridge_at_least(struct row *r, float largest) {
    r->ridge = fmaxf(r->ridge, LEAST_RIDGE * largest);
    r->damping = fmaxf(r->damping, LEAST_RIDGE * largest);
}

static bool solve_many(struct row *r, double *error) {
    const size_t k = r->j->k, ld = r->j->ld;
    float *a = r->matrix;
    memset(a, 0, ld * ld * sizeof *a);
    for (uint64_t e = r->first; e < r->last; e += PANEL) {
        const size_t depth = gather(r, e);
        linalg_gram(a, r->panel, depth, k + 2, ld);
    }
    if (r->j->gram) {
        for (size_t f = 0; f < k; f++) {
            linalg_axpy(a + f * ld, r->j->weight, r->j->gram + f * ld, k);
            a[f * ld + k + 1] += r->rated[f];
        }
    }
    float largest = 0;
    for (size_t f = 0; f <= k; f++) largest = fmaxf(largest, a[f * ld + f]);
    ridge_at_least(r, largest);
    for (size_t f = 0; f < k; f++) a[f * ld + f] += r->ridge;
    a[k * ld + k] += r->damping;

    double reached = a[(k + 1) * ld + k + 1];
    if (!linalg_cholesky(a, k + 1, k + 2, ld)) return false;
    linalg_back(a, k + 1, ld, k + 1, r->w);
    for (size_t f = 0; f <= k; f++) {
        const double y = a[f * ld + k + 1];
        reached -= y * y;
    }
    *error = fmax(0, reached - penalty(r) - implicit_term(r));
    return true;
}

enum { ROOT_VECTORS = 4 };

// y = M x, where `root` has M' by rows: [k x ld].
KERNEL_CLONES static void times_root(
    const float *root, size_t k, size_t ld, const float *x, float *y) {
    for (size_t at = 0; at < ld; at += ROOT_VECTORS * VEC_LANES) {
        const size_t left = (ld - at) / VEC_LANES, n = left < ROOT_VECTORS ? left : ROOT_VECTORS;
        vec sum[ROOT_VECTORS] = {{0}};
        for (size_t c = 0; c < k; c++) {
            const float *row = root + c * ld + at;
            for (size_t v = 0; v < ROOT_VECTORS; v++) {
                if (v >= n) break;
                vec m;
                memcpy(&m, row + v * VEC_LANES, sizeof m);
                sum[v] += x[c] * m;
            }
        }
        memcpy(y + at, sum, n * sizeof *sum);
    }
}

// The panel in terms of z - z_0; z_0: [ld].
static void enter_root(struct row *r, const float *root, size_t n, float *z_0) {
    const size_t k = r->j->k, ld = r->j->ld;
    float *turned = r->turned;
    times_root(root, k, ld, r->rated, z_0);
    for (size_t m = 0; m < n; m++) {
        float *x = r->panel + m * ld;
        times_root(root, k, ld, x, turned);
        memcpy(x, turned, k * sizeof *x);
        x[k + 1] -= linalg_dot(x, z_0, k);
    }
}

// From z - z_0 to p.
static void leave_root(const struct row *r, const float *root, float *z_0) {
    const size_t k = r->j->k, ld = r->j->ld;
    linalg_axpy(z_0, 1, r->w, k);
    for (size_t f = 0; f < k; f++) r->w[f] = linalg_dot(root + f * ld, z_0, k);
}

// The largest diagonal element of the panel's X'X.
static float largest_square(const struct row *r, size_t n) {
    float largest = 0;
    for (size_t f = 0; f <= r->j->k; f++) {
        float squares = 0;
        for (size_t m = 0; m < n; m++) {
            const float x = r->panel[m * r->j->ld + f];
            squares += x * x;
        }
        largest = fmaxf(largest, squares);
    }
    return largest;
}

// root: with the term, that of rows of as many ratings; else NULL.
static bool solve_few(struct row *r, const float *root, double *error) {
    const size_t k = r->j->k, ld = r->j->ld, n = gather(r, r->first);
    const size_t few_ld = linalg_pad(n + 1);
    float *x = r->turned, *a = r->small, *z_0 = r->vectors, e[FEW_LD];
    if (root) {
        enter_root(r, root, n, z_0);
        if (LEAST_RIDGE * largest_square(r, n) > 1) return solve_many(r, error);
        r->ridge = 1;
    }
    ridge_at_least(r, largest_square(r, n));
    const float of_factors = 1 / sqrtf(r->ridge), of_bias = 1 / sqrtf(r->damping);
    for (size_t f = 0; f <= k; f++) {
        const float scale = f < k ? of_factors : of_bias;
        float *turned = x + f * few_ld;
        for (size_t m = 0; m < n; m++) turned[m] = scale * r->panel[m * ld + f];
        for (size_t m = n; m < few_ld; m++) turned[m] = 0;
    }
    memset(a, 0, few_ld * few_ld * sizeof *a);
    linalg_gram(a, x, k + 1, n, few_ld);
    for (size_t m = 0; m < n; m++) {
        a[m * few_ld + m] += 1;
        a[m * few_ld + n] = r->panel[m * ld + k + 1];
    }
    if (!linalg_cholesky(a, n, n + 1, few_ld)) return false;
    linalg_back(a, n, few_ld, n, e);
    memset(r->w, 0, ld * sizeof *r->w);
    double squares = 0;
    for (size_t m = 0; m < n; m++) {
        linalg_axpy(r->w, e[m] / r->ridge, r->panel + m * ld, k);
        r->w[k] += e[m] / r->damping;
        squares += (double)e[m] * e[m];
    }
    if (root) leave_root(r, root, z_0);
    *error = squares;
    return true;
}

static bool solve_cholesky(struct row *r, double *error) {
    const uint64_t n = r->last - r->first;
    if (n > ALS_FEW || 2 * n > r->j->k) return solve_many(r, error);
    const struct als_implicit *im = r->j->s->implicit;
    if (!im) return solve_few(r, NULL, error);
    if (!im->has_root[n]) return solve_many(r, error);
    return solve_few(r, im->root + n * r->j->k * r->j->ld, error);
}

// y = P'P v, over all panels of the row. `kept`: the row has one panel, which is still there.
static void multiply(const struct row *r, const float *v, float *y, bool kept) {
    const struct job *j = r->j;
    memset(y, 0, j->ld * sizeof *y);
    for (uint64_t e = r->first; e < r->last; e += PANEL) {
        const size_t depth = kept ? (size_t)(r->last - r->first) : gather(r, e);
        linalg_normal(y, r->panel, depth, j->k + 2, j->ld, v, r->inner);
    }
}

// Conjugate gradients (Hestenes and Stiefel, 1952) from the present w.
static void solve_cg(struct row *r, double *error) {
    const size_t k = r->j->k, ld = r->j->ld;
    const float damping = r->damping;
    const bool one_panel = r->last - r->first <= PANEL;
    float *v = r->vectors, *residual = v + ld, *product = residual + ld, *w = r->w;
    memcpy(v, w, (k + 1) * sizeof *v);
    v[k + 1] = -1; // of the targets: P v is then minus the errors
    multiply(r, v, product, false);
    double objective = (double)linalg_dot(v, product, k + 2) + penalty(r) + implicit_term(r);
    if (r->j->gram) {
        add_gram(r->j, w, product);
        linalg_axpy(product, -1, r->rated, k);
    }
    for (size_t f = 0; f < k; f++) residual[f] = -product[f] - r->ridge * w[f];
    residual[k] = -product[k] - damping * w[k];

    memcpy(v, residual, (k + 1) * sizeof *v);
    v[k + 1] = 0;
    double rho = linalg_dot(residual, residual, k + 1);
    for (int step = 0; step < r->j->s->cg_steps && rho > 0; step++) {
        multiply(r, v, product, one_panel);
        linalg_axpy(product, r->ridge, v, k);
        if (r->j->gram) add_gram(r->j, v, product);
        product[k] += damping * v[k];
        const double curvature = linalg_dot(v, product, k + 1);
        if (!(curvature > 0)) break;
        const double length = rho / curvature;
        linalg_axpy(w, (float)length, v, k + 1);
        linalg_axpy(residual, (float)-length, product, k + 1);
        objective -= length * rho;
        const double next = linalg_dot(residual, residual, k + 1);
        const float keep = (float)(next / rho);
        for (size_t f = 0; f <= k; f++) v[f] = residual[f] + keep * v[f];
        rho = next;
    }
    *error = fmax(0, objective - penalty(r) - implicit_term(r));
}

static rk_status solve_rows(void *arg, uint32_t worker, size_t begin, size_t end) {
    const struct job *j = arg;
    float *at = j->s->thread + worker * j->s->per_thread;
    struct row r = {.j = j,
        .panel = at,
        .matrix = at + PANEL * j->ld,
        .vectors = at + (PANEL + j->ld) * j->ld,
        .rated = at + (PANEL + j->ld + 3) * j->ld,
        .inner = at + (PANEL + j->ld + 4) * j->ld,
        .turned = at + (PANEL + j->ld + 4) * j->ld + PANEL,
        .small = at + (PANEL + j->ld + 4 + FEW_LD) * j->ld + PANEL};
    double sum = 0;
    for (size_t n = begin; n < end; n++) {
        r.first = j->rows->start[n];
        r.last = j->rows->start[n + 1];
        r.w = j->own + n * j->ld;
        if (r.first == r.last) {
            memset(r.w, 0, j->ld * sizeof *r.w);
            continue;
        }
        r.ridge = (float)(j->s->lambda * pow((double)(r.last - r.first), j->s->count_power));
        r.damping = j->damping;
        if (j->gram) {
            als_implicit_sum(j->rows, n, j->implicit, j->ld, r.rated);
            for (size_t f = 0; f < j->k; f++) r.rated[f] *= j->weight;
        }
        double error = 0;
        if (j->s->solver == ALS_CG)
            solve_cg(&r, &error);
        else if (!solve_cholesky(&r, &error))
            return RK_E_NUMERIC;
        sum += error;
    }
    j->s->error[begin / GRAIN] = sum;
    return RK_OK;
}

rk_status als_solve_side(struct als_solve *s, struct als_factors *f, enum als_side side,
    const rk_host *host, const struct ratings *r, double *squared_error) {
    struct job j = {.s = s,
        .rows = side == ALS_USER ? &r->by_user : &r->by_item,
        .own = f->of[side],
        .other = f->of[!side],
        .k = f->k,
        .ld = f->ld,
        .mean = (float)f->mean,
        .unit = (float)(1 / f->scale),
        .damping = (float)s->damping[side]};
    rk_status status = RK_OK;
    if (s->implicit) {
        if (s->solver == ALS_CHOLESKY) {
            status =
                als_implicit_roots(s->implicit, f, side, host, j.rows, s->lambda, s->count_power);
        }
        if (status != RK_OK) return status;
        j.implicit = s->implicit->of[!side];
        j.gram = s->implicit->gram[!side];
        j.weight = (float)s->implicit->weight;
    }
    status = host->parallel_for(host, f->n[side], GRAIN, solve_rows, &j);
    if (status == RK_E_NUMERIC) {
        return host->fail(host, status, "the equations of %s are singular at lambda = %g",
            side == ALS_USER ? "a user" : "an item", s->lambda);
    }
    if (status != RK_OK) return status;
    double sum = 0;
    for (size_t p = 0; p < (f->n[side] + GRAIN - 1) / GRAIN; p++) sum += s->error[p];
    *squared_error = sum * f->scale * f->scale;
    return RK_OK;
}

static size_t scratch_of_thread(const struct als_factors *f) {
    return (PANEL + f->ld + 4 + FEW_LD) * f->ld + PANEL + FEW_LD * FEW_LD;
}

static size_t most_pieces(const struct als_factors *f) {
    return (f->n[ALS_USER] > f->n[ALS_ITEM] ? f->n[ALS_USER] : f->n[ALS_ITEM]) / GRAIN + 1;
}

uint64_t als_solve_bytes(const struct als_factors *f, uint32_t n_threads) {
    return linalg_bytes(n_threads, scratch_of_thread(f)) + most_pieces(f) * sizeof(double);
}

bool als_solve_init(struct als_solve *s, const rk_host *host, const struct als_factors *f) {
    s->per_thread = scratch_of_thread(f);
    s->thread = linalg_new(host->n_threads, s->per_thread);
    s->error = calloc(most_pieces(f), sizeof *s->error);
    return s->thread && s->error;
}

void als_solve_done(struct als_solve *s) {
    linalg_free(s->thread);
    free(s->error);
    *s = (struct als_solve){0};
}
