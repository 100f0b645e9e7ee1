#include "report/story.h"

#include <math.h>
#include <string.h>

#include "report/blended.h"
#include "report/table_own.h"
#include "report/tuned.h"
#include "report/wording.h"

enum { SENTENCES = 7, NAMES_SHOWN = 4, NAME_WIDTH = 60, BRIEFS_SHOWN = 3 };

struct telling {
    struct lines *out;
    const struct values *values;
    const struct comparisons *comparisons;
    struct arena *arena;
    const char **names; // [values->n + 1]: room for a list
    size_t n_names;
};

static void say(struct telling *t, const char *sentence) {
    if (strncmp(sentence, "the fallback ", 13) == 0)
        sentence = arena_printf(t->arena, "T%s", sentence + 1);
    t->out->at[t->out->n++] = sentence;
}

static const char *name_of(const struct telling *t, size_t row) {
    const struct values_row *r = &t->values->rows[row];
    if (r->model == MODEL_FALLBACK) return "the fallback";
    const char *label = wording_clean(t->arena, record_label(t->values->results, r->trial[0]));
    return wording_cut(t->arena, label, NAME_WIDTH);
}

static const char *list(struct telling *t) {
    return wording_list(t->arena, t->names, t->n_names, NAMES_SHOWN);
}

static const struct metric_spec *spec_of(const struct telling *t, const struct comparison *c) {
    return &t->values->results->plan->metrics[c->metric];
}

// As the table shows it: the mean over folds.
static double mean_of(const struct telling *t, const struct comparison *c, size_t row) {
    const char *label = spec_of(t, c)->label;
    return values_summary(t->values, &t->values->rows[row], SLICE_ALL, label).mean;
}

// Whether the table shows no better value than that of the best. It need not: folds of different
// sizes have other weights in their mean than in what is compared.
static bool leads_table(const struct telling *t, const struct comparison *c) {
    const struct metric *metric = spec_of(t, c)->metric;
    const double best = mean_of(t, c, c->best), least = 0.5 * pow(10, -metric->decimals);
    for (size_t k = 0; k < c->n; k++) {
        if (!c->rows[k].takes_part) continue;
        const double ahead = mean_of(t, c, k) - best;
        if ((metric->lower_is_better ? -ahead : ahead) > least) return false;
    }
    return true;
}

static const char *title_of(const struct telling *t, const struct comparison *c) {
    const char *title = table_metric_title(spec_of(t, c), t->arena);
    if (c->refused || leads_table(t, c)) return title;
    return arena_printf(t->arena, "%s over all folds together", title);
}

static const char *best_value(const struct telling *t, const struct comparison *c) {
    const double value = leads_table(t, c) ? mean_of(t, c, c->best) : c->rows[c->best].pooled.value;
    return wording_fixed(t->arena, value, spec_of(t, c)->metric->decimals);
}

// "0.0157 (0.0110 to 0.0204)": how much, and its interval, of which `kind` may say more.
static const char *amount(const struct telling *t, const struct comparison *c, const char *kind,
    double value, double low, double high) {
    const int digits = spec_of(t, c)->metric->decimals + 1;
    return arena_printf(t->arena, "%s (%s%s to %s)", wording_fixed(t->arena, value, digits), kind,
        wording_fixed(t->arena, low, digits), wording_fixed(t->arena, high, digits));
}

static size_t count_models(const struct telling *t) {
    size_t n = 0;
    for (size_t k = 0; k < t->values->n; k++) n += t->values->rows[k].model >= 0;
    return n;
}

// ---- What was compared -------------------------------------------------------------------------

