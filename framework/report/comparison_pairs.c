// One row against another: fold by fold, and user by user.
#include <math.h>
#include <string.h>

#include "report/comparison_own.h"

// ---- Over folds --------------------------------------------------------------------------------

// The trials of the reference, one for each fold of each repeat: what the folds are.
struct folds {
    const struct trial_record **at; // [n]
    size_t n;
    double test_over_train;
};

static bool find_folds(const struct comparing *c, struct folds *f, struct error *e) {
    const struct values_row *row = c->reference;
    *f = (struct folds){.at = arena_alloc(c->room, row->n * sizeof *f->at)};
    if (!f->at) return error_memory(e, row->n * sizeof *f->at, "the folds of a comparison");
    double test = 0, train = 0;
    for (size_t k = 0; k < row->n; k++) {
        if (row->trial[k]->seed != 0) continue;
        f->at[f->n++] = row->trial[k];
        test += (double)row->trial[k]->evidence->n_rows;
        train += (double)row->trial[k]->evidence->n_train;
    }
    f->test_over_train = test / train;
    return true;
}

// The row's score in each fold, the mean over seeds; `mean` [f->n].
static void fold_means(
    const struct folds *f, const struct values_row *row, const char *label, double *mean) {
    for (size_t k = 0; k < f->n; k++) {
        double sum = 0;
        size_t n = 0;
        for (size_t j = 0; j < row->n; j++) {
            const struct trial_record *t = row->trial[j];
            if (t->repeat != f->at[k]->repeat || t->fold != f->at[k]->fold) continue;
            sum += scores_get(&t->scores, SLICE_ALL, label);
            n++;
        }
        mean[k] = n ? sum / (double)n : NAN;
    }
}

// What sums in single precision leave open of a user's mean squared error, as a share of it.
static const double USER_TIE = 1e-6;

// Differences are positive where the row is worse, as pooled ones are.
static void compare_folds(struct comparison_pair *pair, const struct folds *f, const double *row,
    const double *other, bool lower_is_better, double *difference) {
    for (size_t k = 0; k < f->n; k++) {
        double d = lower_is_better ? row[k] - other[k] : other[k] - row[k];
        if (isnan(d)) continue; // not defined on this fold
        if (fabs(d) < COMPARISON_TIE * fabs(other[k])) d = 0;
        difference[pair->n_folds++] = d;
        pair->folds_better += d < 0;
        pair->folds_worse += d > 0;
    }
    pair->folds = resampled_t(difference, pair->n_folds, f->test_over_train);
}

// The rows against row `other`, and their p adjusted: a family of its own.
static void compare_family(struct comparison *at, const struct folds *f, const double *means,
    size_t other, bool is_best, bool lower_is_better, double *room) {
    if (other == SIZE_MAX) return;
    double *p = room + f->n;
    for (size_t k = 0; k < at->n; k++) {
        struct comparison_pair *pair = is_best ? &at->rows[k].best : &at->rows[k].base;
        p[k] = NAN;
        if (!at->rows[k].takes_part || k == other) continue;
        compare_folds(pair, f, means + k * f->n, means + other * f->n, lower_is_better, room);
        p[k] = pair->folds.p;
    }
    holm_adjust(p, at->n);
    for (size_t k = 0; k < at->n; k++) {
        struct comparison_pair *pair = is_best ? &at->rows[k].best : &at->rows[k].base;
        if (pair->n_folds) pair->folds.p = p[k];
    }
}

bool comparison_pairs_folds(struct comparing *c, struct error *e) {
    if (!c->reference) return true;
    const struct values *v = c->values;
    struct folds f;
    if (!find_folds(c, &f, e)) return false;
    const size_t n_means = v->n * f.n;
    double *means = arena_alloc(c->room, (n_means + f.n + v->n + 1) * sizeof *means);
    if (!means) return error_memory(e, n_means * sizeof *means, "the folds of a comparison");
    for (size_t m = 0; m < c->n_metrics; m++) {
        const struct metric_spec *spec = &v->results->plan->metrics[m];
        struct comparison *at = &c->at[m];
        if (at->refused) continue;
        for (size_t k = 0; k < v->n; k++)
            if (at->rows[k].takes_part) fold_means(&f, &v->rows[k], spec->label, means + k * f.n);
        const bool lower = spec->metric->lower_is_better;
        compare_family(at, &f, means, at->best, true, lower, means + n_means);
        compare_family(at, &f, means, at->baseline, false, lower, means + n_means);
    }
    return true;
}

// ---- Over users --------------------------------------------------------------------------------

// Users with test rows, numbered anew from 0, and rows that others are compared to.
struct served {
    uint32_t *number;    // [n_known]: of a user of the data set; UINT32_MAX: has no test rows
    size_t n_known, n;   // n: those with test rows
    double *rows, *near; // [n]: scratch
    double **error;      // [values->n]: mean squared error of each of them; NULL: no such row
    size_t *other;       // [n_others]: into the rows
    size_t n_others;
};

static void add_other(struct served *s, size_t row) {
    if (row == SIZE_MAX) return;
    for (size_t k = 0; k < s->n_others; k++)
        if (s->other[k] == row) return;
    s->other[s->n_others++] = row;
}

