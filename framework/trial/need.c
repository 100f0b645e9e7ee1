#include "trial/need.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"

// ---- What there is to learn from ---------------------------------------------------------------

static void add_features(
    const rk_features *features, uint32_t n, uint32_t *columns, uint64_t *entries) {
    for (uint32_t k = 0; k < n; k++) {
        *columns += features[k].values.n_cols;
        *entries += features[k].values.start[features[k].values.n_rows];
    }
}

rk_shape need_shape(const struct dataset *d) {
    rk_shape shape = {.size = sizeof shape,
        .n_users = d->n_users,
        .n_items = d->n_items,
        .n_ratings = d->n_ratings,
        .n_times = d->time ? d->n_ratings : 0,
        .item_columns = d->tags.names.n,
        .item_entries = d->tags.n};
    add_features(d->user_features, d->n_user_features, &shape.user_columns, &shape.user_entries);
    add_features(d->item_features, d->n_item_features, &shape.item_columns, &shape.item_entries);
    return shape;
}

// ---- What the plugin says ----------------------------------------------------------------------

struct question {
    struct needs *needs;
    const struct plan_model *model;
    struct param_value *values; // [n_params]; owned
    rk_shape shape;
};

static bool foresees(const struct schema *s) {
    for (uint32_t k = 0; k < s->n_extensions; k++)
        if (strcmp(s->extensions[k], RK_EXT_MEMORY) == 0) return true;
    return false;
}

// Whether the plugin at hand can be asked; one that could not be is not tried again.
static bool is_open(struct needs *n, const char *path, struct error *e) {
    if (n->path && strcmp(n->path, path) == 0) return n->inquiry.path;
    inquiry_end(&n->inquiry);
    n->path = path;
    return inquiry_begin(&n->inquiry, path, e);
}

// More than *most: it becomes that. False: there is no (further) answer to be had.
static bool ask(struct question *q, uint64_t *most, bool *more) {
    const struct schema *schema = q->model->schema;
    struct error e = {0};
    uint64_t bytes = 0;
    *more = false;
    const bool ok =
        is_open(q->needs, schema->path, &e) &&
        inquiry_memory(&q->needs->inquiry, q->values, schema->n_params, &q->shape, &bytes, &e);
    if (!ok) {
        inquiry_end(&q->needs->inquiry);
        if (e.text[0]) log_warning("%s; its memory is not foreseen", e.text);
        return false;
    }
    *more = bytes > *most;
    if (*more) *most = bytes;
    return true;
}

// Coordinates of a searched dimension that are tried: all of a list, both ends of a range.
static uint32_t count_tried(const struct search_dim *d) {
    return d->n ? d->n : 2;
}

static double tried(const struct search_dim *d, uint32_t k) {
    if (d->n) return k;
    return k ? d->max : d->min;
}

static bool holds(const struct search_space *space, size_t d, const double *at) {
    const struct search_dim *dim = &space->dims[d];
    return dim->when < 0 || (!isnan(at[dim->when]) && dim->when_in[(size_t)at[dim->when]]);
}

// From the default on, one dimension after another.
static bool ask_search(struct question *q, uint64_t *most) {
    const struct tuning *t = q->model->tuning;
    const struct schema *schema = q->model->schema;
    double *at = calloc(t->space.n + 1, sizeof *at);
    bool ok = at != NULL, more;
    if (ok) {
        for (size_t d = 0; d < t->space.n; d++) at[d] = NAN;
        tuning_values(t, schema, q->model->values, NULL, 1, q->values);
        ok = ask(q, most, &more);
    }
    for (size_t d = 0; ok && d < t->space.n; d++) {
        double best = NAN;
        const uint32_t n = holds(&t->space, d, at) ? count_tried(&t->space.dims[d]) : 0;
        for (uint32_t k = 0; ok && k < n; k++) {
            at[d] = tried(&t->space.dims[d], k);
            tuning_values(t, schema, q->model->values, at, 1, q->values);
            ok = ask(q, most, &more);
            if (more) best = at[d];
        }
        at[d] = isnan(best) && t->space.dims[d].n ? t->space.dims[d].def : best;
    }
    free(at);
    return ok;
}

static bool ask_plugin(struct needs *n, const struct plan *plan, const struct plan_model *model,
    const rk_shape *shape, uint64_t *bytes) {
    const struct schema *schema = model->schema;
    if (!foresees(schema)) return false;
    const uint32_t slots = plan->jobs < plan->threads ? plan->jobs : plan->threads;
    struct question q = {.needs = n,
        .model = model,
        .values = calloc(schema->n_params + 1, sizeof *q.values),
        .shape = *shape};
    if (!q.values) return false;
    q.shape.n_threads = plan->threads / slots;
    if (schema->flags & RK_WANTS_VALID)
        q.shape.n_valid = (uint64_t)ceil(plan->validation * (double)shape->n_ratings);
    if (schema->n_params) memcpy(q.values, model->values, schema->n_params * sizeof *q.values);
    bool more;
    const bool ok = model->tuning ? ask_search(&q, bytes) : ask(&q, bytes, &more);
    free(q.values);
    return ok;
}

// ---- Both --------------------------------------------------------------------------------------

bool need_of(struct needs *n, const struct plan *plan, size_t model, struct store *store,
    const char *data, const rk_shape *shape, struct need *out, struct error *e) {
    const struct plan_model *m = &plan->models[model];
    *out = (struct need){0};
    if (m->given) return true;
    if (store && !store_cost(store, data, m, m->values, &out->store, e)) return false;
    if (out->store.n) {
        out->by = NEED_STORED;
        out->bytes = out->store.memory;
        if (out->store.same && !m->tuning) return true;
    }
    uint64_t said = 0;
    if (!ask_plugin(n, plan, m, shape, &said) || said < out->bytes) return true;
    out->by = NEED_PLUGIN;
    out->bytes = said;
    return true;
}

void needs_done(struct needs *n) {
    inquiry_end(&n->inquiry);
    *n = (struct needs){0};
}
