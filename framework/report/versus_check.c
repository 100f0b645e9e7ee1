// Whether two runs can be compared at all.
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/versus_own.h"
#include "report/wording.h"

bool versus_refuse(struct versus *v, struct error *e, const char *fmt, ...) {
    const char **all = arena_alloc(&v->arena, (v->n_refused + 1) * sizeof *all);
    char text[1024];
    va_list list;
    if (!all) return error_memory(e, (v->n_refused + 1) * sizeof *all, "reasons");
    va_start(list, fmt);
    vsnprintf(text, sizeof text, fmt, list);
    va_end(list);
    if (v->n_refused) memcpy(all, v->refused, v->n_refused * sizeof *all);
    all[v->n_refused++] = arena_text(&v->arena, wording_clean(&v->arena, text));
    v->refused = all;
    return true;
}

uint32_t versus_find_data(const struct results *r, const char *name) {
    for (uint32_t k = 0; k < r->plan->n_data; k++)
        if (strcmp(r->data[k].name, name) == 0) return k;
    return UINT32_MAX;
}

// ---- Data --------------------------------------------------------------------------------------

static bool check_one_data(
    struct versus *v, const struct data_summary *a, const struct data_summary *b, struct error *e) {
    if (strcmp(a->hash, b->hash) != 0)
        return versus_refuse(v, e,
            "data %s: its hash is %.16s in A and %.16s in B, so it is not the same", a->name,
            a->hash, b->hash);
    if (a->rating_min != b->rating_min || a->rating_max != b->rating_max)
        return versus_refuse(v, e, "data %s: its scale is %g to %g in A and %g to %g in B", a->name,
            (double)a->rating_min, (double)a->rating_max, (double)b->rating_min,
            (double)b->rating_max);
    return true;
}

static bool check_data(struct versus *v, struct error *e) {
    const struct results *a = v->a.results, *b = v->b.results;
    bool ok = true;
    for (size_t k = 0; ok && k < a->plan->n_data; k++) {
        const uint32_t other = versus_find_data(b, a->data[k].name);
        if (other < UINT32_MAX)
            ok = check_one_data(v, &a->data[k], &b->data[other], e);
        else
            ok = versus_refuse(v, e, "data %s: it is in A alone", a->data[k].name);
    }
    for (size_t k = 0; ok && k < b->plan->n_data; k++)
        if (versus_find_data(a, b->data[k].name) == UINT32_MAX)
            ok = versus_refuse(v, e, "data %s: it is in B alone", b->data[k].name);
    return ok;
}

// ---- Metrics -----------------------------------------------------------------------------------

// The value of a setting as text.
static const char *setting_text(const struct setting *s, const void *settings, struct arena *a) {
    const char *at = (const char *)settings + s->offset;
    const void *field = at;
    switch (s->type) {
    case SETTING_BOOL:
        return *(const bool *)field ? "true" : "false";
    case SETTING_INT:
        return arena_printf(a, "%lld", (long long)*(const int64_t *)field);
    case SETTING_REAL:
        return arena_printf(a, "%.15g", *(const double *)field);
    case SETTING_CHOICE:
        return s->choices[*(const int *)field];
    case SETTING_TEXT:
        return *(const char *const *)field ? *(const char *const *)field : "";
    default:
        return "";
    }
}

// The first setting by which two definitions of a metric differ; NULL: none.
static const struct setting *differing(
    const struct metric_spec *a, const struct metric_spec *b, struct arena *arena) {
    for (size_t k = 0; k < a->metric->settings.n; k++) {
        const struct setting *s = &a->metric->settings.at[k];
        if (strcmp(setting_text(s, a->settings, arena), setting_text(s, b->settings, arena)) != 0)
            return s;
    }
    return NULL;
}

