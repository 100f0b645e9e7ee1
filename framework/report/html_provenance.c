// What the numbers mean, what they rest on, and how to get them again.
#include <string.h>

#include "report/html.h"
#include "report/wording.h"

// ---- Definitions -------------------------------------------------------------------------------

static void define_parts(struct html *h, const struct metric *m) {
    struct page_fact *facts = arena_alloc(&h->arena, (m->n_parts + 1) * sizeof *facts);
    size_t n = 0;
    for (size_t k = 0; facts && k < m->n_parts; k++)
        if (m->parts[k].doc) facts[n++] = (struct page_fact){m->parts[k].title, m->parts[k].doc};
    if (facts) page_facts(&h->page, facts, n);
}

void html_definitions(struct html *h) {
    const struct plan *plan = h->report->results->plan;
    page_section(&h->page, "definitions", "Definitions");
    for (size_t k = 0; k < plan->n_metrics; k++) {
        const struct metric_spec *m = &plan->metrics[k];
        const char *caution = m->metric->caution ? m->metric->caution(m->settings) : NULL;
        page_heading(&h->page, NULL, html_metric_title(m));
        page_paragraph(&h->page, arena_printf(&h->arena, "%s %s is better.", m->metric->doc,
                                     m->metric->lower_is_better ? "Lower" : "Higher"));
        if (caution) page_paragraph(&h->page, caution);
        define_parts(h, m->metric);
    }
    page_heading(&h->page, NULL, "answered");
    page_paragraph(&h->page,
        "Share of the test rows that the model answered itself. What it leaves "
        "open is answered by the fallback, and stays in every score.");
    page_section_end(&h->page);
}

// ---- Provenance --------------------------------------------------------------------------------

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static const char *count_of(struct html *h, const json_t *object, const char *key) {
    return wording_count(&h->arena, (uint64_t)json_integer_value(json_object_get(object, key)));
}

static const char *libraries(struct html *h) {
    const char *list = "", *name;
    json_t *version;
    json_object_foreach(json_object_get(h->provenance, "libraries"), name, version) {
        list = arena_printf(&h->arena, "%s%s%s %s", list, *list ? ", " : "", name,
            json_is_string(version) ? json_string_value(version) : "?");
    }
    return list;
}

static void write_facts(struct html *h) {
    const json_t *p = h->provenance;
    const char *core = text_of(p, "blas_core");
    const struct page_fact facts[] = {
        {"program", arena_printf(&h->arena, "Reckon %s", text_of(p, "version"))},
        {"plan", h->report->plan_hash ? h->report->plan_hash : "not known"},
        {"seed", arena_printf(&h->arena, "%" JSON_INTEGER_FORMAT,
                     json_integer_value(json_object_get(p, "seed")))},
        {"instruction set", text_of(p, "isa")},
        {"BLAS core", *core ? core : "none was loaded"},
        {"sandbox", json_is_true(json_object_get(p, "sandbox")) ? "yes" : "no"},
        {"libraries", libraries(h)},
    };
    page_facts(&h->page, facts, sizeof facts / sizeof *facts);
}

static void write_data(struct html *h) {
    static const struct page_column columns[] = {{"data", NULL, false}, {"ratings", NULL, true},
        {"users", NULL, true}, {"items", NULL, true}, {"scale", "as declared", false},
        {"hash", "of all that was read", false}};
    struct page *p = &h->page;
    const json_t *data = json_object_get(h->provenance, "data"), *d;
    size_t k;
    page_table(p, NULL, "Data", columns, sizeof columns / sizeof *columns);
    json_array_foreach(data, k, d) {
        page_row(p, NULL, false);
        page_cell(p, text_of(d, "name"), 0, NULL, NULL);
        for (int c = 1; c <= 3; c++)
            page_cell(p, count_of(h, d, columns[c].title),
                (double)json_integer_value(json_object_get(d, columns[c].title)), NULL, NULL);
        page_cell(p,
            arena_printf(&h->arena, "%g..%g", json_number_value(json_object_get(d, "rating_min")),
                json_number_value(json_object_get(d, "rating_max"))),
            0, NULL, NULL);
        page_cell(p, text_of(d, "hash"), 0, NULL, NULL);
        page_row_end(p);
    }
    page_table_end(p);
}

