// search = { method = "bayes"; trials = 40; }
#include "experiment/searching.h"

#include <stdlib.h>
#include <string.h>

#include "experiment/reading.h"

// By seconds, no more than these are asked for: methods take memory for all that may come.
enum { USUAL_TRIALS = 20, MOST_BY_SECONDS = 10000 };

#define AT(field) .offset = offsetof(struct search_keys, field)
static const struct setting table[] = {
    {"method", "how candidates are found", SETTING_TEXT, AT(method), .def_text = "random"},
    {"trials", "candidates in each outer fold, the default among them; 20, or all of a grid",
        SETTING_INT, AT(trials), .min = 1, .max = SEARCH_TRIALS_MAX},
    {"metric", "label of the metric that the best is chosen by; the first one", SETTING_TEXT,
        AT(metric)},
    {"folds", "inner folds of each outer training fold", SETTING_INT, AT(folds), .def = 3, .min = 2,
        .max = 100},
    {"seconds", "to search in each outer fold, in place of trials", SETTING_REAL, AT(seconds),
        .min = 0.001, .max = 1e9},
    {"resource", "what halving spends less of: a parameter, or data", SETTING_TEXT, AT(resource)},
};
#undef AT
const struct settings searching_settings = SETTINGS(table, struct search_keys);

static bool is_grid(const struct searching *s) {
    return strcmp(s->method->id, "grid") == 0;
}

// ---- One group ---------------------------------------------------------------------------------

static void choose_method(struct reading *r, struct searching *s) {
    struct binder *b = &r->binder;
    struct node *node = node_child(s->group, "method");
    const size_t n = search_method_count();
    const char **ids = arena_alloc(b->arena, (n + 1) * sizeof *ids);
    if (!node || !ids) return;
    for (size_t k = 0; k < n; k++) ids[k] = search_method_nth(k)->id;
    const struct setting as_choice = {.name = "method", .type = SETTING_CHOICE, .choices = ids};
    int at;
    if (node->kind == NODE_TEXT && bind_value(b, node, &as_choice, &at))
        s->method = search_method_find(ids[at]);
}

// `node` names it.
static void check_metric(struct reading *r, const struct searching *s, struct node *node) {
    const struct metric_spec *spec = &r->x->plan.metrics[s->metric];
    if (!spec->metric->sees_training || !spec->metric->sees_training(spec->settings)) return;
    const bool said = node->place.origin != ORIGIN_DEFAULT;
    bind_mistake(&r->binder, said ? node : s->group,
        "%s\"%s\" counts the rows trained on, by which nothing can be chosen; name another one of "
        "metrics, as in metric = \"mae\"",
        said ? "" : "the first metric, ", spec->label);
}

static void choose_metric(struct reading *r, struct searching *s) {
    const struct plan *plan = &r->x->plan;
    struct arena *arena = r->binder.arena;
    const char **labels = arena_alloc(arena, (plan->n_metrics + 1) * sizeof *labels), *all = "";
    if (!labels) return;
    for (size_t k = 0; k < plan->n_metrics; k++) {
        labels[k] = plan->metrics[k].label;
        if (!labels[k] || !*labels[k]) return; // there is a mistake in it, and that was said
        all = arena_printf(arena, "%s%s\"%s\"", all, k ? ", " : "", labels[k]);
    }
    struct node *node = node_child(s->group, "metric");
    if (!node && plan->n_metrics) {
        if (!(node = bind_add(&r->binder, s->group, NODE_TEXT, "metric"))) return;
        node->text = labels[0];
    }
    if (!node || node->kind != NODE_TEXT) return;
    for (size_t k = 0; k < plan->n_metrics; k++)
        if (strcmp(labels[k], node->text) == 0) {
            s->metric = (uint32_t)k;
            check_metric(r, s, node);
            return;
        }
    bind_mistake(&r->binder, node, "no metric has the label \"%s\"; there %s %s%s", node->text,
        plan->n_metrics == 1 ? "is" : "are", all,
        bind_did_you_mean(arena, node->text, labels, plan->n_metrics));
}

static void add_trials(struct reading *r, struct searching *s, int64_t trials) {
    struct node *node = bind_add(&r->binder, s->group, NODE_INT, "trials");
    if (!node) return;
    node->integer = trials;
    node->real = (double)trials;
}

