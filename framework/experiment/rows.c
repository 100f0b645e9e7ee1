// Rows of the table from the entries of `models`: combinations of lists, labels, which of them
// count.
#include <stdlib.h>
#include <string.h>

#include "experiment/models.h"

enum { MOST_ROWS = 10000 };

static struct row *add_row(struct reading *r, struct rows *rows) {
    if (rows->n == rows->room) {
        const size_t room = rows->room ? 2 * rows->room : 16;
        struct row *more = realloc(rows->at, room * sizeof *more);
        if (!more) {
            r->mistakes.no_memory = true;
            return NULL;
        }
        rows->at = more;
        rows->room = room;
    }
    rows->at[rows->n] = (struct row){.kept = true};
    return &rows->at[rows->n++];
}

// " rank=16" for each list, in the order in which they are written.
static const char *add_listed(struct reading *r, const char *label, const struct sweep *sweeps,
    const struct param_value *values, uint32_t n) {
    for (size_t order = 0, left = n; left > 0 && order < 4096; order++)
        for (uint32_t k = 0; k < n; k++)
            if (sweeps[k].is_list && sweeps[k].order == order) {
                label = arena_printf(r->binder.arena, "%s %s=%s", label, sweeps[k].param->name,
                    schema_print(sweeps[k].param, &values[k], r->binder.arena));
                left--;
            }
    return label;
}

static const char *read_label(struct reading *r, struct node *entry, const struct schema *schema) {
    struct node *node = node_child(entry, "label");
    if (!node) return schema->id;
    const struct setting s = {.name = "label", .type = SETTING_TEXT};
    const char *label = schema->id;
    if (!bind_value(&r->binder, node, &s, &label)) return schema->id;
    bool odd = *label == '\0' || *label == '(';
    for (const char *c = label; *c; c++) odd |= (unsigned char)*c < ' ' || *c == 0x7f;
    if (odd)
        bind_mistake(&r->binder, node,
            "a label is one line of text that does not begin with \"(\", not \"%s\"", label);
    return label;
}

void rows_add(struct reading *r, struct rows *rows, struct node *entry, const struct schema *schema,
    const struct sweep *sweeps, const struct tuning *tuning) {
    const uint32_t n = schema->n_params;
    const size_t before = r->mistakes.n;
    const char *label = read_label(r, entry, schema);
    if (r->mistakes.n > before) return;
    size_t total = 1;
    for (uint32_t k = 0; k < n; k++) {
        total *= sweeps[k].n;
        if (total > MOST_ROWS || total == 0) break;
    }
    if (total > MOST_ROWS)
        bind_mistake(
            &r->binder, entry, "the lists make more than %d rows; shorten them", MOST_ROWS);
    if (total > MOST_ROWS) return;
    for (size_t combination = 0; combination < total; combination++) {
        struct row *row = add_row(r, rows);
        struct param_value *values = arena_alloc(r->binder.arena, (n + 1) * sizeof *values);
        if (!row || !values) {
            r->mistakes.no_memory = true;
            return;
        }
        size_t left = combination;
        for (uint32_t k = 0; k < n; k++) values[k] = sweeps[k].values[0];
        for (size_t order = entry->n; order-- > 0;)
            for (uint32_t k = 0; k < n; k++)
                if (sweeps[k].is_list && sweeps[k].order == order) {
                    values[k] = sweeps[k].values[left % sweeps[k].n];
                    left /= sweeps[k].n;
                }
        row->entry = entry;
        row->model = (struct plan_model){.label = add_listed(r, label, sweeps, values, n),
            .schema = schema,
            .values = values,
            .tuning = tuning};
    }
}

// ---- Labels ------------------------------------------------------------------------------------

// The label with the parameters that differ from the plugin's defaults, lists excepted, which are
// in it already.
static const char *longer_label(struct reading *r, const struct row *row) {
    const struct schema *schema = row->model.schema;
    const char *label = row->model.label;
    if (row->blend) return blend_described(row->blend, r->binder.arena);
    struct param_value *defaults =
        arena_alloc(r->binder.arena, (schema->n_params + 1) * sizeof *defaults);
    if (!defaults) return label;
    schema_defaults(schema, defaults);
    for (uint32_t k = 0; k < schema->n_params; k++) {
        const struct schema_param *p = &schema->params[k];
        const struct node *node = node_child(row->entry, p->name);
        if ((node && models_is_sweep(node, p)) ||
            models_same_value(&row->model.values[k], &defaults[k]))
            continue;
        label = arena_printf(r->binder.arena, "%s %s=%s", label, p->name,
            schema_print(p, &row->model.values[k], r->binder.arena));
    }
    return label;
}