static bool number_users(const struct comparing *c, struct served *s, struct error *e) {
    for (size_t k = 0; k < c->reference->n; k++) {
        const struct evidence *ev = c->reference->trial[k]->evidence;
        if (ev->n_users && ev->user[ev->n_users - 1] >= s->n_known)
            s->n_known = (size_t)ev->user[ev->n_users - 1] + 1; // ascending
    }
    s->number = arena_alloc(c->room, (s->n_known + 1) * sizeof *s->number);
    if (!s->number) return error_memory(e, s->n_known * sizeof *s->number, "users to compare by");
    memset(s->number, 0xFF, s->n_known * sizeof *s->number);
    for (size_t k = 0; k < c->reference->n; k++) {
        const struct evidence *ev = c->reference->trial[k]->evidence;
        for (uint32_t u = 0; u < ev->n_users; u++)
            if (s->number[ev->user[u]] == UINT32_MAX) s->number[ev->user[u]] = (uint32_t)s->n++;
    }
    s->rows = arena_alloc(c->room, (s->n + 1) * sizeof *s->rows);
    s->near = arena_alloc(c->room, (s->n + 1) * sizeof *s->near);
    return (s->rows && s->near) || error_memory(e, s->n * sizeof *s->rows, "users to compare by");
}

// Mean squared error of each user, over all trials of the row; `error` [s->n].
static void user_errors(struct served *s, const struct values_row *row, double *error) {
    memset(error, 0, s->n * sizeof *error);
    memset(s->rows, 0, s->n * sizeof *s->rows);
    for (size_t k = 0; k < row->n; k++) {
        const struct evidence *ev = row->trial[k]->evidence;
        for (uint32_t u = 0; u < ev->n_users; u++) {
            if (ev->user[u] >= s->n_known || s->number[ev->user[u]] == UINT32_MAX) continue;
            const uint32_t at = s->number[ev->user[u]];
            error[at] += (double)ev->square[u];
            s->rows[at] += (double)ev->rows[u];
        }
    }
    for (size_t u = 0; u < s->n; u++) error[u] /= s->rows[u];
}

// Of metrics of error: of others, squared errors would be beside the point.
static bool is_served(const struct comparing *c, size_t metric) {
    const struct metric *m = c->values->results->plan->metrics[metric].metric;
    return !c->at[metric].refused && m->lower_is_better && !m->needs;
}

static void keep_users(
    struct comparing *c, size_t row, size_t other, const struct signed_rank *users) {
    for (size_t m = 0; m < c->n_metrics; m++) {
        if (!is_served(c, m) || !c->at[m].rows[row].takes_part) continue;
        if (c->at[m].best == other) c->at[m].rows[row].best.users = *users;
        if (c->at[m].baseline == other) c->at[m].rows[row].base.users = *users;
    }
}

static bool compare_users(struct comparing *c, struct served *s, size_t row, struct error *e) {
    bool any = false;
    for (size_t m = 0; m < c->n_metrics; m++)
        any |= is_served(c, m) && c->at[m].rows[row].takes_part;
    if (!any) return true;
    double *own = s->error[row] ? s->error[row] : s->error[c->values->n];
    user_errors(s, &c->values->rows[row], own);
    for (size_t k = 0; k < s->n_others; k++) {
        if (s->other[k] == row) continue;
        struct signed_rank users;
        const double *other = s->error[s->other[k]];
        for (size_t u = 0; u < s->n; u++) // what is equal but for rounding is equal
            s->near[u] = fabs(own[u] - other[u]) < USER_TIE * other[u] ? other[u] : own[u];
        if (!signed_rank_test(&users, s->near, other, s->n))
            return error_memory(e, s->n * sizeof *own, "the test over users");
        keep_users(c, row, s->other[k], &users);
    }
    return true;
}

bool comparison_pairs_users(struct comparing *c, struct error *e) {
    if (!c->reference) return true;
    const size_t n = c->values->n;
    struct served s = {.other = arena_alloc(c->room, (2 * c->n_metrics + 1) * sizeof *s.other),
        .error = arena_alloc(c->room, (n + 1) * sizeof *s.error)};
    if (!s.other || !s.error) return error_memory(e, n * sizeof *s.error, "users to compare by");
    for (size_t m = 0; m < c->n_metrics; m++) {
        if (!is_served(c, m)) continue;
        add_other(&s, c->at[m].best);
        add_other(&s, c->at[m].baseline);
    }
    if (s.n_others == 0) return true;
    if (!number_users(c, &s, e)) return false;
    for (size_t k = 0; k <= s.n_others; k++) { // the last: of a row that others aren't compared to
        double *error = arena_alloc(c->room, (s.n + 1) * sizeof *error);
        if (!error) return error_memory(e, s.n * sizeof *error, "users to compare by");
        s.error[k < s.n_others ? s.other[k] : n] = error;
    }
    for (size_t k = 0; k < s.n_others; k++)
        user_errors(&s, &c->values->rows[s.other[k]], s.error[s.other[k]]);
    for (size_t row = 0; row < n; row++)
        if (!compare_users(c, &s, row, e)) return false;
    return true;
}
