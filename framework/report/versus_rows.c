// Rows of two runs, paired.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/versus_own.h"
#include "report/wording.h"

enum { LABEL_WIDTH = 60 }; // as elsewhere in documents; csv and json have the whole

// ---- Pairs -------------------------------------------------------------------------------------

static const struct values_row *find_row(const struct values *v, const char *label, size_t n) {
    for (size_t k = 0; k < v->n; k++) {
        if (v->rows[k].model < 0) continue;
        const char *own = v->results->plan->models[v->rows[k].model].label;
        if (strncmp(own, label, n) == 0 && !own[n]) return &v->rows[k];
    }
    return NULL;
}

static const char *label_of(const struct values *v, const struct values_row *row) {
    return row ? v->results->plan->models[row->model].label : NULL;
}

static size_t count_models(const struct values *v, const struct values_row **only) {
    size_t n = 0;
    for (size_t k = 0; k < v->n; k++)
        if (v->rows[k].model >= 0) {
            *only = &v->rows[k];
            n++;
        }
    return n;
}

// Whether y is on every fold that x is on.
static bool is_on_folds(const struct values_row *x, const struct values_row *y) {
    for (size_t k = 0; k < x->n; k++) {
        size_t j = 0;
        while (j < y->n && (y->trial[j]->repeat != x->trial[k]->repeat ||
                               y->trial[j]->fold != x->trial[k]->fold))
            j++;
        if (j == y->n) return false;
    }
    return true;
}

static bool has_all_evidence(const struct values_row *row) {
    for (size_t k = 0; k < row->n; k++)
        if (!row->trial[k]->evidence) return false;
    return true;
}

// Why a row can't be compared, and whether that is B's doing.
static const char *judge(
    const struct values_row *a, const struct values_row *b, bool *b_failed, struct arena *arena) {
    const bool a_whole = !a->n_failed && a->status != ROW_PARTIAL;
    const bool b_whole = !b->n_failed && b->status != ROW_PARTIAL;
    const struct values_row *bad = a_whole ? b : a;
    *b_failed = a_whole && !b_whole;
    if (!a_whole || !b_whole)
        return bad->n_failed ? arena_printf(arena, "%zu of %zu trials failed in %s", bad->n_failed,
                                   bad->n, a_whole ? "B" : "A")
                             : arena_printf(arena, "trials are missing in %s", a_whole ? "B" : "A");
    if (!is_on_folds(a, b) || !is_on_folds(b, a)) return "A and B have it on other folds";
    if (!has_all_evidence(a) || !has_all_evidence(b))
        return arena_printf(arena, "the store of %s has not kept what a comparison needs",
            has_all_evidence(a) ? "B" : "A");
    return NULL;
}

// The rows of one data set as they are gathered.
struct pairing {
    struct versus *v;
    struct versus_data *out;
    const struct versus_pair_of_data *d;
    struct versus_pair *pairs; // [out->n]
    struct error *e;
};

static bool add_row(struct pairing *p, const struct values_row *a, const struct values_row *b) {
    const struct versus_pair_of_data *d = p->d;
    struct versus_data *out = p->out;
    struct arena *arena = &p->v->arena;
    p->pairs[out->n] = (struct versus_pair){a, b};
    struct versus_row *row = &out->rows[out->n++];
    const char *x = label_of(&d->a, a), *y = label_of(&d->b, b);
    *row = (struct versus_row){
        .a = x ? wording_clean(arena, x) : NULL, .b = y ? wording_clean(arena, y) : NULL};
    const char *in_a = x ? wording_cut(arena, row->a, LABEL_WIDTH) : NULL,
               *in_b = y ? wording_cut(arena, row->b, LABEL_WIDTH) : NULL;
    row->label = !y || (x && strcmp(x, y) == 0)
                     ? in_a
                     : (x ? arena_printf(arena, "%s → %s", in_a, in_b) : in_b);
    if (!a || !b)
        row->refused = a ? "it is in A alone" : "it is in B alone";
    else
        row->refused = judge(a, b, &row->b_failed, arena);
    if (a && b && !versus_changes_of_row(p->v, d, &p->pairs[out->n - 1], row, p->e)) return false;
    out->n_pairs += !row->refused;
    return true;
}

