// models = ( { plugin = "als"; rank = [8, 16]; lambda = 0.1; } ): a list given to a number is one
// row for each of its values; several lists are all combinations, the last one fastest. With a
// search, lists and ranges are what is searched: space.c.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "experiment/models.h"
#include "experiment/space.h"
#include "model/loader.h"
#include "trial/worker.h"

// ---- Plugins -----------------------------------------------------------------------------------

static bool is_path(const char *name) {
    const size_t n = strlen(name);
    return strchr(name, '/') || (n > 3 && strcmp(name + n - 3, ".so") == 0);
}

// A relative path is looked for like data.
static const char *find_file(struct reading *r, const struct node *node, const char *name) {
    bool lasting;
    struct error e = {0};
    const char *path = is_path(name) ? paths_find(&r->finder, name, node->place.origin,
                                           r->binder.arena, &lasting, &e)
                                     : name;
    return path ? path : name;
}

// The resolved configuration lies elsewhere, and names the folder as a whole.
static void keep_whole(struct reading *r, struct node *node, const char *folder) {
    char *whole = node->found ? NULL : realpath(folder, NULL);
    if (whole) node->found = arena_text(r->binder.arena, whole);
    free(whole);
}

// Folders before the usual ones: the options', then plugin_path as seen from the experiment file.
static struct plugin_path folders(struct reading *r) {
    const struct texts *own = &r->top.plugin_path;
    const size_t n_options = r->options->n_plugin_folders;
    const char **all = arena_alloc(r->binder.arena, (n_options + own->n + 1) * sizeof *all);
    size_t n = 0;
    for (size_t k = 0; all && k < n_options; k++) all[n++] = r->options->plugin_folders[k];
    struct node *node = node_child(r->root, "plugin_path");
    for (size_t k = 0; all && node && k < own->n; k++) {
        const char *folder = own->at[k];
        bool beside = *folder != '/' && node->place.origin == ORIGIN_FILE &&
                      strcmp(r->finder.file_folder, ".");
        all[n++] =
            beside ? arena_printf(r->binder.arena, "%s/%s", r->finder.file_folder, folder) : folder;
        keep_whole(r, node->kind == NODE_LIST ? node_nth(node, k) : node, all[n - 1]);
    }
    return (struct plugin_path){all, n};
}

// Where the key that says what the entry is seems to be misspelt.
static const char *suggest_kind(struct reading *r, const struct node *entry) {
    static const char *const kinds[] = {"plugin", "blend", "predictions"};
    const char *hint = "";
    for (const struct node *c = entry->first; c && !*hint; c = c->next)
        if (c->name) hint = bind_did_you_mean(r->binder.arena, c->name, kinds, 3);
    return hint;
}

// The schema of the entry's plugin, asked once for each file. NULL with a mistake.
static const struct schema *find_schema(struct reading *r, struct node *entry) {
    struct experiment *x = r->x;
    struct node *node = node_child(entry, "plugin");
    if (!node || node->kind != NODE_TEXT || !*node->text) {
        bind_mistake(&r->binder, node ? node : entry,
            "a plugin is needed, as in { plugin = \"als\"; }%s",
            node ? arena_printf(r->binder.arena, ", not %s", node_describe(node, r->binder.arena))
                 : suggest_kind(r, entry));
        return NULL;
    }
    char path[4096];
    struct error e = {0};
    const struct plugin_path search = folders(r);
    const char *file = find_file(r, node, node->text);
    if (!loader_find(&search, file, path, sizeof path, &e)) {
        bind_mistake(&r->binder, node, "%s", e.text);
        return NULL;
    }
    char *whole = realpath(path, NULL);
    const char *real = arena_text(r->binder.arena, whole ? whole : path);
    free(whole);
    if (is_path(node->text)) node->found = real;
    for (size_t k = 0; k < x->n_schemas; k++) {
        const char *known = x->schemas[k].path;
        if (known && strcmp(known, real) == 0) return &x->schemas[k];
    }
    struct schema *schema = &x->schemas[x->n_schemas];
    if (!worker_schema(real, schema, NULL, &e)) {
        schema_done(schema);
        *schema = (struct schema){0};
        bind_mistake(&r->binder, node, "%s", e.text);
        return NULL;
    }
    schema->path = real;
    x->n_schemas++;
    return schema;
}

