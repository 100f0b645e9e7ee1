// An experiment file: either mistakes that are told, or a tree that a table of settings is filled
// in from; and a value on the command line.
#include <stdlib.h>
#include <string.h>

#include "experiment/override.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A setting of each type, under names that the seeds use.
struct filled {
    const char *name;
    int64_t seed;
    double validation;
    bool clip;
    int method;
    struct path data;
    struct paths train;
    struct column column;
    struct ints only;
    struct reals scale;
    struct texts report;
};
#define AT(field) .offset = offsetof(struct filled, field)
static const char *const methods[] = {"kfold", "holdout", NULL};
static const struct setting table[] = {
    {.name = "name", .type = SETTING_TEXT, AT(name), .def_text = "fuzz"},
    {.name = "seed", .type = SETTING_INT, AT(seed), .def = 1, .max = 9.2e18},
    {.name = "validation", .type = SETTING_REAL, AT(validation), .def = 0.05, .max = 0.5},
    {.name = "clip", .type = SETTING_BOOL, AT(clip), .def = 1},
    {.name = "method", .type = SETTING_CHOICE, AT(method), .choices = methods},
    {.name = "data", .type = SETTING_PATH, AT(data)},
    {.name = "train", .type = SETTING_PATHS, AT(train)},
    {.name = "column", .doc = "needed", .type = SETTING_COLUMN, AT(column), .required = true},
    {.name = "only", .type = SETTING_INTS, AT(only), .min = 1, .max = 9},
    {.name = "scale", .type = SETTING_REALS, AT(scale)},
    {.name = "report", .type = SETTING_TEXTS, AT(report)},
};
static const struct settings settings = SETTINGS(table, struct filled);

static void look_at(const struct node *node, struct arena *arena) {
    if (!node_describe(node, arena) || !node_path(node, arena)) abort();
    size_t n = 0;
    for (const struct node *child = node->first; child; child = child->next, n++) {
        if (child->parent != node || (node->kind == NODE_GROUP) != (child->name != NULL)) abort();
        look_at(child, arena);
    }
    if (n != node->n) abort();
}

// What follows the first // as an override, then the whole into the struct.
static void fill_in(struct node *tree, const char *text, struct arena *arena, struct mistakes *m) {
    const struct paths_finder finder = {.file_folder = "/nowhere"};
    const struct bind_home home = {"the table", &settings};
    struct binder b = {arena, m, &finder, &home, 1};
    struct filled filled = {0};
    const char *comment = strstr(text, "//");
    if (comment)
        override_apply(
            &b, tree, arena_printf(arena, "%.*s", (int)strcspn(comment + 2, "\n"), comment + 2));
    const size_t before = m->n;
    bind_group(&b, tree, "fuzz", &(struct bind_part){&settings, &filled}, 1, NULL, 0);
    if (m->n == before && !filled.column.name && !filled.column.number) abort();
    look_at(tree, arena);
}

static void report(const struct node *tree, struct arena *arena, struct mistakes *m) {
    struct problems p = {0};
    const bool wrong = m->n > 0;
    if (!tree && !wrong) abort();
    if (tree) look_at(tree, arena);
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
    struct node *tree = tree_parse(&arena, "/nowhere/fuzz.cfg", ORIGIN_FILE, text, size, &m);
    if (tree) fill_in(tree, text, &arena, &m);
    report(tree, &arena, &m);
    report(tree_parse_value(&arena, "key", text, &m), &arena, &m);
    free(text);
    arena_done(&arena);
    return 0;
}
