// One HTML file that a colleague can open, trust and repeat: what came out, whether it is real,
// where each number comes from, and how to get it again.
#include "report/html.h"

#include <string.h>

#include "report/figures.h"
#include "report/files.h"
#include "report/wording.h"

const char *html_anchor(struct html *h, size_t data, size_t row, const char *suffix) {
    return arena_printf(&h->arena, "d%zu-r%zu%s", data, row + 1, suffix);
}

const char *html_short(struct html *h, const char *label) {
    return wording_cut(&h->arena, wording_clean(&h->arena, label), 60);
}

const char *html_metric_title(const struct metric_spec *m) {
    return strcmp(m->label, m->metric->id) ? m->label : m->metric->title;
}

// ---- Beginning ---------------------------------------------------------------------------------

static const char *count_words(struct html *h, size_t n, const char *one, const char *more) {
    return arena_printf(&h->arena, "%zu %s", n, n == 1 ? one : more);
}

static const char *subtitle(struct html *h) {
    const struct plan *plan = h->report->results->plan;
    const char *data = "";
    for (size_t k = 0; k < plan->n_data; k++) {
        const struct data_summary *s = &h->report->results->data[k];
        if (!s->name) continue; // interrupted before
        data = arena_printf(&h->arena, "%s%s%s (%s ratings)", data, *data ? ", " : "", s->name,
            wording_count(&h->arena, s->n_ratings));
    }
    return arena_printf(&h->arena, "%s on %s · seed %llu · Reckon %s",
        count_words(h, plan->n_models, "model", "models"), *data ? data : "no data yet",
        (unsigned long long)plan->seed, RECKON_VERSION);
}

// The parts of a data set have its name in their ids and, where there are several, in their
// headings.
static const char *heading_of(struct html *h, const struct html_data *d, const char *part) {
    if (h->report->results->plan->n_data < 2) return part;
    return arena_printf(&h->arena, "%s: %s", d->table->data, part);
}

static const char *id_of(struct html *h, const struct html_data *d, const char *part) {
    return arena_printf(&h->arena, "d%zu-%s", d->nth, part);
}

static bool has_differences(const struct html *h, uint32_t data) {
    for (size_t k = 0; k < h->report->differences.n; k++)
        if (h->report->differences.at[k].data_index == data) return true;
    return false;
}

enum { PARTS_OF_DATA = 4, PARTS = 4 };

static void contents(struct html *h, const struct html_data *data, size_t n) {
    struct page_link *links = arena_alloc(&h->arena, (PARTS_OF_DATA * n + PARTS) * sizeof *links);
    size_t at = 0;
    if (!links) return;
    for (size_t k = 0; k < n; k++) {
        const struct html_data *d = &data[k];
        links[at++] = (struct page_link){id_of(h, d, "results"), heading_of(h, d, "Results")};
        if (has_differences(h, d->values.data))
            links[at++] =
                (struct page_link){id_of(h, d, "differences"), heading_of(h, d, "Differences")};
        links[at++] = (struct page_link){id_of(h, d, "charts"), heading_of(h, d, "Charts")};
        links[at++] =
            (struct page_link){id_of(h, d, "rows"), heading_of(h, d, "Folds and parameters")};
    }
    if (has_differences(h, UINT32_MAX))
        links[at++] = (struct page_link){"ranks", "Over all data sets"};
    links[at++] = (struct page_link){"definitions", "Definitions"};
    links[at++] = (struct page_link){"provenance", "Provenance"};
    links[at++] = (struct page_link){"again", "Once more"};
    page_contents(&h->page, links, at);
}

// ---- One data set ------------------------------------------------------------------------------

static void tell(struct html *h, const struct html_data *d) {
    const struct results *r = h->report->results;
    size_t k = 0;
    if (r->interrupted || r->elsewhere) {
        const char *text = r->interrupted
                               ? "The run has not come to its end: trials are missing, and what "
                                 "is told here is of those that had ended."
                               : "A part of the run: the other trials are other shards' to run.";
        page_warnings(&h->page, &text, 1);
    }
    while (k < h->report->n_data && h->report->data[k] != d->values.data) k++;
    if (k == h->report->n_data) return;
    for (size_t j = 0; j < h->report->story[k].n; j++)
        page_paragraph(&h->page, h->report->story[k].at[j]);
    if (*h->report->costs[k]) page_paragraph(&h->page, h->report->costs[k]);
    page_warnings(&h->page, h->report->warnings[k].at, h->report->warnings[k].n);
}