// ---- Parameters --------------------------------------------------------------------------------

static struct setting setting_of(const struct schema_param *p) {
    static const enum setting_type types[] = {[RK_TYPE_BOOL] = SETTING_BOOL,
        [RK_TYPE_INT] = SETTING_INT,
        [RK_TYPE_REAL] = SETTING_REAL,
        [RK_TYPE_CHOICE] = SETTING_CHOICE,
        [RK_TYPE_INTS] = SETTING_INTS};
    return (struct setting){.name = p->name,
        .doc = p->doc,
        .type = types[p->type],
        .min = p->min,
        .max = p->max,
        .choices = p->choices};
}

static bool bind_param(
    struct reading *r, struct node *node, const struct schema_param *p, struct param_value *v) {
    const struct setting s = setting_of(p);
    union {
        bool truth;
        int64_t integer;
        double real;
        int choice;
        struct ints ints;
    } field;
    if (!bind_value(&r->binder, node, &s, &field)) return false;
    *v = (struct param_value){0};
    switch (p->type) {
    case RK_TYPE_BOOL:
        v->number = field.truth;
        break;
    case RK_TYPE_INT:
        v->number = (double)field.integer;
        break;
    case RK_TYPE_REAL:
        v->number = field.real;
        break;
    case RK_TYPE_CHOICE:
        v->number = field.choice;
        break;
    case RK_TYPE_INTS: {
        int *ints = arena_alloc(r->binder.arena, (field.ints.n + 1) * sizeof *ints);
        if (!ints) {
            r->mistakes.no_memory = true;
            return false;
        }
        for (size_t k = 0; k < field.ints.n; k++) ints[k] = (int)field.ints.at[k];
        v->ints = ints;
        v->n = field.ints.n;
    }
    }
    struct error e = {0};
    if (schema_check(p, v, &e)) return true;
    bind_mistake(&r->binder, node, "%s", e.text);
    return false;
}

bool models_is_sweep(const struct node *node, const struct schema_param *p) {
    if (node->kind != NODE_LIST) return false;
    if (p->type != RK_TYPE_INTS) return true;
    for (const struct node *c = node->first; c; c = c->next)
        if (c->kind == NODE_LIST) return true;
    return false;
}

bool models_same_value(const struct param_value *a, const struct param_value *b) {
    return a->number == b->number && a->n == b->n &&
           (a->n == 0 || memcmp(a->ints, b->ints, a->n * sizeof *a->ints) == 0);
}

void models_read_values(struct reading *r, struct node *node, struct sweep *s) {
    s->is_list = models_is_sweep(node, s->param);
    s->n = 0;
    const size_t n = s->is_list ? node->n : 1;
    s->values = arena_alloc(r->binder.arena, (n + 1) * sizeof *s->values);
    if (!s->values) {
        r->mistakes.no_memory = true;
        return;
    }
    if (n == 0) bind_mistake(&r->binder, node, "is an empty list; there would be no row");
    struct node *c = s->is_list ? node->first : node;
    for (size_t k = 0; k < n; k++, c = c->next) {
        if (!bind_param(r, c, s->param, &s->values[s->n])) continue;
        for (size_t other = 0; other < s->n; other++)
            if (models_same_value(&s->values[other], &s->values[s->n]))
                bind_mistake(&r->binder, c, "%s is in the list already",
                    schema_print(s->param, &s->values[s->n], r->binder.arena));
        s->n++;
    }
}

