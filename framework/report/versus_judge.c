// What the metrics of paired rows changed by, and whether that is beyond the noise.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/comparison_own.h"
#include "report/versus_own.h"
#include "stats/differences.h"

// What sums in single precision leave open of a user's mean squared error, as a share of it.
static const double LEVEL = .95, USER_TIE = 1e-6;

// What is equal but for rounding is equal: such a change has no noise to be judged by.
static double change_of(double a, double b) {
    return fabs(b - a) < COMPARISON_TIE * fabs(a) ? 0 : b - a;
}

// ---- Metrics -----------------------------------------------------------------------------------

static double trial_value(const struct values *v, const struct trial_record *t, size_t metric) {
    return scores_get(&t->scores, SLICE_ALL, v->results->plan->metrics[metric].label);
}

// Mean over the seeds of one fold.
static double fold_value(const struct values *v, const struct values_row *row,
    const struct trial_record *on, size_t metric) {
    double sum = 0;
    size_t n = 0;
    for (size_t k = 0; k < row->n; k++) {
        if (row->trial[k]->repeat != on->repeat || row->trial[k]->fold != on->fold) continue;
        sum += trial_value(v, row->trial[k], metric);
        n++;
    }
    return sum / (double)n;
}

bool versus_is_first_of_fold(const struct values_row *row, size_t k) {
    for (size_t j = 0; j < k; j++)
        if (row->trial[j]->repeat == row->trial[k]->repeat &&
            row->trial[j]->fold == row->trial[k]->fold)
            return false;
    return true;
}

// What is said of one pair and one metric.
struct judging {
    const struct versus_pair_of_data *d;
    const struct versus_metric *metric;
    const struct values_row *a, *b;
    struct versus_value *out;
    struct error *e;
};

static bool judge_folds(const struct judging *j) {
    const bool lower = j->metric->metric->lower_is_better;
    double *difference = calloc(j->a->n + 1, sizeof *difference);
    double test = 0, train = 0, sum_a = 0, sum_b = 0;
    size_t n = 0;
    if (!difference) return error_memory(j->e, j->a->n * sizeof *difference, "folds");
    for (size_t k = 0; k < j->a->n; k++) {
        if (!versus_is_first_of_fold(j->a, k)) continue;
        const struct trial_record *t = j->a->trial[k];
        const double a = fold_value(&j->d->a, j->a, t, j->metric->a);
        const double b = fold_value(&j->d->b, j->b, t, j->metric->b);
        sum_a += a, sum_b += b;
        const double change = change_of(a, b);
        difference[n++] = change;
        j->out->folds_better += lower ? change < 0 : change > 0;
        j->out->folds_worse += lower ? change > 0 : change < 0;
        test += (double)t->evidence->n_rows, train += (double)t->evidence->n_train;
    }
    j->out->folds = resampled_t(difference, n, train > 0 ? test / train : 0);
    j->out->a = sum_a / (double)n, j->out->b = sum_b / (double)n;
    free(difference);
    return true;
}

static bool pool(const struct judging *j, const struct values_row *row, size_t metric,
    struct pooled *out, struct arena *a) {
    const struct evidence **all = arena_alloc(a, row->n * sizeof *all);
    if (!all) return error_memory(j->e, row->n * sizeof *all, "evidence");
    for (size_t k = 0; k < row->n; k++) all[k] = row->trial[k]->evidence;
    return pooled_make(out, all, row->n, metric, j->metric->metric->is_root, a, j->e);
}

// The change of a pair as a model of its own, to be compared to no change: what sketches hold is
// linear, so differences of influences are influences of the difference.
static bool make_change(const struct judging *j, struct pooled *out, struct arena *arena) {
    struct pooled a, b;
    if (!pool(j, j->a, j->metric->a, &a, arena) || !pool(j, j->b, j->metric->b, &b, arena))
        return false;
    *out = b;
    out->value = change_of(a.value, b.value);
    if (isnan(out->value)) return true;
    j->out->a = a.value, j->out->b = b.value;
    const bool same = out->value == 0 && j->out->folds_better + j->out->folds_worse == 0;
    for (int unit = 0; unit < EVIDENCE_UNITS; unit++)
        for (size_t k = 0; k < EVIDENCE_BUCKETS; k++)
            out->influence[unit][k] = same ? 0 : b.influence[unit][k] - a.influence[unit][k];
    return true;
}

