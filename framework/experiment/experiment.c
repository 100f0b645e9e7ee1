#include "experiment/experiment.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/pool.h"
#include "experiment/hash.h"
#include "experiment/override.h"
#include "experiment/reading.h"

#define AT(field) .offset = offsetof(struct top, field)
static const struct setting top_table[] = {
    {"name", "of the folder under results/", SETTING_TEXT, AT(name)},
    {"seed", "of folds, trials and all else that is drawn", SETTING_INT, AT(seed), .def = 1,
        .min = 0, .max = 9.2e18},
    {"seeds", "how many trial seeds each model is run with", SETTING_INT, AT(seeds), .def = 1,
        .min = 1, .max = 1000},
    {"baseline", "label of the row that the others are compared to", SETTING_TEXT, AT(baseline)},
    {"validation", "share of the training rows for models that stop early", SETTING_REAL,
        AT(validation), .def = 0.05, .min = 0, .max = 0.5},
    {"min_coverage", "share of rows that a model must answer itself to be ranked", SETTING_REAL,
        AT(min_coverage), .def = 0.5, .min = 0, .max = 1},
    {"clip", "cut answers to the rating scale", SETTING_BOOL, AT(clip), .def = 1},
    {"predictions", "keep every answer under predictions/", SETTING_BOOL, AT(predictions)},
    {"threads", "of all trials together; 0: one for each CPU", SETTING_INT, AT(threads), .min = 0,
        .max = 4096},
    {"jobs", "trials at a time", SETTING_INT, AT(jobs), .def = 1, .min = 1, .max = 4096},
    {"plugin_path", "folders with plugins, before the usual ones", SETTING_TEXTS, AT(plugin_path)},
    {"report", "formats of the tables", SETTING_TEXTS, AT(report)},
    {"nice", "niceness added to that of trials", SETTING_INT, AT(nice), .min = 0, .max = 19},
    {"sandbox", "trials see no files, network or other processes", SETTING_BOOL, AT(sandbox)},
    {"only", "labels or plugins to run; the rest is left out", SETTING_TEXTS, AT(only)},
};
#undef AT
const struct settings top_settings = SETTINGS(top_table, struct top);

#define AT(field) .offset = offsetof(struct limits, field)
static const struct setting limits_table[] = {
    {"seconds", "that a trial may take", SETTING_REAL, AT(seconds), .min = 0.001, .max = 1e9},
    {"mib", "that a trial's memory may grow by", SETTING_REAL, AT(mib), .min = 1, .max = 1e9},
};
#undef AT
const struct settings limits_settings = SETTINGS(limits_table, struct limits);

static const char *const groups[] = {
    "data", "filter", "split", "models", "metrics", "limits", "search"};
enum { N_GROUPS = sizeof groups / sizeof *groups };

// ---- Parts of reading --------------------------------------------------------------------------

void reading_normalise(struct reading *r, const char *list, const char *key) {
    struct node *node = node_child(r->root, list);
    for (struct node *c = node ? reading_first(node) : NULL; c; c = reading_next(node, c)) {
        if (c->kind != NODE_TEXT) continue;
        struct node *inner = node_new(r->binder.arena, NODE_TEXT, key, &r->mistakes);
        if (!inner) return;
        inner->text = c->text;
        inner->place = c->place;
        c->kind = NODE_GROUP;
        node_add(c, inner);
    }
    if (node) node->brackets = false;
}

void reading_find_homes(struct reading *r) {
    struct arena *arena = r->binder.arena;
    const size_t room = 8 + data_format_count() + split_method_count() + metric_count();
    struct bind_home *homes = arena_alloc(arena, room * sizeof *homes);
    if (!homes) return;
    size_t n = 0;
    homes[n++] = (struct bind_home){"the experiment", &top_settings};
    for (size_t k = 0; k < split_method_count(); k++)
        homes[n++] = (struct bind_home){arena_printf(arena, "split (%s)", split_method_nth(k)->id),
            &split_method_nth(k)->settings};
    homes[n++] = (struct bind_home){"data", &data_common_settings};
    for (size_t k = 0; k < data_format_count(); k++)
        homes[n++] = (struct bind_home){arena_printf(arena, "data (%s)", data_format_nth(k)->id),
            &data_format_nth(k)->settings};
    homes[n++] = (struct bind_home){"filter", &data_filter_settings};
    homes[n++] = (struct bind_home){"limits", &limits_settings};
    homes[n++] = (struct bind_home){"search", &searching_settings};
    homes[n++] = (struct bind_home){"an entry with predictions", &given_settings};
    homes[n++] = (struct bind_home){"a blend", &blend_settings};
    for (size_t k = 0; k < metric_count(); k++)
        homes[n++] = (struct bind_home){
            arena_printf(arena, "metric %s", metric_nth(k)->id), &metric_nth(k)->settings};
    r->binder.homes = homes;
    r->binder.n_homes = n;
}

