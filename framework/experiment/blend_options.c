// reckon run FILE --blend als,svd: an entry { blend = ["als", "svd"]; } more among the models.
#include <string.h>

#include "experiment/override.h"
#include "experiment/reading.h"

static struct node *add_node(
    struct reading *r, struct node *parent, enum node_kind kind, const char *name) {
    struct node *node = bind_add(&r->binder, parent, kind, name);
    if (node) node->place.origin = ORIGIN_COMMAND_LINE;
    return node;
}

static void add_text(struct reading *r, struct node *parent, const char *name, const char *text) {
    struct node *node = add_node(r, parent, NODE_TEXT, name);
    if (node) node->text = text;
}

// To the comma after the next member, or to the end; those in brackets are part of a label.
static size_t member_length(const char *text) {
    size_t n = 0;
    for (int open = 0; text[n] && (open > 0 || text[n] != ','); n++)
        open += (text[n] == '[') - (text[n] == ']');
    return n;
}

// "als,svd" is called "blend als+svd".
static const char *option_label(const char *text, struct arena *a) {
    const char *label = "blend ";
    for (size_t n; *text; text += n + (text[n] == ',')) {
        n = member_length(text);
        label = arena_printf(a, "%s%.*s%s", label, (int)n, text, text[n] ? "+" : "");
    }
    return label;
}

void blend_apply_options(struct reading *r) {
    const struct experiment_options *o = r->options;
    struct arena *a = r->binder.arena;
    struct node *models = node_child(r->root, "models");
    if (o->n_blends == 0 || !models) return;
    if (models->kind != NODE_LIST) {
        bind_mistake(&r->binder, models, "a list is expected, to which a blend can be added");
        return;
    }
    for (size_t k = 0; k < o->n_blends; k++) {
        struct node *entry = add_node(r, models, NODE_GROUP, NULL);
        struct node *names = entry ? add_node(r, entry, NODE_LIST, "blend") : NULL;
        if (!names) return;
        names->brackets = true;
        const char *text = arena_text(a, o->blends[k]);
        add_text(r, entry, "label", option_label(text, a));
        for (size_t n; *text; text += n + (text[n] == ',')) {
            n = member_length(text);
            add_text(r, names, NULL, arena_printf(a, "%.*s", (int)n, text));
        }
    }
}

void blend_keep_options(struct reading *r) {
    const struct experiment_options *o = r->options;
    struct node *only = node_child(r->root, "only");
    if (only && only->kind == NODE_TEXT && o->n_blends) {
        struct node *list = node_new(r->binder.arena, NODE_LIST, NULL, &r->mistakes);
        const char *text = only->text;
        if (!list) return;
        list->place = only->place;
        add_text(r, list, NULL, text);
        override_set(r->root, "only", list);
    }
    if (!only || only->kind != NODE_LIST || only->n == 0) return;
    for (size_t k = 0; k < o->n_blends; k++)
        add_text(r, only, NULL, option_label(o->blends[k], r->binder.arena));
}
