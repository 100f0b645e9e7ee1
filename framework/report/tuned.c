#include "report/tuned.h"

#include <math.h>
#include <string.h>

#include "report/wording.h"

// EDGE: the share of a range, by its scale, that counts as its end. A value there says that a
// better one may lie past it.
static const double EDGE = 0.01;
enum { CHOICES_SHOWN = 12 };

const struct tuning *tuned_how(const struct values *v, const struct values_row *row) {
    return row->model >= 0 ? v->results->plan->models[row->model].tuning : NULL;
}

bool tuned_any(const struct values *v, int metric) {
    for (size_t k = 0; k < v->n; k++) {
        const struct tuning *how = tuned_how(v, &v->rows[k]);
        if (how && (metric < 0 || how->metric == (uint32_t)metric)) return true;
    }
    return false;
}

static double read_inner(const struct results *r, const struct trial_record *t) {
    (void)r;
    return t->tuned ? t->tuned->inner : NAN;
}

static double read_optimism(const struct results *r, const struct trial_record *t) {
    const struct tuning *how = t->model >= 0 ? r->plan->models[t->model].tuning : NULL;
    if (!how || !t->tuned) return NAN;
    const struct metric_spec *m = &r->plan->metrics[how->metric];
    const double outer = scores_get(&t->scores, SLICE_ALL, m->label);
    return m->metric->lower_is_better ? outer - t->tuned->inner : t->tuned->inner - outer;
}

static double read_trials(const struct results *r, const struct trial_record *t) {
    if (t->model < 0) return NAN;
    const struct tuning *how = r->plan->models[t->model].tuning;
    return how && t->tuned ? t->tuned->effort / how->folds : 1;
}

struct summary tuned_inner(const struct values *v, const struct values_row *row) {
    return values_over(v, row, read_inner);
}

struct summary tuned_optimism(const struct values *v, const struct values_row *row) {
    return values_over(v, row, read_optimism);
}

struct summary tuned_trials(const struct values *v, const struct values_row *row) {
    return values_over(v, row, read_trials);
}

// The index of a chosen value in its list, or the list's length: the default, which is in none.
static uint32_t find_index(const struct tuning *how, const struct tuned *chosen, size_t d) {
    const struct param_value *is = &chosen->values[how->dims[d].param];
    uint32_t k = 0;
    for (; k < how->space.dims[d].n; k++) {
        const struct param_value *other = &how->dims[d].values[k];
        if (is->n == other->n && is->number == other->number &&
            (is->n == 0 || memcmp(is->ints, other->ints, is->n * sizeof *is->ints) == 0))
            break;
    }
    return k;
}

bool tuned_holds(const struct tuning *how, const struct tuned *chosen, size_t d) {
    const struct search_dim *dim = &how->space.dims[d];
    if (dim->when < 0) return true;
    const size_t on = (size_t)dim->when;
    if (!tuned_holds(how, chosen, on)) return false;
    const uint32_t k = find_index(how, chosen, on);
    return k < how->space.dims[on].n && dim->when_in[k];
}

// "rank = 32, lambda = 0.05"; "default"
static const char *choice_words(
    const struct tuned_lines *l, const struct trial_record *t, const struct tuning *how) {
    const struct schema *schema = l->values->results->plan->models[t->model].schema;
    if (t->tuned->is_default) return "default";
    const char *words = "";
    for (size_t d = 0; d < how->space.n; d++) {
        if (!tuned_holds(how, t->tuned, d)) continue;
        const struct schema_param *p = &schema->params[how->dims[d].param];
        words = arena_printf(l->arena, "%s%s%s = %s", words, *words ? ", " : "", p->name,
            schema_print(p, &t->tuned->values[how->dims[d].param], l->arena));
    }
    return wording_clean(l->arena, words);
}

// A trial of the row that was tuned, or NULL: it failed before.
static const struct trial_record *nth(const struct values_row *row, size_t k) {
    return row->trial[k]->tuned ? row->trial[k] : NULL;
}

static size_t count_tuned(const struct values_row *row) {
    size_t n = 0;
    for (size_t k = 0; k < row->n; k++) n += nth(row, k) != NULL;
    return n;
}

// "als, by bayes on 3 inner folds: folds 1, 3 rank = 32, lambda = 0.05; fold 2 default"
static void note_choices(
    const struct tuned_lines *l, const struct values_row *row, const char *label) {
    const struct tuning *how = tuned_how(l->values, row);
    const char **words = arena_alloc(l->arena, row->n * sizeof *words);
    const char *line = "";
    size_t n_groups = 0;
    for (size_t k = 0; words && k < row->n; k++)
        words[k] = nth(row, k) ? choice_words(l, row->trial[k], how) : "";
    for (size_t k = 0; words && k < row->n; k++) {
        if (!*words[k]) continue;
        const char *folds = values_fold(l->values, row->trial[k], l->arena);
        bool plural = false;
        for (size_t j = k + 1; j < row->n; j++) {
            if (strcmp(words[j], words[k]) != 0) continue;
            folds = arena_printf(
                l->arena, "%s, %s", folds, values_fold(l->values, row->trial[j], l->arena));
            words[j] = "";
            plural = true;
        }
        if (++n_groups > CHOICES_SHOWN) continue;
        line = arena_printf(l->arena, "%s%sfold%s %s %s", line, *line ? "; " : "",
            plural ? "s" : "", folds, words[k]);
    }
    if (n_groups > CHOICES_SHOWN)
        line = arena_printf(l->arena, "%s; %zu more in tuning.csv", line, n_groups - CHOICES_SHOWN);
    if (*line)
        l->add(l->to, arena_printf(l->arena, "%s, by %s on %u inner folds: %s.", label,
                          how->method->id, (unsigned)how->folds, line));
}

