#include "report/blended.h"

#include <math.h>
#include <string.h>

#include "report/wording.h"

const struct blend_spec *blended_how(const struct values *v, const struct values_row *row) {
    return row->model >= 0 ? v->results->plan->models[row->model].blend : NULL;
}

const char *blended_weights(const struct blend_spec *b, struct arena *a) {
    if (b->how == BLEND_FITTED) return arena_printf(a, "fitted on %u inner folds", b->folds);
    return b->how == BLEND_GIVEN ? "as given" : "equal";
}

static const char *label_of(
    const struct plan *plan, const struct blend_spec *b, size_t member, struct arena *a) {
    return wording_clean(a, plan->models[b->members[member]].label);
}

const char *blended_members(const struct plan *plan, const struct blend_spec *b, struct arena *a) {
    const char *names[BLEND_MOST];
    for (size_t k = 0; k < b->n; k++) names[k] = label_of(plan, b, k, a);
    return wording_list(a, names, b->n, BLEND_MOST);
}

const char *blended_recipe(const struct plan *plan, const struct blend_spec *b, struct arena *a) {
    const char *text = "";
    for (size_t k = 0; k < b->n; k++) {
        text = arena_printf(a, "%s%s%s", text, k ? ", " : "", label_of(plan, b, k, a));
        if (b->how == BLEND_GIVEN) text = arena_printf(a, "%s × %.4g", text, b->weights[k]);
    }
    return text;
}

struct blended_weight blended_weight(const struct values_row *row, size_t member) {
    struct blended_weight w = {0, NAN, NAN};
    size_t n = 0;
    for (size_t k = 0; k < row->n; k++) {
        const double one = row->trial[k]->failed ? NAN : blend_weight(row->trial[k], member);
        if (isnan(one)) continue;
        w.mean += one;
        w.low = fmin(w.low, one);
        w.high = fmax(w.high, one);
        n++;
    }
    w.mean = n ? w.mean / (double)n : NAN;
    return w;
}

// "als × 0.71 (0.68 to 0.75)"
static const char *member_words(const struct values *v, const struct values_row *row,
    const struct blend_spec *b, size_t member, struct arena *a) {
    const char *name = label_of(v->results->plan, b, member, a);
    const struct blended_weight w = blended_weight(row, member);
    if (b->how == BLEND_EQUAL || isnan(w.mean)) return name;
    if (b->how == BLEND_GIVEN) return arena_printf(a, "%s × %.4g", name, b->weights[member]);
    const char *mean = wording_fixed(a, w.mean, 2), *low = wording_fixed(a, w.low, 2),
               *high = wording_fixed(a, w.high, 2);
    if (strcmp(low, high) == 0) return arena_printf(a, "%s × %s", name, mean);
    return arena_printf(a, "%s × %s (%s to %s)", name, mean, low, high);
}

const char *blended_note(
    const struct values *v, const struct values_row *row, const char *label, struct arena *a) {
    const struct blend_spec *b = blended_how(v, row);
    const char *words[BLEND_MOST];
    for (size_t k = 0; k < b->n; k++) words[k] = member_words(v, row, b, k, a);
    const char *list = wording_list(a, words, b->n, BLEND_MOST), *how = "";
    if (b->how == BLEND_FITTED)
        how = arena_printf(a, ", weights fitted on %u inner folds of each training fold%s",
            b->folds, row->n > 1 ? " (mean and range over folds)" : "");
    return arena_printf(
        a, "%s is the %smean of %s%s.", label, b->how == BLEND_EQUAL ? "plain " : "", list, how);
}
