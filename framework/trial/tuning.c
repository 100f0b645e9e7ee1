#include "trial/tuning.h"

#include <math.h>
#include <string.h>

static void place(const struct tuning *t, const struct schema *schema, size_t dim, double at,
    struct param_value *values) {
    if (isnan(at)) return; // it does not hold: the default
    const struct tuning_dim *d = &t->dims[dim];
    struct param_value *v = &values[d->param];
    if (d->values)
        *v = d->values[(size_t)at];
    else
        v->number = schema->params[d->param].type == RK_TYPE_INT ? round(at) : at;
}

static void spend(const struct tuning *t, const struct schema *schema, double effort,
    struct param_value *values) {
    if (t->resource < 0 || effort >= 1) return;
    const struct schema_param *p = &schema->params[t->resource];
    double *number = &values[t->resource].number;
    const double full = *number;
    *number = p->type == RK_TYPE_INT ? round(full * effort) : full * effort;
    if (*number < p->min) *number = p->min;
}

void tuning_values(const struct tuning *t, const struct schema *schema,
    const struct param_value *base, const double *point, double effort,
    struct param_value *values) {
    if (schema->n_params) memcpy(values, base, schema->n_params * sizeof *values);
    for (size_t d = 0; point && d < t->space.n; d++) place(t, schema, d, point[d], values);
    spend(t, schema, effort, values);
}

struct search_job tuning_job(const struct tuning *t, const struct param_value *base, uint64_t key) {
    double least = 1;
    if (t->resource == TUNING_SHARE) least = 0.1;
    if (t->resource >= 0 && base[t->resource].number > 1) least = 1 / base[t->resource].number;
    return (struct search_job){.space = &t->space,
        .trials = t->trials,
        .key = key,
        .batch = t->seconds > 0 ? 4 : 0, // the clock is looked at between batches
        .least_effort = least};
}

size_t tuning_length(const struct tuning *t, const struct param_value *base) {
    if (t->seconds > 0) return 0;
    const struct search_job job = tuning_job(t, base, 0);
    if (!t->method->has_effort) return search_count(t->method, &job);
    struct search *s = search_begin(t->method, &job, NULL);
    const struct search_candidate *batch;
    size_t length = 0;
    for (size_t n; s && (n = search_ask(s, &batch)) > 0; length += n)
        for (size_t k = 0; k < n; k++) search_tell(s, batch[k].number, 0);
    search_end(s);
    return length;
}
