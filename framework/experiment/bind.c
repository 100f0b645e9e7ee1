#include "experiment/bind.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/suggest.h"

void bind_mistake(struct binder *b, const struct node *node, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    char *text = NULL;
    if (vasprintf(&text, fmt, args) < 0) text = NULL;
    va_end(args);
    const char *path = node_path(node, b->arena);
    if (text)
        mistakes_add(b->mistakes, node->place, *path ? path : NULL, "%s", text);
    else
        b->mistakes->no_memory = true;
    free(text);
}

void bind_complain(struct binder *b, const struct node *group, const char *message) {
    size_t n = strcspn(message, ":");
    if (group->name && strlen(group->name) == n && strncmp(group->name, message, n) == 0) {
        message += n + strspn(message + n, ": "); // the group's own name is the key already
        n = strcspn(message, ":");
    }
    for (const struct node *c = group->kind == NODE_GROUP ? group->first : NULL; c; c = c->next)
        if (strlen(c->name) == n && strncmp(c->name, message, n) == 0 && message[n] == ':') {
            bind_mistake(b, c, "%s", message + n + 1 + strspn(message + n + 1, " "));
            return;
        }
    bind_mistake(b, group, "%s", message);
}

const char *bind_did_you_mean(
    struct arena *arena, const char *word, const char *const *among, size_t n) {
    const char *near = suggest_nearest(word, among, n);
    return near ? arena_printf(arena, "; did you mean \"%s\"?", near) : "";
}

struct node *bind_add(struct binder *b, struct node *group, enum node_kind kind, const char *name) {
    struct node *node = node_new(b->arena, kind, name, b->mistakes);
    if (node) node_add(group, node);
    return node;
}

// ---- What is expected --------------------------------------------------------------------------

// " from 2 to 100", " of at least 2", or "".
static const char *describe_range(const struct setting *s, struct arena *arena) {
    if (!(s->min < s->max)) return "";
    bool below = s->min > -1e18, above = s->max < 1e18;
    if (below && above) return arena_printf(arena, " from %.15g to %.15g", s->min, s->max);
    if (below) return arena_printf(arena, " of at least %.15g", s->min);
    return above ? arena_printf(arena, " of at most %.15g", s->max) : "";
}

static const char *describe_choices(const struct setting *s, struct arena *arena) {
    const char *text = "one of ";
    for (size_t k = 0; s->choices[k]; k++)
        text = arena_printf(arena, "%s%s\"%s\"", text, k ? ", " : "", s->choices[k]);
    return text;
}

const char *bind_expected(const struct setting *s, struct arena *arena) {
    const char *range = describe_range(s, arena);
    switch (s->type) {
    case SETTING_BOOL:
        return "true or false";
    case SETTING_INT:
        return arena_printf(arena, "a whole number%s", range);
    case SETTING_REAL:
        return arena_printf(arena, "a number%s", range);
    case SETTING_CHOICE:
        return describe_choices(s, arena);
    case SETTING_TEXT:
        return "text";
    case SETTING_PATH:
        return "a path";
    case SETTING_PATHS:
        return "a path or a list of paths";
    case SETTING_COLUMN:
        return "a column's name or its number (from 1)";
    case SETTING_INTS:
        return arena_printf(arena, "a list of whole numbers%s", range);
    case SETTING_REALS:
        return arena_printf(arena, "a list of numbers%s", range);
    case SETTING_TEXTS:
        return "text or a list of texts";
    }
    return "";
}

static bool unexpected(struct binder *b, const struct node *node, const struct setting *s) {
    const char *hint = "";
    if (s->type == SETTING_CHOICE && node->kind == NODE_TEXT) {
        size_t n = 0;
        while (s->choices[n]) n++;
        hint = bind_did_you_mean(b->arena, node->text, s->choices, n);
    }
    bind_mistake(b, node, "%s is expected, not %s%s", bind_expected(s, b->arena),
        node_describe(node, b->arena), hint);
    return false;
}

// ---- Values ------------------------------------------------------------------------------------

static bool in_range(const struct setting *s, double value) {
    return !(s->min < s->max) || (value >= s->min && value <= s->max);
}

bool bind_may_be_absent(const struct setting *s) {
    return (s->type == SETTING_INT || s->type == SETTING_REAL) && !in_range(s, s->def);
}

