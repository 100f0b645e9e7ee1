#include "experiment/space.h"

#include <math.h>
#include <string.h>

// ---- One parameter -----------------------------------------------------------------------------

static bool is_number(const struct schema_param *p) {
    return p->type == RK_TYPE_INT || p->type == RK_TYPE_REAL;
}

bool space_is_any(const struct node *node, const struct schema_param *p) {
    if (node->kind != NODE_TEXT || strcmp(node->text, "any") != 0) return false;
    for (uint32_t k = 0; k < p->n_choices; k++)
        if (strcmp(p->choices[k], "any") == 0) return false;
    return p->type == RK_TYPE_BOOL || p->type == RK_TYPE_CHOICE;
}

static void read_any(struct reading *r, struct sweep *s) {
    s->n = s->param->type == RK_TYPE_BOOL ? 2 : s->param->n_choices;
    s->values = arena_alloc(r->binder.arena, s->n * sizeof *s->values);
    for (size_t k = 0; s->values && k < s->n; k++) s->values[k].number = (double)k;
    if (!s->values) r->mistakes.no_memory = true;
}

static void read_range(struct reading *r, const struct node *node, struct sweep *s) {
    struct error e = {0};
    s->is_range = true;
    s->n = 0;
    if (!range_read(node->text, s->param, &s->range, &e))
        bind_mistake(&r->binder, node, "%s", e.text);
}

static bool is_range(const struct node *node, const struct schema_param *p) {
    return node->kind == NODE_TEXT && p->type != RK_TYPE_CHOICE && range_is_meant(node->text);
}

// A value, a list or a range.
static void read_values(struct reading *r, struct node *node, struct sweep *s) {
    const struct schema_param *p = s->param;
    if (space_is_any(node, p))
        read_any(r, s);
    else if (is_range(node, p))
        read_range(r, node, s);
    else if (node->kind == NODE_TEXT && is_number(p))
        bind_mistake(&r->binder, node,
            "a number from %.15g to %.15g, a list of them, or a range as in \"1e-3..1 log\" is "
            "expected, not the text \"%s\"",
            p->min, p->max, node->text);
    else
        models_read_values(r, node, s);
    s->is_list = false; // no part of labels
}

static void read_group(struct reading *r, struct node *group, struct sweep *s) {
    struct binder *b = &r->binder;
    static const char *const known[] = {"values", "range", "when"};
    bind_check_keys(b, group, "a searched parameter", "key", known, 3);
    struct node *values = node_child(group, "values"), *range = node_child(group, "range");
    struct node *when = node_child(group, "when");
    if (values && range)
        bind_mistake(b, range, "values are there already; leave one of them out");
    else if (values && is_range(values, s->param))
        bind_mistake(
            b, values, "one value or a list is expected; a range is range = \"%s\"", values->text);
    else if (values)
        read_values(r, values, s);
    else if (range && range->kind == NODE_TEXT)
        read_range(r, range, s);
    else if (range)
        bind_mistake(b, range, "text is expected, as in \"1e-3..1 log\", not %s",
            node_describe(range, b->arena));
    else
        bind_mistake(b, group,
            "says nothing to search; it is { values = [1, 2]; } or { range = "
            "\"1..9\"; }, with when = { ... } for a condition");
    if (!when) return;
    s->when = when;
    if (when->kind != NODE_GROUP || when->n == 0)
        bind_mistake(b, when,
            "a condition is a group that names a parameter and its values, as in { solver = "
            "\"cg\"; }, not %s",
            when->kind == NODE_GROUP ? "an empty one" : node_describe(when, b->arena));
}

void space_read(struct reading *r, struct node *node, struct sweep *s) {
    if (node->kind == NODE_GROUP)
        read_group(r, node, s);
    else
        read_values(r, node, s);
}

// ---- Conditions --------------------------------------------------------------------------------

enum { NEW, OPEN, DECIDED };

struct building {
    struct reading *r;
    const struct schema *schema;
    struct sweep *sweeps; // [n_params]
    const struct param_value *defaults;
    struct link {
        int state;
        bool searched;
        int when;      // a searched parameter, or -1
        bool *when_in; // [values of that one]
    } * links;         // [n_params]
};

static const char *list_params(struct building *b, const char *const **names) {
    const uint32_t n = b->schema->n_params;
    const char **all = arena_alloc(b->r->binder.arena, (n + 1) * sizeof *all), *text = "";
    for (uint32_t k = 0; all && k < n; k++) {
        all[k] = b->schema->params[k].name;
        text = arena_printf(b->r->binder.arena, "%s%s%s", text, k ? ", " : "", all[k]);
    }
    *names = all;
    return text;
}

