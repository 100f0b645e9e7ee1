#include "report/versus_limit.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/suggest.h"
#include "report/wording.h"

static const char *trimmed(const char *text, size_t n, struct arena *a) {
    while (n && isspace((unsigned char)*text)) text++, n--;
    while (n && isspace((unsigned char)text[n - 1])) n--;
    return arena_printf(a, "%.*s", (int)n, text);
}

// A decimal number without anything that strtod() takes beside: no hexadecimals, no "inf".
static bool read_number(const char *text, double *value, const char **end) {
    const char *c = text + (*text == '+' || *text == '-');
    if (!isdigit((unsigned char)*c) && !(*c == '.' && isdigit((unsigned char)c[1]))) return false;
    if (c[0] == '0' && (c[1] == 'x' || c[1] == 'X')) return false;
    char *after;
    *value = strtod(text, &after);
    *end = after;
    return isfinite(*value);
}

static bool parse_one(struct versus_limit *l, const char *text, struct arena *a, struct error *e) {
    static const char form[] = "it is METRIC > LIMIT or METRIC < LIMIT, as in rmse>+0.5% (of a "
                               "change, in percent), rmse>+0.002 (of a change) or rmse>0.9 (of B)";
    const size_t n = strcspn(text, "<>");
    *l = (struct versus_limit){.text = text, .metric = trimmed(text, n, a)};
    if (!*text) return error_set(e, "--fail-if: an empty condition; %s", form);
    if (!text[n]) return error_set(e, "--fail-if: \"%s\" has neither > nor <; %s", text, form);
    if (!*l->metric) return error_set(e, "--fail-if: \"%s\" names no metric; %s", text, form);
    l->above = text[n] == '>';
    const char *limit = trimmed(text + n + 1, strlen(text + n + 1), a), *end;
    if (!read_number(limit, &l->limit, &end))
        return error_set(e, "--fail-if: \"%s\": \"%s\" is no limit; %s", text, limit, form);
    l->is_change = *limit == '+' || *limit == '-';
    while (isspace((unsigned char)*end)) end++;
    l->is_percent = *end == '%';
    end += l->is_percent;
    if (*end)
        return error_set(
            e, "--fail-if: \"%s\": what is \"%s\" behind the limit? %s", text, end, form);
    if (l->is_percent && !l->is_change)
        return error_set(e,
            "--fail-if: \"%s\": a percentage is one of a change, and needs its sign: %s%c+%s or "
            "%s%c-%s",
            text, l->metric, text[n], limit, l->metric, text[n], limit);
    return true;
}

bool versus_limit_parse(
    struct versus_limits *limits, const char *text, struct arena *a, struct error *e) {
    for (bool more = true; more;) {
        const size_t n = strcspn(text, ",");
        struct versus_limit *at = arena_alloc(a, (limits->n + 1) * sizeof *at);
        if (!at) return error_memory(e, (limits->n + 1) * sizeof *at, "conditions");
        if (limits->n) memcpy(at, limits->at, limits->n * sizeof *at);
        limits->at = at;
        if (!parse_one(&at[limits->n], trimmed(text, n, a), a, e)) return false;
        limits->n++;
        more = text[n] == ',';
        text += n + more;
    }
    return true;
}

static size_t find_metric(const struct versus *v, const char *label) {
    size_t k = 0;
    while (k < v->n_metrics && strcmp(v->metrics[k].label, label) != 0) k++;
    return k;
}

bool versus_limit_check(
    const struct versus_limits *limits, const struct versus *v, struct error *e) {
    struct arena a = {0};
    bool ok = true;
    for (size_t k = 0; ok && k < limits->n; k++) {
        const char *label = limits->at[k].metric, *all = "";
        if (find_metric(v, label) < v->n_metrics) continue;
        const char **names = arena_alloc(&a, (v->n_metrics + 1) * sizeof *names);
        for (size_t m = 0; m < v->n_metrics; m++) {
            if (names) names[m] = v->metrics[m].label;
            all = arena_printf(&a, "%s%s%s", all, m ? ", " : "", v->metrics[m].label);
        }
        const char *near = names ? suggest_nearest(label, names, v->n_metrics) : NULL;
        ok = error_set(e, "--fail-if: \"%s\": no metric \"%s\" is in both runs; there are %s%s%s%s",
            limits->at[k].text, label, all, near ? "; did you mean \"" : "", near ? near : "",
            near ? "\"?" : "");
    }
    arena_done(&a);
    return ok;
}

// The number that the limit is one of.
static double measured(const struct versus_limit *l, const struct versus_value *value) {
    if (!l->is_change) return value->b;
    if (value->change == 0) return 0;
    return l->is_percent ? 100 * value->change / fabs(value->a) : value->change;
}

static bool is_broken(const struct versus_limit *l, const struct versus_value *v, bool only_real) {
    const double at = measured(l, v);
    if (only_real && l->is_change && v->verdict != VERSUS_BETTER && v->verdict != VERSUS_WORSE)
        return false;
    if (isnan(at)) return isnan(v->b) && !isnan(v->a); // it has come to be undefined
    return l->above ? at > l->limit : at < l->limit;
}

static const char *say_broken(const struct versus_limit *l, const struct versus_row *row,
    const struct versus_metric *m, const struct versus_value *v, struct arena *a) {
    static const char *const real[] = {
        [VERSUS_UNKNOWN] = "no interval can be had",
        [VERSUS_SAME] = "all folds score the same",
        [VERSUS_NOISE] = "which the noise alone may do",
        [VERSUS_BETTER] = "beyond the noise",
        [VERSUS_WORSE] = "beyond the noise",
    };
    const int decimals = m->metric->decimals;
    return arena_printf(a, "%s: %s is %s, was %s: %s (%s), %s; against %s", row->label, m->label,
        wording_fixed(a, v->b, decimals), wording_fixed(a, v->a, decimals),
        versus_signed(a, v->change, decimals), versus_relative(a, v->change, v->a),
        real[v->verdict], l->text);
}

static bool add_broken(struct versus *v, const char *data, const char *said, struct error *e) {
    const char **all = arena_alloc(&v->arena, (v->n_broken + 1) * sizeof *all);
    if (!all) return error_memory(e, (v->n_broken + 1) * sizeof *all, "regressions");
    if (v->n_broken) memcpy(all, v->broken, v->n_broken * sizeof *all);
    all[v->n_broken++] = v->n_data > 1 ? arena_printf(&v->arena, "%s: %s", data, said) : said;
    v->broken = all;
    return true;
}

static bool judge_row(const struct versus_limits *limits, struct versus *v, const char *data,
    const struct versus_row *row, bool only_real, struct error *e) {
    struct arena *a = &v->arena;
    if (row->b_failed)
        return add_broken(v, data, arena_printf(a, "%s: %s", row->label, row->refused), e);
    bool ok = true;
    for (size_t k = 0; ok && k < limits->n && !row->refused; k++) {
        const size_t m = find_metric(v, limits->at[k].metric);
        const struct versus_value *value = &row->values[m];
        if (is_broken(&limits->at[k], value, only_real))
            ok = add_broken(v, data, say_broken(&limits->at[k], row, &v->metrics[m], value, a), e);
    }
    return ok;
}

bool versus_limit_judge(
    const struct versus_limits *limits, struct versus *v, bool only_real, struct error *e) {
    bool ok = true;
    v->judged = limits->n > 0;
    for (size_t d = 0; ok && v->judged && d < v->n_data; d++)
        for (size_t k = 0; ok && k < v->data[d].n; k++)
            ok = judge_row(limits, v, v->data[d].name, &v->data[d].rows[k], only_real, e);
    return ok;
}
