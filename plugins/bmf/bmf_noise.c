// How noisy each row's ratings are, relative to the others.
#include <math.h>

#include "bmf_gibbs.h"
#include "bmf_random.h"

enum { GRID = 64 };                      // shapes
static const uint32_t BESIDE = 1u << 31; // bit of streams that are of no row
static const double LEAST_SHAPE = 0.5, STEPS_AN_OCTAVE = 8;

void bmf_noise_row(struct bmf_chain *c, enum bmf_side side, uint32_t row, double squares) {
    const struct bmf_block *b = &c->block[side];
    const double n = (double)(b->start[row + 1] - b->start[row]), a = c->quiet_shape[side];
    double gamma;
    const uint64_t stream = bmf_stream(BMF_STREAM_QUIET + side, c->sweep, bmf_gamma_index(row));
    bmf_gamma(c->host, stream, a + n / 2, &gamma, 1);
    c->quiet[side][row] = (float)(gamma / (a + c->precision * squares / 2));
}

// alpha / t and t gamma fit the ratings as alpha and gamma do: t is drawn from what is left, the
// priors. Of t^(m a - p/2 - 1) exp(-a t sum gamma) exp(-p alpha / 2t), with alpha ~ Gamma(p/2,
// p/2), all but the last factor is a Gamma distribution to propose from.
static void move_scale(struct bmf_chain *c, enum bmf_side side, double m, double sum) {
    const double a = c->quiet_shape[side];
    const uint64_t stream = bmf_stream(BMF_STREAM_QUIET + side, c->sweep, BESIDE);
    double gamma;
    float chance;
    if (c->fixed_noise || m * a <= c->prior / 2) return;
    bmf_gamma(c->host, stream, m * a - c->prior / 2, &gamma, 1);
    c->host->uniform(c->host, stream | 1, &chance, 1);
    const double t = gamma / (a * sum);
    if (!(t > 0) || !(chance < exp(c->prior * c->precision / 2 * (1 - 1 / t)))) return;
    for (uint32_t r = 0; r < c->block[side].n; r++) c->quiet[side][r] *= (float)t;
    c->precision /= (float)t;
}

// The shape a on a grid of ratios, each as likely as the others beforehand.
static double draw_shape(
    const struct bmf_chain *c, enum bmf_side side, double m, double sum, double logs) {
    double weight[GRID], most = -INFINITY, total = 0;
    float chance;
    for (int k = 0; k < GRID; k++) {
        const double a = LEAST_SHAPE * exp2(k / STEPS_AN_OCTAVE);
        weight[k] = m * (a * log(a) - lgamma(a)) + (a - 1) * logs - a * sum;
        most = fmax(most, weight[k]);
    }
    for (int k = 0; k < GRID; k++) total += weight[k] = exp(weight[k] - most);
    const uint64_t stream = bmf_stream(BMF_STREAM_QUIET + side, c->sweep, BESIDE | 2);
    c->host->uniform(c->host, stream, &chance, 1);
    double left = chance * total;
    int at = 0;
    while (at < GRID - 1 && (left -= weight[at]) > 0) at++;
    return LEAST_SHAPE * exp2(at / STEPS_AN_OCTAVE);
}

void bmf_noise_side(struct bmf_chain *c, enum bmf_side side) {
    const struct bmf_block *b = &c->block[side];
    double m = 0, sum = 0, logs = 0;
    for (uint32_t r = 0; r < b->n; r++) {
        if (b->start[r] == b->start[r + 1]) continue;
        m++;
        sum += c->quiet[side][r];
        logs += log((double)c->quiet[side][r]);
    }
    c->quiet_shape[side] = draw_shape(c, side, m, sum, logs);
    move_scale(c, side, m, sum);
}

void bmf_noise_cold(struct bmf_chain *c, enum bmf_side side) {
    const struct bmf_block *b = &c->block[side];
    double m = 0, sum = 0;
    for (uint32_t r = 0; r < b->n; r++) {
        if (b->start[r] == b->start[r + 1]) continue;
        m++;
        sum += 1 / (double)c->quiet[side][r];
    }
    for (uint32_t r = 0; m > 0 && r < b->n; r++)
        if (b->start[r] == b->start[r + 1]) c->quiet[side][r] = (float)(m / sum);
}

double bmf_noise_precision(const struct bmf_chain *c) {
    const struct bmf_block *b = &c->block[BMF_USER];
    const float *user = c->quiet[BMF_USER], *item = c->quiet[BMF_ITEM];
    if (!user && !item) return c->precision;
    double sum = 0;
    for (uint32_t u = 0; u < b->n; u++) {
        double own = item ? 0 : (double)(b->start[u + 1] - b->start[u]);
        for (uint64_t e = b->start[u]; item && e < b->start[u + 1]; e++) own += 1 / item[b->col[e]];
        sum += user ? own / user[u] : own;
    }
    return c->precision * (double)b->start[b->n] / sum;
}