static bool make_nothing(struct pooled *out, struct arena *a, struct error *e) {
    *out = (struct pooled){.value = 0};
    for (int unit = 0; unit < EVIDENCE_UNITS; unit++)
        if (!(out->influence[unit] = arena_alloc(a, EVIDENCE_BUCKETS * sizeof(double))))
            return error_memory(e, EVIDENCE_BUCKETS * sizeof(double), "a comparison");
    return true;
}

static enum versus_verdict verdict_of(const struct versus_value *value, bool lower) {
    if (value->change == 0 && value->folds_better == 0 && value->folds_worse == 0)
        return VERSUS_SAME;
    if (isnan(value->low) || isnan(value->high)) return VERSUS_UNKNOWN;
    if (value->low > 0) return lower ? VERSUS_WORSE : VERSUS_BETTER;
    if (value->high < 0) return lower ? VERSUS_BETTER : VERSUS_WORSE;
    return VERSUS_NOISE;
}

// `change`: positive is worse.
static void take(struct versus_value *value, const struct difference *change, bool lower) {
    value->change = change_of(value->a, value->b);
    value->low = lower ? change->low : 0 - change->high;
    value->high = lower ? change->high : 0 - change->low;
    value->p = change->p;
    value->verdict = verdict_of(value, lower);
}

// All pairs are one family: their changes stand beside one model that changes nothing, to which
// they are compared.
bool versus_judge_metric(struct versus *v, struct versus_data *out,
    const struct versus_pair_of_data *d, const struct versus_pair *pairs, size_t metric,
    struct error *e) {
    const bool lower = v->metrics[metric].metric->lower_is_better;
    struct arena arena = {0};
    struct pooled *models = arena_alloc(&arena, (out->n_pairs + 1) * sizeof *models);
    double *p = arena_alloc(&arena, (out->n_pairs + 1) * sizeof *p);
    bool ok = (models && p) || error_memory(e, out->n_pairs * sizeof *models, "a comparison");
    ok = ok && make_nothing(&models[0], &arena, e);
    size_t n = 1;
    for (size_t k = 0; ok && k < out->n; k++) {
        if (out->rows[k].refused) continue;
        const struct judging j = {
            d, &v->metrics[metric], pairs[k].a, pairs[k].b, &out->rows[k].values[metric], e};
        ok = judge_folds(&j) && make_change(&j, &models[n], &arena);
        if (ok) p[n++ - 1] = j.out->folds.p;
    }
    const struct differences_job job = {.models = models,
        .n = n,
        .lower_is_better = lower,
        .baseline = 0,
        .level = LEVEL,
        .seed = v->a.results->plan->seed};
    struct differences found;
    ok = ok && differences_make(&found, &job, &arena, e);
    if (ok) holm_adjust(p, n - 1);
    for (size_t k = 0, at = 1; ok && k < out->n; k++) {
        if (out->rows[k].refused) continue;
        struct versus_value *value = &out->rows[k].values[metric];
        value->folds.p = p[at - 1];
        take(value, &found.rows[at++].base, lower);
    }
    arena_done(&arena);
    return ok;
}

// ---- Users -------------------------------------------------------------------------------------

// Adds the squared errors of a row's trials to each user's.
static void add_users(const struct values_row *row, double *square, double *rows, size_t room) {
    for (size_t k = 0; k < row->n; k++) {
        const struct evidence *ev = row->trial[k]->evidence;
        for (uint32_t u = 0; u < ev->n_users && ev->user[u] < room; u++) { // they ascend
            square[ev->user[u]] += (double)ev->square[u];
            rows[ev->user[u]] += (double)ev->rows[u];
        }
    }
}

bool versus_judge_users(struct versus_row *row, const struct versus_pair_of_data *d,
    const struct versus_pair *pair, struct error *e) {
    const size_t room = d->a.results->data[d->a.data].n_users + (size_t)1;
    double *all = calloc(4 * room, sizeof *all), *x = all, *y = all + room;
    double *rows_x = all + 2 * room, *rows_y = all + 3 * room;
    if (!all) return error_memory(e, 4 * room * sizeof *all, "users");
    add_users(pair->a, x, rows_x, room);
    add_users(pair->b, y, rows_y, room);
    size_t n = 0;
    for (size_t u = 0; u < room; u++)
        if (rows_x[u] > 0 && rows_y[u] > 0) {
            x[n] = x[u] / rows_x[u];
            y[n] = y[u] / rows_y[u];
            if (fabs(y[n] - x[n]) < USER_TIE * x[n]) y[n] = x[n];
            n++;
        }
    row->users.p = NAN;
    const bool ok = signed_rank_test(&row->users, y, x, n) || error_memory(e, n, "users");
    free(all);
    return ok;
}