static bool contains(const struct sweep *s, const struct param_value *v) {
    for (size_t k = 0; k < s->n; k++)
        if (models_same_value(&s->values[k], v)) return true;
    return false;
}

static void fix(struct building *b, uint32_t k, struct param_value value) {
    struct sweep *s = &b->sweeps[k];
    s->is_range = false;
    s->n = 1;
    s->values = arena_alloc(b->r->binder.arena, sizeof *s->values);
    if (s->values)
        *s->values = value;
    else
        b->r->mistakes.no_memory = true;
}

static bool decide(struct building *b, uint32_t k);

// The values of a condition must be among those that are searched.
static void link_list(
    struct building *b, uint32_t k, uint32_t j, struct node *node, const struct sweep *in) {
    struct link *link = &b->links[k];
    const struct sweep *list = &b->sweeps[j];
    struct binder *binder = &b->r->binder;
    link->when = (int)j;
    link->when_in = arena_alloc(binder->arena, list->n + 1);
    if (!link->when_in) {
        b->r->mistakes.no_memory = true;
        return;
    }
    for (size_t v = 0; v < list->n; v++) link->when_in[v] = contains(in, &list->values[v]);
    const char *all = "";
    for (size_t v = 0; v < list->n; v++)
        all = arena_printf(binder->arena, "%s%s%s", all, v ? ", " : "",
            schema_print(list->param, &list->values[v], binder->arena));
    for (size_t v = 0; v < in->n; v++)
        if (!contains(list, &in->values[v]))
            bind_mistake(binder, node, "%s is never %s; it is searched among %s", list->param->name,
                schema_print(list->param, &in->values[v], binder->arena), all);
}

// One key of a condition of parameter k. False: it does not hold, or there is a mistake.
static bool decide_key(struct building *b, uint32_t k, struct node *node) {
    struct binder *binder = &b->r->binder;
    const struct schema_param *p = schema_find(b->schema, node->name);
    if (!p) {
        const char *const *names, *all = list_params(b, &names);
        const char *hint = bind_did_you_mean(binder->arena, node->name, names, b->schema->n_params);
        bind_mistake(binder, node, "%s has no parameter \"%s\"%s", b->schema->id, node->name,
            *hint ? hint : arena_printf(binder->arena, "; it has %s", all));
        return false;
    }
    const uint32_t j = (uint32_t)(p - b->schema->params);
    const size_t before = b->r->mistakes.n;
    struct sweep in = {.param = p};
    models_read_values(b->r, node, &in);
    if (b->r->mistakes.n > before) return false;
    if (b->links[j].state == OPEN) {
        bind_mistake(binder, node, "%s depends on itself by these conditions; take one of them out",
            p->name);
        return false;
    }
    if (!decide(b, j)) return false;
    if (!b->links[j].searched) return contains(&in, &b->sweeps[j].values[0]);
    if (b->sweeps[j].is_range) {
        bind_mistake(
            binder, node, "a condition names values of a list; %s is searched by a range", p->name);
        return false;
    }
    if (b->links[k].when >= 0) {
        bind_mistake(binder, node,
            "one searched parameter is all that a condition can name, and %s is there already",
            b->schema->params[b->links[k].when].name);
        return false;
    }
    link_list(b, k, j, node, &in);
    return true;
}

// False with a mistake.
static bool decide(struct building *b, uint32_t k) {
    struct link *link = &b->links[k];
    if (link->state == DECIDED) return true;
    struct sweep *s = &b->sweeps[k];
    const size_t before = b->r->mistakes.n;
    link->state = OPEN;
    link->when = -1;
    bool holds = true;
    for (struct node *c = s->when ? s->when->first : NULL; c; c = c->next)
        holds &= decide_key(b, k, c);
    link->state = DECIDED;
    if (b->r->mistakes.n > before) return false;
    if (!holds) {
        fix(b, k, b->defaults[k]);
        link->when = -1;
    }
    link->searched = holds && (s->is_range || s->n > 1 || link->when >= 0);
    return true;
}

// ---- Dimensions --------------------------------------------------------------------------------

// Whether numbers of a list ascend or descend.
static bool is_ordered(const struct sweep *s) {
    if (!is_number(s->param)) return false;
    bool up = true, down = true;
    for (size_t k = 1; k < s->n; k++) {
        up &= s->values[k].number > s->values[k - 1].number;
        down &= s->values[k].number < s->values[k - 1].number;
    }
    return up || down;
}