static void say_compared(struct telling *t) {
    const struct values *v = t->values;
    const struct data_summary *d = &v->results->data[v->data];
    const size_t n = count_models(t);
    double rows = NAN;
    for (size_t k = 0; k < v->n && isnan(rows); k++)
        rows = values_summary(v, &v->rows[k], SLICE_ALL, "rows").mean;
    const char *tested = "";
    if (!isnan(rows))
        tested = arena_printf(t->arena, ", with %s test ratings%s",
            wording_count(t->arena, (uint64_t)(rows + 0.5)),
            v->n_folds > 1 ? arena_printf(t->arena, " in each of %zu folds", v->n_folds) : "");
    t->n_names = 0;
    for (size_t k = 0; k < v->n; k++)
        if (tuned_how(v, &v->rows[k])) t->names[t->n_names++] = name_of(t, k);
    const char *tuned = t->n_names == 0 ? ""
                                        : arena_printf(t->arena,
                                              "; %s chose parameters anew on inner folds of each "
                                              "training fold",
                                              list(t));
    say(t, arena_printf(t->arena,
               "%zu model%s stand%s beside the fallback on %s, %s ratings by %s users of %s "
               "items%s%s.",
               n, n == 1 ? "" : "s", n == 1 ? "s" : "",
               wording_cut(t->arena, wording_clean(t->arena, d->name), NAME_WIDTH),
               wording_count(t->arena, d->n_ratings), wording_count(t->arena, d->n_users),
               wording_count(t->arena, d->n_items), tested, tuned));
}

// Adds the names and what they do to a list of clauses: "als failed", "als and svd lack folds".
static const char *add_names(
    struct telling *t, const char *clauses, const char *one, const char *many) {
    if (t->n_names == 0) return clauses;
    return arena_printf(t->arena, "%s%s%s %s", clauses, *clauses ? "; " : "", list(t),
        t->n_names == 1 ? one : many);
}

static const char *add_status(struct telling *t, const char *clauses, enum row_status status,
    const char *one, const char *many) {
    t->n_names = 0;
    for (size_t k = 0; k < t->values->n; k++)
        if (t->values->rows[k].status == status) t->names[t->n_names++] = name_of(t, k);
    return add_names(t, clauses, one, many);
}

// Those that have all their scores, and take no part all the same.
static const char *add_others(
    struct telling *t, const char *clauses, const struct comparison *first) {
    t->n_names = 0;
    for (size_t k = 0; first && !first->refused && k < t->values->n; k++)
        if (t->values->rows[k].status == ROW_OK && !first->rows[k].takes_part &&
            t->values->rows[k].model != MODEL_REACHABLE)
            t->names[t->n_names++] = name_of(t, k);
    const char *why = "tested on other ratings, or kept without what differences are tested by";
    return add_names(
        t, clauses, arena_printf(t->arena, "was %s", why), arena_printf(t->arena, "were %s", why));
}

static void say_apart(struct telling *t, const struct comparison *first) {
    const char *clauses = add_status(t, "", ROW_FAILED, "failed", "failed");
    clauses = add_status(
        t, clauses, ROW_PARTIAL, "has scores on some folds only", "have scores on some folds only");
    clauses = add_status(
        t, clauses, ROW_LOW, "answers too little itself", "answer too little themselves");
    clauses = add_others(t, clauses, first);
    if (*clauses) clauses = arena_printf(t->arena, "no part in the comparison: %s", clauses);
    if (t->values->results->interrupted)
        clauses = arena_printf(t->arena, "the run was interrupted, so that trials are missing%s%s",
            *clauses ? "; " : "", clauses);
    if (!*clauses) return;
    char *sentence = arena_printf(t->arena, "%s.", clauses);
    sentence[0] = *clauses == 't' ? 'T' : 'N';
    say(t, sentence);
}

// ---- What is best ------------------------------------------------------------------------------

// The row nearest to the best of those told from it; SIZE_MAX: none.
static size_t find_next(const struct comparison *c) {
    size_t next = SIZE_MAX;
    for (size_t k = 0; k < c->n; k++) {
        const struct differences_row *row = &c->rows[k].pooled;
        if (!c->rows[k].takes_part || row->may_be_best || k == c->best) continue;
        if (next == SIZE_MAX || row->best.value < c->rows[next].pooled.best.value) next = k;
    }
    return next;
}

// Those that can't be told from the best; `without`: a row left out.
static const char *list_equals(struct telling *t, const struct comparison *c, size_t without) {
    t->n_names = 0;
    for (size_t k = 0; k < c->n; k++)
        if (c->rows[k].takes_part && c->rows[k].pooled.may_be_best && k != without)
            t->names[t->n_names++] = name_of(t, k);
    return list(t);
}

