#include "report/versus.h"

#include <math.h>
#include <string.h>

#include "report/versus_own.h"
#include "report/wording.h"

const char *const versus_verdict_name[VERSUS_VERDICTS] = {
    "not tested", "the same", "within the noise", "better", "worse"};

// ---- Numbers -----------------------------------------------------------------------------------

const char *versus_signed(struct arena *a, double value, int decimals) {
    if (isnan(value)) return "";
    const char *text = wording_fixed(a, fabs(value), decimals);
    const bool nought = strspn(text, "0.") == strlen(text);
    return value == 0 ? text : arena_printf(a, "%s%s", nought ? "±" : value > 0 ? "+" : "-", text);
}

const char *versus_relative(struct arena *a, double change, double of) {
    if (isnan(change) || isnan(of) || of == 0) return "";
    return arena_printf(a, "%s %%", versus_signed(a, 100 * change / fabs(of), 2));
}

const char *versus_whose(const struct versus *v, size_t data, size_t row, struct arena *a) {
    const char *label = v->data[data].rows[row].label;
    return v->n_data > 1 ? arena_printf(a, "%s, %s", label, v->data[data].name) : label;
}

const char *versus_note(size_t k) {
    static const char *const notes[] = {
        "A and B are the scores over the test rows of all folds together; tables of single runs "
        "have "
        "the mean over folds, which may differ in the last digits.",
        "Intervals hold at once for all rows of a metric, with 95 %, if users and items are drawn "
        "anew; models stand as they were fitted. A change is real where its interval leaves out 0.",
        "p, folds: corrected resampled t-test over folds (Nadeau and Bengio), adjusted over rows "
        "(Holm); of models fitted anew on other training rows of this size.",
        "Users better, worse: whose squared error is smaller or larger in B, each user once "
        "(Wilcoxon); another question than that of the mean over ratings.",
    };
    return k < sizeof notes / sizeof *notes ? notes[k] : NULL;
}

// ---- What it comes to --------------------------------------------------------------------------

static bool is_real(const struct versus_value *value) {
    return value->verdict == VERSUS_BETTER || value->verdict == VERSUS_WORSE;
}

// Folds that say the contrary of all of them together.
static bool is_mixed(const struct versus_value *value) {
    return is_real(value) && value->folds_better && value->folds_worse;
}

static bool is_better(const struct versus_value *value) {
    return value->verdict == VERSUS_BETTER;
}

static bool is_worse(const struct versus_value *value) {
    return value->verdict == VERSUS_WORSE;
}

// Rows with such values in words: "als (rmse, mae), svd (rmse)"; *n: how many of them.
static const char *list(
    struct versus *v, bool (*is_such)(const struct versus_value *value), size_t *n) {
    struct arena *a = &v->arena;
    const char *all = "";
    *n = 0;
    for (size_t d = 0; d < v->n_data; d++)
        for (size_t k = 0; k < v->data[d].n; k++) {
            const struct versus_row *row = &v->data[d].rows[k];
            const char *of = "";
            for (size_t m = 0; !row->refused && m < v->n_metrics; m++)
                if (is_such(&row->values[m]))
                    of = arena_printf(a, "%s%s%s", of, *of ? ", " : "", v->metrics[m].label);
            if (!*of) continue;
            const char *where = v->n_data > 1 ? arena_printf(a, " on %s", v->data[d].name) : "";
            if ((*n)++ < 5)
                all = arena_printf(
                    a, "%s%s%s%s (%s)", all, *n > 1 ? ", " : "", row->label, where, of);
        }
    return *n > 5 ? arena_printf(a, "%s and %zu more", all, *n - 5) : all;
}

static size_t count(const struct versus *v, enum versus_verdict verdict, size_t *of) {
    size_t n = 0;
    *of = 0;
    for (size_t d = 0; d < v->n_data; d++)
        for (size_t k = 0; k < v->data[d].n; k++)
            for (size_t m = 0; !v->data[d].rows[k].refused && m < v->n_metrics; m++) {
                n += v->data[d].rows[k].values[m].verdict == verdict;
                (*of)++;
            }
    return n;
}

