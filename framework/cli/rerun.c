// reckon rerun BUNDLE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/rerun_tell.h"
#include "cli/run.h"
#include "cli/setup.h"
#include "core/log.h"
#include "core/replace.h"
#include "experiment/tree.h"
#include "report/report.h"

struct rerun {
    struct arena arena; // owned
    struct bundle bundle;
    const char *parent, *folder, *plugins; // rerun, rerun/NAME, rerun/NAME.plugins or NULL
    struct error *e;
};

static bool wants_all(const char *name) {
    return rerun_wants(name) || strncmp(name, "plugins/", 8) == 0;
}

// ---- Plugins of the bundle ---------------------------------------------------------------------

static bool make_folder(const char *path, struct error *e) {
    return mkdir(path, 0777) == 0 || errno == EEXIST ||
           error_set(e, "%s: the folder cannot be made: %s", path, strerror(errno));
}

static bool write_file(const char *path, const struct bundle_file *f, struct error *e) {
    struct replace r = {0};
    if (!replace_begin(&r, path, e)) return false;
    const bool whole = fwrite(f->bytes, 1, f->size, r.file) == f->size;
    if ((whole || error_set(e, "%s: cannot be written", path)) && replace_commit(&r, e))
        return true;
    replace_abandon(&r);
    return false;
}

// They are programs: only where the user says that they may run.
static bool unpack_plugins(struct rerun *r) {
    size_t n = 0;
    r->plugins = arena_printf(&r->arena, "%s/%s.plugins", r->parent, r->bundle.name);
    if (!make_folder(r->parent, r->e) || !make_folder(r->plugins, r->e)) return false;
    char *whole = realpath(r->plugins, NULL);
    if (whole) r->plugins = arena_text(&r->arena, whole);
    free(whole);
    for (size_t k = 0; k < r->bundle.n; k++) {
        const struct bundle_file *f = &r->bundle.files[k];
        if (strncmp(f->name, "plugins/", 8) != 0 || strchr(f->name + 8, '/')) continue;
        if (!write_file(arena_printf(&r->arena, "%s/%s", r->plugins, f->name + 8), f, r->e))
            return false;
        n++;
    }
    return n > 0 || error_set(r->e,
                        "--plugins: there are none in this bundle; it was made without --plugins");
}

// ---- The experiment ----------------------------------------------------------------------------

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// A path to a plugin: the bundle's own; or as it stands, if it is there; or its id, to be looked
// for.
static const char *place_plugin(struct rerun *r, const char *text) {
    const char *base = base_name(text);
    const size_t n = strlen(base);
    const bool is_file = n > 3 && strcmp(base + n - 3, ".so") == 0;
    if (!is_file && base == text) return text;
    const char *own = r->plugins ? arena_printf(&r->arena, "%s/%s", r->plugins, base) : "";
    if (r->plugins && access(own, R_OK) == 0) return own;
    if (access(text, R_OK) == 0) return text;
    return arena_printf(&r->arena, "%.*s", (int)(is_file ? n - 3 : n), base);
}

// Files that lie elsewhere here are looked for by their names: beside the bundle, in $RECKON_DATA.
static void place_files(struct rerun *r, struct node *node) {
    if (node->kind == NODE_TEXT && *node->text == '/' && access(node->text, R_OK) != 0)
        node->text = arena_text(&r->arena, base_name(node->text));
    for (struct node *c = node->first; c; c = c->next) place_files(r, c);
}

static void place_models(struct rerun *r, struct node *node) {
    for (struct node *c = node->first; c; c = c->next) {
        const bool is_plugin = c->name && strcmp(c->name, "plugin") == 0 && c->kind == NODE_TEXT;
        if (is_plugin)
            c->text = place_plugin(r, c->text);
        else if (c->name && strcmp(c->name, "predictions") == 0)
            place_files(r, c);
        else
            place_models(r, c);
    }
}

static char *print_tree(struct node *root) {
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    const struct experiment x = {.tree = root};
    experiment_print(&x, out);
    fclose(out);
    return text;
}

// The experiment as it can be run here; the caller's to free.
static char *localise(struct rerun *r, const char *text, const char *file) {
    struct mistakes mistakes = {0};
    struct node *root = tree_parse(&r->arena, file, ORIGIN_FILE, text, strlen(text), &mistakes),
                *node;
    mistakes_done(&mistakes);
    if (!root) {
        error_set(r->e, "%s: its experiment cannot be read", file);
        return NULL;
    }
    if ((node = node_child(root, "data"))) place_files(r, node);
    if ((node = node_child(root, "split"))) place_files(r, node);
    if ((node = node_child(root, "models"))) place_models(r, node);
    char *out = print_tree(root);
    if (!out) error_memory(r->e, strlen(text), "an experiment");
    return out;
}

