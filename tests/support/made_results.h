// made_results.h - the results of a run that never was: every kind of row, in two data sets.
#ifndef RECKON_TESTS_MADE_RESULTS_H
#define RECKON_TESTS_MADE_RESULTS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/made_tested.h"
#include "support/metric_settings.h"
#include "trial/record.h"

enum { MADE_MODELS = 5, MADE_METRICS = 3, MADE_FOLDS = 3 };

struct made {
    struct plan plan;
    struct plan_model models[MADE_MODELS];
    struct schema schemas[MADE_MODELS];
    struct metric_spec metrics[MADE_METRICS];
    struct data_summary data[2];
    struct split_method split;
    struct results results;
};

static inline void made_score(struct scores *s, enum slice slice, const char *name, double value) {
    s->at = realloc(s->at, (s->n + 1) * sizeof *s->at);
    if (!s->at) abort();
    s->at[s->n] = (struct score){.slice = slice, .value = value};
    snprintf(s->at[s->n].name, sizeof s->at[s->n].name, "%s", name);
    s->n++;
}

// Numbers that differ by model, fold and slice; none means anything.
static inline void made_slice(
    struct scores *s, enum slice slice, int model, uint32_t fold, double rows, double answered) {
    made_score(s, slice, "rows", rows);
    if (rows == 0) return;
    // A model's own part of a fold is 0 on the mean over three.
    const double own = model == 0 ? 0 : 0.001 * ((int)(2 * fold + 3 + (uint32_t)model) % 3 - 1);
    const double base = 0.8 + model * 0.0123 + slice * 0.05 + fold * fold * 0.00137 + own;
    made_score(s, slice, "answered", answered);
    made_score(s, slice, "rmse", base + 0.0625);
    made_score(s, slice, "mae", base * 0.75);
    if (slice == SLICE_TRAIN) return;
    made_score(s, slice, "top5", 4.5 - base / 4);
    made_score(s, slice, "top5.rows", ceil(rows / 20) + 12);
    made_score(s, slice, "top5.share", (ceil(rows / 20) + 12) / rows);
    made_score(s, slice, "top5.unchosen", 3);
    made_score(s, slice, "top5.low", slice == SLICE_COLD_BOTH ? NAN : 4.4 - base / 4);
    made_score(s, slice, "top5.high", slice == SLICE_COLD_BOTH ? NAN : 4.6 - base / 4);
    made_score(s, slice, "top5.random", 3.5 + fold * 0.01);
    made_score(s, slice, "top5.item_mean", 4.1 + fold * 0.01);
    made_score(s, slice, "top5.oracle", 4.9 + fold * 0.01);
}

static inline void made_trial(struct made *m, uint32_t data, uint32_t fold, int model) {
    struct results *r = &m->results;
    r->records = realloc(r->records, (r->n + 1) * sizeof *r->records);
    if (!r->records) abort();
    struct trial_record *t = &r->records[r->n++];
    *t =
        (struct trial_record){.number = (uint32_t)r->n, .model = model, .data = data, .fold = fold};
    // "broken" always fails; "shaky" on fold 2
    t->failed = model == 2 || (model == 3 && fold == 2);
    if (t->failed) {
        t->failure = model == 2 ? FAILURE_CRASHED : FAILURE_REFUSED;
        t->cause = model == 2 ? "fit: killed by SIGSEGV (segmentation fault)"
                              : "predict: answers infinity, \"twice\",\nsays | the model";
        r->n_failed++;
        made_score(&t->scores, SLICE_ALL, "rmse", 99); // it got that far; no table may show it
        return;
    }
    const double answered = model == 4 ? 0.25 : model == 1 ? 0.99 : 1;
    const bool cold = data == 0;
    made_slice(&t->scores, SLICE_ALL, model, fold, 20168, answered);
    made_slice(&t->scores, SLICE_WARM, model, fold, cold ? 19400 : 20168, answered);
    made_slice(&t->scores, SLICE_COLD_USER, model, fold, cold ? 18 : 0, answered);
    made_slice(&t->scores, SLICE_COLD_ITEM, model, fold, cold ? 748 : 0, answered / 2);
    made_slice(&t->scores, SLICE_COLD_BOTH, model, fold, cold ? 2 : 0, 0);
    if (model >= 0) made_slice(&t->scores, SLICE_TRAIN, model, fold, 80668, 1);
    made_test(t, 20168, 80668);
    if (model >= 0)
        t->cost = (struct trial_cost){0.5 + model * 40 + fold / 8., 0.03, 1000000u << model};
    if (model == 0) {
        t->curve = calloc(2, sizeof *t->curve);
        if (!t->curve) abort();
        t->curve[0] = (struct curve_point){"rmse", 1, 0.9};
        t->curve[1] = (struct curve_point){"rmse", 2, 0.85 + fold / 100.};
        t->n_curve = 2;
    }
}

