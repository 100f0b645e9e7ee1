// reckon merge OUT PART ...
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/opened.h"
#include "cli/outcome.h"
#include "cli/setup.h"
#include "core/log.h"
#include "report/files.h"
#include "trial/store_read.h"

struct merge {
    struct arena arena; // owned; texts of the parts lie in it
    struct outcome outcome;
    struct experiment experiment;
    struct store *store;    // of the whole
    const char *text;       // configuration of the first part
    const char *provenance; // its last, JSON; NULL
    struct shard whole;     // count: how many parts there are to be
    bool *there;            // [whole.count]; owned: which of them there are
    bool complete;          // and they all have come to their end
};

// ---- Parts -------------------------------------------------------------------------------------

static bool note_part(
    struct merge *m, const char *folder, const struct store_run_row *row, struct error *e) {
    const char *text;
    const struct shard shard = opened_part(row->run.experiment, &m->arena, &text);
    if (!m->text) {
        m->text = text;
        m->provenance = row->provenance;
        m->whole.count = shard.count;
        m->there = calloc(shard.count, sizeof *m->there);
        if (!m->there) return error_memory(e, shard.count, "parts");
    }
    if (shard.count != m->whole.count || shard.index >= shard.count)
        return error_set(e,
            "%s: is part %u of %u, and those before it are of %u; parts must be of one cut", folder,
            shard.index + 1, shard.count, m->whole.count);
    m->there[shard.index] = true;
    if (strcmp(row->run.state, "done") == 0) return true;
    m->complete = false;
    log_warning("%s: has not come to its end; run its command again, then merge again", folder);
    return true;
}

static bool is_whole(const struct merge *m, const char *folder) {
    struct stat a, b;
    return stat(m->outcome.folder.path, &a) == 0 && stat(folder, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static bool add_part(struct merge *m, const char *folder, struct error *e) {
    if (is_whole(m, folder))
        return error_set(
            e, "%s: is both the whole and a part of it; choose another folder for OUT", folder);
    struct store *part = NULL;
    const struct store_run_row *rows;
    struct store_merged merged;
    size_t n = 0;
    bool ok = store_open(&part, folder, STORE_READ, e) && store_runs(part, &m->arena, &rows, &n, e);
    if (ok && n == 0) ok = error_set(e, "%s: there is no run in it", folder);
    ok = ok && note_part(m, folder, &rows[n - 1], e);
    store_close(part);
    if (!ok || !store_merge(m->store, folder, &merged, e)) return false;
    log_info("%s: the whole has %zu rows of trials with it, %zu of them new", folder, merged.places,
        merged.trials);
    return true;
}

static void tell_missing(struct merge *m) {
    const char *list = "";
    size_t n = 0;
    for (uint32_t k = 0; k < m->whole.count; k++) {
        if (m->there[k]) continue;
        list = arena_printf(&m->arena, "%s%s%u", list, n++ ? ", " : "", k + 1);
    }
    if (n == 0) return;
    m->complete = false;
    log_warning("of %u parts %s %s missing: %s; name all of them in one call", m->whole.count,
        n == 1 ? "this" : "these", n == 1 ? "is" : "are", list);
}

// ---- The whole ---------------------------------------------------------------------------------

// Hashes of plugins as the parts had them: the tables are theirs, not those of what is here.
static bool check_plugins(const struct merge *m, struct error *e) {
    json_t *then = m->provenance ? json_loads(m->provenance, 0, NULL) : NULL;
    json_t *models = json_object_get(then, "models");
    bool ok = true;
    for (size_t k = 0; ok && k < m->experiment.plan.n_models; k++) {
        const struct plan_model *model = &m->experiment.plan.models[k];
        const char *hash = json_string_value(json_object_get(json_array_get(models, k), "hash"));
        if (hash && !model->given && strcmp(hash, model->schema->hash) != 0)
            ok = error_set(e,
                "%s: is not the plugin that the parts were run with (another hash); merge where "
                "that one is, or name its folder by --plugin-path",
                model->schema->path);
    }
    json_decref(then);
    return ok;
}

static bool end_run(struct merge *m, struct error *e) {
    char *provenance = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&provenance, &n);
    bool ok = out || error_memory(e, n, "provenance");
    ok = ok && files_write_provenance(&m->outcome.results, out, e);
    if (out) fclose(out);
    ok = ok && store_end_run(m->store, m->complete ? "done" : "interrupted", provenance, e);
    free(provenance);
    return ok;
}

static bool gather(struct merge *m, struct error *e) {
    struct outcome *o = &m->outcome;
    if (!store_results(m->store, &m->experiment.plan, &o->results, e)) return false;
    o->results.interrupted = !m->complete;
    if (!end_run(m, e) ||
        !report_make(&o->report, &o->results, m->text, m->experiment.plan_hash, e) ||
        !candidates_read(&o->candidates, m->store, &m->experiment.plan, e))
        return false;
    o->report.candidates = &o->candidates;
    return true;
}

// results/sweep: where it lies and its name.
static bool begin_folder(struct folder *f, const char *out, struct arena *a, struct error *e) {
    char *path = arena_text(a, out);
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') path[--n] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash) return folder_begin(f, ".", path, e);
    *slash = '\0';
    return folder_begin(f, slash == path ? "/" : path, slash + 1, e);
}

static bool merge(struct merge *m, const struct arguments *a, struct error *e) {
    if (!begin_folder(&m->outcome.folder, a->rest.at[0], &m->arena, e) ||
        !store_open(&m->store, m->outcome.folder.path, STORE_WRITE, e))
        return false;
    for (size_t k = 1; k < a->rest.n; k++)
        if (!add_part(m, a->rest.at[k], e)) return false;
    tell_missing(m);
    if (!opened_experiment(&m->experiment, a, m->outcome.folder.path, m->text, m->provenance, e) ||
        !check_plugins(m, e) || !gather(m, e))
        return false;
    outcome_formats(&m->outcome, &m->experiment);
    return outcome_write(&m->outcome, m->text, e) && outcome_print(&m->outcome, a->format, e);
}

static int merge_main(const struct arguments *a) {
    if (!setup_check_format(a, "table csv json md")) return EXIT_USAGE;
    struct merge *m = calloc(1, sizeof *m);
    struct error e = {0};
    int code = EXIT_FAILED;
    if (!m) {
        log_error("out of memory");
        return code;
    }
    m->complete = true;
    if (!merge(m, a, &e)) {
        log_error("%s", e.text);
    } else {
        log_info("results are in %s", m->outcome.folder.path);
        code = m->complete && m->outcome.results.n_failed == 0 ? EXIT_DONE : EXIT_SOME_FAILED;
    }
    store_close(m->store);
    outcome_done(&m->outcome);
    experiment_done(&m->experiment);
    free(m->there);
    arena_done(&m->arena);
    free(m);
    return code;
}

static const struct option *const options[] = {&option_format, &option_plugin_path};

REGISTRY_ADD(command, merge) = {
    .id = "merge",
    .usage = "OUT PART ...",
    .doc = "Put the parts of a run together",
    .help =
        "Each PART is the folder of results of a run with --shard, all of one experiment; name all "
        "of them. OUT is the folder for the whole,\nwhose tables are those of a run on one "
        "machine. Data is "
        "not read; the plugins must be those of the parts.\nExit code 3 if parts are missing "
        "or have not come to their end, or if trials failed.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .min_rest = 2,
    .max_rest = SIZE_MAX,
    .completion = "dir",
    .main = merge_main,
};
