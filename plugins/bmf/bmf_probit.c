#include "bmf_probit.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bmf_random.h"

enum {
    PER_UNIT = 64, // cells
    REACH = 32,    // of the grid, to both sides of 0
    CELLS = 2 * REACH * PER_UNIT + 1,
    SHARE = 4096, // one rating, in the units in which it is dealt to two cells
    PIECE = 4096, // ratings of one stream of random numbers
    MOST_STEPS = 30,
    UNIFORMS = 128 // for one slice
};

static const double PRIOR_SD = 3;
static const double TAIL = 37; // beyond, the distribution function is 0 in doubles

// ---- Levels ------------------------------------------------------------------------------------

static uint32_t level_of(const struct bmf_probit *p, float rating) {
    uint32_t low = 0;
    for (uint32_t n = p->n_levels; n > 1;) {
        const uint32_t half = n / 2;
        if (p->value[low + half] <= rating) low += half;
        n -= half;
    }
    return low;
}

// Counts `rating` among the values, of which the first BMF_PROBIT_LEVELS are known by name.
static void collect(struct bmf_probit *p, uint32_t *n_found, const float *rating, size_t n) {
    for (size_t k = 0; k < n; k++) {
        uint32_t at = p->n_levels ? level_of(p, rating[k]) : 0;
        if (at < p->n_levels && p->value[at] == rating[k]) continue;
        if (at < p->n_levels && p->value[at] < rating[k]) at++;
        ++*n_found;
        if (p->n_levels == BMF_PROBIT_LEVELS) return;
        memmove(p->value + at + 1, p->value + at, (p->n_levels - at) * sizeof *p->value);
        p->value[at] = rating[k];
        p->n_levels++;
    }
}

rk_status bmf_probit_init(struct bmf_probit *p, const rk_host *host, const rk_data *data) {
    uint32_t n_found = 0;
    *p = (struct bmf_probit){0};
    const size_t n = data->by_user.start[data->n_users];
    collect(p, &n_found, data->by_user.value, n);
    collect(p, &n_found, data->valid_ratings, data->valid->n);
    if (n_found > BMF_PROBIT_LEVELS)
        return host->fail(host, RK_E_DATA,
            "likelihood: probit takes ratings as levels, of which there are more than %d; use "
            "gaussian",
            BMF_PROBIT_LEVELS);
    if (n_found < 2)
        return host->fail(host, RK_E_DATA,
            "likelihood: probit tells levels apart, and all ratings are %g; use gaussian",
            (double)p->value[0]);
    const size_t n_cells = (size_t)p->n_levels * CELLS;
    p->cells = calloc(host->n_threads * n_cells, sizeof *p->cells);
    p->f = calloc(n_cells, sizeof *p->f);
    p->weight = calloc(n_cells, sizeof *p->weight);
    if (p->cells && p->f && p->weight) return RK_OK;
    bmf_probit_done(p);
    return RK_E_MEMORY;
}

uint64_t bmf_probit_bytes(uint64_t n_ratings, uint32_t n_threads) {
    const struct bmf_probit *p = NULL;
    return (uint64_t)BMF_PROBIT_LEVELS * CELLS *
               (n_threads * sizeof *p->cells + sizeof *p->f + sizeof *p->weight) +
           2 * (n_ratings + 1) * sizeof *p->level; // the next one, before the last is given back
}

void bmf_probit_done(struct bmf_probit *p) {
    free(p->level);
    free(p->cells);
    free(p->f);
    free(p->weight);
    *p = (struct bmf_probit){0};
}

