// reckon check FILE.cfg | PLUGIN.so
#include "check/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/setup.h"
#include "core/log.h"
#include "model/loader.h"

static bool is_plugin(const char *name) {
    const size_t n = strlen(name);
    if (n > 3 && strcmp(name + n - 3, ".so") == 0) return true;
    if (strpbrk(name, "/.") || access(name, F_OK) == 0) return false;
    char path[4096];
    return loader_find(NULL, name, path, sizeof path, NULL);
}

static void print_line(void *arg, const char *line) {
    (void)arg;
    puts(line);
    fflush(stdout);
}

static int check_plugin(const struct arguments *a) {
    char path[4096];
    struct error e = {0};
    const struct plugin_path folders = {a->plugin_path.at, a->plugin_path.n};
    if (a->rest.n > 1) {
        fprintf(stderr, "reckon: key=value belongs to experiments, and %s is a plugin\n",
            a->rest.at[0]);
        return EXIT_USAGE;
    }
    loader_prepare_blas();
    const struct check_options options = {.only = a->only.at,
        .n_only = a->only.n,
        .verbose = a->verbose,
        .print = a->quiet ? NULL : print_line};
    struct check_summary sum = {0};
    if (!loader_find(&folders, a->rest.at[0], path, sizeof path, &e) ||
        !check_run(path, &options, &sum, &e)) {
        fprintf(stderr, "reckon: %s\n", e.text);
        return EXIT_FAILED;
    }
    printf("%s: %zu passed, %zu failed, %zu skipped\n", path, sum.passed, sum.failed, sum.skipped);
    return sum.failed ? EXIT_FAILED : EXIT_DONE;
}

static int check_experiment(const struct arguments *a) {
    struct experiment x;
    if (!setup_experiment(a, false, &x)) return EXIT_USAGE;
    if (!a->quiet) experiment_describe(&x, stdout);
    experiment_done(&x);
    return EXIT_DONE;
}

static int check_main(const struct arguments *a) {
    return is_plugin(a->rest.at[0]) ? check_plugin(a) : check_experiment(a);
}

static const struct option only = {"only", 0, OPTION_TEXTS, "NAME",
    "run this check (of an experiment: this model) alone; may be repeated", NULL,
    .offset = offsetof(struct arguments, only)};
static const struct option *const options[] = {&only, &option_plugin_path};

REGISTRY_ADD(command, check) = {
    .id = "check",
    .usage = "FILE.cfg [key=value ...] | PLUGIN.so",
    .doc = "Validate an experiment, or prove a plugin",
    .help =
        "An experiment is read and resolved as by run, and its plan is printed; every mistake is "
        "told at once.\nA plugin is put through the conformance suite, one line for each check; "
        "a failed one comes with what to\nrepeat. Exit codes: 0 all is well; 1 a check failed; "
        "2 mistakes in the experiment.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .min_rest = 1,
    .max_rest = SIZE_MAX,
    .completion = "file",
    .main = check_main,
};