// Where B has the same metric, but never so defined.
static bool refuse_metric(
    struct versus *v, const struct metric_spec *a, const struct plan *b, struct error *e) {
    for (size_t k = 0; k < b->n_metrics; k++) {
        const struct metric_spec *other = &b->metrics[k];
        if (other->metric != a->metric) continue;
        const struct setting *s = differing(a, other, &v->arena);
        return versus_refuse(v, e, "metric %s: its %s is %s in A and %s in B", a->metric->id,
            s->name, setting_text(s, a->settings, &v->arena),
            setting_text(s, other->settings, &v->arena));
    }
    return true;
}

static bool check_metrics(struct versus *v, struct error *e) {
    const struct plan *a = v->a.results->plan, *b = v->b.results->plan;
    v->metrics = arena_alloc(&v->arena, (a->n_metrics + 1) * sizeof *v->metrics);
    if (!v->metrics) return error_memory(e, a->n_metrics * sizeof *v->metrics, "metrics");
    for (size_t k = 0; k < a->n_metrics; k++) {
        const struct metric_spec *spec = &a->metrics[k];
        size_t at = 0;
        while (at < b->n_metrics && (b->metrics[at].metric != spec->metric ||
                                        differing(spec, &b->metrics[at], &v->arena)))
            at++;
        if (at < b->n_metrics)
            v->metrics[v->n_metrics++] =
                (struct versus_metric){spec->metric, wording_clean(&v->arena, spec->label), k, at};
        else if (!refuse_metric(v, spec, b, e))
            return false;
    }
    if (v->n_metrics == 0 && v->n_refused == 0)
        return versus_refuse(v, e, "they have no metric in common");
    return true;
}

// ---- What scores rest on -----------------------------------------------------------------------

static bool check_part(
    struct versus *v, const struct plan *plan, const char *which, struct error *e) {
    return plan->shard.count < 2 ||
           versus_refuse(v, e, "%s is part %u of %u of a run; reckon merge puts the parts together",
               which, plan->shard.index + 1, plan->shard.count);
}

static bool check_plans(struct versus *v, struct error *e) {
    const struct plan *a = v->a.results->plan, *b = v->b.results->plan;
    bool ok = check_part(v, a, "A", e) && check_part(v, b, "B", e);
    if (ok && a->clip != b->clip)
        ok = versus_refuse(v, e, "clip is %s in A and %s in B", a->clip ? "true" : "false",
            b->clip ? "true" : "false");
    if (ok && a->min_coverage != b->min_coverage)
        ok = versus_refuse(
            v, e, "min_coverage is %.15g in A and %.15g in B", a->min_coverage, b->min_coverage);
    return ok;
}

bool versus_check(struct versus *v, struct error *e) {
    return check_data(v, e) && check_plans(v, e) && check_metrics(v, e);
}

// ---- Test rows ---------------------------------------------------------------------------------

// Any trial of the run on that fold that has its evidence.
static const struct trial_record *on_fold(const struct values *v, uint32_t repeat, uint32_t fold) {
    for (size_t k = 0; k < v->n; k++)
        for (size_t j = 0; j < v->rows[k].n; j++) {
            const struct trial_record *t = v->rows[k].trial[j];
            if (t->repeat == repeat && t->fold == fold && t->evidence) return t;
        }
    return NULL;
}

static bool has_evidence(const struct values *v) {
    for (size_t k = 0; k < v->n; k++)
        for (size_t j = 0; j < v->rows[k].n; j++)
            if (v->rows[k].trial[j]->evidence) return true;
    return false;
}

static const char *what_run(const struct results *r) {
    return r->interrupted ? "it has not come to its end; run its command again to go on"
                          : "their splits differ";
}

// Folds of `v` that `other` has not, named once.
static bool check_folds(struct versus *vs, const struct values *v, const struct values *other,
    const char *in, const char *not_in, struct error *e) {
    for (size_t k = 0; k < v->n; k++)
        for (size_t j = 0; j < v->rows[k].n; j++) {
            const struct trial_record *t = v->rows[k].trial[j];
            if (!t->evidence || on_fold(other, t->repeat, t->fold)) continue;
            return versus_refuse(vs, e, "data %s: fold %s is in %s, but not in %s: %s",
                v->results->data[v->data].name, values_fold(v, t, &vs->arena), in, not_in,
                what_run(other->results));
        }
    return true;
}