static void check_budget(struct reading *r, struct searching *s) {
    struct node *trials = node_child(s->group, "trials");
    struct node *seconds = node_child(s->group, "seconds");
    if (trials && seconds)
        bind_mistake(
            &r->binder, seconds, "a budget is of trials or of seconds; leave one of them out");
    if (seconds && s->method && s->method->has_effort)
        bind_mistake(
            &r->binder, seconds, "%s has to know its budget ahead; give it trials", s->method->id);
    if (trials || seconds || !s->method || is_grid(s)) return;
    s->keys.trials = USUAL_TRIALS;
    add_trials(r, s, USUAL_TRIALS);
}

// Binds s->group.
static void read_group(struct reading *r, struct searching *s) {
    const size_t before = r->mistakes.n;
    bind_group(&r->binder, s->group, "search", &(struct bind_part){&searching_settings, &s->keys},
        1, NULL, 0);
    choose_method(r, s);
    choose_metric(r, s);
    check_budget(r, s);
    s->wrong = r->mistakes.n > before || !s->method;
}

// Whether `node` says that there is a search; what it can't be is a mistake.
static bool is_wanted(struct reading *r, struct node *node, bool *wrong) {
    if (!node || (node->kind == NODE_BOOL && !node->truth)) return false;
    if (node->kind == NODE_GROUP) return true;
    bind_mistake(&r->binder, node,
        "a group { } is expected, as in { method = \"random\"; trials = 20; }, or false, not %s",
        node_describe(node, r->binder.arena));
    return *wrong = true;
}

void searching_read(struct reading *r) {
    struct searching *s = &r->searching;
    struct node *node = node_child(r->root, "search");
    if (!is_wanted(r, node, &s->wrong)) return;
    s->group = node;
    if (!s->wrong) read_group(r, s);
}

// ---- Of an entry -------------------------------------------------------------------------------

// Whether the experiment's key `name` holds in the entry's group `own`.
static bool passes_on(
    const struct node *own, const struct node *top, const char *name, const struct schema *schema) {
    const struct node *node = node_child(top, name);
    if (!node || node->place.origin == ORIGIN_DEFAULT || node_child(own, name)) return false;
    if (strcmp(name, "trials") == 0) return !node_child(own, "seconds");
    if (strcmp(name, "seconds") == 0) return !node_child(own, "trials");
    if (strcmp(name, "resource") != 0) return true;
    const struct node *id = node_child(own, "method");
    const struct search_method *method =
        id && id->kind == NODE_TEXT ? search_method_find(id->text) : NULL;
    return method && method->has_effort &&
           (strcmp(node->text, "data") == 0 || schema_find(schema, node->text));
}

static void inherit(
    struct reading *r, struct node *own, const struct node *top, const struct schema *schema) {
    for (size_t k = 0; k < searching_settings.n; k++) { // method comes before resource
        const char *name = searching_settings.at[k].name;
        if (!passes_on(own, top, name, schema)) continue;
        const struct node *from = node_child(top, name);
        struct node *node = bind_add(&r->binder, own, from->kind, name);
        if (!node) return;
        node->text = from->text;
        node->integer = from->integer;
        node->real = from->real;
        node->place = from->place;
    }
}

void searching_read_entry(
    struct reading *r, struct node *entry, const struct schema *schema, struct searching *out) {
    struct node *own = node_child(entry, "search");
    *out = (struct searching){0};
    if (!own) *out = r->searching;
    if (!own || !is_wanted(r, own, &out->wrong)) return;
    out->group = own;
    out->own = true;
    if (out->wrong) return;
    if (r->searching.group && !r->searching.wrong) inherit(r, own, r->searching.group, schema);
    read_group(r, out);
    struct node *resource = node_child(own, "resource");
    if (!out->wrong && resource && !out->method->has_effort) {
        bind_mistake(&r->binder, resource, "%s spends the same on each candidate; leave it out",
            out->method->id);
        out->wrong = true;
    }
}

// ---- What halving spends -----------------------------------------------------------------------

