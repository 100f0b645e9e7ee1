// data = ..., filter = ..., split = ...
#include <stdlib.h>
#include <string.h>

#include "experiment/reading.h"

// ---- Data --------------------------------------------------------------------------------------

static const char *list_formats(struct arena *arena) {
    const char *text = "";
    for (size_t k = 0; k < data_format_count(); k++)
        text = arena_printf(arena, "%s%s%s", text, k ? ", " : "", data_format_nth(k)->id);
    return text;
}

// The format that the group's keys choose; the command line's replaces the file's.
static const struct data_format *choose_format(struct reading *r, struct node *group) {
    struct node *chosen = NULL;
    for (struct node *c = group->first, *next; c; c = next) {
        next = c->next;
        if (!data_format_find(c->name)) continue;
        if (chosen && c->place.origin == ORIGIN_COMMAND_LINE &&
            chosen->place.origin != ORIGIN_COMMAND_LINE) {
            node_remove(chosen);
        } else if (chosen) {
            bind_mistake(&r->binder, c, "one data set has one source; \"%s\" is there already",
                chosen->name);
            return NULL;
        }
        chosen = c;
    }
    if (chosen) return data_format_find(chosen->name);
    const char *hint = "";
    const char **ids = arena_alloc(r->binder.arena, (data_format_count() + 1) * sizeof *ids);
    for (size_t k = 0; ids && k < data_format_count(); k++) ids[k] = data_format_nth(k)->id;
    for (const struct node *c = group->first; ids && c && !*hint; c = c->next)
        hint = bind_did_you_mean(r->binder.arena, c->name, ids, data_format_count());
    bind_mistake(&r->binder, group, "says no source; one of %s is needed%s",
        list_formats(r->binder.arena), hint);
    return NULL;
}

static void bind_filter(struct reading *r, struct node *group, struct data_filter *filter) {
    struct node *own = node_child(group, "filter");
    if (!own) own = node_child(r->root, "filter");
    if (!own) own = bind_add(&r->binder, r->root, NODE_GROUP, "filter");
    if (!own) return;
    if (own->kind != NODE_GROUP) {
        bind_mistake(&r->binder, own, "a group { } is expected, not %s",
            node_describe(own, r->binder.arena));
        return;
    }
    bind_group(
        &r->binder, own, "filter", &(struct bind_part){&data_filter_settings, filter}, 1, NULL, 0);
}

// Fold numbers that the split wants from the data.
static void bind_folds(struct reading *r, struct data_spec *spec) {
    const struct split_spec *split = &r->x->plan.split;
    if (!split->method) return;
    if (split->method->fold_lines) spec->fold_lines = split->method->fold_lines(split->settings);
    if (!split->method->fold_column) return;
    const struct column column = split->method->fold_column(split->settings);
    spec->fold_column = column.name;
    if (column.number) spec->fold_column = arena_printf(r->binder.arena, "%u", column.number);
}

static void bind_data(struct reading *r, struct node *group, struct data_spec *spec) {
    struct binder *b = &r->binder;
    if (group->kind != NODE_GROUP) {
        bind_mistake(b, group, "a group { } is expected, not %s", node_describe(group, b->arena));
        return;
    }
    const struct data_format *format = choose_format(r, group);
    if (!format) return;
    const size_t size = format->settings.size, before = r->mistakes.n;
    void *settings = arena_alloc(b->arena, size ? size : 1);
    if (!settings) {
        b->mistakes->no_memory = true;
        return;
    }
    spec->format = format;
    spec->settings = settings;
    const char *what = arena_printf(b->arena, "data (%s)", format->id);
    const char *const others[] = {"filter", format->id};
    const struct bind_part parts[] = {
        {&data_common_settings, &spec->common}, {&format->settings, settings}};
    struct node *inner = node_child(group, format->id);
    if (!format->grouped) {
        bind_group(b, group, what, parts, 2, others, 1);
    } else if (inner->kind != NODE_GROUP) {
        bind_mistake(b, inner, "a group { } is expected, not %s", node_describe(inner, b->arena));
    } else {
        bind_group(b, inner, format->id, &parts[1], 1, NULL, 0);
        bind_group(b, group, what, parts, 1, others, 2);
    }
    struct error e = {0};
    if (r->mistakes.n == before && format->check && !format->check(settings, &e))
        bind_complain(b, format->grouped ? inner : group, e.text);
    bind_filter(r, group, &spec->filter);
    bind_folds(r, spec);
}

