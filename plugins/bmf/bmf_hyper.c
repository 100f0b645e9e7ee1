// Means and precisions, given what they are of.
#include <math.h>

#include "bmf_gibbs.h"
#include "bmf_random.h"

enum { MOST = 64 }; // numbers at a time

// Sums of n vectors' numbers first .. first + width - 1, where each is wanted.
struct sums {
    double n, sum[MOST], squares[MOST];
};

static void add(struct sums *s, const float *x, size_t width) {
    s->n++;
    for (size_t j = 0; j < width; j++) {
        s->sum[j] += x[j];
        s->squares[j] += (double)x[j] * x[j];
    }
}

// The posterior of lambda without mu, then that of mu given lambda: with n numbers x,
// lambda ~ Gamma((1 + n)/2, (1 + sum (x - mean)^2 + n/(n + 1) mean^2)/2),
// mu ~ N(sum x/(n + 1), 1/((n + 1) lambda)).
static void draw(const struct bmf_chain *c, const struct sums *s, double rate, uint32_t stream,
    uint32_t at, size_t width, float *mean, float *precision) {
    double gamma[MOST];
    float z[MOST];
    bmf_gamma(c->host, bmf_stream(stream, c->sweep, at), (c->prior + s->n) / 2, gamma, width);
    c->host->normal(c->host, bmf_stream(stream, c->sweep, at | 1u << 31), z, width);
    for (size_t j = 0; j < width; j++) {
        const double about = s->n > 0 ? s->squares[j] - s->sum[j] * s->sum[j] / s->n : 0;
        const double middle = s->n > 0 ? s->sum[j] * s->sum[j] / (s->n * (s->n + 1)) : 0;
        const double lambda = gamma[j] / ((rate + fmax(about, 0) + middle) / 2);
        precision[j] = (float)lambda;
        mean[j] = (float)(s->sum[j] / (s->n + 1) + z[j] / sqrt((s->n + 1) * lambda));
    }
}

// Those of rows first .. first + n - 1 of x; `rated`: of rows with ratings alone, the others have
// nothing to say.
static void draw_for(const struct bmf_chain *c, const float *x, size_t first, size_t n,
    const uint64_t *rated, uint32_t stream, uint32_t group, float *mean, float *precision) {
    const size_t unknowns = bmf_unknowns(c), chunks = (unknowns + MOST - 1) / MOST;
    const double scale = group > 0 ? c->feature_scale : 1, rate = c->prior * scale * scale;
    for (size_t k = 0; k < chunks; k++) {
        const size_t from = k * MOST;
        const size_t width = unknowns - from < MOST ? unknowns - from : MOST;
        struct sums s = {0};
        for (size_t r = first; r < first + n; r++)
            if (!rated || rated[r] < rated[r + 1]) add(&s, x + r * c->ld + from, width);
        draw(c, &s, rate, stream, (uint32_t)(group * chunks + k), width, mean + from,
            precision + from);
    }
}

void bmf_hyper_rows(struct bmf_chain *c, enum bmf_side side) {
    struct bmf_block *b = &c->block[side];
    draw_for(c, b->own, 0, b->n, b->start, BMF_STREAM_GROUP + side, 0, b->mean, b->precision);
}

void bmf_hyper_features(struct bmf_chain *c, enum bmf_side side) {
    struct bmf_block *b = &c->block[side];
    for (uint32_t g = 0; g < b->features.n_groups; g++) {
        const struct bmf_group *group = &b->features.group[g];
        const size_t at = (1 + g) * c->ld;
        draw_for(c, b->weight, group->first, group->n, NULL, BMF_STREAM_GROUP + side, 1 + g,
            b->mean + at, b->precision + at);
    }
}

// What rows' errors say, once the level has moved.
static void move_level(struct bmf_chain *c, float by) {
    const size_t n = bmf_unknowns(c), ld = c->ld;
    const struct bmf_block *b = &c->block[BMF_ITEM]; // whose slopes are in use
    c->level += by;
    for (size_t r = 0; b->gram && r < b->n; r++) {
        const float *ones = b->gram + (r * n + c->rank) * ld;
        if (b->start[r] == b->start[r + 1]) continue;
        for (size_t j = 0; j < n; j++) b->slope[r * ld + j] -= by * ones[j];
    }
}

void bmf_hyper_noise(struct bmf_chain *c, const struct bmf_errors *e) {
    double gamma;
    float z;
    if (!c->fixed_noise) {
        bmf_gamma(
            c->host, bmf_stream(BMF_STREAM_NOISE, c->sweep, 0), (c->prior + e->n) / 2, &gamma, 1);
        c->precision = (float)(gamma / ((c->prior + e->squares) / 2));
    }
    if (c->fixed_level) return;
    c->host->normal(c->host, bmf_stream(BMF_STREAM_LEVEL, c->sweep, 0), &z, 1);
    move_level(c, (float)(e->sum / e->weight + z / sqrt(c->precision * e->weight)));
}
