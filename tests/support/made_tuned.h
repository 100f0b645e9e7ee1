// made_tuned.h - the results of made_results.h, three of its models tuned: als by ranges of rank
// and lambda, "shaky" by lists under a condition, "broken" of which no candidate could be scored.
#ifndef RECKON_TESTS_MADE_TUNED_H
#define RECKON_TESTS_MADE_TUNED_H

#include "support/made_results.h"

static const char *const made_choices[] = {"gradient", "exact", NULL};
static struct schema_param made_params[] = {
    {.name = "rank", .type = RK_TYPE_INT, .def = 8, .min = 1, .max = 1024},
    {.name = "lambda", .type = RK_TYPE_REAL, .def = 0.1, .min = 0, .max = 1000},
    {.name = "solver", .type = RK_TYPE_CHOICE, .max = 1, .choices = made_choices, .n_choices = 2},
    {.name = "epochs", .type = RK_TYPE_INT, .def = 20, .min = 1, .max = 1000},
    {.name = "layers", .type = RK_TYPE_INTS},
};
enum { MADE_PARAMS = 5 };

static const struct search_dim made_ranges[] = {
    {.name = "rank", .min = 4, .max = 64, .whole = true, .log = true, .def = 8, .when = -1},
    {.name = "lambda", .min = 0.01, .max = 0.5, .log = true, .def = 0.1, .when = -1},
};
static const struct tuning_dim made_range_dims[] = {{0, NULL}, {1, NULL}};

static const bool made_by_gradient[] = {true, false};
static const struct search_dim made_lists[] = {
    {.name = "solver", .n = 2, .def = 0, .when = -1},
    {.name = "epochs", .n = 3, .ordered = true, .def = 1, .when = 0, .when_in = made_by_gradient},
    {.name = "layers", .n = 2, .def = 0, .when = -1},
};
static const int made_wide[] = {64, 32};
static const struct param_value made_solvers[] = {{.number = 0}, {.number = 1}},
                                made_epochs[] = {{.number = 10}, {.number = 20}, {.number = 40}},
                                made_layers[] = {{.n = 0}, {.ints = made_wide, .n = 2}};
static const struct tuning_dim made_list_dims[] = {
    {2, made_solvers}, {3, made_epochs}, {4, made_layers}};

static const struct search_method made_bayes = {.id = "bayes"};
static const struct search_method made_halving = {.id = "halving", .has_effort = true};
static struct tuning made_als_tuning = {.method = &made_bayes,
    .space = {made_ranges, 2},
    .dims = made_range_dims,
    .trials = 30,
    .folds = 3,
    .metric = 0,
    .resource = TUNING_NO_RESOURCE};
static struct tuning made_shaky_tuning = {.method = &made_halving,
    .space = {made_lists, 3},
    .dims = made_list_dims,
    .trials = 10,
    .seconds = 60,
    .folds = 3,
    .metric = 0,
    .resource = 3};

// als: the default on fold 2, lambda at its upper end on the others; rank at the upper end once.
static struct param_value made_chosen[MADE_FOLDS][MADE_PARAMS] = {
    {{.number = 32}, {.number = 0.5}, {.number = 0}, {.number = 20}, {.number = 0}},
    {{.number = 8}, {.number = 0.1}, {.number = 0}, {.number = 20}, {.number = 0}},
    {{.number = 64}, {.number = 0.497}, {.number = 0}, {.number = 20}, {.number = 0}},
};
// shaky: epochs last in its list where the solver has any.
static const struct param_value made_listed[MADE_FOLDS][MADE_PARAMS] = {
    {{.number = 8}, {.number = 0.1}, {.number = 0}, {.number = 40}, {.ints = made_wide, .n = 2}},
    {{.number = 8}, {.number = 0.1}, {.number = 0}, {.number = 40}, {.ints = made_wide, .n = 2}},
    {{.number = 8}, {.number = 0.1}, {.number = 1}, {.number = 20}, {.ints = made_wide, .n = 2}},
};

static inline void made_choose(struct made *m, struct trial_record *t) {
    struct tuned *chosen = arena_alloc(&m->results.arena, sizeof *chosen);
    if (!chosen) abort();
    const uint32_t f = t->fold - 1;
    if (t->model == 0)
        *chosen = (struct tuned){.values = made_chosen[f],
            .is_default = f == 1,
            .inner = 0.85 + f * 0.01,
            .inner_default = 0.88,
            .n_candidates = 30,
            .n_failed = f,
            .effort = 90};
    else
        *chosen = (struct tuned){.values = made_listed[f],
            .inner = 0.9 + f * 0.01,
            .inner_default = f ? 0.95 : NAN,
            .n_candidates = 60 + f,
            .effort = 28.5 + f};
    t->tuned = chosen;
}

static inline void made_init_tuned(struct made *m) {
    made_init(m);
    for (int k = 0; k < MADE_MODELS; k++) {
        m->schemas[k].params = made_params;
        m->schemas[k].n_params = MADE_PARAMS;
    }
    m->models[0].tuning = &made_als_tuning;
    m->models[2].tuning = &made_als_tuning;
    m->models[3].tuning = &made_shaky_tuning;
    for (size_t k = 0; k < m->results.n; k++) {
        struct trial_record *t = &m->results.records[k];
        if (t->model == 2) {
            t->failure = FAILURE_LIMIT;
            t->cause = "none of 30 configurations could be scored; the default: over 60 seconds";
        }
        if (t->model == 0 || (t->model == 3 && !t->failed)) made_choose(m, t);
    }
}

#endif
