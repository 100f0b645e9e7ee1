#include "report/warnings_own.h"

#include <math.h>
#include <string.h>

#include "report/comparison_own.h"
#include "report/table_own.h"
#include "report/tuned.h"
#include "report/wording.h"

// Where a warning begins. LATER: share of test ratings with later ones of the user in training.
// TRAIN: training error over test error; what fits well without learning by heart keeps 0.7 and
// more of it on rating data. TUNED: on fewer training ratings chance moves inner scores by 1 % (a
// root mean square of n errors with the tails of ratings varies by about 0.8 / sqrt(n)).
static const double COVERAGE_LEAST = 0.5, LATER_MOST = 0.01, TRAIN_LEAST = 0.6;
enum { TUNED_LEAST = 10000, NAMES_SHOWN = 5, NAME_WIDTH = 60, TUNED_SHOWN = 12 };

void warning_add(struct warning_job *j, const char *text, const char *brief) {
    struct warnings *w = j->out;
    if (w->n == w->room) {
        const size_t room = w->room ? 2 * w->room : 16;
        struct warning *at = arena_alloc(j->arena, room * sizeof *at);
        if (!at) {
            j->failed = true;
            return;
        }
        if (w->n) memcpy(at, w->at, w->n * sizeof *at);
        w->at = at;
        w->room = room;
    }
    w->at[w->n++] = (struct warning){text, brief};
}

const char *warning_name(const struct warning_job *j, const struct values_row *row) {
    const char *label = wording_clean(j->arena, record_label(j->values->results, row->trial[0]));
    return wording_cut(j->arena, label, NAME_WIDTH);
}

const char *warning_list(struct warning_job *j) {
    return wording_list(j->arena, j->names, j->n_names, NAMES_SHOWN);
}

const char *warning_brief(
    const struct warning_job *j, size_t n, const char *only, const char *one, const char *many) {
    return n == 1 ? arena_printf(j->arena, "%s %s", only, one)
                  : arena_printf(j->arena, "%zu rows %s", n, many);
}

// ---- Behind the fallback -----------------------------------------------------------------------

// By what is tested where that is against the fallback, else by what tables show of the number.
static bool is_behind(
    const struct warning_job *j, const struct comparison *c, size_t k, double bar) {
    const struct values_row *row = &j->values->rows[k];
    const struct metric_spec *m = &j->values->results->plan->metrics[c->metric];
    if (row->model < 0 || row->status != ROW_OK) return false;
    if (c->rows[k].takes_part && c->best == 0) return !c->rows[k].pooled.may_be_best;
    if (c->rows[k].takes_part && c->baseline == 0) return c->rows[k].pooled.base.low > 0;
    const double value = values_summary(j->values, row, SLICE_ALL, m->label).mean;
    const double ahead = m->metric->lower_is_better ? bar - value : value - bar;
    return ahead < -0.5 * pow(10, -m->metric->decimals);
}

static void warn_fallback(struct warning_job *j) {
    const struct values *v = j->values;
    if (v->rows[0].model != MODEL_FALLBACK || v->rows[0].status != ROW_OK) return;
    const char *text = "", *only = "";
    bool *behind = arena_alloc(j->arena, v->n * sizeof *behind);
    size_t n = 0;
    for (size_t m = 0; behind && m < v->results->plan->n_metrics; m++) {
        const struct comparison *c = comparisons_find(j->comparisons, v->data, m);
        const struct metric_spec *spec = &v->results->plan->metrics[m];
        const double bar = values_summary(v, &v->rows[0], SLICE_ALL, spec->label).mean;
        j->n_names = 0;
        for (size_t k = 1; c && k < v->n; k++) {
            if (!is_behind(j, c, k, bar)) continue;
            const double value = values_summary(v, &v->rows[k], SLICE_ALL, spec->label).mean;
            j->names[j->n_names++] = arena_printf(j->arena, "%s (%s)", warning_name(j, &v->rows[k]),
                wording_fixed(j->arena, value, spec->metric->decimals));
            n += !behind[k];
            behind[k] = true;
            only = warning_name(j, &v->rows[k]);
        }
        if (j->n_names == 0) continue;
        text = arena_printf(j->arena, "%s%sby %s, %s there, %s", text, *text ? "; " : "",
            table_metric_title(spec, j->arena),
            wording_fixed(j->arena, bar, spec->metric->decimals), warning_list(j));
    }
    if (n == 0) return;
    warning_add(j,
        arena_printf(j->arena,
            "Behind the (fallback) row: %s. What does not beat damped means of users and items "
            "has learned nothing of use here: look at its parameters and its data.",
            text),
        warning_brief(j, n, only, "is behind the fallback", "are behind the fallback"));
}

// ---- Folds -------------------------------------------------------------------------------------

