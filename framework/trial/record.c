#include "trial/record.h"

#include <stdlib.h>

const char *const failure_name[] = {"", "refused", "crashed", "limit", "lost", "harness"};

void record_done(struct trial_record *t) {
    if (t->evidence) evidence_done(t->evidence);
    free(t->evidence);
    breakdown_done(&t->breakdown);
    scores_done(&t->scores);
    free(t->curve);
    free(t->answers);
    t->answers = NULL;
    t->n_answers = 0;
    t->evidence = NULL;
    t->curve = NULL;
    t->n_curve = 0;
}

void results_done(struct results *r) {
    for (size_t k = 0; k < r->n; k++) record_done(&r->records[k]);
    free(r->records);
    arena_done(&r->arena);
    *r = (struct results){0};
}

void results_platform(struct results *r) {
    for (size_t k = 0; k < r->plan->n_models; k++) {
        const struct schema *s = r->plan->models[k].schema;
        if (!r->isa && s->isa && *s->isa) r->isa = arena_text(&r->arena, s->isa);
        if (!r->blas_core && s->blas_core && *s->blas_core)
            r->blas_core = arena_text(&r->arena, s->blas_core);
    }
}

bool record_is_hidden(const struct results *r, const struct trial_record *t) {
    return t->model >= 0 && r->plan->models[t->model].is_hidden;
}

const char *record_label(const struct results *r, const struct trial_record *t) {
    if (t->model == MODEL_FALLBACK) return "(fallback)";
    if (t->model == MODEL_REACHABLE) return "(best reachable)";
    return r->plan->models[t->model].label;
}