// What has a meaning in a search alone: "a range"; NULL: not this.
static const char *needs_search(const struct node *node, const struct schema_param *p) {
    if (space_is_any(node, p)) return "\"any\"";
    const bool group = node->kind == NODE_GROUP;
    if (group && node_child(node, "when")) return "a condition";
    if (group && (node_child(node, "range") || node_child(node, "values"))) return "a range";
    const bool text = node->kind == NODE_TEXT && p->type != RK_TYPE_CHOICE;
    return text && range_is_meant(node->text) ? "a range" : NULL;
}

static void read_sweep(
    struct reading *r, struct node *node, const struct searching *by, struct sweep *s) {
    const char *what = by->group ? NULL : needs_search(node, s->param);
    if (by->group)
        space_read(r, node, s);
    else if (what)
        bind_mistake(&r->binder, node,
            "%s needs search = { ... } in the entry or in the experiment, as in search = { method "
            "= \"random\"; trials = 20; }",
            what);
    else
        models_read_values(r, node, s);
}

// The plugin's default as a node, for the resolved configuration.
static void add_default(struct reading *r, struct node *entry, const struct schema_param *p,
    const struct param_value *v) {
    static const enum node_kind kinds[] = {[RK_TYPE_BOOL] = NODE_BOOL,
        [RK_TYPE_INT] = NODE_INT,
        [RK_TYPE_REAL] = NODE_REAL,
        [RK_TYPE_CHOICE] = NODE_TEXT,
        [RK_TYPE_INTS] = NODE_LIST};
    struct node *node = bind_add(&r->binder, entry, kinds[p->type], p->name);
    if (!node) return;
    node->truth = v->number != 0;
    node->real = v->number;
    node->brackets = true;
    if (p->type == RK_TYPE_INT) node->integer = (int64_t)v->number;
    if (p->type == RK_TYPE_CHOICE) node->text = p->choices[(int)v->number];
    for (size_t k = 0; k < v->n; k++) {
        struct node *element = bind_add(&r->binder, node, NODE_INT, NULL);
        if (!element) return;
        element->integer = v->ints[k];
        element->real = v->ints[k];
    }
}

static size_t order_of(const struct node *entry, const char *name) {
    size_t k = 0;
    for (const struct node *c = entry->first; c && strcmp(c->name, name); c = c->next) k++;
    return k;
}

// All parameters of an entry, in the schema's order.
static struct sweep *read_params(struct reading *r, struct node *entry, const struct schema *schema,
    const struct searching *by) {
    const uint32_t n = schema->n_params;
    struct arena *arena = r->binder.arena;
    struct param_value *defaults = arena_alloc(arena, (n + 1) * sizeof *defaults);
    struct sweep *sweeps = arena_alloc(arena, (n + 1) * sizeof *sweeps);
    const char **known = arena_alloc(arena, (n + 3) * sizeof *known);
    if (!defaults || !sweeps || !known) {
        r->mistakes.no_memory = true;
        return NULL;
    }
    schema_defaults(schema, defaults);
    for (uint32_t k = 0; k < n; k++) known[k] = schema->params[k].name;
    known[n] = "label";
    known[n + 1] = "plugin";
    known[n + 2] = "search";
    bind_check_keys(&r->binder, entry, schema->id, "parameter", known, n + 3);
    for (uint32_t k = 0; k < n; k++) {
        sweeps[k].param = &schema->params[k];
        struct node *node = node_child(entry, schema->params[k].name);
        if (node) {
            sweeps[k].order = order_of(entry, node->name);
            read_sweep(r, node, by, &sweeps[k]);
        } else {
            sweeps[k].values = &defaults[k];
            sweeps[k].n = 1;
            add_default(r, entry, sweeps[k].param, &defaults[k]);
        }
    }
    return sweeps;
}

// ---- Entries -----------------------------------------------------------------------------------

