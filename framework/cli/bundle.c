// reckon bundle RUN
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/opened.h"
#include "cli/setup.h"
#include "core/log.h"
#include "experiment/scan.h"
#include "report/bundle.h"
#include "report/folder.h"
#include "report/wording.h"

struct packing {
    struct opened run;
    struct bundle bundle; // files: owned
    size_t room;
    char *aside; // a folder beside the archive, for the copy of the store; NULL: none
    struct error *e;
};

static bool add(struct packing *p, const char *name, const char *path, char *bytes) {
    struct bundle *b = &p->bundle;
    for (size_t k = 0; k < b->n; k++)
        if (strcmp(b->files[k].name, name) == 0) return true;
    if (b->n == p->room) {
        const size_t room = p->room ? 2 * p->room : 32;
        struct bundle_file *files = realloc(b->files, room * sizeof *files);
        if (!files) return error_memory(p->e, room * sizeof *files, "a bundle");
        b->files = files;
        p->room = room;
    }
    b->files[b->n++] = (struct bundle_file){.name = arena_text(&b->arena, name),
        .path = path ? arena_text(&b->arena, path) : NULL,
        .bytes = bytes,
        .size = bytes ? strlen(bytes) : 0};
    return true;
}

// ---- What goes into it -------------------------------------------------------------------------

// The folder's files are those of its latest run: its provenance is what the store has.
static bool check_files(struct packing *p) {
    struct arena a = {0};
    char *text;
    size_t n;
    const char *path = arena_printf(&a, "%s/provenance.json", p->run.folder);
    const bool same = p->run.provenance && scan_read_file(&a, path, &text, &n, p->e) &&
                      strcmp(text, p->run.provenance) == 0;
    if (!same)
        error_set(p->e,
            "%s: its files are not those of its latest run (provenance.json is missing or another "
            "one); run its command again, which writes them",
            p->run.folder);
    arena_done(&a);
    return same;
}

static bool add_results(struct packing *p) {
    DIR *folder = opendir(p->run.folder);
    if (!folder) return error_set(p->e, "%s: %s", p->run.folder, strerror(errno));
    struct arena a = {0};
    bool ok = add(p, "experiment.cfg", NULL, (char *)p->run.text);
    for (const struct dirent *d; ok && (d = readdir(folder));)
        if (folder_writes(d->d_name))
            ok = add(p, d->d_name, arena_printf(&a, "%s/%s", p->run.folder, d->d_name), NULL);
    closedir(folder);
    arena_done(&a);
    return ok;
}

static bool add_predictions(void *arg, const struct store_trial *t) {
    struct packing *p = arg;
    struct arena a = {0};
    bool ok = true;
    const char *path =
        t->predictions ? arena_printf(&a, "%s/%s", p->run.folder, t->predictions) : "";
    if (access(path, R_OK) == 0) ok = add(p, t->predictions, path, NULL);
    arena_done(&a);
    return ok;
}

static bool add_store(struct packing *p, const char *out) {
    struct store *s = NULL;
    struct arena a = {0};
    p->aside = mkdtemp(arena_printf(&p->bundle.arena, "%s.XXXXXX", out));
    if (!p->aside)
        return error_set(
            p->e, "%s: cannot be written: %s; name another place by --out", out, strerror(errno));
    const char *copy = arena_printf(&a, "%s/reckon.db", p->aside);
    const struct store_filter filter = {.which = STORE_OUTER, .own_rows = true};
    const bool ok = store_open(&s, p->run.folder, STORE_READ, p->e) && store_copy(s, copy, p->e) &&
                    add(p, "reckon.db", copy, NULL) &&
                    store_trials(s, &filter, add_predictions, p, p->e) && !*p->e->text;
    store_close(s);
    arena_done(&a);
    return ok;
}

