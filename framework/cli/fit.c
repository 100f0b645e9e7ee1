// reckon fit FILE.cfg [key=value ...]
#include <stdio.h>
#include <string.h>

#include "cli/setup.h"
#include "core/log.h"
#include "report/wording.h"
#include "trial/fitting.h"

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
    char labels[1024] = "";
    for (size_t k = 0, n = 0; k < plan->n_models && n < sizeof labels; k++)
        n += (size_t)snprintf(
            labels + n, sizeof labels - n, "%s\"%s\"", k ? ", " : "", plan->models[k].label);
    return error_set(
        e, "%s has %zu rows; choose one with --only: %s", x->file, plan->n_models, labels);
}

// What is searched has no values of its own.
static bool check_values(const struct plan_model *model, struct error *e) {
    if (!model->tuning) return true;
    return error_set(e,
        "%s is tuned on each fold of a run, and here there are none; give its parameters the "
        "values that the run has chosen (its table of parameters): models.%s.NAME=VALUE for each "
        "that is searched, and take out `search`",
        model->label, model->schema->id);
}

static void tell(const struct plan_model *model, const struct fitted *f, const char *path) {
    struct arena a = {0};
    log_info("%s learned from %s ratings in %s; %s holds the model, %s of its own", model->label,
        wording_count(&a, f->n_ratings), wording_seconds(&a, f->cost.fit_seconds), path,
        wording_bytes(&a, (double)f->n_state));
    arena_done(&a);
}

static int fit_main(const struct arguments *a) {
    struct experiment x = {0};
    struct error e = {0};
    struct fitted fitted;
    const struct plan_model *model;
    char path[4096];
    int code = EXIT_USAGE;
    if (!setup_log(a) || !setup_experiment(a, false, &x)) goto done;
    if (!choose(&x, &model, &e) || !check_values(model, &e)) goto done;
    code = EXIT_FAILED;
    snprintf(path, sizeof path, "%s.rkm", model->schema->id);
    const char *out = a->out ? a->out : path;
    if (!fitting_save(&x.plan, model, model->values, out, &fitted, &e)) goto done;
    tell(model, &fitted, out);
    code = EXIT_DONE;
done:
    if (*e.text) log_error("%s", e.text);
    experiment_done(&x);
    return code;
}

static const struct option out = {"out", 'o', OPTION_TEXT, "FILE",
    "the model's file instead of ./PLUGIN.rkm", "file", .offset = offsetof(struct arguments, out)};
static const struct option *const options[] = {
    &option_only, &out, &option_threads, &option_log_format, &option_plugin_path};

REGISTRY_ADD(command, fit) = {
    .id = "fit",
    .usage = "FILE.cfg [key=value ...]",
    .doc = "Train a model on all ratings and save it",
    .help =
        "FILE is an experiment; its one row, or the one that --only names, is trained on all "
        "ratings of its data (less\nthe validation slice, for models that stop by one), and saved "
        "with all that reckon predict needs. The plugin\nneeds the extension reckon.state/1. Exit "
        "codes: 0 done; 1 failed; 2 usage or configuration.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .min_rest = 1,
    .max_rest = SIZE_MAX,
    .completion = "file",
    .main = fit_main,
};