static const struct trial_record *fallback_of(
    const struct values *v, const struct trial_record *t) {
    for (size_t k = 0; k < v->n; k++)
        for (size_t j = 0; v->rows[k].model == MODEL_FALLBACK && j < v->rows[k].n; j++) {
            const struct trial_record *own = v->rows[k].trial[j];
            if (own->repeat == t->repeat && own->fold == t->fold && !own->failed) return own;
        }
    return NULL;
}

// The fallback answers what models leave open, so the same rows must have the same answers: they
// have if the training rows and the rule are the same.
static bool check_fallback(struct versus *v, const struct versus_pair_of_data *d,
    const struct trial_record *a, const struct trial_record *b, bool *same, struct error *e) {
    const struct trial_record *x = fallback_of(&d->a, a), *y = fallback_of(&d->b, b);
    *same = true;
    for (size_t k = 0; x && y && k < v->n_metrics; k++) {
        const char *in_a = v->a.results->plan->metrics[v->metrics[k].a].label;
        const char *in_b = v->b.results->plan->metrics[v->metrics[k].b].label;
        const double p = scores_get(&x->scores, SLICE_ALL, in_a);
        const double q = scores_get(&y->scores, SLICE_ALL, in_b);
        // The same rule in another build may round otherwise.
        if (isnan(p) || isnan(q) || fabs(p - q) <= 1e-7 * fabs(p)) continue;
        *same = false;
        return versus_refuse(v, e,
            "data %s: on fold %s the fallback's %s is %.6f in A and %.6f in B: %s",
            d->a.results->data[d->a.data].name, values_fold(&d->a, a, &v->arena),
            v->metrics[k].label, p, q,
            a->evidence->n_train != b->evidence->n_train
                ? "they train on other rows"
                : "its rule or its training rows are others");
    }
    return true;
}

// One fold that differs is enough to be named.
static bool check_rows(struct versus *v, const struct versus_pair_of_data *d, struct error *e) {
    for (size_t k = 0; k < d->a.n; k++)
        for (size_t j = 0; j < d->a.rows[k].n; j++) {
            const struct trial_record *a = d->a.rows[k].trial[j];
            const struct trial_record *b = a->evidence ? on_fold(&d->b, a->repeat, a->fold) : NULL;
            if (!b) continue;
            if (a->evidence->rows_hash != b->evidence->rows_hash)
                return versus_refuse(v, e,
                    "data %s: fold %s tests other rows in A (%llu) than in B (%llu): their splits "
                    "or "
                    "seeds differ",
                    d->a.results->data[d->a.data].name, values_fold(&d->a, a, &v->arena),
                    (unsigned long long)a->evidence->n_rows,
                    (unsigned long long)b->evidence->n_rows);
            bool same;
            if (!check_fallback(v, d, a, b, &same, e)) return false;
            if (!same) return true;
        }
    return true;
}

bool versus_check_data(struct versus *v, const struct versus_pair_of_data *d, struct error *e) {
    const char *name = d->a.results->data[d->a.data].name;
    const bool a = has_evidence(&d->a), b = has_evidence(&d->b);
    if (!a || !b)
        return versus_refuse(v, e,
            "data %s: the store of %s has no trial of it that can be compared (none has ended "
            "well, "
            "or they were made by an older reckon: run it again)",
            name, a ? "B" : "A");
    const size_t before = v->n_refused;
    return check_folds(v, &d->a, &d->b, "A", "B", e) &&
           (v->n_refused > before || check_folds(v, &d->b, &d->a, "B", "A", e)) &&
           (v->n_refused > before || check_rows(v, d, e));
}