// Rows that count as worse than the best and are better on some folds.
static void warn_signs(struct warning_job *j) {
    const struct values *v = j->values;
    for (size_t m = 0; m < v->results->plan->n_metrics; m++) {
        const struct comparison *c = comparisons_find(j->comparisons, v->data, m);
        if (!c || c->refused) continue;
        const char *only = "";
        j->n_names = 0;
        for (size_t k = 0; k < c->n; k++) {
            const struct comparison_row *row = &c->rows[k];
            if (!row->takes_part || row->pooled.may_be_best || !row->best.folds_better) continue;
            only = warning_name(j, &v->rows[k]);
            j->names[j->n_names++] = arena_printf(
                j->arena, "%s on %zu of %zu", only, row->best.folds_better, row->best.n_folds);
        }
        if (j->n_names == 0) continue;
        const char *title = table_metric_title(&v->results->plan->metrics[m], j->arena);
        warning_add(j,
            arena_printf(j->arena,
                "By %s worse than the best, %s, over all test ratings, but better on some "
                "folds: %s. Which is ahead depends on the training ratings: repeat the split "
                "(`split.repeats`) before relying on it.",
                title, warning_name(j, &v->rows[c->best]), warning_list(j)),
            arena_printf(j->arena, "the order by %s changes between folds", title));
    }
}

// Mean over rows of their deviation over folds, and the deviation of their means. False: rows
// differ more, or not at all.
static bool spread(const struct values *v, const char *label, double *folds, double *rows) {
    double sum = 0, squares = 0, deviations = 0;
    size_t n = 0;
    for (size_t k = 0; k < v->n; k++) {
        if (v->rows[k].status != ROW_OK || v->rows[k].model == MODEL_REACHABLE) continue;
        const struct summary s = values_summary(v, &v->rows[k], SLICE_ALL, label);
        if (isnan(s.mean) || isnan(s.sd)) continue;
        n++;
        const double d = s.mean - sum;
        sum += d / (double)n; // Welford's running mean and sum of squares
        squares += d * (s.mean - sum);
        deviations += s.sd;
    }
    if (n < 2) return false;
    *folds = deviations / (double)n;
    *rows = sqrt(squares / (double)(n - 1));
    return *folds > *rows && *rows > COMPARISON_TIE * fabs(sum);
}

static void warn_spread(struct warning_job *j) {
    const struct plan *plan = j->values->results->plan;
    j->n_names = 0;
    for (size_t m = 0; m < plan->n_metrics; m++) {
        double folds, rows;
        if (!spread(j->values, plan->metrics[m].label, &folds, &rows)) continue;
        const int decimals = plan->metrics[m].metric->decimals;
        j->names[j->n_names++] = arena_printf(j->arena, "by %s (%s against %s)",
            table_metric_title(&plan->metrics[m], j->arena),
            wording_small(j->arena, folds, decimals), wording_small(j->arena, rows, decimals));
    }
    if (j->n_names)
        warning_add(j,
            arena_printf(j->arena,
                "Folds differ more than rows do, by their standard deviations: %s. Compare "
                "rows on the same folds alone, never with the mean of another split.",
                warning_list(j)),
            "folds differ more than rows do");
}

// ---- Rows --------------------------------------------------------------------------------------

static void warn_coverage(struct warning_job *j) {
    const struct values *v = j->values;
    const char *only = "";
    j->n_names = 0;
    for (size_t k = 0; k < v->n; k++) {
        const double answered = values_summary(v, &v->rows[k], SLICE_ALL, "answered").mean;
        if (v->rows[k].model < 0 || !(answered < COVERAGE_LEAST)) continue;
        only = warning_name(j, &v->rows[k]);
        j->names[j->n_names++] =
            arena_printf(j->arena, "%s (%s)", only, wording_percent(j->arena, answered));
    }
    if (j->n_names == 0) return;
    warning_add(j,
        arena_printf(j->arena,
            "Most answers are the fallback's where a model answers less than half of the test "
            "ratings itself: %s. Such scores say little of the model; see why it answers so "
            "few.",
            warning_list(j)),
        warning_brief(j, j->n_names, only, "answers less than half itself",
            "answer less than half "
            "themselves"));
}

static void warn_training(struct warning_job *j) {
    const struct values *v = j->values;
    const struct metric_spec *spec = NULL;
    for (size_t m = 0; !spec && m < v->results->plan->n_metrics; m++) {
        const struct metric_spec *one = &v->results->plan->metrics[m];
        if (one->metric->on_train && one->metric->lower_is_better) spec = one;
    }
    if (!spec) return;
    const char *only = "";
    j->n_names = 0;
    for (size_t k = 0; k < v->n; k++) {
        const double train = values_summary(v, &v->rows[k], SLICE_TRAIN, spec->label).mean;
        const double test = values_summary(v, &v->rows[k], SLICE_ALL, spec->label).mean;
        if (v->rows[k].model < 0 || !(train < TRAIN_LEAST * test)) continue;
        only = warning_name(j, &v->rows[k]);
        j->names[j->n_names++] = arena_printf(j->arena, "%s (%s, %s)", only,
            wording_fixed(j->arena, train, spec->metric->decimals),
            wording_fixed(j->arena, test, spec->metric->decimals));
    }
    if (j->n_names == 0) return;
    warning_add(j,
        arena_printf(j->arena,
            "On its training ratings it errs less than %.0f %% as much as on test ratings "
            "(%s, training and test): %s. That is learned by heart: regularise more, or stop "
            "earlier.",
            100 * TRAIN_LEAST, table_metric_title(spec, j->arena), warning_list(j)),
        warning_brief(j, j->n_names, only, "fits its training ratings far better than test ratings",
            "fit their training ratings far better than test ratings"));
}

