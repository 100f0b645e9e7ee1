#include "report/comparison.h"

#include <math.h>
#include <string.h>

#include "core/random.h"
#include "report/comparison_own.h"

static const double LEVEL = 0.95;

static bool has_evidence(const struct values_row *row) {
    for (size_t k = 0; k < row->n; k++)
        if (!row->trial[k]->evidence) return false;
    return true;
}

// Whether that alone keeps rows from being compared.
static bool lacks_evidence(const struct values *v) {
    size_t n = 0;
    for (size_t k = 0; k < v->n; k++)
        n += v->rows[k].status == ROW_OK && v->rows[k].model != MODEL_REACHABLE;
    return n >= 2;
}

// A row that could win: it has every fold, answered enough of it itself, and is no yardstick. The
// fallback is such a row: it answers every pair, so that a model which can't be told from it, or is
// behind it, is none to call the best.
static bool is_candidate(const struct values_row *row) {
    return row->status == ROW_OK && row->model != MODEL_REACHABLE && has_evidence(row);
}

// Trials of the row on the fold of `t`, asked for the same test rows.
static size_t count_same(const struct values_row *row, const struct trial_record *t) {
    size_t n = 0;
    for (size_t k = 0; k < row->n; k++) {
        const struct trial_record *other = row->trial[k];
        n += other->repeat == t->repeat && other->fold == t->fold &&
             other->evidence->rows_hash == t->evidence->rows_hash;
    }
    return n;
}

// Scores are comparable where both were asked for the same test rows in every fold, and each fold
// has the same weight in both (of an interrupted run, some folds may lack seeds).
static bool has_same_rows(const struct values_row *row, const struct values_row *reference) {
    for (size_t k = 0; k < reference->n; k++) {
        const struct trial_record *t = reference->trial[k];
        if (count_same(row, t) * reference->n != count_same(reference, t) * row->n) return false;
    }
    return true;
}

static size_t find_label(const struct values *v, const char *label) {
    for (size_t k = 0; label && k < v->n; k++)
        if (strcmp(record_label(v->results, v->rows[k].trial[0]), label) == 0) return k;
    return SIZE_MAX;
}

// Influences of all rows that take part in one metric; `models` [n].
static bool pool_rows(struct comparing *c, size_t metric, struct pooled *models, struct error *e) {
    const struct values *v = c->values;
    struct comparison *at = &c->at[metric];
    for (size_t k = 0; k < v->n; k++) {
        models[k].value = NAN;
        if (!at->rows[k].takes_part) continue;
        const struct values_row *row = &v->rows[k];
        const struct evidence **trials = arena_alloc(c->room, row->n * sizeof *trials);
        if (!trials) return error_memory(e, row->n * sizeof *trials, "a comparison");
        for (size_t j = 0; j < row->n; j++) trials[j] = row->trial[j]->evidence;
        const bool is_root = v->results->plan->metrics[metric].metric->is_root;
        if (!pooled_make(&models[k], trials, row->n, metric, is_root, c->room, e)) return false;
        at->rows[k].takes_part = !isnan(models[k].value);
    }
    return true;
}

// But for rounding: in value, and in what moves it.
static bool are_equal(const struct pooled *x, const struct pooled *y) {
    const double least = COMPARISON_TIE * y->value;
    return fabs(x->value - y->value) < least && sqrt(pooled_variance(x, y).both) < least;
}

// Rows that are equal but for rounding become equal: what they differ by is no noise to be judged
// by, and says nothing of what could have been found.
static void join_equal(const struct comparison *at, struct pooled *models) {
    for (size_t k = 0; k < at->n; k++)
        for (size_t j = 0; j < k; j++) {
            if (!are_equal(&models[k], &models[j])) continue;
            models[k] = models[j];
            break;
        }
}

static size_t count_rows(const struct comparison *at) {
    size_t n = 0;
    for (size_t k = 0; k < at->n; k++) n += at->rows[k].takes_part;
    return n;
}

static bool has_scores(const struct values *v, const char *label) {
    bool any = false;
    for (size_t k = 0; k < v->n && !any; k++)
        any = v->rows[k].model != MODEL_REACHABLE &&
              !isnan(values_summary(v, &v->rows[k], SLICE_ALL, label).mean);
    return any;
}

static const struct difference no_difference = {NAN, NAN, NAN, NAN};

