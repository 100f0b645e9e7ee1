// An experiment file: either mistakes that are told, or a tree; and a value on the command line.
#include <stdlib.h>
#include <string.h>

#include "experiment/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(const struct node *node, struct arena *arena) {
    if (!node_describe(node, arena) || !node_path(node, arena)) abort();
    size_t n = 0;
    for (const struct node *child = node->first; child; child = child->next, n++) {
        if (child->parent != node || (node->kind == NODE_GROUP) != (child->name != NULL)) abort();
        look_at(child, arena);
    }
    if (n != node->n) abort();
}

static void report(const struct node *tree, struct arena *arena, struct mistakes *m) {
    struct problems p = {0};
    const bool wrong = m->n > 0;
    if (!tree && !wrong) abort();
    if (tree && !wrong) look_at(tree, arena);
    mistakes_report(m, &p);
    if (wrong && p.n == 0) abort();
    problems_done(&p);
    mistakes_done(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    struct mistakes m = {0};
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    report(tree_parse(&arena, "/nowhere/fuzz.cfg", ORIGIN_FILE, text, size, &m), &arena, &m);
    report(tree_parse_value(&arena, "key", text, &m), &arena, &m);
    free(text);
    arena_done(&arena);
    return 0;
}
