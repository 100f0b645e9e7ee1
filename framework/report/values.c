#include "report/values.h"

#include <math.h>
#include <string.h>

const char *const row_status_name[] = {"ok", "partial", "failed", "low coverage"};

static bool gather_row(struct values *v, int model, struct arena *a, struct error *e) {
    const struct results *r = v->results;
    size_t n = 0;
    for (size_t k = 0; k < r->n; k++)
        n += r->records[k].data == v->data && r->records[k].model == model;
    if (n == 0) return true;
    struct values_row *row = &v->rows[v->n++];
    *row = (struct values_row){.model = model, .trial = arena_alloc(a, n * sizeof *row->trial)};
    if (!row->trial) return error_memory(e, n * sizeof *row->trial, "a row of a table");
    for (size_t k = 0; k < r->n; k++) {
        if (r->records[k].data != v->data || r->records[k].model != model) continue;
        row->trial[row->n++] = &r->records[k];
        row->n_failed += r->records[k].failed;
    }
    return true;
}

// Harness rows have no seeds, so that they have fewer trials than models without missing any.
static size_t trials_expected(const struct values *v, const struct values_row *row) {
    return row->model >= 0 ? v->n_trials : v->n_folds;
}

static enum row_status judge_row(const struct values *v, const struct values_row *row) {
    if (row->n_failed == row->n) return ROW_FAILED;
    if (row->n - row->n_failed < trials_expected(v, row)) return ROW_PARTIAL;
    const double answered = values_summary(v, row, SLICE_ALL, "answered").mean;
    return answered < v->results->plan->min_coverage ? ROW_LOW : ROW_OK;
}

// Folds are told apart by repeat and number; every trial of the data set is looked at.
static void count_folds(struct values *v) {
    const struct results *r = v->results;
    for (size_t k = 0; k < r->n; k++) {
        const struct trial_record *t = &r->records[k];
        if (t->data != v->data) continue;
        if (t->repeat >= v->n_repeats) v->n_repeats = t->repeat + 1;
        size_t same = 0;
        while (
            same < k && (r->records[same].data != t->data || r->records[same].repeat != t->repeat ||
                            r->records[same].fold != t->fold))
            same++;
        v->n_folds += same == k;
    }
}

bool values_init(
    struct values *v, const struct results *r, uint32_t data, struct arena *a, struct error *e) {
    *v = (struct values){.results = r, .data = data};
    const int n_models = (int)r->plan->n_models;
    v->rows = arena_alloc(a, ((size_t)n_models + 2) * sizeof *v->rows);
    if (!v->rows) return error_memory(e, ((size_t)n_models + 2) * sizeof *v->rows, "a table");
    if (!gather_row(v, MODEL_FALLBACK, a, e)) return false;
    for (int m = 0; m < n_models; m++)
        if (!gather_row(v, m, a, e)) return false;
    if (!gather_row(v, MODEL_REACHABLE, a, e)) return false;
    for (size_t k = 0; k < v->n; k++)
        if (v->rows[k].n > v->n_trials) v->n_trials = v->rows[k].n;
    v->room = arena_alloc(a, (v->n_trials + 1) * sizeof *v->room);
    if (!v->room) return error_memory(e, v->n_trials * sizeof *v->room, "a table");
    count_folds(v);
    for (size_t k = 0; k < v->n; k++) v->rows[k].status = judge_row(v, &v->rows[k]);
    return true;
}

struct summary values_summary(
    const struct values *v, const struct values_row *row, enum slice slice, const char *name) {
    size_t n = 0;
    for (size_t k = 0; k < row->n; k++) {
        const struct trial_record *t = row->trial[k];
        if (t->failed) continue;
        v->room[n++] =
            (struct summary_value){t->repeat, t->fold, scores_get(&t->scores, slice, name)};
    }
    return summary_over_folds(v->room, n);
}

struct summary values_over(const struct values *v, const struct values_row *row,
    double (*read)(const struct results *, const struct trial_record *)) {
    size_t n = 0;
    for (size_t k = 0; k < row->n; k++) {
        const struct trial_record *t = row->trial[k];
        if (!t->failed)
            v->room[n++] = (struct summary_value){t->repeat, t->fold, read(v->results, t)};
    }
    return summary_over_folds(v->room, n);
}

const char *values_fold(const struct values *v, const struct trial_record *t, struct arena *a) {
    const char *fold = v->n_repeats > 1 ? arena_printf(a, "%u.%u", t->repeat + 1, t->fold)
                                        : arena_printf(a, "%u", t->fold);
    if (v->results->plan->n_seeds < 2) return fold;
    return arena_printf(a, "%s seed %u", fold, t->seed + 1);
}

double values_cost(const struct values_row *row, double (*cost)(const struct trial_cost *)) {
    double sum = 0;
    size_t n = 0;
    for (size_t k = 0; k < row->n; k++) {
        const struct trial_record *t = row->trial[k];
        if (t->failed || row->model < 0 || t->cost.fit_seconds <= 0) continue; // of files: not run
        sum += cost(&row->trial[k]->cost);
        n++;
    }
    return n ? sum / (double)n : NAN;
}