static struct node *command_line_node(struct reading *r, enum node_kind kind) {
    struct node *node = node_new(r->binder.arena, kind, NULL, &r->mistakes);
    if (node) node->place.origin = ORIGIN_COMMAND_LINE;
    return node;
}

static void set_number(struct reading *r, const char *key, int64_t value) {
    struct node *node = value ? command_line_node(r, NODE_INT) : NULL;
    if (!node) return;
    node->integer = value;
    node->real = (double)value;
    override_set(r->root, key, node);
}

static void apply_options(struct reading *r) {
    const struct experiment_options *o = r->options;
    given_apply_options(r);
    reading_normalise(r, "models", "plugin");
    reading_normalise(r, "metrics", "metric");
    blend_apply_options(r);
    for (size_t k = 0; k < o->n_overrides; k++)
        override_apply(&r->binder, r->root, o->overrides[k]);
    set_number(r, "jobs", o->jobs);
    set_number(r, "threads", o->threads);
    struct node *only = o->n_only ? command_line_node(r, NODE_LIST) : NULL;
    for (size_t k = 0; only && k < o->n_only; k++) {
        struct node *node = command_line_node(r, NODE_TEXT);
        if (!node) return;
        node->text = arena_text(r->binder.arena, o->only[k]);
        node_add(only, node);
    }
    if (only) override_set(r->root, "only", only);
    blend_keep_options(r);
}

// ---- The experiment's own keys -----------------------------------------------------------------

static bool is_name_character(char c) {
    return isalnum((unsigned char)c) || (c && strchr("._-+", c));
}

// The file's name without folder and ending; "-" for each character that folders of results do
// without.
static const char *name_from_file(const char *file, struct arena *arena) {
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
    const char *dot = strrchr(base, '.');
    char *name = arena_printf(
        arena, "%.*s", (int)(dot && dot != base ? dot - base : (long)strlen(base)), base);
    for (char *c = name; *c; c++)
        if (!is_name_character(*c)) *c = '-';
    return name;
}

static void check_name(struct reading *r) {
    const char *name = r->top.name;
    if (!name) return; // of a wrong type, and said so
    bool fine = *name && *name != '.' && *name != '-' && strlen(name) <= 100;
    for (const char *c = name; *c; c++) fine &= is_name_character(*c);
    if (!fine)
        bind_mistake(&r->binder, node_child(r->root, "name"),
            "\"%s\" cannot be a folder's name; letters, digits, and . _ - + after the first are "
            "allowed, 100 at most",
            name);
}

static bool has_format(const struct experiment_options *o, const char *id) {
    for (size_t k = 0; k < o->n_formats; k++)
        if (strcmp(o->formats[k], id) == 0) return true;
    return false;
}

static void add_report_defaults(struct reading *r) {
    static const char *const usual[] = {"csv", "json", "md"};
    struct node *list = bind_add(&r->binder, r->root, NODE_LIST, "report");
    for (size_t k = 0; list && k < sizeof usual / sizeof *usual; k++) {
        if (!has_format(r->options, usual[k])) continue;
        struct node *node = bind_add(&r->binder, list, NODE_TEXT, NULL);
        if (node) node->text = usual[k];
    }
}

static void check_report(struct reading *r) {
    const struct experiment_options *o = r->options;
    const char *all = "";
    for (size_t k = 0; k < o->n_formats; k++)
        all = arena_printf(r->binder.arena, "%s%s%s", all, k ? ", " : "", o->formats[k]);
    for (size_t k = 0; k < r->top.report.n; k++) {
        const char *id = r->top.report.at[k];
        struct node *list = node_child(r->root, "report");
        struct node *node = list->kind == NODE_LIST ? node_nth(list, k) : list;
        if (id && !has_format(o, id))
            bind_mistake(&r->binder, node, "there is no format \"%s\"; there are %s%s", id, all,
                bind_did_you_mean(r->binder.arena, id, o->formats, o->n_formats));
        for (size_t other = 0; id && other < k; other++)
            if (r->top.report.at[other] && strcmp(r->top.report.at[other], id) == 0)
                bind_mistake(&r->binder, node, "\"%s\" is there already", id);
    }
    r->x->report = r->top.report.at;
    r->x->n_report = r->top.report.n;
}