static inline void made_data(struct made *m) {
    m->data[0] = (struct data_summary){.name = "ml-made-small",
        .hash = "00112233445566778899aabbccddeeff",
        .n_ratings = 100836,
        .n_users = 610,
        .n_items = 9724,
        .rating_min = 0.5f,
        .rating_max = 5};
    m->data[0].count[COUNT_ROWS] = 100850;
    m->data[0].count[COUNT_SHORT_ROW] = 2;
    m->data[0].count[COUNT_DUPLICATE] = 12;
    m->data[1] = (struct data_summary){.name = "synthetic",
        .hash = "ffeeddccbbaa99887766554433221100",
        .n_ratings = 999,
        .n_users = 60,
        .n_items = 90,
        .rating_min = 1,
        .rating_max = 5,
        .has_reachable = true};
    m->data[1].count[COUNT_ROWS] = 999;
}

static inline void made_init(struct made *m) {
    static const char *const labels[MADE_MODELS] = {
        "als", "=we|rd *label* \x1b[31m\xff, \"quoted\"", "broken", "shaky", "lazy"};
    *m = (struct made){.split = {.id = "kfold"}};
    m->metrics[0] = (struct metric_spec){metric_find("rmse"), NULL, "rmse"};
    m->metrics[1] = (struct metric_spec){metric_find("mae"), NULL, "mae"};
    m->metrics[2] = (struct metric_spec){
        metric_find("top5"), metric_settings_default(metric_find("top5")), "top5"};
    made_data(m);
    for (int k = 0; k < MADE_MODELS; k++) {
        m->schemas[k] = (struct schema){.id = k ? "svd" : "als",
            .version = "1.0",
            .path = "/somewhere/on/this/machine/als.so",
            .hash = "0123456789abcdef0123456789abcdef",
            .abi_major = 1};
        m->models[k] = (struct plan_model){.label = labels[k], .schema = &m->schemas[k]};
    }
    m->plan = (struct plan){.name = "compare",
        .seed = 42,
        .n_seeds = 1,
        .n_data = 2,
        .split = {&m->split, NULL},
        .models = m->models,
        .n_models = MADE_MODELS,
        .metrics = m->metrics,
        .n_metrics = MADE_METRICS,
        .min_coverage = 0.5,
        .clip = true};
    m->results.plan = &m->plan;
    m->results.data = m->data;
    m->results.isa = "x86-64-v3";
    m->results.blas_core = "Haswell";
    for (uint32_t fold = 1; fold <= MADE_FOLDS; fold++)
        for (int model = MODEL_FALLBACK; model < MADE_MODELS; model++)
            made_trial(m, 0, fold, model);
    made_trial(m, 1, 1, MODEL_FALLBACK);
    made_trial(m, 1, 1, 0);
    made_trial(m, 1, 1, MODEL_REACHABLE);
}

// For changes: a trial, and one of its scores on all test rows, with its evidence.
static inline struct trial_record *made_find(
    struct made *m, uint32_t data, int model, uint32_t fold) {
    for (size_t k = 0; k < m->results.n; k++) {
        struct trial_record *t = &m->results.records[k];
        if (t->data == data && t->model == model && t->fold == fold) return t;
    }
    abort();
}

static inline void made_change(struct trial_record *t, const char *name, double value) {
    for (size_t k = 0; k < t->scores.n; k++)
        if (t->scores.at[k].slice == SLICE_ALL && strcmp(t->scores.at[k].name, name) == 0)
            t->scores.at[k].value = value;
    if (!t->evidence) return;
    evidence_done(t->evidence);
    free(t->evidence);
    made_test(t, 20168, 80668);
}

static inline void made_done(struct made *m) {
    free((void *)m->metrics[2].settings);
    results_done(&m->results);
}

#endif