// "the nearest, als, is worse by 0.0088 (...)"; `lead` NULL: "als is worse by ..."
static const char *say_next(const struct telling *t, const struct comparison *c, const char *lead) {
    const size_t next = find_next(c);
    if (next == SIZE_MAX) return "";
    const struct difference *d = &c->rows[next].pooled.best;
    const char *name = name_of(t, next);
    if (lead) name = arena_printf(t->arena, "the %s, %s,", lead, name);
    return arena_printf(t->arena, "%s is worse by %s", name,
        amount(t, c, "simultaneous 95 % interval ", d->value, d->low, d->high));
}

// How much worse those may be that can't be told from the best: the highest end of their intervals.
static const char *at_most(const struct telling *t, const struct comparison *c) {
    double most = 0;
    for (size_t k = 0; k < c->n; k++)
        if (c->rows[k].takes_part && c->rows[k].pooled.may_be_best && k != c->best)
            most = fmax(most, c->rows[k].pooled.best.high);
    return wording_fixed(t->arena, most, spec_of(t, c)->metric->decimals + 1);
}

static const char *say_power(const struct telling *t, const struct comparison *c) {
    if (isnan(c->detectable)) return "";
    return arena_printf(t->arena,
        "; a difference of %s would have been found with a probability of 80 %%",
        wording_small(t->arena, c->detectable, spec_of(t, c)->metric->decimals));
}

static void say_best(struct telling *t, const struct comparison *c) {
    const char *title = title_of(t, c);
    if (c->refused) {
        say(t, arena_printf(t->arena, "By %s nothing is compared: %s.", title, c->refused));
        return;
    }
    const char *best = name_of(t, c->best), *value = best_value(t, c);
    const bool is_fallback = t->values->rows[c->best].model == MODEL_FALLBACK;
    size_t n = 0, equal = 0;
    for (size_t k = 0; k < c->n; k++) {
        n += c->rows[k].takes_part;
        equal += c->rows[k].takes_part && c->rows[k].pooled.best.value == 0;
    }
    if (equal == n)
        say(t, arena_printf(t->arena, "By %s %s score the same (%s).", title,
                   list_equals(t, c, SIZE_MAX), value));
    else if (c->n_best == 1)
        say(t, arena_printf(t->arena, "By %s %s is the best (%s)%s: %s%s.", title, best, value,
                   is_fallback ? ", so that no model beats it" : "",
                   n == 2     ? ""
                   : n < c->n ? "every other row that takes part is told from it; "
                              : "every other row is told from it; ",
                   say_next(t, c, n > 2 ? "nearest" : NULL)));
    else if (c->n_best == n)
        say(t,
            arena_printf(t->arena,
                "By %s no row can be told to be the best: %s has the best value (%s), but %s may "
                "be as good%s.",
                title, best, value, list_equals(t, c, c->best), say_power(t, c)));
    else
        say(t, arena_printf(t->arena,
                   "By %s %s has the best value (%s), but %s can't be told from it (worse by %s at "
                   "most); %s.",
                   title, best, value, list_equals(t, c, c->best), at_most(t, c),
                   say_next(t, c, n - c->n_best > 1 ? "nearest of the others" : NULL)));
}

// The row with the best value that is no blend; SIZE_MAX: none.
static size_t find_single(const struct telling *t, const struct comparison *c) {
    size_t best = SIZE_MAX;
    for (size_t k = 0; k < c->n; k++) {
        const struct values_row *row = &t->values->rows[k];
        if (!c->rows[k].takes_part || row->model < 0 || blended_how(t->values, row)) continue;
        if (best == SIZE_MAX || c->rows[k].pooled.best.value < c->rows[best].pooled.best.value)
            best = k;
    }
    return best;
}

// Where a blend has the best value: which model has that is none, and how much it lacks.
static void say_blend(struct telling *t, const struct comparison *c) {
    const struct blend_spec *b =
        c->refused ? NULL : blended_how(t->values, &t->values->rows[c->best]);
    if (!b) return;
    const size_t single = find_single(t, c);
    const char *text =
        arena_printf(t->arena, "%s is a mixture, the mean of %s, and takes what all of them take",
            name_of(t, c->best), blended_members(t->values->results->plan, b, t->arena));
    if (single == SIZE_MAX) {
        say(t, arena_printf(t->arena, "%s; no single model takes part.", text));
        return;
    }
    const struct differences_row *row = &c->rows[single].pooled;
    const struct metric_spec *spec = spec_of(t, c);
    const char *name = name_of(t, single),
               *value = wording_fixed(t->arena, mean_of(t, c, single), spec->metric->decimals);
    if (row->may_be_best)
        text = arena_printf(t->arena,
            "%s; the best single model, %s (%s), can't be told from it (worse by %s at most).",
            text, name, value, wording_fixed(t->arena, row->best.high, spec->metric->decimals + 1));
    else
        text = arena_printf(t->arena, "%s; the best single model, %s (%s), is worse by %s.", text,
            name, value,
            amount(t, c, "simultaneous 95 % interval ", row->best.value, row->best.low,
                row->best.high));
    say(t, text);
}

