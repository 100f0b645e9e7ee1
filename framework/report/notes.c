// The lines below a table: how its numbers came about, and what to hold against them.
#include <math.h>
#include <string.h>

#include "report/blended.h"
#include "report/table_own.h"
#include "report/tuned.h"
#include "report/wording.h"

enum { NOTES_ROOM = 16, CAUSES_SHOWN = 3 };

struct noting {
    const struct values *values;
    const struct comparisons *comparisons;
    struct table *table;
    struct arena *arena;
    size_t room;
};

static void note(struct noting *n, const char *text) {
    if (n->table->n_notes < n->room) n->table->notes[n->table->n_notes++] = text;
}

static void note_folds(struct noting *n) {
    const struct plan *plan = n->values->results->plan;
    const char *seeds =
        plan->n_seeds > 1
            ? arena_printf(n->arena, "; each fold is the mean of %u seeds", plan->n_seeds)
            : "";
    if (n->values->n_folds > 1)
        note(n, arena_printf(n->arena, "Mean over %zu folds ± standard deviation over folds%s.",
                    n->values->n_folds, seeds));
    else
        note(n, arena_printf(n->arena, "One fold, so without a deviation%s.", seeds));
}

static void note_rows(struct noting *n) {
    const struct results *r = n->values->results;
    const struct data_summary *d = &r->data[n->values->data];
    const char *clip = r->plan->clip ? arena_printf(n->arena, "answers are clipped to %g..%g",
                                           (double)d->rating_min, (double)d->rating_max)
                                     : "answers are not clipped";
    note(n, arena_printf(n->arena,
                "Every test row counts once; those that a model leaves open are answered by the "
                "fallback; %s.",
                clip));
}

static const char *percent_of(struct noting *n, enum slice slice, double all) {
    const double rows = values_summary(n->values, &n->values->rows[0], slice, "rows").mean;
    if (rows == 0) return "none";
    if (rows / all < 0.0005) return "under 0.1 %";
    return wording_percent(n->arena, rows / all);
}

static void note_cold(struct noting *n) {
    const struct values_row *row = &n->values->rows[0];
    const double all = values_summary(n->values, row, SLICE_ALL, "rows").mean;
    const double warm = values_summary(n->values, row, SLICE_WARM, "rows").mean;
    if (isnan(all) || warm >= all) return;
    note(n,
        arena_printf(n->arena,
            "Of %s test rows a fold %s are of users, %s of items, %s of both without a rating in "
            "training.",
            wording_count(n->arena, (uint64_t)(all + 0.5)), percent_of(n, SLICE_COLD_USER, all),
            percent_of(n, SLICE_COLD_ITEM, all), percent_of(n, SLICE_COLD_BOTH, all)));
}

static const char *part_number(struct noting *n, const struct metric_part *part, double value) {
    if (part->is_share) return wording_percent(n->arena, value);
    if (part->decimals == 0) return wording_count(n->arena, (uint64_t)(value + 0.5));
    return wording_fixed(n->arena, value, part->decimals);
}

// A part over all rows that have every fold: one number where they agree, else the range.
static const char *part_words(
    struct noting *n, const struct metric_spec *spec, const struct metric_part *part) {
    const char *name = arena_printf(n->arena, "%s.%s", spec->label, part->name);
    double low = NAN, high = NAN;
    for (size_t row = 0; row < n->values->n; row++) {
        const struct values_row *r = &n->values->rows[row];
        if (r->status == ROW_PARTIAL || r->status == ROW_FAILED) continue;
        const double mean = values_summary(n->values, r, SLICE_ALL, name).mean;
        low = fmin(low, mean);
        high = fmax(high, mean);
    }
    if (isnan(low)) return "";
    const char *from = part_number(n, part, low), *to = part_number(n, part, high);
    if (strcmp(from, to) == 0) return arena_printf(n->arena, "%s %s", part->title, from);
    return arena_printf(n->arena, "%s %s to %s", part->title, from, to);
}