static bool bind_choice(
    struct binder *b, const struct node *node, const struct setting *s, void *field) {
    for (int k = 0; node->kind == NODE_TEXT && s->choices[k]; k++)
        if (strcmp(s->choices[k], node->text) == 0) {
            *(int *)field = k;
            return true;
        }
    return unexpected(b, node, s);
}

static bool bind_path(
    struct binder *b, struct node *node, const struct setting *s, struct path *path) {
    if (node->kind != NODE_TEXT || !*node->text) return unexpected(b, node, s);
    struct error e = {0};
    bool lasting;
    path->written = node->text;
    node->is_path = true;
    path->found = paths_find(b->finder, node->text, node->place.origin, b->arena, &lasting, &e);
    if (!path->found) bind_mistake(b, node, "%s", e.text);
    char *whole = path->found && !lasting ? realpath(path->found, NULL) : NULL;
    if (whole) node->found = arena_text(b->arena, whole);
    free(whole);
    return path->found != NULL;
}

static bool bind_column(
    struct binder *b, const struct node *node, const struct setting *s, struct column *column) {
    if (node->kind == NODE_TEXT && *node->text)
        column->name = node->text;
    else if (node->kind == NODE_INT && node->integer >= 1 && node->integer <= UINT32_MAX)
        column->number = (uint32_t)node->integer;
    else
        return unexpected(b, node, s);
    return true;
}

// Lists: every kind is a pointer and a count, its elements bound one by one.
static bool bind_list(struct binder *b, struct node *node, const struct setting *s, void *field) {
    struct {
        enum setting_type element;
        size_t size;
    } const kind = s->type == SETTING_PATHS  ? (__typeof__(kind)){SETTING_PATH, sizeof(struct path)}
                   : s->type == SETTING_INTS ? (__typeof__(kind)){SETTING_INT, sizeof(int64_t)}
                   : s->type == SETTING_REALS ? (__typeof__(kind)){SETTING_REAL, sizeof(double)}
                                              : (__typeof__(kind)){SETTING_TEXT, sizeof(char *)};
    if (node->kind == NODE_GROUP) return unexpected(b, node, s);
    struct setting one = *s;
    one.type = kind.element;
    bool alone = node->kind != NODE_LIST, ok = true;
    size_t n = alone ? 1 : node->n;
    char *at = arena_alloc(b->arena, (n ? n : 1) * kind.size);
    if (!at) {
        b->mistakes->no_memory = true;
        return false;
    }
    struct node *child = alone ? node : node->first;
    for (size_t k = 0; k < n; k++, child = child->next)
        ok &= bind_value(b, child, &one, at + k * kind.size);
    struct ints list = {(const int64_t *)(void *)at, n}; // all of them have this form
    memcpy(field, &list, sizeof list);
    return ok;
}

bool bind_value(struct binder *b, struct node *node, const struct setting *s, void *field) {
    bool number = node->kind == NODE_INT || node->kind == NODE_REAL;
    switch (s->type) {
    case SETTING_BOOL:
        if (node->kind != NODE_BOOL) return unexpected(b, node, s);
        *(bool *)field = node->truth;
        return true;
    case SETTING_INT:
        if (node->kind != NODE_INT || !in_range(s, node->real)) return unexpected(b, node, s);
        *(int64_t *)field = node->integer;
        return true;
    case SETTING_REAL:
        if (!number || !in_range(s, node->real)) return unexpected(b, node, s);
        *(double *)field = node->real;
        return true;
    case SETTING_CHOICE:
        return bind_choice(b, node, s, field);
    case SETTING_TEXT:
        if (node->kind != NODE_TEXT) return unexpected(b, node, s);
        *(const char **)field = node->text;
        return true;
    case SETTING_PATH:
        return bind_path(b, node, s, field);
    case SETTING_COLUMN:
        return bind_column(b, node, s, field);
    case SETTING_PATHS:
    case SETTING_INTS:
    case SETTING_REALS:
    case SETTING_TEXTS:
        return bind_list(b, node, s, field);
    }
    return false;
}

void bind_default(const struct setting *s, void *field) {
    switch (s->type) {
    case SETTING_BOOL:
        *(bool *)field = s->def != 0;
        break;
    case SETTING_INT:
        *(int64_t *)field = (int64_t)s->def;
        break;
    case SETTING_REAL:
        *(double *)field = s->def;
        break;
    case SETTING_CHOICE:
        *(int *)field = (int)s->def;
        break;
    case SETTING_TEXT:
        *(const char **)field = s->def_text;
        break;
    default:
        break; // absent: the struct was zeroed
    }
}