// The other metrics, in one sentence.
static void say_others(struct telling *t) {
    const struct plan *plan = t->values->results->plan;
    const char *text = "";
    for (size_t m = 1; m < plan->n_metrics; m++) {
        const struct comparison *c = comparisons_find(t->comparisons, t->values->data, m);
        if (!c || c->refused) continue;
        const char *equals = "";
        if (c->n_best > 1)
            equals = arena_printf(t->arena, ", not told from %s", list_equals(t, c, c->best));
        text = arena_printf(t->arena, "%s%s %s %s %s (%s%s)", text, *text ? "; by" : "By",
            title_of(t, c), name_of(t, c->best),
            c->n_best > 1 ? "has the best value" : "is the best", best_value(t, c), equals);
    }
    if (*text) say(t, arena_printf(t->arena, "%s.", text));
}

// ---- The baseline ------------------------------------------------------------------------------

static const char *are(size_t n) {
    return n == 1 ? "is" : "are";
}

// Rows better than the baseline, worse, and not told from it, the best one left out.
static const char *count_sides(const struct telling *t, const struct comparison *c) {
    size_t better = 0, worse = 0, equal = 0;
    for (size_t k = 0; k < c->n; k++) {
        const struct difference *d = &c->rows[k].pooled.base;
        if (!c->rows[k].takes_part || k == c->best || k == c->baseline) continue;
        if (d->high < 0)
            better++;
        else if (d->low > 0)
            worse++;
        else
            equal++;
    }
    const char *parts[3];
    size_t n = 0;
    if (better) parts[n++] = arena_printf(t->arena, "%zu %s better than it", better, are(better));
    if (worse) parts[n++] = arena_printf(t->arena, "%zu %s worse than it", worse, are(worse));
    if (equal) parts[n++] = arena_printf(t->arena, "%zu can't be told from it", equal);
    return n ? arena_printf(t->arena, "; of the other rows %s", wording_list(t->arena, parts, n, 3))
             : "";
}

static const char *served(const struct telling *t, double share) {
    return isnan(share)
               ? ""
               : arena_printf(t->arena, ", with a smaller squared error for %s of the users",
                     wording_percent(t->arena, share));
}

static void say_baseline(struct telling *t, const struct comparison *c) {
    const char *baseline = t->values->results->plan->baseline;
    const char *name = wording_cut(t->arena, wording_clean(t->arena, baseline), NAME_WIDTH);
    if (c->baseline == SIZE_MAX) {
        say(t, arena_printf(t->arena,
                   "Nothing is compared to the baseline, %s, which takes no part.", name));
        return;
    }
    if (c->baseline == c->best) {
        say(t, arena_printf(t->arena, "The baseline, %s, has the best value itself%s.", name,
                   count_sides(t, c)));
        return;
    }
    const struct comparison_row *best = &c->rows[c->best];
    const struct difference *d = &best->pooled.base;
    if (d->value == 0) {
        say(t, arena_printf(t->arena, "The baseline, %s, scores the same as %s%s.", name,
                   name_of(t, c->best), count_sides(t, c)));
        return;
    }
    const bool told = d->high < 0;
    say(t, arena_printf(t->arena, "%s %s better than the baseline, %s, by %s%s%s%s.",
               name_of(t, c->best), told ? "is" : "scores", name,
               amount(t, c, "", -d->value, -d->high, -d->low), told ? "" : ", which may be chance",
               served(t, best->base.users.n ? best->base.users.better : NAN), count_sides(t, c)));
}

