// reckon fit FILE.cfg [key=value ...]
#include <stdio.h>
#include <string.h>

#include "cli/progress.h"
#include "cli/setup.h"
#include "core/log.h"
#include "report/blended.h"
#include "report/wording.h"
#include "trial/fitting.h"

// Rows that can be trained, by their labels.
static bool tell_rows(const struct experiment *x, struct error *e) {
    const struct plan *plan = &x->plan;
    char labels[1024] = "";
    for (size_t k = 0, n = 0; k < plan->n_models && n < sizeof labels; k++)
        if (!plan->models[k].blend)
            n += (size_t)snprintf(
                labels + n, sizeof labels - n, "%s\"%s\"", n ? ", " : "", plan->models[k].label);
    return error_set(
        e, "%s has %zu rows; choose one with --only: %s", x->file, plan->n_models, labels);
}

static bool refuse_blend(const struct plan *plan, const struct plan_model *blend, struct error *e) {
    struct arena a = {0};
    error_set(e,
        "%s is a blend, and a file holds one model; fit its members one by one (%s), and take the "
        "weighted mean of what they predict",
        blend->label, blended_recipe(plan, blend->blend, &a));
    arena_done(&a);
    return false;
}

// The one row and the one data set that there are to be.
static bool choose(const struct experiment *x, const struct plan_model **out, struct error *e) {
    const struct plan *plan = &x->plan;
    *out = plan->models;
    if (plan->n_data != 1)
        return error_set(e,
            "%s has %zu data sets, and a model is trained on one; name it: "
            "data.movielens=ml-1m.zip",
            x->file, plan->n_data);
    if (plan->n_models == 1) return true;
    const struct plan_model *blend = NULL;
    for (size_t k = 0; k < plan->n_models; k++) {
        const struct plan_model *m = &plan->models[k];
        if (!m->is_hidden && !m->blend) return tell_rows(x, e);
        if (m->blend) blend = m;
    }
    return refuse_blend(plan, blend, e);
}

static void tell(const struct plan_model *model, const struct fitted *f, const char *path) {
    struct arena a = {0};
    const struct tuning *how = model->tuning;
    if (f->tuned) {
        char inner[32];
        wording_exact_float(inner, (float)f->tuned->inner);
        log_info("of %u candidates on %u inner folds, the best has a mean of %s:",
            f->tuned->n_candidates, how->folds, inner);
        for (size_t d = 0; d < how->space.n; d++) {
            const uint32_t k = how->dims[d].param;
            log_info("    %s = %s", model->schema->params[k].name,
                schema_print(&model->schema->params[k], &f->tuned->values[k], &a));
        }
    }
    log_info("%s learned from %s ratings in %s; %s holds the model, %s of its own", model->label,
        wording_count(&a, f->n_ratings), wording_seconds(&a, f->cost.fit_seconds), path,
        wording_bytes(&a, (double)f->n_state));
    arena_done(&a);
}

static int fit_main(const struct arguments *a) {
    struct experiment x = {0};
    struct error e = {0};
    struct fitted fitted = {0};
    struct progress progress;
    const struct plan_model *model;
    char path[4096];
    int code = EXIT_USAGE;
    if (!setup_log(a) || !setup_experiment(a, false, &x)) goto done;
    if (!choose(&x, &model, &e)) goto done;
    code = EXIT_FAILED;
    snprintf(path, sizeof path, "%s.rkm", model->schema->id);
    const char *out = a->out ? a->out : path;
    progress_init(&progress, &x.plan, a->quiet);
    const struct runner_events events = {.arg = &progress, .tick = progress_tick};
    const bool ok = fitting_save(&x.plan, 0, &events, out, &fitted, &e);
    progress_done(&progress);
    if (!ok) goto done;
    code = EXIT_DONE;
    if (fitted.signal_seen) {
        log_warning("the search was stopped; nothing is written");
        code = 128 + fitted.signal_seen;
    } else {
        tell(model, &fitted, out);
    }
done:
    fitted_done(&fitted);
    if (*e.text) log_error("%s", e.text);
    experiment_done(&x);
    return code;
}

static const struct option out = {"out", 'o', OPTION_TEXT, "FILE",
    "the model's file instead of ./PLUGIN.rkm", "file", .offset = offsetof(struct arguments, out)};
static const struct option *const options[] = {
    &option_only, &out, &option_jobs, &option_threads, &option_log_format, &option_plugin_path};

REGISTRY_ADD(command, fit) = {
    .id = "fit",
    .usage = "FILE.cfg [key=value ...]",
    .doc = "Train a model on all ratings and save it",
    .help =
        "FILE is an experiment; its one row, or the one that --only names, is trained on all "
        "ratings of its data (less\nthe validation slice, for models that stop by one), and saved "
        "with all that reckon predict needs. What is\nsearched is chosen first, on inner folds of "
        "all ratings. The plugin needs the extension reckon.state/1. Exit\ncodes: 0 done; 1 "
        "failed; 2 usage or configuration; 129, 130, 143 stopped by a signal.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .min_rest = 1,
    .max_rest = SIZE_MAX,
    .completion = "file",
    .main = fit_main,
};