// The default as a node, where there is something to write down.
static void add_default(struct binder *b, struct node *group, const struct setting *s) {
    static const enum node_kind kinds[] = {[SETTING_BOOL] = NODE_BOOL,
        [SETTING_INT] = NODE_INT,
        [SETTING_REAL] = NODE_REAL,
        [SETTING_CHOICE] = NODE_TEXT,
        [SETTING_TEXT] = NODE_TEXT};
    if (s->type > SETTING_TEXT || (s->type == SETTING_TEXT && !s->def_text)) return;
    if (bind_may_be_absent(s)) return;
    struct node *node = bind_add(b, group, kinds[s->type], s->name);
    if (!node) return;
    node->truth = s->def != 0;
    node->real = s->def;
    if (s->type == SETTING_INT) node->integer = (int64_t)s->def;
    node->text = s->type == SETTING_CHOICE ? s->choices[(int)s->def] : s->def_text;
}

// ---- Groups ------------------------------------------------------------------------------------

// Where else `key` is one: "split (kfold)"; NULL: nowhere.
static const char *find_home(struct binder *b, const char *key, const char *what) {
    for (size_t h = 0; h < b->n_homes; h++)
        for (size_t k = 0; k < b->homes[h].settings->n; k++)
            if (strcmp(b->homes[h].settings->at[k].name, key) == 0 &&
                strcmp(b->homes[h].where, what) != 0)
                return b->homes[h].where;
    return NULL;
}

static const char *list_keys(struct arena *arena, const char *const *known, size_t n) {
    const char *text = "; it has ";
    for (size_t k = 0; k < n; k++)
        text = arena_printf(arena, "%s%s%s", text, k == 0 ? "" : ", ", known[k]);
    return n ? text : "; it has none";
}

void bind_check_keys(struct binder *b, const struct node *group, const char *what, const char *kind,
    const char *const *known, size_t n_known) {
    for (const struct node *c = group->first; c; c = c->next) {
        bool found = false;
        for (size_t k = 0; k < n_known && !found; k++) found = strcmp(known[k], c->name) == 0;
        if (found) continue;
        const char *home = find_home(b, c->name, what);
        const char *near = suggest_nearest(c->name, known, n_known);
        const char *hint = near && home
                               ? arena_printf(b->arena,
                                     "; did you mean \"%s\", or is it meant for %s?", near, home)
                           : near ? arena_printf(b->arena, "; did you mean \"%s\"?", near)
                           : home ? arena_printf(b->arena, "; it belongs in %s", home)
                                  : list_keys(b->arena, known, n_known);
        bind_mistake(b, c, "%s has no %s \"%s\"%s", what, kind, c->name, hint);
    }
}

static void bind_part_of(
    struct binder *b, struct node *group, const char *what, const struct bind_part *part) {
    for (size_t k = 0; k < part->settings->n; k++) {
        const struct setting *s = &part->settings->at[k];
        void *field = (char *)part->out + s->offset;
        struct node *node = node_child(group, s->name);
        bind_default(s, field);
        if (node) {
            bind_value(b, node, s, field);
        } else if (s->required) {
            const char *path = node_path(group, b->arena);
            mistakes_add(b->mistakes, group->place,
                arena_printf(b->arena, "%s%s%s", path, *path ? "." : "", s->name),
                "is missing; %s needs %s: %s", what, bind_expected(s, b->arena), s->doc);
        } else {
            add_default(b, group, s);
        }
    }
}

void bind_group(struct binder *b, struct node *group, const char *what,
    const struct bind_part *parts, size_t n_parts, const char *const *others, size_t n_others) {
    size_t n = 0, room = n_others;
    for (size_t p = 0; p < n_parts; p++) room += parts[p].settings->n;
    const char **known = arena_alloc(b->arena, (room + 1) * sizeof *known);
    if (!known) {
        b->mistakes->no_memory = true;
        return;
    }
    for (size_t k = 0; k < n_others; k++) known[n++] = others[k];
    for (size_t p = 0; p < n_parts; p++)
        for (size_t k = 0; k < parts[p].settings->n; k++)
            known[n++] = parts[p].settings->at[k].name;
    bind_check_keys(b, group, what, "key", known, n);
    for (size_t p = 0; p < n_parts; p++) bind_part_of(b, group, what, &parts[p]);
}
