#include "report/report.h"

#include <string.h>

#include "report/story.h"

REGISTRY(report_format)

const char *report_format_file(const struct report_format *f, struct arena *a) {
    return f->file ? f->file : arena_printf(a, "table.%s", f->id);
}

// Warnings, story and costs of one data set.
static bool tell(struct report *r, uint32_t data, struct error *e) {
    struct values v;
    struct warnings w;
    if (!values_init(&v, r->results, data, &r->arena, e)) return false;
    if (!warnings_make(&w, &v, &r->comparisons, &r->arena, e)) return false;
    struct lines *lines = &r->warnings[r->n_data];
    lines->at = arena_alloc(&r->arena, (w.n + 1) * sizeof *lines->at);
    if (!lines->at) return error_memory(e, w.n * sizeof *lines->at, "warnings");
    for (; lines->n < w.n; lines->n++) lines->at[lines->n] = w.at[lines->n].text;
    if (!story_make(&r->story[r->n_data], &v, &r->comparisons, &w, &r->arena, e)) return false;
    r->costs[r->n_data] = story_costs(&v, &r->comparisons, &r->arena);
    r->data[r->n_data++] = data;
    return true;
}

static bool tell_all(struct report *r, struct error *e) {
    const size_t n = r->results->plan->n_data + 1;
    r->data = arena_alloc(&r->arena, n * sizeof *r->data);
    r->story = arena_alloc(&r->arena, n * sizeof *r->story);
    r->costs = arena_alloc(&r->arena, n * sizeof *r->costs);
    r->warnings = arena_alloc(&r->arena, n * sizeof *r->warnings);
    if (!r->data || !r->story || !r->costs || !r->warnings)
        return error_memory(e, n * sizeof *r->story, "the texts of a report");
    for (size_t k = 0; k < r->tables.n; k++)
        if (table_is_whole(&r->tables.at[k]) && !tell(r, r->tables.at[k].data_index, e))
            return false;
    return true;
}

bool report_make(struct report *r, const struct results *results, const char *experiment,
    const char *plan_hash, struct error *e) {
    *r = (struct report){.results = results, .experiment = experiment, .plan_hash = plan_hash};
    if (comparisons_make(&r->comparisons, results, e) &&
        tables_make(&r->tables, results, &r->comparisons, e) &&
        tables_make_differences(&r->differences, results, &r->comparisons, e) && tell_all(r, e))
        return true;
    report_done(r);
    return false;
}

void report_done(struct report *r) {
    tables_done(&r->tables);
    tables_done(&r->differences);
    comparisons_done(&r->comparisons);
    arena_done(&r->arena);
    *r = (struct report){0};
}

size_t report_find(const struct report *r, uint32_t data) {
    size_t k = 0;
    while (k < r->n_data && r->data[k] != data) k++;
    return k;
}
