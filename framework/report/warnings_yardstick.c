// Whether a winner has beaten more than straw men.
//
// A model that is named the best says little unless one that is known to be hard to beat stands
// beside it: on public sets most of the published gains over baselines vanish against matrix
// factorization that is well set up (Rendle, Zhang & Koren, On the difficulty of evaluating
// baselines, 2019).
#include <math.h>
#include <string.h>

#include "report/table_own.h"
#include "report/warnings_own.h"
#include "report/wording.h"

// The stronger first: bmf is ahead of als on each of the three public sets (README.md).
static const char *const yardsticks[] = {"bmf", "als"};
static const char *const baselines[] = {"constant", "item_mean", "bias"};
enum { N_YARDSTICKS = 2, N_BASELINES = 3 };

// NULL: the row is of no plugin.
static const char *plugin_of(const struct warning_job *j, size_t row) {
    const int model = j->values->rows[row].model;
    if (model < 0) return NULL;
    const struct plan_model *m = &j->values->results->plan->models[model];
    return m->given || m->blend ? NULL : m->schema->id;
}

static bool is_one_of(const char *plugin, const char *const *list, size_t n) {
    for (size_t k = 0; plugin && k < n; k++)
        if (strcmp(plugin, list[k]) == 0) return true;
    return false;
}

// Rows of one plugin are no contest between models.
static bool same_plugin(const char *a, const char *b) {
    return a && b && strcmp(a, b) == 0;
}

// Whether the story names a model as the winner by this metric, over other models than its own kind
// and not as one of rows that are all alike.
static bool has_winner(const struct warning_job *j, const struct comparison *c) {
    size_t n = 0;
    bool others = false;
    if (!c || c->refused || j->values->rows[c->best].model < 0) return false;
    const char *winner = plugin_of(j, c->best);
    for (size_t k = 0; k < c->n; k++) {
        if (!c->rows[k].takes_part) continue;
        n++;
        others |=
            k != c->best && j->values->rows[k].model >= 0 && !same_plugin(winner, plugin_of(j, k));
    }
    return others && c->n_best < n && !is_one_of(winner, baselines, N_BASELINES);
}

// A row by which the winner can be measured.
static bool is_yardstick(const struct warning_job *j, const struct comparison *c, size_t k) {
    const char *plugin = plugin_of(j, k);
    return is_one_of(plugin, yardsticks, N_YARDSTICKS) &&
           !same_plugin(plugin, plugin_of(j, c->best));
}

static bool needs_none(const struct warning_job *j, const struct comparison *c) {
    return same_plugin(plugin_of(j, c->best), yardsticks[0]);
}

// A yardstick that runs for blends, but has no row; NULL: none.
static const char *find_hidden(const struct warning_job *j, const struct comparison *c) {
    const struct plan *plan = j->values->results->plan;
    for (size_t k = 0; k < plan->n_models; k++) {
        const struct plan_model *m = &plan->models[k];
        if (m->is_hidden && !m->given && !m->blend &&
            is_one_of(m->schema->id, yardsticks, N_YARDSTICKS) &&
            !same_plugin(m->schema->id, plugin_of(j, c->best)))
            return wording_cut(j->arena, wording_clean(j->arena, m->label), 60);
    }
    return NULL;
}

// False: there is a yardstick that takes part, or none is needed.
static bool warn_missing(struct warning_job *j, const struct comparison *c) {
    const char *absent = NULL;
    if (needs_none(j, c)) return false;
    for (size_t k = 0; k < c->n; k++) {
        if (!is_yardstick(j, c, k)) continue;
        if (c->rows[k].takes_part) return false;
        if (!absent) absent = warning_name(j, &j->values->rows[k]);
    }
    const char *winner = warning_name(j, &j->values->rows[c->best]);
    const char *title = table_metric_title(&j->values->results->plan->metrics[c->metric], j->arena);
    const bool is_als = is_one_of(plugin_of(j, c->best), yardsticks, N_YARDSTICKS);
    const char *hidden = absent ? NULL : find_hidden(j, c);
    const char *why =
        absent   ? arena_printf(j->arena, "%s takes no part in the comparison", absent)
        : hidden ? arena_printf(j->arena, "%s runs for blends alone, without a row", hidden)
        : is_als
            ? "bmf, which is ahead of als on all public sets it was measured on, is not in the "
              "experiment"
            : "neither bmf nor als is in the experiment, so that it may have beaten straw men "
              "alone";
    warning_add(j,
        arena_printf(j->arena, "No yardstick: by %s %s is the best, but %s; %s.", title, winner,
            why,
            absent   ? "see why, and run it again"
            : hidden ? "name it by --only, too"
                     : "add `{ plugin = \"bmf\"; }` to `models`"),
        arena_printf(j->arena, "%s is measured by no yardstick, as bmf is", winner));
    return true;
}

// Yardsticks that may be as good as the winner.
static void warn_unbeaten(struct warning_job *j, const struct comparison *c) {
    const struct metric_spec *spec = &j->values->results->plan->metrics[c->metric];
    const int digits = spec->metric->decimals + 1;
    j->n_names = 0;
    for (size_t k = 0; k < c->n && !needs_none(j, c); k++) {
        const struct difference *d = &c->rows[k].pooled.best;
        if (!is_yardstick(j, c, k) || !c->rows[k].takes_part || !c->rows[k].pooled.may_be_best)
            continue;
        j->names[j->n_names++] = arena_printf(j->arena, "%s by %s (%s to %s)",
            warning_name(j, &j->values->rows[k]), wording_fixed(j->arena, d->value, digits),
            wording_fixed(j->arena, d->low, digits), wording_fixed(j->arena, d->high, digits));
    }
    if (j->n_names == 0) return;
    const char *winner = warning_name(j, &j->values->rows[c->best]);
    warning_add(j,
        arena_printf(j->arena,
            "The best does not beat its yardstick beyond the noise: by %s %s is ahead of %s "
            "(simultaneous 95 %% interval%s).",
            table_metric_title(spec, j->arena), winner, warning_list(j),
            j->n_names == 1 ? "" : "s"),
        arena_printf(j->arena, "%s does not beat its yardstick beyond the noise", winner));
}

// By the first metric that names a winner.
void warn_yardstick(struct warning_job *j) {
    const struct plan *plan = j->values->results->plan;
    for (size_t m = 0; m < plan->n_metrics; m++) {
        const struct comparison *c = comparisons_find(j->comparisons, j->values->data, m);
        if (!has_winner(j, c)) continue;
        if (!warn_missing(j, c)) warn_unbeaten(j, c);
        return;
    }
}