// Without a baseline, how far the best is ahead of the fallback, where that was not said before.
static void say_fallback(struct telling *t, const struct comparison *c) {
    const struct comparison_row *row = &c->rows[0];
    if (t->values->rows[0].model != MODEL_FALLBACK || !row->takes_part) return;
    if (c->best == 0 || row->pooled.may_be_best) return;
    const struct difference *d = &row->pooled.best;
    const char *users = row->best.users.n ? wording_percent(t->arena, row->best.users.better) : "";
    if (find_next(c) != 0)
        say(t, arena_printf(t->arena, "The fallback is worse than %s by %s%s%s%s.",
                   name_of(t, c->best), amount(t, c, "", d->value, d->low, d->high),
                   *users ? ", with the smaller squared error for " : "", users,
                   *users ? " of the users all the same" : ""));
    else if (*users)
        say(t, arena_printf(t->arena,
                   "For %s of the users the fallback has a smaller squared error than %s all the "
                   "same.",
                   users, name_of(t, c->best)));
}

// ---- What to distrust --------------------------------------------------------------------------

static void say_distrust(struct telling *t, const struct warnings *w) {
    const char *text = "";
    if (w->n == 0) return;
    for (size_t k = 0; k < w->n && k < BRIEFS_SHOWN; k++)
        text = arena_printf(t->arena, "%s%s%s", text, k ? "; " : "", w->at[k].brief);
    if (w->n > BRIEFS_SHOWN)
        text = arena_printf(t->arena, "%s; and %zu more", text, w->n - BRIEFS_SHOWN);
    say(t, arena_printf(t->arena, "To be held against it: %s.", text));
}

bool story_make(struct lines *story, const struct values *v, const struct comparisons *c,
    const struct warnings *w, struct arena *a, struct error *e) {
    *story = (struct lines){.at = arena_alloc(a, SENTENCES * sizeof *story->at)};
    struct telling t = {story, v, c, a, arena_alloc(a, (v->n + 1) * sizeof *t.names), 0};
    if (!story->at || !t.names) return error_memory(e, v->n * sizeof *t.names, "the story");
    const struct comparison *first =
        v->results->plan->n_metrics ? comparisons_find(c, v->data, 0) : NULL;
    say_compared(&t);
    say_apart(&t, first);
    if (first) say_best(&t, first);
    if (first) say_blend(&t, first);
    say_others(&t);
    if (first && !first->refused && v->results->plan->baseline)
        say_baseline(&t, first);
    else if (first && !first->refused)
        say_fallback(&t, first);
    say_distrust(&t, w);
    return true;
}

// ---- Costs -------------------------------------------------------------------------------------

static double fit_seconds(const struct trial_cost *c) {
    return c->fit_seconds;
}

const char *story_costs(const struct values *v, const struct comparisons *c, struct arena *a) {
    struct telling t = {NULL, v, c, a, NULL, 0};
    const struct comparison *first =
        v->results->plan->n_metrics ? comparisons_find(c, v->data, 0) : NULL;
    size_t least = SIZE_MAX, most = SIZE_MAX, near = SIZE_MAX;
    for (size_t k = 0; k < v->n; k++) {
        const double cost = values_cost(&v->rows[k], fit_seconds);
        if (isnan(cost)) continue;
        if (least == SIZE_MAX || cost < values_cost(&v->rows[least], fit_seconds)) least = k;
        if (most == SIZE_MAX || cost > values_cost(&v->rows[most], fit_seconds)) most = k;
        if (!first || first->refused || !first->rows[k].pooled.may_be_best) continue;
        if (near == SIZE_MAX || cost < values_cost(&v->rows[near], fit_seconds)) near = k;
    }
    if (least == SIZE_MAX) return "";
    const char *low = wording_seconds(a, values_cost(&v->rows[least], fit_seconds));
    if (least == most) return arena_printf(a, "%s took %s a fold to fit.", name_of(&t, least), low);
    const char *high = wording_seconds(a, values_cost(&v->rows[most], fit_seconds));
    const char *text = arena_printf(a, "Fitting took from %s (%s) to %s (%s) a fold", low,
        name_of(&t, least), high, name_of(&t, most));
    if (near == SIZE_MAX) return arena_printf(a, "%s.", text);
    const char *own = wording_seconds(a, values_cost(&v->rows[near], fit_seconds));
    if (first->n_best == 1)
        return arena_printf(a, "%s; the best, %s, took %s.", text, name_of(&t, near), own);
    return arena_printf(a, "%s; the quickest of those that may be the best, %s, took %s.", text,
        name_of(&t, near), own);
}
