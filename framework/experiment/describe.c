// The plan in words.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/space.h"

static void describe_data(const struct experiment *x, FILE *out, uint64_t *most_rows) {
    for (size_t k = 0; k < x->plan.n_data; k++) {
        const struct data_spec *spec = &x->plan.data[k];
        const uint64_t rows =
            spec->format->estimate_rows ? spec->format->estimate_rows(spec->settings) : 0;
        if (rows > *most_rows) *most_rows = rows;
        fprintf(out, "%-9s %s%s%s", k ? "" : "data", spec->format->id, spec->common.name ? " " : "",
            spec->common.name ? spec->common.name : "");
        if (rows) fprintf(out, ", at most about %" PRIu64 " ratings", rows);
        fputc('\n', out);
    }
}

// Folds of one data set, all repeats together; 0: the data will tell.
static uint64_t count_folds(const struct plan *plan, uint32_t *n_repeats, uint32_t *n_folds) {
    uint32_t *folds = NULL;
    *n_repeats = 1;
    *n_folds = 0;
    if (!plan->split.method->plan(plan->split.settings, NULL, n_repeats, &folds, n_folds, NULL))
        *n_folds = 0;
    free(folds);
    return (uint64_t)*n_repeats * *n_folds;
}

static bool is_searched(const struct plan_model *m, uint32_t param) {
    for (size_t d = 0; m->tuning && d < m->tuning->space.n; d++)
        if (m->tuning->dims[d].param == param) return true;
    return false;
}

// ": mean of als, svd with weights fitted on 5 inner folds"
static void describe_blend(const struct plan *plan, const struct blend_spec *b, FILE *out) {
    for (size_t k = 0; k < b->n; k++) {
        fprintf(out, "%s%s", k ? ", " : ": mean of ", plan->models[b->members[k]].label);
        if (b->how == BLEND_GIVEN) fprintf(out, " x %.4g", b->weights[k]);
    }
    if (b->how == BLEND_FITTED) fprintf(out, ", weights fitted on %u inner folds", b->folds);
    if (b->how == BLEND_EQUAL) fputs(", weights equal", out);
}

static void describe_models(const struct experiment *x, FILE *out) {
    struct arena arena = {0};
    for (size_t k = 0; k < x->plan.n_models; k++) {
        const struct plan_model *m = &x->plan.models[k];
        fprintf(out, "%-9s %s", k ? "" : "models", m->label);
        if (strcmp(m->label, m->schema->id)) fprintf(out, "  (%s)", m->schema->id);
        if (m->is_hidden) fputs("  (no row of its own, run for a blend)", out);
        const char *before = ": ";
        for (uint32_t p = 0; p < m->schema->n_params; p++) {
            if (is_searched(m, p)) continue;
            fprintf(out, "%s%s = %s", before, m->schema->params[p].name,
                schema_print(&m->schema->params[p], &m->values[p], &arena));
            before = ", ";
        }
        if (m->blend) describe_blend(&x->plan, m->blend, out);
        fputc('\n', out);
    }
    arena_done(&arena);
}

// "als: rank in 8, 16; lambda 0.001..1 (log): 20 candidates x 3 inner folds in each outer fold by
// bayes, metric rmse"
static void describe_search(
    const struct plan *plan, const struct plan_model *m, struct arena *arena, FILE *out) {
    const struct tuning *t = m->tuning;
    const unsigned n = t->method->has_effort ? t->trials : (unsigned)tuning_length(t, m->values);
    fprintf(out, "%s: ", m->label);
    for (size_t d = 0; d < t->space.n; d++) {
        const char *condition = space_condition(t, m->schema, d, arena);
        fprintf(out, "%s%s %s%s%s%s", d ? "; " : "", t->space.dims[d].name,
            t->space.dims[d].n ? "in " : "", space_values(t, m->schema, d, arena),
            *condition ? " where " : "", condition);
    }
    if (t->seconds > 0)
        fprintf(out, ": as many candidates as %.15g s allow", t->seconds);
    else
        fprintf(out, ": %s%u candidate%s", t->method->has_effort ? "at the cost of " : "", n,
            n == 1 ? "" : "s");
    fprintf(out, " x %u inner folds in each outer fold by %s, metric %s", t->folds, t->method->id,
        plan->metrics[t->metric].label);
    if (t->resource >= 0)
        fprintf(out, ", with less of %s at first", m->schema->params[t->resource].name);
    else if (t->resource == TUNING_SHARE)
        fputs(", with fewer training rows at first", out);
    if (t->seconds > 0) fputs("; not reproducible, as the clock decides", out);
    fputc('\n', out);
}

static void describe_searches(const struct plan *plan, FILE *out) {
    struct arena arena = {0};
    const char *heading = "search";
    for (size_t k = 0; k < plan->n_models; k++) {
        if (!plan->models[k].tuning) continue;
        fprintf(out, "%-9s ", heading);
        describe_search(plan, &plan->models[k], &arena, out);
        heading = "";
    }
    arena_done(&arena);
}

static bool has_member(const struct blend_spec *b, uint32_t model) {
    for (size_t k = 0; k < b->n; k++)
        if (b->members[k] == model) return true;
    return false;
}

// Whether an earlier blend fits the weight of the model on as many inner folds, so that its trials
// serve both.
static bool is_fitted_before(const struct plan *plan, size_t at, uint32_t model) {
    for (size_t k = 0; k < at; k++) {
        const struct blend_spec *b = plan->models[k].blend;
        if (b && b->folds == plan->models[at].blend->folds && has_member(b, model)) return true;
    }
    return false;
}

