#include "cli/opened.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/session.h"
#include "cli/setup.h"
#include "cli/show.h"
#include "report/wording.h"

struct shard opened_part(const char *text, struct arena *a, const char **whole) {
    struct shard out = {0, 1};
    const char *line = strstr(text, SESSION_SHARD);
    *whole = text;
    if (!line || sscanf(line, SESSION_SHARD "%u/%u", &out.index, &out.count) != 2)
        return (struct shard){0, 1};
    out.index--;
    *whole = arena_printf(a, "%.*s", (int)(line - text), text);
    return out;
}

// ---- The experiment ----------------------------------------------------------------------------

// "als 1.0.0 (als.so), bias 1.0.0 (bias.so)"; NULL: not known.
static const char *plugins_then(const char *provenance, struct arena *a) {
    json_t *then = provenance ? json_loads(provenance, 0, NULL) : NULL;
    const json_t *models = json_object_get(then, "models"), *model;
    const char *all = NULL;
    size_t k;
    json_array_foreach(models, k, model) {
        const char *id = "", *version = "", *file = "";
        json_unpack(
            (json_t *)model, "{s?s, s?s, s?s}", "plugin", &id, "version", &version, "file", &file);
        const char *one = arena_printf(a, "%s %s (%s)", id, version, file);
        if (all && strstr(all, one)) continue;
        all = all ? arena_printf(a, "%s, %s", all, one) : one;
    }
    all = all ? wording_clean(a, all) : NULL;
    json_decref(then);
    return all;
}

static bool refuse(
    const char *folder, const struct problems *problems, const char *provenance, struct error *e) {
    struct arena arena = {0};
    const char *all = "", *then = plugins_then(provenance, &arena);
    for (size_t k = 0; k < problems->n; k++)
        all = arena_printf(&arena, "%s%s%s", all, k ? "; " : "", problems->text[k]);
    error_set(e,
        "%s: its experiment can't be read with the plugins that are here%s%s; --plugin-path names "
        "a folder with those that it was run with: %s",
        folder, then ? ", though it was run with " : "", then ? then : "", all);
    arena_done(&arena);
    return false;
}

bool opened_experiment(struct experiment *x, const struct arguments *a, const char *folder,
    const char *text, const char *provenance, struct error *e) {
    const char *formats[32];
    const struct experiment_options options = {.text = text,
        .plugin_folders = a->plugin_path.at,
        .n_plugin_folders = a->plugin_path.n,
        .formats = formats,
        .n_formats = setup_formats(formats, 32),
        .skip_data = true};
    struct arena arena = {0};
    struct problems problems = {0};
    const bool ok =
        experiment_read(x, arena_printf(&arena, "%s/experiment.cfg", folder), &options, &problems);
    if (!ok) refuse(folder, &problems, provenance, e);
    problems_done(&problems);
    arena_done(&arena);
    return ok;
}

// ---- The run -----------------------------------------------------------------------------------

static bool read_run(
    struct opened *o, struct store *s, const struct arguments *a, struct error *e) {
    struct store_live live;
    bool found = false;
    if (!store_live(s, &o->arena, &live, &found, e)) return false;
    if (!found) return error_set(e, "%s: there is no run in it", o->folder);
    const struct shard shard = opened_part(live.row.run.experiment, &o->arena, &o->text);
    o->provenance = live.row.provenance;
    o->state = show_state(&live.row.run, live.writing);
    if (!opened_experiment(&o->experiment, a, o->folder, o->text, o->provenance, e)) return false;
    o->experiment.plan.shard = shard;
    return store_results(s, &o->experiment.plan, &o->results, e) &&
           candidates_read(&o->candidates, s, &o->experiment.plan, e);
}

bool opened_read(struct opened *o, const struct arguments *a, const char *run, struct error *e) {
    struct store *s = NULL;
    *o = (struct opened){0};
    o->folder = setup_store_folder(a, run, &o->arena, e); // in the arena, which has to be there
    const bool ok = o->folder && store_open(&s, o->folder, STORE_READ, e) && read_run(o, s, a, e);
    store_close(s);
    if (!ok) opened_done(o);
    return ok;
}

void opened_done(struct opened *o) {
    candidates_done(&o->candidates);
    results_done(&o->results);
    experiment_done(&o->experiment);
    arena_done(&o->arena);
    *o = (struct opened){0};
}