rk_status bmf_probit_rate(struct bmf_probit *p, const float *ratings, size_t n) {
    uint8_t *level = malloc(n + 1);
    if (!level) return RK_E_MEMORY;
    const bool first = p->level == NULL;
    free(p->level);
    p->level = level;
    p->n = n;
    memset(p->count, 0, sizeof p->count);
    for (size_t k = 0; k < n; k++) p->count[level[k] = (uint8_t)level_of(p, ratings[k])]++;
    double below = 0;
    for (uint32_t l = 0; first && l + 1 < p->n_levels; l++) {
        below += (double)p->count[l] + 0.5;
        p->cut[l] = (float)gsl_cdf_ugaussian_Pinv(below / ((double)n + 0.5 * p->n_levels));
    }
    return RK_OK;
}

// ---- Ratings by level and f --------------------------------------------------------------------

struct sweep {
    struct bmf_probit *p;
    const rk_host *host;
    uint32_t number;
    const float *f;
    float *z;
};

static rk_status count_cells(void *arg, uint32_t worker, size_t begin, size_t end) {
    const struct sweep *s = arg;
    const struct bmf_probit *p = s->p;
    uint64_t *cells = p->cells + (size_t)worker * p->n_levels * CELLS;
    for (size_t k = begin; k < end; k++) {
        if (!isfinite(s->f[k])) return RK_E_NUMERIC;
        const float at = fminf(fmaxf(s->f[k], -REACH), REACH - 1.0f / PER_UNIT) + REACH;
        const uint32_t units = (uint32_t)(at * (PER_UNIT * (float)SHARE)), c = units / SHARE;
        uint64_t *cell = cells + (size_t)p->level[k] * CELLS + c;
        cell[0] += SHARE - units % SHARE;
        cell[1] += units % SHARE;
    }
    return RK_OK;
}

// Filled cells to the front of f and weight of their level; all cells to 0 again.
static void gather_cells(struct bmf_probit *p, uint32_t n_threads, size_t *n_filled) {
    const size_t n_cells = (size_t)p->n_levels * CELLS;
    for (uint32_t l = 0; l < p->n_levels; l++) {
        size_t n = 0;
        for (size_t c = 0; c < CELLS; c++) {
            uint64_t sum = 0;
            for (uint32_t t = 0; t < n_threads; t++) {
                uint64_t *cell = p->cells + t * n_cells + (size_t)l * CELLS + c;
                sum += *cell;
                *cell = 0;
            }
            p->f[(size_t)l * CELLS + n] = (double)c / PER_UNIT - REACH;
            p->weight[(size_t)l * CELLS + n] = (double)sum / SHARE;
            n += sum > 0;
        }
        n_filled[l] = n;
    }
}

// ---- Cutpoints ---------------------------------------------------------------------------------

// What moves with one cutpoint: the level below it, and the one above.
struct cutting {
    const struct bmf_probit *p;
    uint32_t l;
    const size_t *n_filled;
    double low, high; // the neighbours
};

// P(low < z - f < high), in the tail that it lies in.
static double between(double low, double high) {
    const double sign = low + high > 0 ? 1 : -1, a = sign > 0 ? low : -high,
                 b = sign > 0 ? high : -low;
    return 0.5 * (erfc(a * 0.70710678118654752) - erfc(b * 0.70710678118654752));
}

// Log of the posterior density at `cut`, up to a constant.
static double log_density(const struct cutting *c, double cut) {
    double sum = -0.5 * cut * cut / (PRIOR_SD * PRIOR_SD);
    for (uint32_t above = 0; above < 2; above++) {
        const double *f = c->p->f + (size_t)(c->l + above) * CELLS,
                     *weight = c->p->weight + (size_t)(c->l + above) * CELLS;
        for (size_t k = 0; k < c->n_filled[c->l + above]; k++) {
            const double p =
                above ? between(cut - f[k], c->high - f[k]) : between(c->low - f[k], cut - f[k]);
            sum += weight[k] * log(fmax(p, 1e-300));
        }
    }
    return sum;
}

