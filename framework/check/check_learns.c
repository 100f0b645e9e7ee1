// Better than the mean, and every parameter at both ends.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "check/checks.h"
#include "check/variants.h"
#include "model/model.h"

void check_learns(const struct subject *s) {
    struct planted data;
    struct run r;
    run_data(&data, PLANTED_FULL, s);
    run_init(&r, s, &data);
    r.values = s->defaults;
    r.values_text = "defaults";
    run_must_fit(&r);
    const size_t n = data.test->n;
    float *out = run_alloc(n, sizeof *out);
    run_must_predict(&r, data.test, out);
    double model = 0, mean = 0;
    size_t answered = 0;
    for (size_t k = 0; k < n; k++) {
        const double by_mean = data.truth[k] - data.mean;
        const double by_model = isnan(out[k]) ? by_mean : data.truth[k] - (double)out[k];
        answered += !isnan(out[k]);
        mean += by_mean * by_mean / (double)n;
        model += by_model * by_model / (double)n;
    }
    if (!(model < mean))
        run_fail(&r,
            "RMSE %.4f on %zu planted ratings of known users and items, %zu of them "
            "answered; their mean has %.4f",
            sqrt(model), n, answered, sqrt(mean));
    run_done(&r);
}

// ---- Both ends ---------------------------------------------------------------------------------

// Steps and pieces granted to a model whose parameters may ask for very many, and what parameters
// that are resources get while another is tried, so that the fit comes to its end.
enum { STEPS = 10, PIECES = 5000, RESOURCE = 2 };

static size_t n_answered(const float *out, size_t n) {
    size_t answered = 0;
    for (size_t k = 0; k < n; k++) answered += !isnan(out[k]);
    return answered;
}

static void judge_answers(const struct run *r, size_t usual) {
    const rk_pairs *ask = r->data->ask;
    float *out = run_alloc(ask->n, sizeof *out);
    run_must_predict(r, ask, out);
    for (size_t p = 0; p < ask->n; p++)
        if (isinf(out[p]))
            run_fail(r, "predict: pair %zu user %u item %u: an infinity", p, ask->users[p],
                ask->items[p]);
    if (n_answered(out, ask->n) < usual / 2)
        run_fail(r, "answers %zu of %zu pairs, but %zu by its defaults", n_answered(out, ask->n),
            ask->n, usual);
    free(out);
}

// `usual`: pairs that it answers by its defaults.
static void live_at(
    const struct planted *data, const struct subject *s, const struct variant *v, size_t usual) {
    struct run r;
    run_init(&r, s, data);
    variant_apply(&r, v);
    r.guard.cancel_progress = STEPS;
    r.guard.cancel_piece = PIECES;
    rk_status status = run_create(&r);
    if (status == RK_OK) status = run_fit(&r);
    if (status < RK_E_IO || status > RK_CANCELLED) run_fail(&r, "status %d is none", status);
    if (status == RK_OK) judge_answers(&r, usual);
    run_done(&r);
}

// What the ends are tried on, and the pairs that are answered there by default; a single pair
// besides, where all that is larger than the data is too large.
struct grounds {
    const struct subject *subject;
    struct planted data[2];
    size_t usual[2];
};

static void live_on(const struct grounds *g, uint32_t k, struct param_value end) {
    struct variant v = variant_of(g->subject, k, end, RESOURCE);
    for (int d = 0; d < 2; d++) live_at(&g->data[d], g->subject, &v, g->usual[d]);
    free(v.values);
}

static void prepare(struct grounds *g) {
    static const enum planted_kind kinds[] = {PLANTED_SMALL, PLANTED_ONE_PAIR};
    for (int d = 0; d < 2; d++) {
        struct run r;
        run_data(&g->data[d], kinds[d], g->subject);
        run_init(&r, g->subject, &g->data[d]);
        const rk_pairs *ask = g->data[d].ask;
        float *out = run_alloc(ask->n, sizeof *out);
        if (run_create(&r) == RK_OK && run_fit(&r) == RK_OK) {
            run_must_predict(&r, ask, out);
            g->usual[d] = n_answered(out, ask->n);
        }
        run_done(&r);
        free(out);
    }
}

void check_parameters(const struct subject *s) {
    if (s->schema.n_params == 0) child_skip("it has no parameters");
    struct grounds g = {.subject = s};
    prepare(&g);
    for (uint32_t k = 0; k < s->schema.n_params; k++) {
        const struct schema_param *p = &s->schema.params[k];
        const int ends[2] = {(int)p->min, (int)p->max};
        if (p->type == RK_TYPE_CHOICE) {
            for (uint32_t c = 0; c < p->n_choices; c++)
                live_on(&g, k, (struct param_value){.number = c});
        } else {
            for (int end = 0; end < 2; end++) {
                struct param_value v = {.number = end ? p->max : p->min};
                if (p->type == RK_TYPE_INTS) v = (struct param_value){.ints = &ends[end], .n = 1};
                live_on(&g, k, v);
            }
            if (p->type == RK_TYPE_INTS) live_on(&g, k, (struct param_value){0});
        }
    }
}
