// metrics = ( "rmse", { metric = "top5"; share = 0.1; } )
#include <string.h>

#include "experiment/reading.h"

static const struct metric *choose_metric(struct reading *r, struct node *group) {
    struct binder *b = &r->binder;
    struct node *node = node_child(group, "metric");
    const size_t n = metric_count();
    const char **ids = arena_alloc(b->arena, (n + 1) * sizeof *ids);
    for (size_t k = 0; ids && k < n; k++) ids[k] = metric_nth(k)->id;
    if (!ids) return NULL;
    if (!node) {
        bind_mistake(b, group, "says no metric; it is { metric = \"top5\"; share = 0.1; }");
        return NULL;
    }
    const struct setting s = {.name = "metric", .type = SETTING_CHOICE, .choices = ids};
    int at;
    return bind_value(b, node, &s, &at) ? metric_find(ids[at]) : NULL;
}

static const char *print_scalar(const struct node *node, struct arena *arena) {
    return node->kind == NODE_TEXT ? node->text : node_describe(node, arena);
}

// The id, and the settings that differ from their defaults: "top5 share=0.1".
static const char *make_label(struct reading *r, const struct metric *metric, struct node *group) {
    struct arena *arena = r->binder.arena;
    const char *label = metric->id;
    for (size_t k = 0; k < metric->settings.n; k++) {
        const struct setting *s = &metric->settings.at[k];
        const struct node *node = node_child(group, s->name);
        bool same = !node || node->place.origin == ORIGIN_DEFAULT ||
                    (s->type == SETTING_BOOL && node->truth == (s->def != 0)) ||
                    ((s->type == SETTING_INT || s->type == SETTING_REAL) && node->real == s->def) ||
                    (s->type == SETTING_CHOICE && strcmp(node->text, s->choices[(int)s->def]) == 0);
        if (!same)
            label = arena_printf(arena, "%s %s=%s", label, s->name, print_scalar(node, arena));
    }
    return label;
}

static void bind_metric(struct reading *r, struct node *group, struct metric_spec *spec) {
    struct binder *b = &r->binder;
    if (group->kind != NODE_GROUP) {
        bind_mistake(b, group, "a metric's name or a group { } is expected, not %s",
            node_describe(group, b->arena));
        return;
    }
    const struct metric *metric = choose_metric(r, group);
    if (!metric) return;
    const size_t size = metric->settings.size, before = r->mistakes.n;
    void *settings = arena_alloc(b->arena, size ? size : 1);
    if (!settings) {
        r->mistakes.no_memory = true;
        return;
    }
    const char *const others[] = {"metric"};
    bind_group(b, group, arena_printf(b->arena, "metric %s", metric->id),
        &(struct bind_part){&metric->settings, settings}, 1, others, 1);
    spec->metric = metric;
    spec->settings = settings;
    spec->label = r->mistakes.n == before ? make_label(r, metric, group) : "";
}

// What is computed when the file does not say.
static struct node *add_defaults(struct reading *r) {
    static const char *const ids[] = {"rmse", "mae", "top5"};
    struct node *list = bind_add(&r->binder, r->root, NODE_LIST, "metrics");
    for (size_t k = 0; list && k < sizeof ids / sizeof *ids; k++) {
        struct node *node = bind_add(&r->binder, list, NODE_TEXT, NULL);
        if (!node) return NULL;
        node->text = ids[k];
    }
    return list;
}

void reading_metrics(struct reading *r) {
    struct node *list = node_child(r->root, "metrics");
    if (!list) list = add_defaults(r);
    if (!list) return;
    reading_normalise(r, "metrics", "metric");
    const size_t n = list->kind == NODE_LIST ? list->n : 1;
    struct metric_spec *specs = arena_alloc(r->binder.arena, (n + 1) * sizeof *specs);
    if (!specs) {
        r->mistakes.no_memory = true;
        return;
    }
    if (n == 0) bind_mistake(&r->binder, list, "is empty; name at least one metric");
    size_t k = 0;
    for (struct node *c = reading_first(list); c; c = reading_next(list, c), k++) {
        bind_metric(r, c, &specs[k]);
        for (size_t other = 0; other < k && specs[k].label; other++)
            if (*specs[k].label && specs[other].label &&
                strcmp(specs[other].label, specs[k].label) == 0)
                bind_mistake(&r->binder, c, "\"%s\" is there already", specs[k].label);
    }
    r->x->plan.metrics = specs;
    r->x->plan.n_metrics = n;
}