// What is searched of the entry; NULL: nothing, or there are mistakes.
static const struct tuning *read_tuning(struct reading *r, struct node *entry,
    const struct schema *schema, struct searching *by, struct sweep *sweeps) {
    struct tuning *t = arena_alloc(r->binder.arena, sizeof *t);
    struct param_value *values =
        arena_alloc(r->binder.arena, (schema->n_params + 1) * sizeof *values);
    if (!t || !values) {
        r->mistakes.no_memory = true;
        return NULL;
    }
    if (!space_build(r, schema, sweeps, t)) return NULL;
    for (uint32_t k = 0; k < schema->n_params; k++) values[k] = sweeps[k].values[0];
    if (t->space.n == 0 && by->own)
        bind_mistake(&r->binder, by->group, "nothing to search: no parameter is a list or a range");
    return t->space.n && searching_finish(r, entry, by, schema, values, t) ? t : NULL;
}

static void read_entry(struct reading *r, struct rows *rows, struct node *entry) {
    if (entry->kind != NODE_GROUP) {
        bind_mistake(&r->binder, entry, "a plugin's name or a group { } is expected, not %s",
            node_describe(entry, r->binder.arena));
        return;
    }
    if (node_child(entry, "predictions")) {
        given_read_entry(r, rows, entry);
        return;
    }
    if (node_child(entry, "blend")) {
        blend_read_entry(r, rows, entry);
        return;
    }
    const struct schema *schema = find_schema(r, entry);
    if (!schema) return;
    const size_t before = r->mistakes.n;
    struct searching by;
    searching_read_entry(r, entry, schema, &by);
    struct sweep *sweeps = read_params(r, entry, schema, &by);
    if (!sweeps || by.wrong || r->mistakes.n > before) return;
    const struct tuning *tuning = by.group ? read_tuning(r, entry, schema, &by, sweeps) : NULL;
    if (r->mistakes.n == before && !r->mistakes.no_memory)
        rows_add(r, rows, entry, schema, sweeps, tuning);
}

// Those that are kept, or run for a blend.
static void make_plan(struct reading *r, struct rows *rows) {
    struct plan *plan = &r->x->plan;
    struct plan_model *models = arena_alloc(r->binder.arena, (rows->n + 1) * sizeof *models);
    uint32_t *number = arena_alloc(r->binder.arena, (rows->n + 1) * sizeof *number), n = 0;
    if (!models || !number) {
        r->mistakes.no_memory = true;
        return;
    }
    for (size_t k = 0; k < rows->n; k++) {
        number[k] = n;
        n += rows->at[k].kept || rows->at[k].model.is_hidden;
    }
    blend_number_members(r, rows, number);
    for (size_t k = 0; k < rows->n; k++)
        if (rows->at[k].kept || rows->at[k].model.is_hidden) models[number[k]] = rows->at[k].model;
    plan->models = models;
    plan->n_models = n;
}

void reading_models(struct reading *r) {
    struct node *list = node_child(r->root, "models");
    if (!list || (list->kind == NODE_LIST && list->n == 0)) {
        mistakes_add(&r->mistakes, list ? list->place : r->root->place, "models",
            "%s; name at least one plugin, as in models = ( { plugin = \"bias\"; } )",
            list ? "is empty" : "is missing");
        return;
    }
    reading_normalise(r, "models", "plugin");
    struct experiment *x = r->x;
    const size_t n_entries = list->kind == NODE_LIST ? list->n : 1, before = r->mistakes.n;
    x->schemas = calloc(n_entries, sizeof *x->schemas);
    if (!x->schemas) {
        r->mistakes.no_memory = true;
        return;
    }
    struct rows rows = {0};
    for (struct node *c = reading_first(list); c; c = reading_next(list, c))
        read_entry(r, &rows, c);
    size_t n_tuned = 0;
    for (size_t k = 0; k < rows.n; k++) n_tuned += rows.at[k].model.tuning != NULL;
    if (r->mistakes.n == before) searching_check(r, n_tuned);
    rows_finish(r, &rows, r->mistakes.n == before);
    if (r->mistakes.n == before && !r->mistakes.no_memory) make_plan(r, &rows);
    free(rows.at);
}
