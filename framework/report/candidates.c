#include "report/candidates.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    struct candidates *c;
    struct error *e;
    bool ok;
};

static bool is_same(const struct candidate *c, const struct store_trial *t) {
    const struct trial_record *r = &t->record;
    return c->model == (uint32_t)r->model && c->data == r->data && c->seed == r->seed &&
           c->repeat == r->repeat && c->fold == r->fold && c->number == r->candidate;
}

// The searched parameters that are numbers, from the stored text of all parameters; and what of
// the resource was spent.
static const double *read_values(struct candidates *c, const struct plan_model *m,
    const char *parameters, double share, double *spent) {
    const struct tuning *how = m->tuning;
    double *values = arena_alloc(&c->arena, (how->space.n + 1) * sizeof *values);
    if (!values) return NULL;
    json_t *all = json_loads(parameters ? parameters : "{}", 0, NULL);
    for (size_t d = 0; d < how->space.n; d++) {
        const json_t *value = json_object_get(all, m->schema->params[how->dims[d].param].name);
        values[d] = json_is_number(value) ? json_number_value(value) : NAN;
    }
    *spent = share;
    if (how->resource >= 0)
        *spent = json_number_value(json_object_get(all, m->schema->params[how->resource].name));
    json_decref(all);
    return values;
}

static struct candidate *add(struct candidates *c, const struct store_trial *t) {
    if (c->n == c->room) {
        const size_t room = c->room ? 2 * c->room : 256;
        struct candidate *at = realloc(c->at, room * sizeof *at);
        if (!at) return NULL;
        c->at = at;
        c->room = room;
    }
    const struct trial_record *r = &t->record;
    struct candidate *k = &c->at[c->n++];
    *k = (struct candidate){.data = r->data,
        .model = (uint32_t)r->model,
        .seed = r->seed,
        .repeat = r->repeat,
        .fold = r->fold,
        .number = r->candidate};
    return k;
}

// Trials of a candidate follow one another. A halving asks for one again with more of the resource:
// the most that was spent on it counts.
static bool take_trial(
    struct candidates *c, const struct store_trial *t, const struct plan_model *m) {
    struct candidate *k = c->n && is_same(&c->at[c->n - 1], t) ? &c->at[c->n - 1] : add(c, t);
    double spent;
    const double *values = k ? read_values(c, m, t->parameters, t->share, &spent) : NULL;
    if (!values) return false;
    if (k->n > 0 && spent < k->spent) return true;
    if (k->n == 0 || spent > k->spent) {
        k->values = values;
        k->spent = spent;
        k->score = 0;
        k->n = 0;
    }
    const struct scores *scores = &t->record.scores;
    const char *metric = c->plan->metrics[m->tuning->metric].label;
    k->score +=
        ((t->record.failed ? NAN : scores_get(scores, SLICE_ALL, metric)) - k->score) / ++k->n;
    return true;
}

static bool take(void *arg, const struct store_trial *t) {
    struct reading *r = arg;
    const struct plan *plan = r->c->plan;
    if (t->record.candidate == CANDIDATE_NONE) return true;
    if (t->record.model < 0 || (size_t)t->record.model >= plan->n_models) return true;
    const struct plan_model *m = &plan->models[t->record.model];
    if (m->tuning && !take_trial(r->c, t, m))
        r->ok = error_memory(r->e, (r->c->n + 1) * sizeof *r->c->at, "what searches tried");
    return r->ok;
}

bool candidates_read(
    struct candidates *c, struct store *s, const struct plan *plan, struct error *e) {
    *c = (struct candidates){.plan = plan};
    struct reading r = {.c = c, .e = e, .ok = true};
    const struct store_filter filter = {.which = STORE_INNER, .scores = true};
    bool searched = false;
    for (size_t k = 0; k < plan->n_models; k++) searched = searched || plan->models[k].tuning;
    if (!searched) return true;
    if (store_trials(s, &filter, take, &r, e) && r.ok) return true;
    candidates_done(c);
    return false;
}

void candidates_done(struct candidates *c) {
    free(c->at);
    arena_done(&c->arena);
    *c = (struct candidates){0};
}