static void describe_dim(const struct building *b, uint32_t k, const int *places,
    struct search_dim *dim, struct tuning_dim *own) {
    const struct sweep *s = &b->sweeps[k];
    const struct link *link = &b->links[k];
    *own = (struct tuning_dim){.param = k, .values = s->is_range ? NULL : s->values};
    *dim = (struct search_dim){.name = s->param->name, .def = NAN, .when = -1};
    if (link->when >= 0) {
        dim->when = places[link->when];
        dim->when_in = link->when_in;
    }
    if (s->is_range) {
        dim->min = s->range.low;
        dim->max = s->range.high;
        dim->log = s->range.log;
        dim->steps = s->range.steps;
        dim->whole = s->param->type == RK_TYPE_INT;
        dim->def = b->defaults[k].number;
        return;
    }
    dim->n = (uint32_t)s->n;
    dim->ordered = is_ordered(s);
    for (size_t v = s->n; v-- > 0;)
        if (models_same_value(&s->values[v], &b->defaults[k])) dim->def = (double)v;
}

// In the schema's order, but each after the one that its condition names.
static bool make_dims(struct building *b, struct tuning *t) {
    struct arena *arena = b->r->binder.arena;
    const uint32_t n = b->schema->n_params;
    struct search_dim *dims = arena_alloc(arena, (n + 1) * sizeof *dims);
    struct tuning_dim *own = arena_alloc(arena, (n + 1) * sizeof *own);
    int *places = arena_alloc(arena, (n + 1) * sizeof *places);
    if (!dims || !own || !places) {
        b->r->mistakes.no_memory = true;
        return false;
    }
    size_t found = 0, before;
    for (uint32_t k = 0; k < n; k++) places[k] = -1;
    do {
        before = found;
        for (uint32_t k = 0; k < n; k++) {
            const struct link *link = &b->links[k];
            if (!link->searched || places[k] >= 0 || (link->when >= 0 && places[link->when] < 0))
                continue;
            describe_dim(b, k, places, &dims[found], &own[found]);
            places[k] = (int)found++;
        }
    } while (found > before);
    t->space = (struct search_space){dims, found};
    t->dims = own;
    return true;
}

bool space_build(
    struct reading *r, const struct schema *schema, struct sweep *sweeps, struct tuning *t) {
    struct arena *arena = r->binder.arena;
    const uint32_t n = schema->n_params;
    struct param_value *defaults = arena_alloc(arena, (n + 1) * sizeof *defaults);
    struct link *links = arena_alloc(arena, (n + 1) * sizeof *links);
    if (!defaults || !links) {
        r->mistakes.no_memory = true;
        return false;
    }
    schema_defaults(schema, defaults);
    struct building b = {r, schema, sweeps, defaults, links};
    bool ok = true;
    for (uint32_t k = 0; k < n; k++) ok &= decide(&b, k);
    if (!ok || !make_dims(&b, t)) return false;
    for (size_t d = 0; d < t->space.n; d++) fix(&b, t->dims[d].param, defaults[t->dims[d].param]);
    return !r->mistakes.no_memory;
}

// ---- In words ----------------------------------------------------------------------------------

static const char *list_values(const struct tuning *t, const struct schema *schema, size_t d,
    const bool *in, struct arena *arena) {
    const char *text = "", *comma = "";
    for (uint32_t v = 0; v < t->space.dims[d].n; v++) {
        if (in && !in[v]) continue;
        text = arena_printf(arena, "%s%s%s", text, comma,
            schema_print(&schema->params[t->dims[d].param], &t->dims[d].values[v], arena));
        comma = ", ";
    }
    return text;
}

const char *space_condition(
    const struct tuning *t, const struct schema *schema, size_t d, struct arena *arena) {
    const struct search_dim *dim = &t->space.dims[d];
    if (dim->when < 0) return "";
    return arena_printf(arena, "%s = %s", t->space.dims[dim->when].name,
        list_values(t, schema, (size_t)dim->when, dim->when_in, arena));
}

const char *space_values(
    const struct tuning *t, const struct schema *schema, size_t d, struct arena *arena) {
    const struct search_dim *dim = &t->space.dims[d];
    if (dim->n) return list_values(t, schema, d, NULL, arena);
    const struct range range = {dim->min, dim->max, dim->log, dim->steps};
    return range_describe(&range, arena);
}