// Entries without labels that would be called alike get their parameters into their labels; what is
// alike after that is a mistake.
static void make_distinct(struct reading *r, struct rows *rows) {
    bool *alike = arena_alloc(r->binder.arena, rows->n + 1);
    if (!alike) {
        r->mistakes.no_memory = true;
        return;
    }
    for (size_t a = 0; a < rows->n; a++)
        for (size_t b = 0; b < a; b++)
            if (strcmp(rows->at[a].model.label, rows->at[b].model.label) == 0)
                alike[a] = alike[b] = true;
    for (size_t k = 0; k < rows->n; k++)
        if (alike[k] && !node_child(rows->at[k].entry, "label"))
            rows->at[k].model.label = longer_label(r, &rows->at[k]);
    for (size_t a = 0; a < rows->n; a++)
        for (size_t b = 0; b < a; b++)
            if (strcmp(rows->at[a].model.label, rows->at[b].model.label) == 0) {
                bind_mistake(&r->binder, rows->at[a].entry,
                    "\"%s\" is there already, as %s; give one of them another label",
                    rows->at[a].model.label, node_path(rows->at[b].entry, r->binder.arena));
                break;
            }
}

// ---- Which rows count --------------------------------------------------------------------------

static const char *suggest_row(struct reading *r, const struct rows *rows, const char *name) {
    const char **labels = arena_alloc(r->binder.arena, (2 * rows->n + 1) * sizeof *labels);
    for (size_t k = 0; labels && k < rows->n; k++) {
        labels[2 * k] = rows->at[k].model.label;
        labels[2 * k + 1] = rows->at[k].model.schema->id;
    }
    return labels ? bind_did_you_mean(r->binder.arena, name, labels, 2 * rows->n) : "";
}

bool rows_is_meant(const struct row *row, const char *name) {
    const struct node *label = node_child(row->entry, "label");
    return strcmp(row->model.label, name) == 0 || strcmp(row->model.schema->id, name) == 0 ||
           (label && label->kind == NODE_TEXT && strcmp(label->text, name) == 0);
}

static void keep_only(struct reading *r, struct rows *rows) {
    const struct texts *only = &r->top.only;
    if (only->n == 0) return;
    for (size_t k = 0; k < rows->n; k++) rows->at[k].kept = false;
    for (size_t n = 0; n < only->n; n++) {
        bool found = false;
        for (size_t k = 0; k < rows->n; k++)
            if (rows_is_meant(&rows->at[k], only->at[n])) rows->at[k].kept = found = true;
        if (!found)
            bind_mistake(&r->binder, node_child(r->root, "only"),
                "no model has the label or plugin \"%s\"%s", only->at[n],
                suggest_row(r, rows, only->at[n]));
    }
}

static void check_baseline(struct reading *r, const struct rows *rows) {
    const char *name = r->top.baseline;
    if (!name) return;
    const struct row *found = NULL;
    for (size_t k = 0; k < rows->n && !found; k++)
        if (strcmp(rows->at[k].model.label, name) == 0) found = &rows->at[k];
    if (strcmp(name, "(fallback)") == 0 || (found && found->kept))
        r->x->plan.baseline = name;
    else if (!found)
        bind_mistake(&r->binder, node_child(r->root, "baseline"),
            "no model has the label \"%s\"; a label as tables show it is expected, or "
            "\"(fallback)\"%s",
            name, suggest_row(r, rows, name));
}

void rows_finish(struct reading *r, struct rows *rows, bool complete) {
    make_distinct(r, rows);
    if (!complete) return; // what is not among them may be meant
    blend_find_members(r, rows);
    keep_only(r, rows);
    blend_mark_members(rows);
    check_baseline(r, rows);
}
