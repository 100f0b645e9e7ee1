// Which columns a table of scores has.
#include <string.h>

#include "report/table_own.h"
#include "report/tuned.h"
#include "report/wording.h"

// One that shows scores of a metric.
static struct planned *add_score(struct making *m, const char *key, const char *title,
    enum fill fill, unsigned show, const struct metric_spec *spec) {
    struct planned *p = table_add(m, key, title, fill, show);
    p->column.has_sd = true;
    p->name = spec->label;
    p->decimals = spec->metric->decimals;
    return p;
}

static bool is_end(const struct metric_part *part) {
    return strcmp(part->name, "low") == 0 || strcmp(part->name, "high") == 0;
}

static void plan_parts(struct making *m, const struct metric_spec *spec, const char *label) {
    const struct metric *metric = spec->metric;
    bool has_interval = false;
    for (size_t k = 0; k < metric->n_parts; k++) has_interval |= is_end(&metric->parts[k]);
    if (has_interval) {
        struct planned *p = add_score(m, arena_printf(m->arena, "%s.interval", label),
            "95 % interval", FILL_INTERVAL, SHOW_TERMINAL | SHOW_PAGE, spec);
        p->column.has_sd = false;
        p->column.is_optional = true;
    }
    for (size_t k = 0; k < metric->n_parts; k++) {
        const struct metric_part *part = &metric->parts[k];
        struct planned *p = table_add(m, arena_printf(m->arena, "%s.%s", label, part->name),
            part->title, k < metric->n_columns && part->is_share ? FILL_PERCENT : FILL_SCORE,
            k < metric->n_columns ? SHOW_ALL : SHOW_DATA);
        p->name = arena_printf(m->arena, "%s.%s", spec->label, part->name);
        p->decimals = part->decimals;
    }
}

// What tuning by this metric saw.
static void plan_tuning(struct making *m, size_t metric, const char *label, const char *title) {
    if (m->slice != SLICE_ALL || !tuned_any(m->values, (int)metric)) return;
    const struct metric_spec *spec = &m->values->results->plan->metrics[metric];
    add_score(m, arena_printf(m->arena, "%s.inner", label),
        arena_printf(m->arena, "%s inner", title), FILL_INNER, SHOW_ALL, spec);
    add_score(
        m, arena_printf(m->arena, "%s.optimism", label), "optimism", FILL_OPTIMISM, SHOW_ALL, spec)
        ->column.is_optional = true;
}

static void plan_metric(struct making *m, size_t metric) {
    const struct metric_spec *spec = &m->values->results->plan->metrics[metric];
    const char *label = wording_clean(m->arena, spec->label);
    const char *title = table_metric_title(spec, m->arena);
    const struct comparison *c = comparisons_find(m->comparisons, m->values->data, metric);
    struct planned *p = add_score(m, label, title, FILL_SCORE, SHOW_ALL, spec);
    p->says_failed = metric == 0;
    p->comparison = m->slice == SLICE_ALL ? c : NULL;
    plan_parts(m, spec, label);
    table_plan_compared(m, metric, label);
    plan_tuning(m, metric, label, title);
}

// Training scores of the first metric that has them are shown to readers; those of the others are
// for files.
static void plan_training(struct making *m, const struct metric_spec *spec, bool shown) {
    struct planned *p =
        add_score(m, arena_printf(m->arena, "%s.train", wording_clean(m->arena, spec->label)),
            arena_printf(m->arena, "%s train", table_metric_title(spec, m->arena)), FILL_SCORE,
            shown ? SHOW_ALL : SHOW_DATA, spec);
    p->slice = SLICE_TRAIN;
    p->column.is_optional = true;
}

const char *table_metric_title(const struct metric_spec *spec, struct arena *a) {
    return strcmp(spec->label, spec->metric->id) ? wording_clean(a, spec->label)
                                                 : spec->metric->title;
}

bool table_plan(struct making *m, struct error *e) {
    const struct plan *plan = m->values->results->plan;
    size_t most = 9;
    for (size_t k = 0; k < plan->n_metrics; k++)
        most += 5 + TABLE_COMPARED + plan->metrics[k].metric->n_parts;
    m->planned = arena_alloc(m->arena, most * sizeof *m->planned);
    if (!m->planned) return error_memory(e, most * sizeof *m->planned, "the columns of a table");

    table_add(m, "model", "model", FILL_MODEL, SHOW_ALL);
    table_add(m, "status", "status", FILL_STATUS, SHOW_DATA);
    table_add(m, "folds", "folds", FILL_FOLDS, SHOW_DATA);
    table_add(m, "rows", "rows", FILL_SCORE, SHOW_DATA)->name = "rows";
    for (size_t k = 0; k < plan->n_metrics; k++) plan_metric(m, k);
    table_add(m, "answered", "answered", FILL_PERCENT, SHOW_ALL)->name = "answered";
    if (m->slice != SLICE_ALL) return true;
    if (tuned_any(m->values, -1)) table_add(m, "trials", "trials", FILL_TRIALS, SHOW_ALL);
    bool shown = true;
    for (size_t k = 0; k < plan->n_metrics; k++) {
        if (!plan->metrics[k].metric->on_train) continue;
        plan_training(m, &plan->metrics[k], shown);
        shown = false;
    }
    table_add(m, "fit_seconds", "fit", FILL_FIT, SHOW_TERMINAL);
    table_add(m, "memory_bytes", "memory", FILL_MEMORY, SHOW_TERMINAL)->column.is_optional = true;
    return true;
}
