// Below the tables of `reckon score`: the same predictions by the definitions of other tools.
#include <math.h>
#include <string.h>

#include "cli/score.h"
#include "cli/setup.h"
#include "metric/conventions.h"
#include "metric/summary.h"
#include "report/wording.h"

struct teller {
    const struct results *results;
    uint32_t data;
    bool md;
    FILE *out;
    struct arena arena; // owned
    size_t width;       // of the first column
};

// The mean over folds of a score of that row; NAN: not defined in some fold, or not there.
static double mean_of(const struct teller *t, int model, const char *name) {
    struct summary_value values[1024];
    size_t n = 0;
    for (size_t k = 0; k < t->results->n; k++) {
        const struct trial_record *r = &t->results->records[k];
        if (r->data != t->data || r->model != model || r->failed) continue;
        const double value = scores_get(&r->scores, SLICE_ALL, name);
        if (isnan(value) || n == sizeof values / sizeof *values) return NAN;
        values[n++] = (struct summary_value){r->repeat, r->fold, value};
    }
    return summary_over_folds(values, n).mean;
}

static void put_line(struct teller *t, const char *name, double rmse, double mae) {
    struct arena *a = &t->arena;
    const char *first = isnan(rmse) ? "-" : wording_fixed(a, rmse, 4);
    const char *second = isnan(mae) ? "-" : wording_fixed(a, mae, 4);
    if (t->md)
        fprintf(t->out, "| %s | %s | %s |\n", name, first, second);
    else
        fprintf(t->out, "%s%*s   %6s   %6s\n", name, (int)(t->width - wording_width(name)), "",
            first, second);
}

// In a cell of Markdown a bar would begin the next one.
static const char *cell_text(struct teller *t, const char *label) {
    const char *clean = wording_clean(&t->arena, label);
    if (!t->md) return clean;
    char *out = arena_alloc(&t->arena, 6 * strlen(clean) + 1), *to = out;
    for (const char *c = clean; out && *c; c++) {
        if (strchr("\\`*_{}[]<>()#+-.!|~&", *c)) *to++ = '\\';
        *to++ = *c;
    }
    return out ? out : "";
}

static void put_row(struct teller *t, int model) {
    char name[64];
    const char *label = cell_text(t, t->results->plan->models[model].label);
    put_line(t, label, mean_of(t, model, "rmse"), mean_of(t, model, "mae"));
    for (size_t k = 0; k < CONVENTION_N; k++) {
        const struct convention *c = &conventions[k];
        snprintf(name, sizeof name, "%s.rmse", c->id);
        const double rmse = mean_of(t, model, name);
        snprintf(name, sizeof name, "%s.mae", c->id);
        const char *title = arena_printf(&t->arena, t->md ? "as %s" : "  as %s", c->title);
        put_line(t, title, rmse, mean_of(t, model, name));
    }
}

static void put_head(struct teller *t) {
    const struct plan *plan = t->results->plan;
    const char *data = wording_clean(&t->arena, t->results->data[t->data].name);
    t->width = 0;
    for (size_t k = 0; k < CONVENTION_N; k++) {
        const size_t width = wording_width(conventions[k].title) + 5;
        if (width > t->width) t->width = width;
    }
    for (size_t k = 0; k < plan->n_models; k++) {
        const size_t width = wording_width(wording_clean(&t->arena, plan->models[k].label));
        if (width > t->width) t->width = width;
    }
    if (t->md) {
        fprintf(t->out, "\n**As others define it: %s**\n\n|  | RMSE | MAE |\n|---|---:|---:|\n",
            cell_text(t, t->results->data[t->data].name));
        return;
    }
    fprintf(t->out, "\nas others define it · %s\n\n%*s   %6s   %6s\n", data, (int)t->width, "",
        "RMSE", "MAE");
}

static void put_definitions(struct teller *t) {
    fprintf(t->out, "\nMeans over folds of the same predictions.%s\n", t->md ? "\n" : "");
    const size_t width = t->md ? 0 : setup_width(t->out);
    for (size_t k = 0; k < CONVENTION_N; k++) {
        const struct convention *c = &conventions[k];
        const char *text = arena_printf(&t->arena, "%s%s: %s", t->md ? "- " : "", c->title, c->doc);
        wording_wrap(&t->arena, t->out, text, width);
        fputc('\n', t->out);
    }
}

void score_tell(const struct outcome *o, const char *format, FILE *out) {
    const bool md = format && strcmp(format, "md") == 0;
    if (format && !md && strcmp(format, "table")) return;
    struct teller t = {.results = &o->results, .md = md, .out = out};
    for (t.data = 0; t.data < o->results.plan->n_data; t.data++) {
        put_head(&t);
        for (size_t k = 0; k < o->results.plan->n_models; k++)
            if (o->results.plan->models[k].given) put_row(&t, (int)k);
    }
    put_definitions(&t);
    arena_done(&t.arena);
}
