#include "experiment/override.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct position command_line = {ORIGIN_COMMAND_LINE, NULL, 0, 0};

// `value` takes the place of `old`, key and position included.
static void replace(struct node *old, const struct node *value) {
    struct node *parent = old->parent, *next = old->next;
    const char *name = old->name;
    *old = *value;
    old->parent = parent;
    old->next = next;
    old->name = name;
    for (struct node *c = old->first; c; c = c->next) c->parent = old;
}

void override_set(struct node *group, const char *name, struct node *value) {
    struct node *old = node_child(group, name);
    if (old) {
        replace(old, value);
    } else {
        value->name = name;
        node_add(group, value);
    }
}

// What an entry of a list may be called: its label, name, plugin or metric, or "blend" for one;
// text as it stands.
static const char *names_of(const struct node *entry, size_t which) {
    static const char *const keys[] = {"label", "name", "plugin", "metric", "blend"};
    if (entry->kind == NODE_TEXT && which == 0) return entry->text;
    if (which >= sizeof keys / sizeof *keys) return NULL;
    const struct node *c = node_child(entry, keys[which]);
    if (c && strcmp(keys[which], "blend") == 0) return "blend";
    return c && c->kind == NODE_TEXT ? c->text : "";
}

static bool is_called(const struct node *entry, const char *name) {
    const char *called;
    for (size_t k = 0; (called = names_of(entry, k)); k++) {
        const char *slash = strrchr(called, '/'), *base = slash ? slash + 1 : called;
        const size_t n = strlen(name);
        if (strcmp(called, name) == 0) return true;
        if (strncmp(base, name, n) == 0 && (base[n] == '\0' || strcmp(base + n, ".so") == 0))
            return true;
    }
    return false;
}

static const char *suggest_entry(struct binder *b, const struct node *list, const char *name) {
    const char **all = arena_alloc(b->arena, (5 * list->n + 1) * sizeof *all);
    size_t n = 0;
    if (!all) return "";
    for (const struct node *c = list->first; c; c = c->next)
        for (size_t k = 0; k < 5 && names_of(c, k); k++)
            if (*names_of(c, k)) all[n++] = names_of(c, k);
    return bind_did_you_mean(b->arena, name, all, n);
}

// The entry of a list with that number or name, or NULL with a mistake.
static struct node *find_entry(
    struct binder *b, const struct node *list, const char *name, const char *key) {
    const char *path = node_path(list, b->arena);
    char *end;
    const unsigned long long number = strtoull(name, &end, 10);
    if (!*end && *name != '-' && *name != '+') {
        struct node *entry = number < list->n ? node_nth(list, (size_t)number) : NULL;
        if (!entry && list->n)
            mistakes_add(b->mistakes, command_line, key,
                "there is no entry %s in %s; it has 0 to %zu", name, path, list->n - 1);
        else if (!entry)
            mistakes_add(b->mistakes, command_line, key, "%s is empty", path);
        return entry;
    }
    struct node *found = NULL;
    for (struct node *c = list->first; c; c = c->next) {
        if (!is_called(c, name)) continue;
        if (found) {
            mistakes_add(b->mistakes, command_line, key,
                "several entries of %s are called \"%s\"; write the entry's number from 0", path,
                name);
            return NULL;
        }
        found = c;
    }
    if (!found)
        mistakes_add(b->mistakes, command_line, key, "no entry of %s is called \"%s\"%s", path,
            name, suggest_entry(b, list, name));
    return found;
}

// One group in the place of a list is a list of one, and "0" its entry.
static bool stands_for_list(const struct node *group, const char *name) {
    return group->parent && strcmp(name, "0") == 0;
}

// One step down from `at`: what `name` stands for, added as an empty group if it is missing.
static struct node *step(struct binder *b, struct node *at, const char *name, const char *key) {
    struct node *next = NULL;
    switch (at->kind) {
    case NODE_GROUP:
        next = node_child(at, name);
        if (!next && stands_for_list(at, name)) next = at;
        if (!next) {
            next = bind_add(b, at, NODE_GROUP, name);
            if (next) next->place = command_line;
        }
        return next;
    case NODE_LIST:
        return find_entry(b, at, name, key);
    default:
        mistakes_add(b->mistakes, command_line, key, "%s is %s; it has no \"%s\"",
            node_path(at, b->arena), node_describe(at, b->arena), name);
        return NULL;
    }
}

void override_apply(struct binder *b, struct node *root, const char *text) {
    const char *equals = strchr(text, '=');
    if (!equals || equals == text) {
        mistakes_add(b->mistakes, command_line, NULL,
            "\"%s\" is no key=value; write for example split.folds=3", text);
        return;
    }
    const char *key = arena_printf(b->arena, "%.*s", (int)(equals - text), text);
    struct node *value = tree_parse_value(b->arena, key, equals + 1, b->mistakes);
    if (!value) return;

    struct node *at = root;
    const char *from = key;
    for (;;) {
        const size_t n = strcspn(from, ".");
        const char *name = arena_printf(b->arena, "%.*s", (int)n, from);
        if (n == 0) {
            mistakes_add(b->mistakes, command_line, key, "a part of the key is empty");
            return;
        }
        if (!from[n] && at->kind == NODE_GROUP && !stands_for_list(at, name)) {
            override_set(at, name, value);
            return;
        }
        if (!(at = step(b, at, name, key))) return;
        if (!from[n]) {
            replace(at, value);
            return;
        }
        from += n + 1;
    }
}