static size_t count_refused(const struct versus *v) {
    size_t n = 0;
    for (size_t d = 0; d < v->n_data; d++) n += v->data[d].n - v->data[d].n_pairs;
    return n;
}

const char *versus_tell(struct versus *v) {
    struct arena *a = &v->arena;
    size_t n, of;
    const char *worse = list(v, is_worse, &n), *story = "";
    if (n) story = arena_printf(a, "B is worse beyond the noise in %s.", worse);
    const char *better = list(v, is_better, &n);
    if (n)
        story = arena_printf(
            a, "%s%sB is better beyond the noise in %s.", story, *story ? " " : "", better);
    const char *mixed = list(v, is_mixed, &n);
    if (n) story = arena_printf(a, "%s Not so in every fold: %s.", story, mixed);
    const size_t same = count(v, VERSUS_SAME, &of), noise = count(v, VERSUS_NOISE, &of);
    const size_t unknown = count(v, VERSUS_UNKNOWN, &of), refused = count_refused(v);
    if (of && same == of)
        story = "All scores of A and B are the same in all folds.";
    else if (of && !*story)
        story = "No change between A and B is beyond the noise.";
    if (noise) story = arena_printf(a, "%s %zu of %zu changes are within it.", story, noise, of);
    if (same && same < of)
        story = arena_printf(a, "%s %zu of %zu scores are the same in all folds.", story, same, of);
    if (unknown)
        story = arena_printf(a, "%s %zu of %zu changes can't be tested.", story, unknown, of);
    if (refused)
        story = arena_printf(a, "%s%s%zu row%s not compared.", story, *story ? " " : "", refused,
            refused == 1 ? " is" : "s are");
    return story;
}

// ---- All of it ---------------------------------------------------------------------------------

static bool make_data(struct versus *v, size_t at, const char *const *rows, size_t n_rows,
    struct arena *scratch, struct error *e) {
    const struct results *a = v->a.results, *b = v->b.results;
    struct versus_pair_of_data d;
    const uint32_t other = versus_find_data(b, a->data[at].name);
    if (!values_init(&d.a, a, (uint32_t)at, scratch, e) ||
        !values_init(&d.b, b, other, scratch, e) || !versus_check_data(v, &d, e))
        return false;
    return v->n_refused > 0 || versus_rows(v, at, &d, rows, n_rows, e);
}

static bool make(struct versus *v, const char *const *rows, size_t n_rows, struct error *e) {
    if (!versus_check(v, e)) return false;
    if (v->n_refused) return true;
    const size_t n = v->a.results->plan->n_data;
    struct arena scratch = {0};
    v->data = arena_alloc(&v->arena, (n + 1) * sizeof *v->data);
    bool ok = v->data || error_memory(e, n * sizeof *v->data, "a comparison");
    for (; ok && v->n_data < n; v->n_data++)
        ok = make_data(v, v->n_data, rows, n_rows, &scratch, e);
    arena_done(&scratch);
    size_t pairs = 0;
    for (size_t d = 0; ok && d < v->n_data; d++)
        for (size_t k = 0; k < v->data[d].n; k++)
            pairs += v->data[d].rows[k].a && v->data[d].rows[k].b;
    if (ok && v->n_refused == 0 && pairs == 0)
        ok = versus_refuse(v, e,
            "no row of A has the label of a row of B; --model \"A's=B's\" pairs them by hand");
    if (!ok || v->n_refused) return ok;
    if (!versus_changes_of_runs(v, e)) return false;
    v->story = versus_tell(v);
    return true;
}

bool versus_make(struct versus *v, const struct versus_run *a, const struct versus_run *b,
    const char *const *rows, size_t n_rows, struct error *e) {
    *v = (struct versus){.a = *a, .b = *b, .story = ""};
    v->a.name = wording_clean(&v->arena, a->name);
    v->b.name = wording_clean(&v->arena, b->name);
    if (make(v, rows, n_rows, e)) return v->n_refused == 0;
    v->n_refused = 0;
    return false;
}

void versus_done(struct versus *v) {
    arena_done(&v->arena);
    *v = (struct versus){0};
}