// How many rows before number `most` are of the same file.
static size_t count_same(const json_t *models, const json_t *model, size_t from, size_t to) {
    size_t n = 0;
    for (size_t k = from; k < to; k++) {
        const json_t *other = json_array_get(models, k);
        n += strcmp(text_of(other, "plugin"), text_of(model, "plugin")) == 0 &&
             strcmp(text_of(other, "hash"), text_of(model, "hash")) == 0;
    }
    return n;
}

static void write_plugins(struct html *h) {
    static const struct page_column columns[] = {{"plugin", NULL, false}, {"version", NULL, false},
        {"ABI", "that it was built against", false}, {"file", NULL, false},
        {"rows", "of the table that it made", true}, {"hash", "of the file", false}};
    struct page *p = &h->page;
    const json_t *models = json_object_get(h->provenance, "models"), *m;
    size_t k;
    page_table(p, NULL, "Plugins", columns, sizeof columns / sizeof *columns);
    json_array_foreach(models, k, m) {
        if (count_same(models, m, 0, k) || json_object_get(m, "members")) continue;
        const size_t n = count_same(models, m, k, json_array_size(models));
        page_row(p, NULL, false);
        page_cell(p, text_of(m, "plugin"), 0, NULL, NULL);
        page_cell(p, text_of(m, "version"), 0, NULL, NULL);
        page_cell(p, text_of(m, "abi"), 0, NULL, NULL);
        page_cell(p, text_of(m, "file"), 0, NULL, NULL);
        page_cell(p, arena_printf(&h->arena, "%zu", n), (double)n, NULL, NULL);
        page_cell(p, text_of(m, "hash"), 0, NULL, NULL);
        page_row_end(p);
    }
    page_table_end(p);
}

void html_provenance(struct html *h) {
    page_section(&h->page, "provenance", "Provenance");
    page_paragraph(&h->page,
        "What the numbers rest on. Hashes are XXH3, of 128 bits; where they are "
        "equal, so is what they are of.");
    write_facts(h);
    write_data(h);
    write_plugins(h);
    page_section_end(&h->page);
}

// ---- Once more ---------------------------------------------------------------------------------

// One word of a shell's command line.
static const char *quoted(struct html *h, const char *text) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";
    if (*text && strspn(text, plain) == strlen(text) && *text != '-') return text;
    char *out = arena_alloc(&h->arena, 4 * strlen(text) + 3), *to = out;
    if (!out) return "";
    *to++ = '\'';
    for (; *text; text++) {
        if (*text == '\'') to = stpcpy(to, "'\\'");
        *to++ = *text;
    }
    *to = '\'';
    return out;
}

void html_again(struct html *h) {
    const char *name = arena_printf(&h->arena, "results/%s", h->report->results->plan->name);
    page_section(&h->page, "again", "Once more");
    page_paragraph(&h->page,
        "The experiment below, every value written out, gives the same numbers again, to the bit, "
        "where the hashes above are the same. Saved as experiment.cfg (the run's folder has it), "
        "it "
        "is run by the first of these commands; relative paths of data are looked for beside it, "
        "then in the folders of $RECKON_DATA. The others, in the folder that has results/, list "
        "the "
        "trials of the run, write this page and its tables again without the data, and pack all of "
        "it into one file, which `reckon rerun` runs anew and compares hash by hash.");
    name = quoted(h, name);
    page_code(&h->page,
        arena_printf(&h->arena,
            "reckon run experiment.cfg\nreckon show %s\nreckon report %s\nreckon bundle %s", name,
            name, name));
    if (h->report->experiment) {
        page_details(&h->page, "The experiment, as resolved: experiment.cfg");
        page_code(&h->page, h->report->experiment);
        page_details_end(&h->page);
    }
    page_section_end(&h->page);
}
