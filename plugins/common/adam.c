#include "common/adam.h"

#include <math.h>
#include <stdlib.h>

#include "common/kernel.h"

enum { GRAIN = 16384, ROWS_GRAIN = 64 };

static struct adam_step step_at(const struct adam_rule *rule, uint32_t t) {
    return (struct adam_step){.rate = (float)(rule->rate / (1 - pow(rule->beta1, t))),
        .inverse = (float)(1 / (1 - pow(rule->beta2, t))),
        .beta1 = (float)rule->beta1,
        .beta2 = (float)rule->beta2,
        .epsilon = (float)rule->epsilon,
        .l2 = (float)rule->l2,
        .keep = (float)(1 - rule->rate * rule->decay)};
}

KERNEL_CLONES
static void step_range(const struct adam_step *s, float *restrict w, float *restrict m,
    float *restrict v, const float *restrict gradient, size_t n) {
    const float beta1 = s->beta1, beta2 = s->beta2, l2 = s->l2, keep = s->keep, rate = s->rate,
                inverse = s->inverse, epsilon = s->epsilon;
    for (size_t k = 0; k < n; k++) {
        const float g = gradient[k] + l2 * w[k];
        m[k] = beta1 * m[k] + (1 - beta1) * g;
        v[k] = beta2 * v[k] + (1 - beta2) * g * g;
        w[k] = keep * w[k] - rate * m[k] / (sqrtf(v[k] * inverse) + epsilon);
    }
}

bool adam_init(struct adam *a, size_t n, size_t row) {
    *a = (struct adam){.n = n, .row = row};
    a->m = calloc(n ? n : 1, sizeof *a->m);
    a->v = calloc(n ? n : 1, sizeof *a->v);
    if (row) a->steps = calloc(n / row + 1, sizeof *a->steps);
    if (a->m && a->v && (a->steps || !row)) return true;
    adam_done(a);
    return false;
}

uint64_t adam_bytes(uint64_t n, uint64_t row) {
    const struct adam *a = NULL;
    return (n ? n : 1) * (sizeof *a->m + sizeof *a->v) +
           (row ? (n / row + 1) * sizeof *a->steps : 0);
}

void adam_done(struct adam *a) {
    free(a->m);
    free(a->v);
    free(a->steps);
    *a = (struct adam){0};
}

struct job {
    struct adam *adam;
    const struct adam_rule *rule;
    struct adam_step step; // of the whole
    float *w;
    const float *gradient;
    const uint32_t *at; // NULL: all
};

static rk_status step_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct job *j = arg;
    const struct adam *a = j->adam;
    adam_apply(a, &j->step, j->w, begin, j->gradient + begin, end - begin);
    return RK_OK;
}

static rk_status step_rows(void *arg, uint32_t worker, size_t begin, size_t end) {
    (void)worker;
    const struct job *j = arg;
    const struct adam *a = j->adam;
    for (size_t k = begin; k < end; k++) {
        const size_t r = j->at[k], first = r * a->row;
        const struct adam_step s = step_at(j->rule, ++a->steps[r]);
        step_range(&s, j->w + first, a->m + first, a->v + first, j->gradient + k * a->row, a->row);
    }
    return RK_OK;
}

struct adam_step adam_begin(struct adam *a, const struct adam_rule *rule) {
    return step_at(rule, ++a->t);
}

void adam_apply(const struct adam *a, const struct adam_step *s, float *w, size_t first,
    const float *gradient, size_t n) {
    step_range(s, w + first, a->m + first, a->v + first, gradient, n);
}

rk_status adam_step(struct adam *a, const rk_host *host, const struct adam_rule *rule, float *w,
    const float *gradient) {
    struct job j = {.adam = a, .rule = rule, .w = w, .gradient = gradient};
    j.step = adam_begin(a, rule);
    return host->parallel_for(host, a->n, GRAIN, step_piece, &j);
}

rk_status adam_step_rows(struct adam *a, const rk_host *host, const struct adam_rule *rule,
    float *w, const uint32_t *at, size_t n_rows, const float *gradient) {
    struct job j = {.adam = a, .rule = rule, .w = w, .gradient = gradient, .at = at};
    return host->parallel_for(host, n_rows, ROWS_GRAIN, step_rows, &j);
}
