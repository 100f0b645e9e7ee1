// An experiment file: either mistakes that are told, or a tree that a table of settings is filled
// in from, and what is searched of a model's parameters; and a value on the command line.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/override.h"
#include "experiment/space.h"

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

// A parameter of each type, under names that the seeds use.
static const char *const solvers[] = {"cholesky", "cg", NULL};
static const int widths[] = {64, 32};
static struct schema_param params[] = {
    {.name = "lambda", .type = RK_TYPE_REAL, .def = 0.1, .min = 1e-3, .max = 10, .role = RK_LOG},
    {.name = "rank", .type = RK_TYPE_INT, .def = 8, .min = 1, .max = 64},
    {.name = "epochs", .type = RK_TYPE_INT, .def = 9, .min = 0, .max = 99, .role = RK_RESOURCE},
    {.name = "hidden",
        .type = RK_TYPE_INTS,
        .min = 1,
        .max = 99,
        .def_ints = widths,
        .n_def_ints = 2},
    {.name = "solver", .type = RK_TYPE_CHOICE, .choices = solvers, .n_choices = 2},
    {.name = "fast", .type = RK_TYPE_BOOL, .def = 1},
};
enum { N_PARAMS = sizeof params / sizeof *params };
static const struct schema schema = {.id = "fuzz", .params = params, .n_params = N_PARAMS};

// Whoever searches relies on this.
static void check_space(const struct tuning *t, const struct sweep *sweeps) {
    for (size_t d = 0; d < t->space.n; d++) {
        const struct search_dim *dim = &t->space.dims[d];
        if (t->dims[d].param >= N_PARAMS || !sweeps[t->dims[d].param].values) abort();
        if ((dim->n > 0) != (t->dims[d].values != NULL)) abort();
        if (dim->n > 0 && !isnan(dim->def) && !(dim->def >= 0 && dim->def < dim->n)) abort();
        if (dim->n == 0 && !(dim->min < dim->max && isfinite(dim->max - dim->min))) abort();
        if (dim->n == 0 && dim->log && !(dim->min > 0)) abort();
        if (dim->when >= (int)d || (dim->when >= 0 && t->space.dims[dim->when].n == 0)) abort();
    }
}

static void search_in(struct node *tree, struct arena *arena) {
    static const struct metric any = {.id = "any"};
    static const struct metric_spec metrics[] = {
        {.metric = &any, .label = "rmse"}, {.metric = &any, .label = "mae"}};
    struct experiment x = {.plan = {.metrics = metrics, .n_metrics = 2}};
    const struct paths_finder finder = {.file_folder = "/nowhere"};
    struct reading r = {.x = &x, .root = tree};
    r.binder = (struct binder){arena, &r.mistakes, &finder, NULL, 0};
    searching_read(&r);
    struct searching by;
    struct node *entry = node_child(tree, "entry");
    if (!entry || entry->kind != NODE_GROUP) entry = tree;
    searching_read_entry(&r, entry, &schema, &by);
    struct param_value values[N_PARAMS];
    struct sweep sweeps[N_PARAMS] = {0};
    struct tuning t = {0};
    schema_defaults(&schema, values);
    for (size_t k = 0; k < N_PARAMS; k++) {
        sweeps[k] = (struct sweep){.param = &params[k], .values = &values[k], .n = 1};
        struct node *node = node_child(entry, params[k].name);
        if (node) space_read(&r, node, &sweeps[k]);
    }
    const bool ok = r.mistakes.n == 0 && space_build(&r, &schema, sweeps, &t);
    if (!ok && r.mistakes.n == 0) abort();
    if (ok) {
        check_space(&t, sweeps);
        for (size_t k = 0; k < N_PARAMS; k++) values[k] = sweeps[k].values[0];
    }
    if (ok && by.group && t.space.n && searching_finish(&r, entry, &by, &schema, values, &t) &&
        (t.trials == 0 || t.folds < 2 || t.metric > 1))
        abort();
    mistakes_done(&r.mistakes);
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
    if (tree) search_in(tree, &arena);
    if (tree) fill_in(tree, text, &arena, &m);
    report(tree, &arena, &m);
    report(tree_parse_value(&arena, "key", text, &m), &arena, &m);
    free(text);
    arena_done(&arena);
    return 0;
}