// "top 5 %: random 3.563, item mean 4.347, oracle 4.978 on the same rows; rows taken 1 240, ..."
static void note_parts(struct noting *n, const struct metric_spec *spec) {
    const struct metric *metric = spec->metric;
    const char *lines = "", *others = "", *interval = "";
    for (size_t k = metric->n_columns; k < metric->n_parts; k++) {
        const struct metric_part *part = &metric->parts[k];
        const bool is_end = strcmp(part->name, "low") == 0 || strcmp(part->name, "high") == 0;
        if (is_end) interval = " The interval is that of one fold, by a bootstrap over users.";
        if (is_end) continue;
        const char *words = part_words(n, spec, part);
        if (!*words) continue;
        const char **list = part->is_line ? &lines : &others;
        *list = arena_printf(n->arena, "%s%s%s", *list, **list ? ", " : "", words);
    }
    const char *title = strcmp(spec->label, metric->id) ? spec->label : metric->title;
    if (*lines || *others)
        note(n, arena_printf(n->arena, "%s: %s%s%s.%s", wording_clean(n->arena, title), lines,
                    *lines && *others ? " on the same rows; " : "", others, interval));
    const char *caution = metric->caution ? metric->caution(spec->settings) : NULL;
    if (caution) note(n, arena_printf(n->arena, "%s: %s", wording_clean(n->arena, title), caution));
}

// What was read but is not in the data set, by kind; of duplicates speaks a warning.
static void note_counts(struct noting *n) {
    const struct data_summary *d = &n->values->results->data[n->values->data];
    const char *list = "";
    for (int k = COUNT_SHORT_ROW; k < COUNT_N; k++) {
        if (d->count[k] == 0 || k == COUNT_DUPLICATE) continue;
        char *name = arena_text(n->arena, dataset_count_name[k]);
        for (char *c = name; *c; c++)
            if (*c == '_') *c = ' ';
        list = arena_printf(n->arena, "%s%s%s %s", list, *list ? ", " : "", name,
            wording_count(n->arena, d->count[k]));
    }
    if (*list)
        note(n, arena_printf(n->arena, "Set aside, of %s rows read: %s.",
                    wording_count(n->arena, d->count[COUNT_ROWS]), list));
}

static bool same_cause(const struct trial_record *a, const struct trial_record *b) {
    return a->failure == b->failure &&
           strcmp(a->cause ? a->cause : "", b->cause ? b->cause : "") == 0;
}

// One line for each cause: "als failed on fold 2, 3 (crashed): <cause>".
static void note_failures(struct noting *n, const struct values_row *row, const char *label) {
    size_t causes = 0;
    for (size_t k = 0; k < row->n; k++) {
        if (!row->trial[k]->failed) continue;
        bool seen = false;
        for (size_t j = 0; j < k; j++)
            seen |= row->trial[j]->failed && same_cause(row->trial[j], row->trial[k]);
        if (seen || ++causes > CAUSES_SHOWN) continue;
        const char *folds = "";
        for (size_t j = k; j < row->n; j++)
            if (row->trial[j]->failed && same_cause(row->trial[j], row->trial[k]))
                folds = arena_printf(n->arena, "%s%s%s", folds, *folds ? ", " : "",
                    values_fold(n->values, row->trial[j], n->arena));
        const char *kind = failure_name[row->trial[k]->failure];
        if (*kind) kind = arena_printf(n->arena, " (%s)", kind);
        note(n, arena_printf(n->arena, "%s failed on fold %s%s: %s", label, folds, kind,
                    wording_clean(n->arena, row->trial[k]->cause ? row->trial[k]->cause : "")));
    }
    if (causes > CAUSES_SHOWN)
        note(n, arena_printf(n->arena, "%s failed in %zu more ways: see failures.csv", label,
                    causes - CAUSES_SHOWN));
}

static void take_line(void *to, const char *line) {
    note(to, line);
}

static void note_row(struct noting *n, size_t k) {
    const struct values_row *row = &n->values->rows[k];
    const char *label = n->table->rows[k].label;
    if (row->status == ROW_PARTIAL)
        note(n, arena_printf(n->arena,
                    "‡ %s is the mean of %zu of %zu trials, not to be compared with the others.",
                    label, row->n - row->n_failed,
                    row->model >= 0 ? n->values->n_trials : n->values->n_folds));
    if (row->n_failed) note_failures(n, row, label);
    if (blended_how(n->values, row) && row->n_failed < row->n)
        note(n, blended_note(n->values, row, label, n->arena));
    const struct tuned_lines lines = {n->values, n->arena, take_line, n};
    tuned_note_row(&lines, row, label);
}