// The parameters that are resources, as a list for a message.
static const char *list_resources(
    const struct schema *schema, struct arena *arena, size_t *n, int *first) {
    const char *all = "";
    *n = 0;
    for (uint32_t k = 0; k < schema->n_params; k++) {
        if (schema->params[k].role != RK_RESOURCE) continue;
        all = arena_printf(arena, "%s%s%s", all, *n ? ", " : "", schema->params[k].name);
        if (++*n == 1) *first = (int)k;
    }
    return all;
}

static bool choose_resource(struct reading *r, struct node *entry, const struct searching *s,
    const struct schema *schema, int *out) {
    const char *name = s->keys.resource;
    struct node *node = node_child(s->group, "resource");
    const struct schema_param *p = name ? schema_find(schema, name) : NULL;
    size_t n;
    const char *all = list_resources(schema, r->binder.arena, &n, out);
    if (name && strcmp(name, "data") == 0) {
        r->resource_used = true;
        *out = TUNING_SHARE;
        return true;
    }
    if (p && p->role == RK_RESOURCE) {
        r->resource_used = true;
        *out = (int)(p - schema->params);
        return true;
    }
    if (p || (name && s->own)) {
        bind_mistake(&r->binder, node, "\"%s\" is no resource of %s; %s%s\"data\" is one", name,
            schema->id, all, n ? " or " : "");
        return false;
    }
    if (n > 1)
        bind_mistake(&r->binder, entry,
            "%s could spend less of %s; say which in its own search = { resource = \"%s\"; }, or "
            "\"data\"",
            schema->id, all, schema->params[*out].name);
    if (n == 0) *out = TUNING_SHARE;
    return n <= 1;
}

static bool check_resource(
    struct reading *r, struct node *entry, const struct schema *schema, const struct tuning *t) {
    for (size_t d = 0; t->resource >= 0 && d < t->space.n; d++) {
        if (t->dims[d].param != (uint32_t)t->resource) continue;
        const char *name = schema->params[t->resource].name;
        bind_mistake(&r->binder, node_child(entry, name),
            "%s spends less of it on some candidates, so that it cannot be searched; give it one "
            "value, or write resource = \"data\"",
            t->method->id);
        return false;
    }
    return true;
}

// ---- Budget ------------------------------------------------------------------------------------

// The smallest budget that the method takes, up to job->trials.
static uint32_t least_trials(const struct search_method *method, struct search_job job) {
    uint32_t low = 1, high = job.trials;
    while (low < high) {
        struct error ignored = {0};
        job.trials = low + (high - low) / 2;
        if (method->judge(&job, &ignored))
            high = job.trials;
        else
            low = job.trials + 1;
    }
    return low;
}

bool searching_finish(struct reading *r, struct node *entry, struct searching *s,
    const struct schema *schema, const struct param_value *values, struct tuning *t) {
    t->method = s->method;
    t->metric = s->metric;
    t->folds = (uint32_t)s->keys.folds;
    t->seconds = s->keys.seconds;
    t->resource = TUNING_NO_RESOURCE;
    if (s->method->has_effort && (!choose_resource(r, entry, s, schema, &t->resource) ||
                                     !check_resource(r, entry, schema, t)))
        return false;
    const bool given = s->keys.trials > 0, by_grid = is_grid(s);
    t->trials = given ? (uint32_t)s->keys.trials : MOST_BY_SECONDS;
    const struct search_job job = tuning_job(t, values, 0);
    struct error e = {0};
    if (!s->method->judge(&job, &e)) {
        bind_mistake(&r->binder, s->own ? s->group : entry, "%s", e.text);
        return false;
    }
    if (!given && by_grid && t->seconds == 0) {
        t->trials = least_trials(s->method, job);
        if (s->own) add_trials(r, s, t->trials);
    }
    return true;
}

// ---- All in all --------------------------------------------------------------------------------

void searching_check(struct reading *r, size_t n_tuned) {
    const struct searching *s = &r->searching;
    if (!s->group || s->wrong) return;
    if (n_tuned == 0) {
        bind_mistake(&r->binder, s->group, "nothing to search: no parameter is a list or a range");
        return;
    }
    struct node *resource = node_child(s->group, "resource");
    if (resource && !r->resource_used)
        bind_mistake(&r->binder, resource,
            "nothing that is searched has a resource \"%s\" to spend less of", resource->text);
}