static bool read_experiment(
    struct rerun *r, const struct arguments *a, struct experiment *x, struct error *e) {
    const struct bundle_file *cfg = bundle_find(&r->bundle, "experiment.cfg");
    if (!cfg || !cfg->bytes) return error_set(e, "%s: has no experiment in it", a->rest.at[0]);
    const char *slash = strrchr(a->rest.at[0], '/');
    const char *file = arena_printf(&r->arena, "%.*s%s.cfg",
        (int)(slash ? slash - a->rest.at[0] + 1 : 0), a->rest.at[0], r->bundle.name);
    char *text = localise(r, cfg->bytes, file);
    if (!text) return false;
    const char *formats[32];
    const char **folders = arena_alloc(&r->arena, (a->plugin_path.n + 1) * sizeof *folders);
    size_t n = 0;
    if (r->plugins && folders) folders[n++] = r->plugins;
    for (size_t k = 0; folders && k < a->plugin_path.n; k++) folders[n++] = a->plugin_path.at[k];
    const struct experiment_options options = {.text = text,
        .overrides = a->rest.at + 1,
        .n_overrides = a->rest.n - 1,
        .plugin_folders = folders,
        .n_plugin_folders = n,
        .formats = formats,
        .n_formats = setup_formats(formats, 32),
        .jobs = a->jobs,
        .threads = a->threads};
    struct problems problems = {0};
    const bool ok = experiment_read(x, file, &options, &problems);
    for (size_t k = 0; k < problems.n; k++) log_error("%s", problems.text[k]);
    problems_done(&problems);
    free(text);
    return ok || error_set(e,
                     "%s: cannot be run here as it is; data is found in $RECKON_DATA, beside the "
                     "bundle or by data.FORMAT=PATH, plugins by --plugin-path",
                     a->rest.at[0]);
}

// Tables that the bundle has beside those that its experiment asks for: `reckon report` wrote them.
static bool add_tables(struct rerun *r, struct experiment *x) {
    const size_t most = x->n_report + report_format_count();
    const char **ids = arena_alloc(&r->arena, (most + 1) * sizeof *ids);
    if (!ids) return error_memory(r->e, most * sizeof *ids, "formats");
    size_t n = 0;
    for (; n < x->n_report; n++) ids[n] = x->report[n];
    for (size_t k = 0; k < report_format_count(); k++) {
        const struct report_format *f = report_format_nth(k);
        bool is_asked = !bundle_find(&r->bundle, report_format_file(f, &r->arena));
        for (size_t j = 0; j < x->n_report; j++) is_asked |= strcmp(x->report[j], f->id) == 0;
        if (!is_asked) ids[n++] = f->id;
    }
    x->report = ids;
    x->n_report = n;
    return true;
}

// ---- The command -------------------------------------------------------------------------------

static bool prepare(struct rerun *r, const struct arguments *a, struct experiment *x) {
    if (!bundle_read(&r->bundle, a->rest.at[0], a->with_plugins ? wants_all : rerun_wants, r->e))
        return false;
    r->parent = a->out ? a->out : "rerun";
    r->folder = arena_printf(&r->arena, "%s/%s", r->parent, r->bundle.name);
    if (access(r->folder, F_OK) == 0)
        return error_set(r->e,
            "%s: is there already, and everything is to be run anew; remove it, or name another "
            "folder by --out",
            r->folder);
    return (!a->with_plugins || unpack_plugins(r)) && read_experiment(r, a, x, r->e);
}

static int rerun(struct rerun *r, const struct arguments *a) {
    struct experiment x;
    bool same = false;
    if (!prepare(r, a, &x) || !add_tables(r, &x)) {
        log_error("%s", r->e->text);
        return EXIT_FAILED;
    }
    x.plan.fresh = true;
    x.plan.name = r->bundle.name; // whatever the command line says: the folder's
    const char *plan_hash = arena_text(&r->arena, x.plan_hash);
    struct arguments run = *a;
    run.out = r->parent;
    const int code = run_experiment(&x, &run, NULL);
    if (code != EXIT_DONE && code != EXIT_SOME_FAILED) return code;
    if (!rerun_tell(&r->bundle, r->folder, plan_hash, &same, stdout, r->e)) {
        log_error("%s", r->e->text);
        return EXIT_FAILED;
    }
    puts(same ? "The data and all results are equal." : "Not everything is equal.");
    return same ? EXIT_DONE : EXIT_FAILED;
}

static int rerun_main(const struct arguments *a) {
    struct error e = {0};
    struct rerun r = {.e = &e};
    const int code = rerun(&r, a);
    bundle_done(&r.bundle);
    arena_done(&r.arena);
    return code;
}

#define AT(field) .offset = offsetof(struct arguments, field)
static const struct option out = {
    "out", 'o', OPTION_TEXT, "DIR", "folder for the results instead of ./rerun", "dir", AT(out)};
static const struct option plugins = {"plugins", 0, OPTION_FLAG,
    .doc = "run the plugins that are in the bundle: programs, whose sender you trust",
    AT(with_plugins)};
static const struct option *const options[] = {
    &out, &plugins, &option_plugin_path, &option_jobs, &option_threads};

REGISTRY_ADD(command, rerun) = {
    .id = "rerun",
    .usage = "BUNDLE [key=value ...]",
    .doc = "Run a bundle again and say what is equal",
    .help =
        "BUNDLE is what reckon bundle wrote. Everything is run anew, in a folder of its own, "
        "rerun/NAME. Then hash by hash it is said\nwhat is equal: data, plugins, versions, "
        "instruction set, libraries, and the results; where scores differ, by how much at most.\n"
        "Costs are not compared. Data is looked for where the experiment says, then by its name "
        "beside the bundle and in $RECKON_DATA;\ndata.movielens=PATH says where else.\n\n"
        "Exit code 0 if the data and all results are equal, whatever else differs; 1 if not, or "
        "if it cannot be run.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .min_rest = 1,
    .max_rest = SIZE_MAX,
    .completion = "file",
    .main = rerun_main,
};
