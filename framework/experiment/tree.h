// tree.h - an experiment file as a typed tree, each value with the place that it comes from.
#ifndef RECKON_EXPERIMENT_TREE_H
#define RECKON_EXPERIMENT_TREE_H

#include <stdint.h>

#include "core/arena.h"
#include "experiment/mistakes.h"

enum node_kind { NODE_GROUP, NODE_LIST, NODE_INT, NODE_REAL, NODE_BOOL, NODE_TEXT };

// All of it lies in an arena.
struct node {
    enum node_kind kind;
    bool brackets;    // LIST: written [1, 2], not (1, 2)
    const char *name; // key in a group; NULL in a list
    struct node *parent, *first, *last, *next;
    size_t n; // children
    int64_t integer;
    double real; // INT too
    bool truth;
    const char *text; // TEXT
    bool is_path;     // TEXT, once it was read as the name of a file
    struct position place;
    const char *found; // TEXT that is a path: where it is, if that differs; else NULL
};

// The root group of the file, or NULL with the mistakes. Numbers that a word cannot hold, open
// strings and everything that libconfig's grammar refuses are mistakes.
struct node *tree_read(struct arena *arena, const char *file, struct mistakes *m);
struct node *tree_parse(struct arena *arena, const char *file, enum origin origin, const char *text,
    size_t size, struct mistakes *m);

// One value as written after `key=` on the command line: by the same grammar, and what does not
// look like a number, a truth value, "text", [, ( or { is text as it stands; so are bare words in
// lists. NULL with a mistake about `key`.
struct node *tree_parse_value(
    struct arena *arena, const char *key, const char *text, struct mistakes *m);

// NULL when memory ran out, with m->no_memory set.
struct node *node_new(
    struct arena *arena, enum node_kind kind, const char *name, struct mistakes *m);
void node_add(struct node *parent, struct node *child);
void node_remove(struct node *child); // from its parent
struct node *node_child(const struct node *group, const char *name);
struct node *node_nth(const struct node *parent, size_t k);

// "models.1.rank"; "" for the root.
const char *node_path(const struct node *node, struct arena *arena);

// "the text \"abc\"", "3", "a list": for messages about a wrong type.
const char *node_describe(const struct node *node, struct arena *arena);

// Shortest text that reads back as the same real, and as a real: "0.1", "1.0", "1e-05".
void node_format_real(double value, char out[32]);

#endif