static bool add_plugins(struct packing *p) {
    const struct experiment *x = &p->run.experiment;
    struct arena a = {0};
    bool ok = true;
    for (size_t k = 0; ok && k < x->plan.n_models; k++) {
        const struct plan_model *m = &x->plan.models[k];
        if (m->given || m->blend) continue;
        const char *slash = strrchr(m->schema->path, '/');
        const char *file = slash ? slash + 1 : m->schema->path;
        const char *name = arena_printf(&a, "plugins/%s", file);
        const struct bundle_file *other = bundle_find(&p->bundle, name);
        if (other && strcmp(other->path, m->schema->path) != 0)
            ok = error_set(p->e, "%s and %s: a bundle has room for one %s alone", other->path,
                m->schema->path, file);
        else if (!strstr(p->run.provenance, m->schema->hash))
            ok = error_set(p->e,
                "%s: is not the plugin that %s was run with (another hash); name the folder of "
                "that one by --plugin-path, or leave out --plugins",
                m->schema->path, p->run.folder);
        else
            ok = add(p, name, m->schema->path, NULL);
    }
    arena_done(&a);
    return ok;
}

static bool check_run(const struct packing *p) {
    const struct shard *shard = &p->run.experiment.plan.shard;
    if (shard->count > 1)
        return error_set(p->e,
            "%s: is part %u of %u of a run; put the parts together by reckon merge, and bundle "
            "that",
            p->run.folder, shard->index + 1, shard->count);
    return strcmp(p->run.state, "done") == 0 ||
           error_set(p->e,
               "%s: is %s; only a run that was done can be run again to the same end. Run its "
               "command again first",
               p->run.folder, p->run.state);
}

// ---- The command -------------------------------------------------------------------------------

static bool pack(struct packing *p, const struct arguments *a, const char *out) {
    struct arguments in = *a;
    in.out = NULL; // that of the archive
    if (!opened_read(&p->run, &in, a->rest.at[0], p->e) || !check_run(p) || !check_files(p))
        return false;
    p->bundle.name = p->run.experiment.plan.name;
    p->bundle.version = RECKON_VERSION;
    p->bundle.plan_hash = p->run.experiment.plan_hash;
    if (!out) out = arena_printf(&p->bundle.arena, "%s.tar.gz", p->bundle.name);
    if (!add_results(p) || !add_store(p, out) || (a->with_plugins && !add_plugins(p)) ||
        !bundle_write(&p->bundle, out, p->e))
        return false;
    struct stat s = {0};
    struct arena arena = {0};
    stat(out, &s);
    log_info("%s: %zu files of %s, %s; reckon rerun runs it again", out, p->bundle.n, p->run.folder,
        wording_bytes(&arena, (double)s.st_size));
    arena_done(&arena);
    return true;
}

static void clear_aside(const struct packing *p) {
    struct arena a = {0};
    if (!p->aside) return;
    unlink(arena_printf(&a, "%s/reckon.db", p->aside));
    rmdir(p->aside);
    arena_done(&a);
}

static int bundle_main(const struct arguments *a) {
    struct error e = {0};
    struct packing *p = calloc(1, sizeof *p);
    bool ok = p || error_memory(&e, sizeof *p, "a bundle");
    if (p) p->e = &e;
    ok = ok && pack(p, a, a->out);
    if (!ok) log_error("%s", e.text);
    if (p) {
        clear_aside(p);
        opened_done(&p->run);
        free(p->bundle.files);
        arena_done(&p->bundle.arena);
    }
    free(p);
    return ok ? EXIT_DONE : EXIT_FAILED;
}

#define AT(field) .offset = offsetof(struct arguments, field)
static const struct option out = {"out", 'o', OPTION_TEXT, "FILE",
    "the archive to write, instead of ./NAME.tar.gz", "file", AT(out)};
static const struct option plugins = {"plugins", 0, OPTION_FLAG,
    .doc = "the plugins' shared objects, too: those that are nobody else's to have",
    AT(with_plugins)};
static const struct option *const options[] = {&out, &plugins, &option_plugin_path};

REGISTRY_ADD(command, bundle) = {
    .id = "bundle",
    .usage = "RUN",
    .doc = "Pack a run into one file, to be sent and run again",
    .help =
        "RUN is a folder of results, or the name of one in results/. The archive holds the "
        "experiment as it was resolved, all results,\npredictions if there are any, provenance "
        "(hashes of data and plugins, versions), the store, and a manifest with a hash of each\n"
        "file. Not the data, whose name and hash are in it, and not the plugins but with "
        "--plugins. The same run gives the same bytes.\nUnpacked by tar -xzf it is a folder of "
        "results. reckon rerun runs it again and says what is equal.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .min_rest = 1,
    .max_rest = 1,
    .completion = "dir",
    .main = bundle_main,
};