// Trials that are missing, and why.
static void note_missing(struct noting *n) {
    const struct results *r = n->values->results;
    if (r->elsewhere)
        note(n,
            arena_printf(n->arena,
                "A part of the run: %zu trials are other shards' to run. `reckon merge` puts the "
                "parts together.",
                r->elsewhere));
    if (r->interrupted) note(n, "The run was interrupted: trials are missing.");
}

// What the marks mean, and why there may be none.
static void note_marks(struct noting *n) {
    const struct values *v = n->values;
    const char *of_users = "";
    bool marked = false, low = false;
    for (size_t m = 0; m < v->results->plan->n_metrics; m++) {
        const struct comparison *c = comparisons_find(n->comparisons, v->data, m);
        if (!c) continue;
        marked |= !c->refused;
        const struct metric_spec *spec = &v->results->plan->metrics[m];
        if (!c->refused && spec->metric->of_users)
            of_users = arena_printf(n->arena, "%s%s%s", of_users,
                *of_users ? ", " : "; of users alone for ", table_metric_title(spec, n->arena));
        if (c->refused)
            note(n, arena_printf(n->arena, "Differences by %s are not tested: %s.",
                        table_metric_title(&v->results->plan->metrics[m], n->arena), c->refused));
    }
    if (marked)
        note(n,
            arena_printf(n->arena,
                "•: the best by that column, over all folds together, and every row that can't be "
                "told from it (simultaneous 95 %% intervals, by a bootstrap over users and "
                "items%s).",
                of_users));
    for (size_t k = 0; k < v->n; k++) low |= v->rows[k].status == ROW_LOW;
    if (low)
        note(n, arena_printf(n->arena,
                    "†: answers less of the test rows itself than min_coverage = %s, and cannot "
                    "win.",
                    wording_percent(n->arena, v->results->plan->min_coverage)));
}

// Which differences could have been found.
static void note_power(struct noting *n) {
    const struct values *v = n->values;
    const char *list = "";
    uint64_t rows = 0;
    for (size_t m = 0; m < v->results->plan->n_metrics; m++) {
        const struct comparison *c = comparisons_find(n->comparisons, v->data, m);
        if (!c || c->refused || isnan(c->detectable)) continue;
        const struct metric_spec *spec = &v->results->plan->metrics[m];
        list = arena_printf(n->arena, "%s%s%s in %s", list, *list ? ", " : "",
            wording_small(n->arena, c->detectable, spec->metric->decimals),
            table_metric_title(spec, n->arena));
        rows = c->n_rows;
    }
    if (*list)
        note(n,
            arena_printf(n->arena,
                "With a probability of 80 %% these %s test rows%s show a difference of %s, between "
                "rows as alike as most are here; between rows more alike, a smaller one.",
                wording_count(n->arena, rows),
                v->n_repeats > 1 ? arena_printf(n->arena, ", of %u repeats,", v->n_repeats) : "",
                list));
}

bool notes_make(const struct values *v, const struct comparisons *c, struct table *t,
    struct arena *a, struct error *e) {
    const struct plan *plan = v->results->plan;
    struct noting n = {v, c, t, a, NOTES_ROOM + 3 * plan->n_metrics + (CAUSES_SHOWN + 4) * v->n};
    for (size_t k = 0; k < v->n; k++) n.room += tuned_lines_most(v, &v->rows[k]);
    t->notes = arena_alloc(a, n.room * sizeof *t->notes);
    if (!t->notes) return error_memory(e, n.room * sizeof *t->notes, "the notes of a table");
    note_folds(&n);
    note_rows(&n);
    note_cold(&n);
    for (size_t k = 0; k < plan->n_metrics; k++)
        if (plan->metrics[k].metric->n_parts || plan->metrics[k].metric->caution)
            note_parts(&n, &plan->metrics[k]);
    const struct tuned_lines lines = {v, a, take_line, &n};
    tuned_note_all(&lines);
    note_counts(&n);
    note_marks(&n);
    note_power(&n);
    for (size_t k = 0; k < v->n; k++) note_row(&n, k);
    note_missing(&n);
    return true;
}