static void describe_fitted(const struct plan *plan, uint64_t folds, FILE *out) {
    uint64_t each = 0;
    size_t n_fitted = 0;
    for (size_t k = 0; k < plan->n_models; k++) {
        const struct blend_spec *b = plan->models[k].blend;
        if (!b || b->how != BLEND_FITTED) continue;
        n_fitted++;
        for (size_t m = 0; m < b->n; m++)
            if (!is_fitted_before(plan, k, b->members[m])) each += b->folds;
    }
    if (n_fitted == 0) return;
    const uint64_t total = each * plan->n_seeds * (folds ? folds : 1) * plan->n_data;
    fprintf(out, "          and %" PRIu64 " on inner folds%s, to fit the weights of %zu blend%s\n",
        total, folds ? "" : " in each of the folds", n_fitted, n_fitted == 1 ? "" : "s");
}

// Trials on inner folds of each outer one; a search serves all trial seeds.
static void describe_inner(const struct plan *plan, uint64_t folds, FILE *out) {
    uint64_t each = 0;
    size_t n_tuned = 0;
    bool by_seconds = false;
    for (size_t k = 0; k < plan->n_models; k++) {
        const struct plan_model *m = &plan->models[k];
        if (!m->tuning) continue;
        n_tuned++;
        by_seconds |= m->tuning->seconds > 0;
        each += (uint64_t)tuning_length(m->tuning, m->values) * m->tuning->folds;
    }
    if (n_tuned == 0) return;
    const uint64_t total = each * (folds ? folds : 1) * plan->n_data;
    fprintf(out, "          and %" PRIu64 " on inner folds%s, to choose what %zu of the models use",
        total, folds ? "" : " in each of the folds", n_tuned);
    if (by_seconds) fputs(", and those that the seconds allow", out);
    fputc('\n', out);
}

// Bytes that a rating takes: in both matrices of the data set, with its time; the same in each form
// of the training fold; and in the test rows.
enum { BYTES_DATA = 24, BYTES_FOLD = 24, BYTES_TEST = 40 };

static void describe_memory(const struct experiment *x, uint64_t rows, FILE *out) {
    if (rows == 0) {
        fprintf(out, "memory    not known before the data is read\n");
        return;
    }
    bool sliced = false, full = false;
    for (size_t k = 0; k < x->plan.n_models; k++) {
        const bool wants = x->plan.models[k].schema->flags & RK_WANTS_VALID;
        sliced |= wants && x->plan.validation > 0;
        full |= !wants || x->plan.validation == 0;
    }
    const double bytes = (double)rows * (BYTES_DATA + BYTES_FOLD * (full + sliced) + BYTES_TEST);
    fprintf(out, "memory    at most about %.0f MB for data and folds, beside the models' own\n",
        bytes / 1e6 + 1);
}

static void describe_limits(const struct plan *plan, FILE *out) {
    const struct limits *l = &plan->limits;
    if (l->seconds == 0 && l->mib == 0 && plan->nice == 0 && !plan->sandbox) return;
    const char *comma = "";
    fputs("limits    ", out);
    if (l->seconds > 0) fprintf(out, "%.15g s by the clock a trial", l->seconds), comma = ", ";
    if (l->mib > 0) fprintf(out, "%s%.15g MiB a trial", comma, l->mib), comma = ", ";
    if (plan->nice) fprintf(out, "%sniceness %d", comma, plan->nice), comma = ", ";
    if (plan->sandbox) fprintf(out, "%sno files, network or other processes", comma);
    fputc('\n', out);
}

void experiment_describe(const struct experiment *x, FILE *out) {
    const struct plan *plan = &x->plan;
    uint64_t most_rows = 0;
    uint32_t n_repeats, n_folds;
    const uint64_t folds = count_folds(plan, &n_repeats, &n_folds);
    fprintf(out, "name      %s\nseed      %" PRIu64 "\n", plan->name, plan->seed);
    describe_data(x, out, &most_rows);
    char described[80] = "";
    if (plan->split.method->describe)
        plan->split.method->describe(plan->split.settings, described, sizeof described);
    fprintf(out, "split     %s%s%s", plan->split.method->id, *described ? ", " : "", described);
    if (folds) fprintf(out, ", %u fold%s", n_folds, n_folds == 1 ? "" : "s");
    if (!folds) fprintf(out, ", the data will tell how many folds");
    if (n_repeats > 1) fprintf(out, ", %u times", n_repeats);
    fputc('\n', out);
    describe_models(x, out);
    describe_searches(plan, out);
    fprintf(out, "metrics  ");
    for (size_t k = 0; k < plan->n_metrics; k++)
        fprintf(out, "%s %s", k ? "," : "", plan->metrics[k].label);
    fputc('\n', out);
    const uint64_t each = (uint64_t)plan->n_data * plan->n_models * plan->n_seeds;
    if (folds)
        fprintf(out, "trials    %" PRIu64 " = ", folds * each);
    else
        fprintf(out, "trials    ");
    fprintf(out, "%zu data set%s x ", plan->n_data, plan->n_data == 1 ? "" : "s");
    if (folds)
        fprintf(out, "%" PRIu64 " fold%s", folds, folds == 1 ? "" : "s");
    else
        fputs("the folds", out);
    fprintf(out, " x %zu model%s x %u seed%s, %u at a time on %u thread%s\n", plan->n_models,
        plan->n_models == 1 ? "" : "s", plan->n_seeds, plan->n_seeds == 1 ? "" : "s", plan->jobs,
        plan->threads, plan->threads == 1 ? "" : "s");
    describe_inner(plan, folds, out);
    describe_fitted(plan, folds, out);
    describe_memory(x, most_rows, out);
    describe_limits(plan, out);
}