// One step of slice sampling from x, stepping out by `width` and shrinking.
static double slice(const struct cutting *c, double x, double width, const float *u) {
    const double depth = log_density(c, x) + log((double)u[0] + 0x1p-25);
    const double start = x - width * u[1];
    double left = fmax(start, c->low), right = fmin(start + width, c->high);
    size_t n = 2;
    // Steps to both sides are limited together, split at random: Neal's condition for that.
    int steps_left = (int)(u[n++] * (MOST_STEPS + 1)), steps_right = MOST_STEPS - steps_left;
    while (steps_left-- > 0 && left > c->low && log_density(c, left) > depth)
        left = fmax(left - width, c->low);
    while (steps_right-- > 0 && right < c->high && log_density(c, right) > depth)
        right = fmin(right + width, c->high);
    while (n < UNIFORMS) {
        const double next = left + (right - left) * u[n++];
        if (log_density(c, next) > depth) return next;
        if (next < x)
            left = next;
        else
            right = next;
    }
    return x;
}

static void draw_cuts(struct bmf_probit *p, const struct sweep *s, const size_t *n_filled) {
    float u[UNIFORMS];
    for (uint32_t l = 0; l + 1 < p->n_levels; l++) {
        const struct cutting c = {p, l, n_filled, l > 0 ? p->cut[l - 1] : -INFINITY,
            l + 2 < p->n_levels ? p->cut[l + 1] : INFINITY};
        const double n = (double)(p->count[l] + p->count[l + 1]);
        s->host->uniform(s->host, bmf_stream(BMF_STREAM_LATENT + 1, s->number, l), u, UNIFORMS);
        p->cut[l] = (float)slice(&c, p->cut[l], 3 / sqrt(n + 1), u);
    }
}

double bmf_probit_mean(const struct bmf_probit *p, double f) {
    double sum = p->value[0];
    for (uint32_t l = 0; l + 1 < p->n_levels; l++)
        sum += (p->value[l + 1] - p->value[l]) * 0.5 * erfc((p->cut[l] - f) * 0.70710678118654752);
    return sum;
}

// ---- Latent numbers ----------------------------------------------------------------------------

double bmf_probit_truncated(double low, double high, double u) {
    if (low + high > 0) return -bmf_probit_truncated(-high, -low, 1 - u);
    if (high < -TAIL) // where the density falls off as exp(high x), to 1 part in 1000
        return high + log(1 - (1 - u) * -expm1(high * (high - low))) / -high;
    const double a = 0.5 * erfc(-low * 0.70710678118654752),
                 b = 0.5 * erfc(-high * 0.70710678118654752);
    return fmin(fmax(gsl_cdf_ugaussian_Pinv(a + u * (b - a)), low), high);
}

static rk_status draw_latent(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct sweep *s = arg;
    const struct bmf_probit *p = s->p;
    float u[2 * PIECE];
    s->host->uniform(s->host, bmf_stream(BMF_STREAM_LATENT, s->number, (uint32_t)(begin / PIECE)),
        u, 2 * (end - begin));
    for (size_t k = begin; k < end; k++) {
        const uint32_t l = p->level[k];
        const double f = s->f[k], low = l > 0 ? p->cut[l - 1] - f : -INFINITY,
                     high = l + 1 < p->n_levels ? p->cut[l] - f : INFINITY,
                     v = u[2 * (k - begin)] + 0x1p-24 * (u[2 * (k - begin) + 1] + 0x1p-25);
        s->z[k] = (float)(f + bmf_probit_truncated(low, high, v));
    }
    return RK_OK;
}

rk_status bmf_probit_sweep(
    struct bmf_probit *p, const rk_host *host, uint32_t sweep, const float *f, float *z) {
    struct sweep s = {p, host, sweep, f, z};
    size_t n_filled[BMF_PROBIT_LEVELS];
    const rk_status status = host->parallel_for(host, p->n, PIECE, count_cells, &s);
    gather_cells(p, host->n_threads, n_filled);
    if (status != RK_OK) return status;
    draw_cuts(p, &s, n_filled);
    return host->parallel_for(host, p->n, PIECE, draw_latent, &s);
}