static bool pair_all(struct pairing *p) {
    const struct versus_pair_of_data *d = p->d;
    const struct values_row *x = NULL, *y = NULL;
    const bool single = count_models(&d->a, &x) == 1 && count_models(&d->b, &y) == 1;
    if (single) return add_row(p, x, y);
    bool ok = true;
    for (int alone = 0; alone <= 1; alone++)
        for (size_t k = 0; ok && k < d->a.n; k++) {
            const struct values_row *a = &d->a.rows[k];
            if (a->model < 0) continue;
            const char *label = label_of(&d->a, a);
            const struct values_row *b = find_row(&d->b, label, strlen(label));
            if (alone == !b) ok = add_row(p, a, b);
        }
    for (size_t k = 0; ok && k < d->b.n; k++) {
        const struct values_row *b = &d->b.rows[k];
        if (b->model < 0) continue;
        const char *label = label_of(&d->b, b);
        if (!find_row(&d->a, label, strlen(label))) ok = add_row(p, NULL, b);
    }
    return ok;
}

// "als", or "als=als2"; a label may itself hold "=".
static bool pair_named(struct pairing *p, const char *name) {
    const struct versus_pair_of_data *d = p->d;
    const size_t n = strlen(name);
    const struct values_row *a = find_row(&d->a, name, n), *b = find_row(&d->b, name, n);
    if (a && b) return add_row(p, a, b);
    for (const char *c = name; (c = strchr(c, '=')); c++) {
        a = find_row(&d->a, name, (size_t)(c - name));
        b = find_row(&d->b, c + 1, strlen(c + 1));
        if (a && b) return add_row(p, a, b);
    }
    a = find_row(&d->a, name, n), b = find_row(&d->b, name, n);
    return error_set(p->e,
        "--model: there is no row \"%s\" in %s; a label that both runs have is expected, or "
        "A's=B's",
        wording_clean(&p->v->arena, name),
        a   ? "B"
        : b ? "A"
            : "A and B");
}

// ---- All of it ---------------------------------------------------------------------------------

static double fit_seconds(const struct trial_cost *c) {
    return c->fit_seconds;
}

static double memory_bytes(const struct trial_cost *c) {
    return (double)c->memory;
}

static bool judge_row(const struct pairing *p, size_t k) {
    struct versus_row *row = &p->out->rows[k];
    const struct values_row *a = p->pairs[k].a, *b = p->pairs[k].b;
    const size_t n = p->v->n_metrics;
    if (row->refused) return true;
    row->values = arena_alloc(&p->v->arena, (n + 1) * sizeof *row->values);
    if (!row->values) return error_memory(p->e, n * sizeof *row->values, "a comparison");
    row->fit[0] = values_cost(a, fit_seconds), row->fit[1] = values_cost(b, fit_seconds);
    row->memory[0] = values_cost(a, memory_bytes), row->memory[1] = values_cost(b, memory_bytes);
    return versus_judge_users(row, p->d, &p->pairs[k], p->e);
}

// By any row that has all folds.
static uint64_t count_rows(const struct values *v) {
    uint64_t n = 0;
    for (size_t k = 0; n == 0 && k < v->n; k++) {
        const struct values_row *row = &v->rows[k];
        if (row->n_failed || row->status == ROW_PARTIAL || !has_all_evidence(row)) continue;
        for (size_t j = 0; j < row->n; j++)
            if (versus_is_first_of_fold(row, j)) n += row->trial[j]->evidence->n_rows;
    }
    return n;
}

bool versus_rows(struct versus *v, size_t at, const struct versus_pair_of_data *d,
    const char *const *rows, size_t n_rows, struct error *e) {
    struct versus_data *out = &v->data[at];
    const size_t room = d->a.n + d->b.n + n_rows;
    const struct values *a = &d->a;
    *out = (struct versus_data){.name = wording_clean(&v->arena, a->results->data[a->data].name),
        .n_folds = a->n_folds,
        .n_rows = count_rows(a),
        .rows = arena_alloc(&v->arena, (room + 1) * sizeof *out->rows)};
    struct pairing p = {v, out, d, arena_alloc(&v->arena, (room + 1) * sizeof *p.pairs), e};
    bool ok = (out->rows && p.pairs) || error_memory(e, room * sizeof *out->rows, "rows");
    for (size_t k = 0; ok && k < n_rows; k++) ok = pair_named(&p, rows[k]);
    if (ok && n_rows == 0) ok = pair_all(&p);
    for (size_t k = 0; ok && k < out->n; k++) ok = judge_row(&p, k);
    for (size_t m = 0; ok && out->n_pairs && m < v->n_metrics; m++)
        ok = versus_judge_metric(v, out, d, p.pairs, m, e);
    return ok;
}
