// The columns of a table that say which rows differ, for files to be computed with.
#include "report/table_own.h"
#include "report/wording.h"

static const struct {
    const char *key, *title;
} parts[PART_N] = {
    [PART_DIFFERENCE] = {"", "difference"},
    [PART_LOW] = {".low", "low end of its interval"},
    [PART_HIGH] = {".high", "high end of its interval"},
    [PART_P] = {".p", "p"},
    [PART_FOLDS_BETTER] = {".folds_better", "folds better"},
    [PART_FOLDS_WORSE] = {".folds_worse", "folds worse"},
    [PART_FOLDS_P] = {".folds_p", "p over folds"},
    [PART_USERS_BETTER] = {".users_better", "users served better"},
    [PART_USERS_P] = {".users_p", "p over users"},
};

static void plan_parts(struct making *m, const struct comparison *c, const char *label,
    enum fill fill, const char *key, const char *title, bool is_error) {
    const int n_parts = is_error ? PART_N : PART_USERS_BETTER; // users: by their squared errors
    for (int part = 0; part < n_parts; part++) {
        struct planned *p =
            table_add(m, arena_printf(m->arena, "%s.%s%s", label, key, parts[part].key),
                arena_printf(m->arena, "%s, %s", title, parts[part].title), fill, SHOW_DATA);
        p->comparison = c;
        p->part = (enum fill_part)part;
    }
}

void table_plan_compared(struct making *m, size_t metric, const char *label) {
    if (m->slice != SLICE_ALL) return;
    const struct plan *plan = m->values->results->plan;
    const struct comparison *c = comparisons_find(m->comparisons, m->values->data, metric);
    const bool is_error = plan->metrics[metric].metric->lower_is_better;
    table_add(m, arena_printf(m->arena, "%s.may_be_best", label), "may be the best",
        FILL_MAY_BE_BEST, SHOW_DATA)
        ->comparison = c;
    plan_parts(m, c, label, FILL_TO_BEST, "to_best", "to the best", is_error);
    if (plan->baseline)
        plan_parts(m, c, label, FILL_TO_BASELINE, "to_baseline", "to the baseline", is_error);
}

static double pair_part(const struct comparison_pair *pair, enum fill_part part) {
    const bool has_folds = pair->n_folds > 0, has_users = pair->users.n > 0;
    switch (part) {
    case PART_FOLDS_BETTER:
        return has_folds ? (double)pair->folds_better : NAN;
    case PART_FOLDS_WORSE:
        return has_folds ? (double)pair->folds_worse : NAN;
    case PART_FOLDS_P:
        return has_folds ? pair->folds.p : NAN;
    case PART_USERS_BETTER:
        return has_users ? pair->users.better : NAN;
    default:
        return has_users ? pair->users.p : NAN;
    }
}

double table_part(const struct comparison *c, size_t row, bool is_best, enum fill_part part) {
    if (!c || c->refused || !c->rows[row].takes_part) return NAN;
    if (!is_best && c->baseline == SIZE_MAX) return NAN;
    const struct comparison_row *r = &c->rows[row];
    const struct difference *d = is_best ? &r->pooled.best : &r->pooled.base;
    switch (part) {
    case PART_DIFFERENCE:
        return d->value;
    case PART_LOW:
        return d->low;
    case PART_HIGH:
        return d->high;
    case PART_P:
        return d->p;
    default:
        return pair_part(is_best ? &r->best : &r->base, part);
    }
}

struct cell table_compared_cell(const struct making *m, const struct planned *p, size_t row) {
    const struct comparison *c = p->comparison;
    if (p->fill == FILL_MAY_BE_BEST) {
        if (!c || c->refused || !c->rows[row].takes_part) return table_text("");
        return table_text(c->rows[row].pooled.may_be_best ? "yes" : "no");
    }
    const double value = table_part(c, row, p->fill == FILL_TO_BEST, p->part);
    char text[32];
    wording_exact(text, value);
    return table_number(arena_text(m->arena, text), NULL, value, NAN);
}

void table_mark(const struct comparison *c, size_t row, struct cell *cell) {
    if (!c || c->refused || !c->rows[row].takes_part || !c->rows[row].pooled.may_be_best) return;
    cell->mark = "•";
    cell->strong = c->n_best == 1;
}
