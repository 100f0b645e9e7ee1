// reckon run FILE [key=value ...]
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/progress.h"
#include "cli/setup.h"
#include "core/log.h"
#include "report/folder.h"
#include "trial/runner.h"

struct run {
    struct experiment experiment;
    struct folder folder;
    struct results results;
    struct tables tables;
    const struct report_format *formats[32];
    size_t n_formats;
    int signal_seen;
    bool lacks_predictions; // they could not be written
};

// The runner has one argument for both events.
struct events {
    struct run *run;
    struct progress progress;
};

static void tick(void *arg, const struct results *r, const struct runner_view *view) {
    progress_tick(&((struct events *)arg)->progress, r, view);
}

static bool predictions(void *arg, const struct results *r, const struct trial_record *t,
    const struct key *key, const struct dataset *data, const struct test *test,
    const float *answers, const float *filled, struct error *e) {
    (void)key;
    struct run *run = ((struct events *)arg)->run;
    if (run->lacks_predictions) return true;
    if (!folder_write_predictions(&run->folder, r, t, data, test, answers, filled, e)) {
        folder_remove(&run->folder, "predictions");
        log_warning("%s; the run goes on without predictions", e->text);
        *e = (struct error){0};
        run->lacks_predictions = true;
    }
    return true;
}

static bool run_trials(struct run *run, bool quiet, struct error *e) {
    struct events events = {.run = run};
    progress_init(&events.progress, &run->experiment.plan, quiet);
    const struct runner_events hooks = {.arg = &events,
        .tick = tick,
        .predictions = run->experiment.plan.predictions ? predictions : NULL};
    const bool ok =
        runner_run(&run->experiment.plan, NULL, &hooks, &run->results, &run->signal_seen, e);
    progress_done(&events.progress);
    return ok;
}

static bool write_folder(struct run *run, struct error *e) {
    FILE *resolved = folder_open(&run->folder, "experiment.cfg", e);
    if (!resolved) return false;
    experiment_print(&run->experiment, resolved);
    return folder_close(&run->folder, resolved, "experiment.cfg", e) &&
           folder_write_results(
               &run->folder, &run->results, &run->tables, run->formats, run->n_formats, e) &&
           folder_commit(&run->folder, e);
}

static bool print_tables(const struct run *run, const char *format, struct error *e) {
    if (format && strcmp(format, "table"))
        return report_format_find(format)->write(&run->tables, &run->results, stdout, e);
    const struct table_style style = {.colour = setup_colour(stdout),
        .slices = log_verbosity() == LOG_VERBOSE,
        .width = setup_width(stdout)};
    table_print(&run->tables, &style, stdout);
    return true;
}

// Trials of models, the harness's own rows left out.
static size_t count_trials(const struct results *r) {
    size_t n = 0;
    for (size_t k = 0; k < r->n; k++) n += r->records[k].model >= 0;
    return n;
}

static int exit_code(const struct run *run) {
    if (run->signal_seen) return 128 + run->signal_seen;
    if (run->lacks_predictions) return EXIT_FAILED;
    if (run->results.n_failed) return EXIT_SOME_FAILED;
    return run->results.interrupted ? EXIT_FAILED : EXIT_DONE;
}

static bool tell(struct error *e) {
    if (*e->text) log_error("%s", e->text);
    *e = (struct error){0};
    return false;
}

// What has ended by the time that something goes wrong, the reader gets: in the folder, and where
// that cannot be written, on stdout still.
static bool hand_over(struct run *run, const struct arguments *a) {
    struct error e = {0};
    if (!tables_make(&run->tables, &run->results, &e)) return tell(&e);
    const bool written = write_folder(run, &e) || tell(&e);
    if (!print_tables(run, a->format, &e)) return tell(&e);
    if (run->results.n_failed)
        log_warning("%zu of %zu trials failed", run->results.n_failed, count_trials(&run->results));
    if (run->results.interrupted)
        log_warning("the run was stopped; what had ended by then is kept");
    if (written) log_info("results are in %s", run->folder.path);
    return written;
}

static int execute(struct run *run, const struct arguments *a) {
    struct error e = {0};
    const char *parent = a->out ? a->out : "results";
    bool ok = folder_begin(&run->folder, parent, run->experiment.plan.name, &e) &&
              run_trials(run, a->quiet, &e);
    if (!run->signal_seen) tell(&e);
    if (count_trials(&run->results) > 0) {
        ok &= hand_over(run, a);
    } else if (run->signal_seen) {
        log_warning("the run was stopped before a trial had ended; nothing is written");
    } else if (ok) {
        ok = hand_over(run, a);
    }
    const int code = ok || run->signal_seen ? exit_code(run) : EXIT_FAILED;
    folder_abandon(&run->folder);
    tables_done(&run->tables);
    results_done(&run->results);
    return code;
}

static int run_main(const struct arguments *a) {
    if (!setup_check_format(a, "table csv json md") || !setup_log(a)) return EXIT_USAGE;
    if (a->keep_going && a->fail_fast) {
        log_error("--keep-going and --fail-fast exclude each other");
        return EXIT_USAGE;
    }
    struct run *run = calloc(1, sizeof *run);
    if (!run) {
        log_error("out of memory");
        return EXIT_FAILED;
    }
    int code = EXIT_USAGE;
    if (setup_experiment(a, false, &run->experiment)) {
        struct experiment *x = &run->experiment;
        x->plan.fail_fast = a->fail_fast;
        for (size_t k = 0; k < x->n_report && run->n_formats < 32; k++)
            run->formats[run->n_formats++] = report_format_find(x->report[k]);
        code = EXIT_DONE;
        if (a->dry_run) {
            experiment_describe(x, stdout);
            putchar('\n');
            experiment_print(x, stdout);
        } else {
            code = execute(run, a);
        }
    }
    experiment_done(&run->experiment);
    free(run);
    return code;
}

static const struct option *const options[] = {&option_jobs, &option_threads, &option_only,
    &option_out, &option_format, &option_dry_run, &option_keep_going, &option_fail_fast,
    &option_log_format, &option_plugin_path};

REGISTRY_ADD(command, run) = {
    .id = "run",
    .usage = "FILE [key=value ...]",
    .doc = "Run an experiment and print its table",
    .help = "FILE says what to do: data, split, models, metrics. Values after it override its own, "
            "by their path:\nsplit.folds=3, models.als.rank=[8,16], data.movielens=ml-1m.zip. "
            "Results go to results/NAME, which a second\nrun replaces whole. Ctrl-C lets the "
            "running trials finish and keeps what there is; a second one stops at once.\n\n"
            "Exit codes: 0 done; 1 failed; 2 usage or configuration; 3 finished, but some trials "
            "failed; 129, 130,\n143 stopped by SIGHUP, SIGINT, SIGTERM.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .min_rest = 1,
    .max_rest = SIZE_MAX,
    .completion = "file",
    .main = run_main,
};
