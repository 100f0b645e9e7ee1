// Whether intervals hold the share of ratings that they say.
#include <math.h>
#include <string.h>

#include "report/warnings_own.h"
#include "report/wording.h"

// What is good (README.md, "What the numbers mean").
static const double LOW[] = {0.47, 0.88}, HIGH[] = {0.53, 0.92};
static const char *const part[] = {"cover50", "cover90"};
enum { N_SHARES = 2, STRAY = 2 }; // STRAY: standard errors that chance is given

static double cover_of(const struct warning_job *j, const struct values_row *row,
    const struct metric_spec *spec, const char *name) {
    const char *full = arena_printf(j->arena, "%s.%s", spec->label, name);
    return values_summary(j->values, row, SLICE_ALL, full).mean;
}

// Test ratings with an interval, of all trials together.
static double count_known(const struct values_row *row, const struct metric_spec *spec) {
    double n = 0;
    char name[160];
    snprintf(name, sizeof name, "%.140s.known", spec->label);
    for (size_t k = 0; k < row->n; k++) {
        const struct scores *s = &row->trial[k]->scores;
        const double known = scores_get(s, SLICE_ALL, name);
        if (!row->trial[k]->failed && !isnan(known)) n += known * scores_get(s, SLICE_ALL, "rows");
    }
    return n;
}

// -1: fewer ratings than that, beyond chance; 1: more.
static int judge(double share, int which, double n) {
    const double low = LOW[which], high = HIGH[which];
    if (share < low - STRAY * sqrt(low * (1 - low) / n)) return -1;
    return share > high + STRAY * sqrt(high * (1 - high) / n);
}

static const char *flaw_of(
    const struct warning_job *j, const struct values_row *row, const struct metric_spec *spec) {
    const double n = count_known(row, spec);
    bool few = false, many = false;
    if (row->model < 0 || row->status != ROW_OK || !(n > 0)) return NULL;
    for (int k = 0; k < N_SHARES; k++) {
        const int side = judge(cover_of(j, row, spec, part[k]), k, n);
        few |= side < 0;
        many |= side > 0;
    }
    if (few && many) return "of another shape";
    return few ? "too narrow" : many ? "too wide" : NULL;
}

void warn_intervals(struct warning_job *j) {
    const struct values *v = j->values;
    const struct metric_spec *spec = NULL;
    for (size_t m = 0; m < v->results->plan->n_metrics && !spec; m++)
        if (strcmp(v->results->plan->metrics[m].metric->id, "intervals") == 0)
            spec = &v->results->plan->metrics[m];
    const char *only = "", *flaw = "";
    j->n_names = 0;
    for (size_t k = 0; spec && k < v->n; k++) {
        const char *found = flaw_of(j, &v->rows[k], spec);
        if (!found) continue;
        flaw = found;
        only = warning_name(j, &v->rows[k]);
        j->names[j->n_names++] = arena_printf(j->arena, "%s, %s (%s, %s)", only, flaw,
            wording_percent(j->arena, cover_of(j, &v->rows[k], spec, part[0])),
            wording_percent(j->arena, cover_of(j, &v->rows[k], spec, part[1])));
    }
    if (j->n_names == 0) return;
    warning_add(j,
        arena_printf(j->arena,
            "Intervals that do not hold what they say, 47 to 53 %% of the test ratings in the "
            "central 50 %% and 88 to 92 %% in the central 90 %%: %s. Do not take their deviations "
            "at their word.",
            warning_list(j)),
        j->n_names == 1 ? arena_printf(j->arena, "the intervals of %s are %s", only, flaw)
                        : arena_printf(j->arena,
                              "the intervals of %zu rows do not hold what they "
                              "say",
                              j->n_names));
}
