// Better than the mean, and every parameter at both ends.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "check/checks.h"
#include "model/model.h"

void check_learns(const struct subject *s) {
    struct planted data;
    struct run r;
    run_data(&data, PLANTED_FULL, s);
    run_init(&r, s, &data);
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
enum { STEPS = 10, PIECES = 5000, FRUGAL = 2 };

static void be_frugal(const struct schema *s, struct param_value *values) {
    for (uint32_t k = 0; k < s->n_params; k++) {
        const struct schema_param *p = &s->params[k];
        if (p->role != RK_RESOURCE || p->type == RK_TYPE_INTS || values[k].number <= FRUGAL)
            continue;
        values[k].number = p->min > FRUGAL ? p->min : FRUGAL;
    }
}

static void live_at(
    const struct subject *s, const struct planted *data, uint32_t k, struct param_value end) {
    struct param_value *values = run_alloc(s->schema.n_params, sizeof *values);
    schema_defaults(&s->schema, values);
    be_frugal(&s->schema, values);
    values[k] = end;
    struct arena a = {0};
    char text[200];
    snprintf(text, sizeof text, "%s = %s", s->schema.params[k].name,
        schema_print(&s->schema.params[k], &end, &a));
    arena_done(&a);
    struct run r;
    run_init(&r, s, data);
    r.values = values;
    r.values_text = text;
    r.guard.cancel_progress = STEPS;
    r.guard.cancel_piece = PIECES;
    rk_status status = run_create(&r);
    if (status == RK_OK) status = run_fit(&r);
    if (status < RK_E_IO || status > RK_CANCELLED) run_fail(&r, "status %d is none", status);
    if (status == RK_OK) {
        float *out = run_alloc(data->ask->n, sizeof *out);
        run_must_predict(&r, data->ask, out);
        for (size_t p = 0; p < data->ask->n; p++)
            if (isinf(out[p]))
                run_fail(&r, "predict: pair %zu user %u item %u: an infinity", p,
                    data->ask->users[p], data->ask->items[p]);
        free(out);
    }
    run_done(&r);
    free(values);
}

void check_parameters(const struct subject *s) {
    if (s->schema.n_params == 0) child_skip("it has no parameters");
    struct planted data;
    run_data(&data, PLANTED_SMALL, s);
    for (uint32_t k = 0; k < s->schema.n_params; k++) {
        const struct schema_param *p = &s->schema.params[k];
        const int ends[2] = {(int)p->min, (int)p->max};
        if (p->type == RK_TYPE_CHOICE) {
            for (uint32_t c = 0; c < p->n_choices; c++)
                live_at(s, &data, k, (struct param_value){.number = c});
        } else {
            for (int end = 0; end < 2; end++) {
                struct param_value v = {.number = end ? p->max : p->min};
                if (p->type == RK_TYPE_INTS) v = (struct param_value){.ints = &ends[end], .n = 1};
                live_at(s, &data, k, v);
            }
            if (p->type == RK_TYPE_INTS) live_at(s, &data, k, (struct param_value){0});
        }
    }
}