static void read_limits(struct reading *r) {
    struct node *group = node_child(r->root, "limits");
    if (!group) return;
    if (group->kind == NODE_GROUP)
        bind_group(&r->binder, group, "limits",
            &(struct bind_part){&limits_settings, &r->x->plan.limits}, 1, NULL, 0);
    else
        bind_mistake(&r->binder, group,
            "a group { } is expected, as in { seconds = 60; mib = 2000; }, not %s",
            node_describe(group, r->binder.arena));
}

static void read_top(struct reading *r) {
    if (!node_child(r->root, "name")) {
        struct node *name = bind_add(&r->binder, r->root, NODE_TEXT, "name");
        if (name) name->text = name_from_file(r->x->file, r->binder.arena);
    }
    if (!node_child(r->root, "report")) add_report_defaults(r);
    bind_group(&r->binder, r->root, "the experiment", &(struct bind_part){&top_settings, &r->top},
        1, groups, N_GROUPS);
    check_name(r);
    check_report(r);
    read_limits(r);
    const struct top *top = &r->top;
    struct plan *plan = &r->x->plan;
    plan->name = top->name;
    plan->seed = (uint64_t)top->seed;
    plan->n_seeds = (uint32_t)top->seeds;
    plan->validation = top->validation;
    plan->min_coverage = top->min_coverage;
    plan->clip = top->clip;
    plan->predictions = top->predictions;
    plan->threads = top->threads ? (uint32_t)top->threads : pool_cpus();
    plan->jobs = (uint32_t)top->jobs;
    plan->nice = (int)top->nice;
    plan->sandbox = top->sandbox;
    plan->shard = (struct shard){0, 1};
}

// ---- All of it ---------------------------------------------------------------------------------

bool experiment_read(struct experiment *x, const char *file,
    const struct experiment_options *options, struct problems *p) {
    *x = (struct experiment){0};
    x->file = arena_text(&x->arena, file);
    struct reading r = {.x = x, .options = options};
    r.binder = (struct binder){.arena = &x->arena, .mistakes = &r.mistakes, .finder = &r.finder};
    if (!paths_init(&r.finder, file, &x->arena)) r.mistakes.no_memory = true;
    r.finder.skip = options->skip_data;
    const char *text = options->text ? arena_text(&x->arena, options->text) : NULL;
    r.root = x->tree =
        text ? tree_parse(&x->arena, x->file, ORIGIN_FILE, text, strlen(text), &r.mistakes)
             : tree_read(&x->arena, file, &r.mistakes);
    if (r.root) {
        reading_find_homes(&r);
        apply_options(&r);
        read_top(&r);
        reading_split(&r);
        reading_data(&r);
        reading_metrics(&r);
        searching_read(&r);
        reading_models(&r);
    }
    bool ok = r.mistakes.n == 0 && !r.mistakes.no_memory;
    if (ok && !(x->plan_hash = hash_plan(x))) r.mistakes.no_memory = true;
    ok &= !r.mistakes.no_memory;
    mistakes_report(&r.mistakes, p);
    if (!ok) experiment_done(x);
    return ok;
}

bool experiment_bind(const struct settings *settings, const char *what, const char *const *texts,
    size_t n, void *out, struct arena *arena, struct problems *p) {
    struct mistakes mistakes = {0};
    struct paths_finder finder;
    struct binder b = {.arena = arena, .mistakes = &mistakes, .finder = &finder};
    struct node *root = node_new(arena, NODE_GROUP, NULL, &mistakes);
    if (!root || !paths_init(&finder, "", arena)) {
        mistakes.no_memory = true;
    } else {
        root->place.origin = ORIGIN_COMMAND_LINE;
        for (size_t k = 0; k < n; k++) override_apply(&b, root, texts[k]);
        bind_group(&b, root, what, &(struct bind_part){settings, out}, 1, NULL, 0);
    }
    const bool ok = mistakes.n == 0 && !mistakes.no_memory;
    mistakes_report(&mistakes, p);
    return ok;
}

void experiment_done(struct experiment *x) {
    for (size_t k = 0; k < x->n_schemas; k++) schema_done(&x->schemas[k]);
    free(x->schemas);
    arena_done(&x->arena);
    *x = (struct experiment){0};
}