static void slices(struct html *h, const struct html_data *d) {
    bool any = false;
    for (size_t k = 0; k < h->report->tables.n; k++) {
        const struct table *t = &h->report->tables.at[k];
        if (t == d->table || t->data_index != d->values.data) continue;
        if (!any)
            page_details(&h->page, "The same for users and items with and without ratings in "
                                   "training");
        any = true;
        html_table(h, d->nth, t);
    }
    if (any) page_details_end(&h->page);
}

// `nth`: of the data set, from 1; 0: what is said over all of them.
static void differences(struct html *h, size_t nth, uint32_t data) {
    for (size_t k = 0; k < h->report->differences.n; k++) {
        const struct table *t = &h->report->differences.at[k];
        if (t->data_index != data) continue;
        html_table(h, nth, t);
        page_list(&h->page, t->notes, t->n_notes);
    }
}

static bool write_data(struct html *h, const struct html_data *d, struct error *e) {
    struct page *p = &h->page;
    page_section(p, id_of(h, d, "results"), heading_of(h, d, "Results"));
    tell(h, d);
    html_table(h, d->nth, d->table);
    page_list(p, d->table->notes, d->table->n_notes);
    slices(h, d);
    page_section_end(p);
    if (has_differences(h, d->values.data)) {
        page_section(p, id_of(h, d, "differences"), heading_of(h, d, "Differences"));
        differences(h, d->nth, d->values.data);
        page_section_end(p);
    }
    page_section(p, id_of(h, d, "charts"), heading_of(h, d, "Charts"));
    const bool ok = figures_write(p, h->report, d->values.data, e);
    page_section_end(p);
    page_section(p, id_of(h, d, "rows"), heading_of(h, d, "Folds and parameters"));
    html_rows(h, d);
    page_section_end(p);
    return ok;
}

// ---- The document ------------------------------------------------------------------------------

// What the run itself said of where it came from; else as it can be told now.
static bool load_provenance(struct html *h, struct error *e) {
    char *made = NULL;
    size_t n = 0;
    const char *text = h->report->provenance;
    if (!text) {
        FILE *out = open_memstream(&made, &n);
        bool ok = out && files_write_provenance(h->report->results, out, e);
        if (out) ok &= fclose(out) == 0;
        if (!ok) return free(made), error_memory(e, n, "provenance");
        text = made;
    }
    h->provenance = json_loads(text, 0, NULL);
    free(made);
    return h->provenance || error_set(e, "provenance: is no JSON");
}

static struct html_data *gather(struct html *h, size_t *n, struct error *e) {
    const struct tables *t = &h->report->tables;
    struct html_data *data = arena_alloc(&h->arena, (t->n + 1) * sizeof *data);
    *n = 0;
    if (!data) return error_memory(e, t->n * sizeof *data, "a page"), NULL;
    for (size_t k = 0; k < t->n; k++) {
        if (strcmp(t->at[k].slice, slice_name[SLICE_ALL]) != 0) continue;
        struct html_data *d = &data[(*n)++];
        *d = (struct html_data){.nth = *n, .table = &t->at[k]};
        if (!values_init(&d->values, h->report->results, t->at[k].data_index, &h->arena, e))
            return NULL;
    }
    return data;
}

static void nothing_yet(struct html *h) {
    const char *text = "No trial has ended yet, so there is no table.";
    page_section(&h->page, "results", "Results");
    page_warnings(&h->page, &text, 1);
    page_section_end(&h->page);
}

static bool write_html(const struct report *r, FILE *out, struct error *e) {
    struct html h = {.report = r};
    size_t n;
    struct html_data *data = gather(&h, &n, e);
    bool ok = data && load_provenance(&h, e);
    if (!ok) goto done;
    page_begin(&h.page, out, r->results->plan->name, subtitle(&h));
    contents(&h, data, n);
    for (size_t k = 0; ok && k < n; k++) ok = write_data(&h, &data[k], e);
    if (n == 0) nothing_yet(&h);
    if (has_differences(&h, UINT32_MAX)) {
        page_section(&h.page, "ranks", "Over all data sets");
        differences(&h, 0, UINT32_MAX);
        page_section_end(&h.page);
    }
    html_definitions(&h);
    html_provenance(&h);
    html_again(&h);
    page_end(&h.page);
done:
    json_decref(h.provenance);
    arena_done(&h.arena);
    return ok;
}

REGISTRY_ADD(report_format, html) = {
    .id = "html",
    .doc = "one page to be read and sent: story, tables, charts, folds, provenance",
    .file = "report.html",
    .write = write_html,
};