// `candidates`: how many rows could take part before they were asked for this metric.
static bool compare_pooled(struct comparing *c, size_t metric, size_t candidates, struct error *e) {
    const struct values *v = c->values;
    const struct metric_spec *spec = &v->results->plan->metrics[metric];
    struct comparison *at = &c->at[metric];
    struct pooled *models = arena_alloc(c->room, (v->n + 1) * sizeof *models);
    if (!models) return error_memory(e, v->n * sizeof *models, "a comparison");
    if (!pool_rows(c, metric, models, e)) return false;
    const size_t n = count_rows(at);
    const bool scored = has_scores(v, spec->label);
    if (!scored)
        at->refused = "no row has such a score";
    else if (!c->reference && lacks_evidence(v))
        at->refused = "its trials were kept without what differences are tested by; `--fresh` runs "
                      "them again";
    else if (candidates >= 2 && n == 0)
        at->refused = "it is not made of single test rows, by which differences are tested";
    else if (n < 2)
        at->refused = "fewer than two rows have this score on every fold, answer enough of it "
                      "themselves and were tested on the same ratings";
    if (at->baseline != SIZE_MAX && !at->rows[at->baseline].takes_part) at->baseline = SIZE_MAX;
    if (at->refused) return true;
    join_equal(at, models);
    const struct differences_job job = {.models = models,
        .n = v->n,
        .lower_is_better = spec->metric->lower_is_better,
        .baseline = at->baseline,
        .level = LEVEL,
        .seed = random_mix(v->results->plan->seed, v->data)};
    struct differences d;
    if (!differences_make(&d, &job, c->room, e)) return false;
    for (size_t k = 0; k < v->n; k++)
        if (at->rows[k].takes_part) at->rows[k].pooled = d.rows[k];
    at->best = d.best;
    at->n_best = d.n_best;
    at->detectable = d.detectable;
    return true;
}

static bool init_metric(
    struct comparisons *all, struct comparing *c, size_t metric, struct error *e) {
    const struct values *v = c->values;
    struct comparison *at = &c->at[metric];
    *at = (struct comparison){.data = v->data,
        .metric = metric,
        .n = v->n,
        .best = SIZE_MAX,
        .baseline = find_label(v, v->results->plan->baseline),
        .detectable = NAN};
    at->rows = arena_alloc(&all->arena, (v->n + 1) * sizeof *at->rows);
    if (!at->rows) return error_memory(e, v->n * sizeof *at->rows, "a comparison");
    for (size_t k = 0; k < v->n; k++) {
        at->rows[k].pooled =
            (struct differences_row){NAN, NAN, NAN, false, no_difference, no_difference};
        at->rows[k].takes_part =
            c->reference && is_candidate(&v->rows[k]) && has_same_rows(&v->rows[k], c->reference);
    }
    for (size_t k = 0; c->reference && k < c->reference->n; k++) {
        const struct trial_record *t = c->reference->trial[k];
        if (t->seed == 0) at->n_rows += t->evidence->n_rows;
    }
    return true;
}

static bool compare_data(
    struct comparisons *all, const struct results *r, uint32_t data, struct error *e) {
    struct arena room = {0};
    struct values v;
    struct comparing c = {&v, NULL, &all->at[all->n], r->plan->n_metrics, &room};
    bool ok = values_init(&v, r, data, &room, e);
    if (!ok || v.n == 0) goto done;
    for (size_t k = 0; k < v.n && !c.reference; k++)
        if (is_candidate(&v.rows[k])) c.reference = &v.rows[k];
    for (size_t m = 0; ok && m < c.n_metrics; m++) {
        struct arena sketches = {0}; // of one metric at a time: they are the most of it
        c.room = &sketches;
        ok = init_metric(all, &c, m, e) && compare_pooled(&c, m, count_rows(&c.at[m]), e);
        arena_done(&sketches);
    }
    c.room = &room;
    ok = ok && comparison_pairs_folds(&c, e) && comparison_pairs_users(&c, e);
    if (ok) all->n += c.n_metrics;
done:
    arena_done(&room);
    return ok;
}

bool comparisons_make(struct comparisons *c, const struct results *r, struct error *e) {
    *c = (struct comparisons){0};
    const size_t most = r->plan->n_data * r->plan->n_metrics + 1;
    c->at = arena_alloc(&c->arena, most * sizeof *c->at);
    bool ok = c->at || error_memory(e, most * sizeof *c->at, "comparisons");
    for (uint32_t data = 0; ok && data < r->plan->n_data; data++) ok = compare_data(c, r, data, e);
    ok = ok && comparison_ranks_make(c, r, e);
    if (!ok) comparisons_done(c);
    return ok;
}

void comparisons_done(struct comparisons *c) {
    arena_done(&c->arena);
    *c = (struct comparisons){0};
}

const struct comparison *comparisons_find(
    const struct comparisons *c, uint32_t data, size_t metric) {
    for (size_t k = 0; k < c->n; k++)
        if (c->at[k].data == data && c->at[k].metric == metric) return &c->at[k];
    return NULL;
}