// ---- Tuning ------------------------------------------------------------------------------------

static void warn_few(struct warning_job *j) {
    const struct values *v = j->values;
    const char *only = "";
    j->n_names = 0;
    for (size_t k = 0; k < v->n; k++) {
        const double rows = values_summary(v, &v->rows[k], SLICE_TRAIN, "rows").mean;
        if (!tuned_how(v, &v->rows[k]) || !(rows < TUNED_LEAST)) continue;
        only = warning_name(j, &v->rows[k]);
        j->names[j->n_names++] = arena_printf(
            j->arena, "%s (%s)", only, wording_count(j->arena, (uint64_t)(rows + 0.5)));
    }
    if (j->n_names == 0) return;
    warning_add(j,
        arena_printf(j->arena,
            "Tuned on few training ratings a fold: %s. On fewer than %s chance moves inner "
            "scores by about 1 %% and more: give the search fewer candidates, or keep the "
            "defaults.",
            warning_list(j), wording_count(j->arena, TUNED_LEAST)),
        warning_brief(
            j, j->n_names, only, "was tuned on few ratings", "were tuned on few ratings"));
}

static void take_tuned(void *to, const char *text, const char *brief_text) {
    struct warning_job *j = to;
    if (j->n_tuned++ < TUNED_SHOWN) warning_add(j, text, brief_text);
}

static void warn_tuned(struct warning_job *j) {
    const struct tuned_warnings lines = {j->values, j->arena, take_tuned, j};
    for (size_t k = 0; k < j->values->n; k++)
        tuned_warn_row(&lines, &j->values->rows[k], warning_name(j, &j->values->rows[k]));
    if (j->n_tuned <= TUNED_SHOWN) return;
    const char *more = arena_printf(j->arena,
        "%zu more of the searched parameters are at an end "
        "of what was searched: see tuning.csv.",
        j->n_tuned - TUNED_SHOWN);
    warning_add(j, more, more);
}

// ---- Data and split ----------------------------------------------------------------------------

static void warn_duplicates(struct warning_job *j) {
    const struct data_summary *d = &j->values->results->data[j->values->data];
    const uint64_t n = d->count[COUNT_DUPLICATE];
    if (n == 0) return;
    const char *of = wording_count(j->arena, d->count[COUNT_ROWS]);
    warning_add(j,
        arena_printf(j->arena,
            "%s of %s rows read rate%s a pair again that has a rating; of each pair the "
            "latest is kept. See whether the source holds things twice.",
            wording_count(j->arena, n), of, n == 1 ? "s" : ""),
        arena_printf(j->arena, "%s rating%s %s set aside as duplicate%s",
            wording_count(j->arena, n), n == 1 ? "" : "s", n == 1 ? "was" : "were",
            n == 1 ? "" : "s"));
}

static double read_later(const struct results *r, const struct trial_record *t) {
    (void)r;
    return t->evidence ? t->evidence->later : NAN;
}

static void warn_later(struct warning_job *j) {
    double later = NAN;
    for (size_t k = 0; k < j->values->n && isnan(later); k++)
        later = values_over(j->values, &j->values->rows[k], read_later).mean;
    if (!(later > LATER_MOST)) return;
    const char *share = wording_percent(j->arena, later);
    warning_add(j,
        arena_printf(j->arena,
            "For %s of the test ratings there are later ratings of the same user in training: "
            "models are told what came after. What they would forecast is measured by "
            "`split = { method = \"time\"; ... }`.",
            share),
        arena_printf(j->arena,
            "training holds later ratings of the user for %s of the test "
            "ratings",
            share));
}

bool warnings_make(struct warnings *w, const struct values *v, const struct comparisons *c,
    struct arena *a, struct error *e) {
    *w = (struct warnings){0};
    const size_t room = v->n + v->results->plan->n_metrics + 1;
    struct warning_job j = {.out = w,
        .values = v,
        .comparisons = c,
        .arena = a,
        .names = arena_alloc(a, room * sizeof *j.names)};
    if (!j.names) return error_memory(e, room * sizeof *j.names, "warnings");
    warn_fallback(&j);
    warn_yardstick(&j);
    warn_coverage(&j);
    warn_signs(&j);
    warn_spread(&j);
    warn_intervals(&j);
    warn_training(&j);
    warn_few(&j);
    warn_tuned(&j);
    warn_later(&j);
    warn_duplicates(&j);
    return !j.failed || error_memory(e, w->n * sizeof *w->at, "warnings");
}