struct node *reading_first(struct node *list) {
    return list->kind == NODE_LIST ? list->first : list;
}

struct node *reading_next(struct node *list, struct node *entry) {
    return list->kind == NODE_LIST ? entry->next : NULL;
}

void reading_data(struct reading *r) {
    struct node *data = node_child(r->root, "data");
    if (!data || (data->kind == NODE_LIST && data->n == 0)) {
        mistakes_add(&r->mistakes, data ? data->place : r->root->place, "data",
            "is missing; it says what to learn from: one of %s, as in { movielens = "
            "\"ml-latest-small.zip\"; }",
            list_formats(r->binder.arena));
        return;
    }
    const size_t n = data->kind == NODE_LIST ? data->n : 1;
    struct data_spec *specs = arena_alloc(r->binder.arena, n * sizeof *specs);
    if (!specs) {
        r->mistakes.no_memory = true;
        return;
    }
    size_t k = 0;
    for (struct node *c = reading_first(data); c; c = reading_next(data, c), k++) {
        bind_data(r, c, &specs[k]);
        if (specs[k].common.name && !*specs[k].common.name)
            bind_mistake(&r->binder, node_child(c, "name"),
                "is empty; without the key, a data set is called as its file is");
        for (size_t other = 0; other < k && specs[k].common.name; other++)
            if (specs[other].common.name &&
                strcmp(specs[other].common.name, specs[k].common.name) == 0)
                bind_mistake(&r->binder, c, "the name \"%s\" is taken by an earlier data set",
                    specs[k].common.name);
    }
    r->x->plan.data = specs;
    r->x->plan.n_data = n;
}

// ---- Split -------------------------------------------------------------------------------------

static const struct split_method *choose_method(struct reading *r, struct node *group) {
    struct binder *b = &r->binder;
    struct node *node = node_child(group, "method");
    if (!node) {
        node = bind_add(b, group, NODE_TEXT, "method");
        if (!node) return NULL;
        node->text = "kfold";
    }
    const struct split_method *method =
        node->kind == NODE_TEXT ? split_method_find(node->text) : NULL;
    if (method) return method;
    const size_t n = split_method_count();
    const char **ids = arena_alloc(b->arena, (n + 1) * sizeof *ids);
    for (size_t k = 0; ids && k < n; k++) ids[k] = split_method_nth(k)->id;
    const struct setting s = {.name = "method", .type = SETTING_CHOICE, .choices = ids};
    int ignored;
    if (ids) bind_value(b, node, &s, &ignored);
    return NULL;
}

void reading_split(struct reading *r) {
    struct binder *b = &r->binder;
    struct node *group = node_child(r->root, "split");
    if (!group) group = bind_add(b, r->root, NODE_GROUP, "split");
    if (!group) return;
    if (group->kind != NODE_GROUP) {
        bind_mistake(b, group, "a group { } is expected, not %s", node_describe(group, b->arena));
        return;
    }
    const struct split_method *method = choose_method(r, group);
    if (!method) return;
    const size_t size = method->settings.size, before = r->mistakes.n;
    void *settings = arena_alloc(b->arena, size ? size : 1);
    if (!settings) {
        r->mistakes.no_memory = true;
        return;
    }
    const char *const others[] = {"method"};
    bind_group(b, group, arena_printf(b->arena, "split (%s)", method->id),
        &(struct bind_part){&method->settings, settings}, 1, others, 1);
    r->x->plan.split = (struct split_spec){method, settings};
    if (r->mistakes.n > before) return;

    struct error e = {0};
    uint32_t n_repeats, n_folds, *folds = NULL;
    if (!method->plan(settings, NULL, &n_repeats, &folds, &n_folds, &e))
        bind_complain(b, group, e.text);
    free(folds);
}