// -1: at the lower end, or first in a list; 1: at the upper one; 0: at neither, or there is nothing
// past it.
static int find_end(
    const struct tuning *how, const struct schema_param *p, size_t d, const struct tuned *chosen) {
    const struct search_dim *dim = &how->space.dims[d];
    if (!tuned_holds(how, chosen, d)) return 0;
    if (dim->n > 0) {
        if (!dim->ordered || dim->n < 3) return 0;
        const uint32_t k = find_index(how, chosen, d);
        const double x = chosen->values[how->dims[d].param].number;
        if (k == 0) return x == p->min || x == p->max ? 0 : -1;
        return k + 1 == dim->n && x != p->min && x != p->max;
    }
    const double x = chosen->values[how->dims[d].param].number;
    if (x < dim->min || x > dim->max) return 0; // a default that is no point of the range
    const bool log_scale = dim->log && x > 0;
    const double low = log_scale ? log(dim->min) : dim->min,
                 high = log_scale ? log(dim->max) : dim->max, at = log_scale ? log(x) : x;
    if (dim->whole && dim->max - dim->min < 2) return 0;
    const double slack = dim->whole ? 0 : EDGE * (high - low);
    if (at <= low + slack) return dim->min > p->min ? -1 : 0;
    return at >= high - slack && dim->max < p->max;
}

// "upper end of its range, 0.01..0.5", "last of its list, [10, ..., 40]"
static const char *end_words(
    struct arena *a, const struct tuning *how, const struct schema_param *p, size_t d, bool upper) {
    const struct search_dim *dim = &how->space.dims[d];
    if (dim->n == 0)
        return arena_printf(a, "at the %s end of its range, %.10g..%.10g,",
            upper ? "upper" : "lower", dim->min, dim->max);
    return arena_printf(a, "the %s of its list, [%s, ..., %s],", upper ? "last" : "first",
        schema_print(p, &how->dims[d].values[0], a),
        schema_print(p, &how->dims[d].values[dim->n - 1], a));
}

// "als: lambda is at the upper end of its range, 0.01..0.5, in 3 of 5 folds: widen it."
static void warn_edges(
    const struct tuned_warnings *w, const struct values_row *row, const char *label) {
    const struct tuning *how = tuned_how(w->values, row);
    const struct schema *schema = w->values->results->plan->models[row->model].schema;
    const size_t n = count_tuned(row);
    for (size_t d = 0; d < how->space.n; d++) {
        const struct schema_param *p = &schema->params[how->dims[d].param];
        size_t count[3] = {0};
        for (size_t k = 0; k < row->n; k++)
            if (nth(row, k)) count[1 + find_end(how, p, d, row->trial[k]->tuned)]++;
        for (int end = 0; end <= 2; end += 2) {
            if (count[end] == 0 || 2 * count[end] < n) continue;
            w->add(w->to,
                arena_printf(w->arena, "%s: %s is %s in %zu of %zu fold%s: widen it.", label,
                    p->name, end_words(w->arena, how, p, d, end == 2), count[end], n,
                    n == 1 ? "" : "s"),
                arena_printf(
                    w->arena, "%s of %s is at an end of what was searched", p->name, label));
        }
    }
}

void tuned_warn_row(
    const struct tuned_warnings *w, const struct values_row *row, const char *label) {
    const struct tuning *how = tuned_how(w->values, row);
    if (!how) return;
    warn_edges(w, row, label);
    if (how->seconds > 0)
        w->add(w->to,
            arena_printf(w->arena,
                "%s was searched for %.10g seconds a fold: not reproducible, another run may "
                "choose otherwise. Search by `trials` instead.",
                label, how->seconds),
            arena_printf(w->arena, "%s was searched by the clock", label));
}

static void note_candidates(
    const struct tuned_lines *l, const struct values_row *row, const char *label) {
    const struct tuning *how = tuned_how(l->values, row);
    size_t failed = 0, all = 0;
    for (size_t k = 0; k < row->n; k++) {
        if (!nth(row, k)) continue;
        failed += row->trial[k]->tuned->n_failed;
        all += row->trial[k]->tuned->n_candidates;
    }
    if (how->method->has_effort && all)
        l->add(
            l->to, arena_printf(l->arena,
                       "%s: %s tried %.4g configurations a fold, most of them with little effort.",
                       label, how->method->id, (double)all / (double)count_tuned(row)));
    if (failed)
        l->add(l->to, arena_printf(l->arena,
                          "%s: %s of %s configurations tried failed, and were not "
                          "chosen.",
                          label, wording_count(l->arena, failed), wording_count(l->arena, all)));
}

void tuned_note_row(const struct tuned_lines *l, const struct values_row *row, const char *label) {
    if (!tuned_how(l->values, row)) return;
    note_choices(l, row, label);
    note_candidates(l, row, label);
}

size_t tuned_lines_most(const struct values *v, const struct values_row *row) {
    const struct tuning *how = tuned_how(v, row);
    return how ? 3 : 0;
}

void tuned_note_all(const struct tuned_lines *l) {
    if (tuned_any(l->values, -1))
        l->add(l->to,
            "inner: what was chosen, on inner folds of each training fold; optimism: by how "
            "much it looks better there than on the test rows; trials: what was tried in each "
            "fold, in configurations at full effort, the default among them.");
}
