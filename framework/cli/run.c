// reckon run FILE [key=value ...]
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/jsonlog.h"
#include "cli/outcome.h"
#include "cli/progress.h"
#include "cli/room.h"
#include "cli/run.h"
#include "cli/session.h"
#include "cli/setup.h"
#include "core/log.h"
#include "report/wording.h"
#include "trial/sandbox.h"

struct run {
    struct experiment experiment;
    struct session session;
    struct progress progress;
    struct outcome outcome;
    int signal_seen;
    bool lacks_predictions, lacks_warnings; // they could not be written
    run_teller *tell;                       // NULL: none
};

// ---- Events of the runner ----------------------------------------------------------------------

static void tick(void *arg, const struct results *r, const struct runner_view *view) {
    struct run *run = arg;
    struct error e = {0};
    progress_tick(&run->progress, r, view);
    if (!run->lacks_warnings && !session_tend(&run->session, &e)) {
        run->lacks_warnings = true; // the runner is told the same of its trials
        log_error("%s", e.text);
    }
}

static void data_read(void *arg, const struct results *r, uint32_t at) {
    const struct run *run = arg;
    room_check_data(&run->experiment.plan, run->session.store, &r->data[at]);
}

static bool has_predictions(void *arg, const struct key *key) {
    const struct run *run = arg;
    struct arena a = {0};
    const char *path = arena_printf(
        &a, "%s/%s", run->outcome.folder.path, store_predictions(run->session.store, key, &a));
    const bool there = access(path, R_OK) == 0;
    arena_done(&a);
    return there;
}

static bool predictions(void *arg, const struct results *r, const struct trial_record *t,
    const struct key *key, const struct dataset *data, const struct test *test,
    const float *answers, const float *filled, struct error *e) {
    struct run *run = arg;
    (void)r, (void)t;
    if (run->lacks_predictions) return true;
    if (!folder_write_predictions(&run->outcome.folder, key, data, test, answers, filled, e)) {
        log_warning("%s; the run goes on without predictions", e->text);
        *e = (struct error){0};
        run->lacks_predictions = true;
    }
    return true;
}

static bool run_trials(struct run *run, bool quiet, struct error *e) {
    const struct plan *plan = &run->experiment.plan;
    progress_init(&run->progress, plan, quiet);
    const struct runner_events hooks = {.arg = run,
        .tick = tick,
        .data = data_read,
        .has_predictions = plan->predictions ? has_predictions : NULL,
        .predictions = plan->predictions ? predictions : NULL};
    const bool ok =
        runner_run(plan, run->session.store, &hooks, &run->outcome.results, &run->signal_seen, e);
    progress_done(&run->progress);
    return ok;
}

// ---- What comes out ----------------------------------------------------------------------------

static int exit_code(const struct run *run) {
    if (run->signal_seen) return 128 + run->signal_seen;
    if (run->lacks_predictions) return EXIT_FAILED;
    if (run->outcome.results.n_failed) return EXIT_SOME_FAILED;
    return run->outcome.results.interrupted ? EXIT_FAILED : EXIT_DONE;
}

static bool tell(struct error *e) {
    if (*e->text) log_error("%s", e->text);
    *e = (struct error){0};
    return false;
}

// What has ended by the time that something goes wrong, the reader gets: in the folder, and where
// that cannot be written, on stdout still.
static bool hand_over(struct run *run, const struct arguments *a) {
    const struct plan *plan = &run->experiment.plan;
    struct error e = {0};
    char *text = outcome_text(&run->experiment);
    if (!report_make(
            &run->outcome.report, &run->outcome.results, text, run->experiment.plan_hash, &e) ||
        !candidates_read(&run->outcome.candidates, run->session.store, plan, &e)) {
        free(text);
        return tell(&e);
    }
    run->outcome.report.candidates = &run->outcome.candidates;
    const bool written = outcome_write(&run->outcome, text ? text : "", &e) || tell(&e);
    const bool printed = outcome_print(&run->outcome, a->format, &e) || tell(&e);
    if (printed && run->tell) run->tell(&run->outcome, a->format, stdout);
    run->outcome.report.experiment = NULL;
    free(text);
    if (!printed) return false;
    if (run->outcome.results.n_failed)
        log_warning("%zu of %zu trials failed", run->outcome.results.n_failed,
            outcome_count(&run->outcome));
    if (run->progress.cached)
        log_info("%zu of %zu trials were in the store already", run->progress.cached,
            run->progress.done);
    if (plan->shard.count > 1)
        log_info("this is part %u of %u; reckon merge puts the parts together",
            plan->shard.index + 1, plan->shard.count);
    if (written) log_info("results are in %s", run->outcome.folder.path);
    return written;
}

static void tell_stopped(const struct run *run) {
    log_warning("the run was stopped; everything that had ended is saved%s; run the same command "
                "again to go on",
        outcome_count(&run->outcome) ? ""
                                     : ", but no row of the tables had, so these are as they were");
}

// ---- A run -------------------------------------------------------------------------------------

static bool begin(struct run *run, const struct arguments *a, struct error *e) {
    const struct plan *plan = &run->experiment.plan;
    return (!plan->sandbox || sandbox_check(e)) &&
           folder_begin(&run->outcome.folder, a->out ? a->out : "results", plan->name, e) &&
           session_begin(&run->session, &run->experiment, run->outcome.folder.path, e);
}

static void tell_json(const struct run *run, const char *state) {
    const struct jsonlog_run told = {.state = state,
        .name = run->experiment.plan.name,
        .run = run->session.run,
        .trials = run->progress.total,
        .cached = run->progress.cached,
        .failed = run->progress.failed};
    if (jsonlog_is_on()) jsonlog_run(&told);
}

static bool end(struct run *run, bool ok) {
    struct error e = {0};
    const char *state = run->signal_seen                          ? "interrupted"
                        : !ok || run->outcome.results.interrupted ? "failed"
                                                                  : "done";
    tell_json(run, state);
    return session_end(&run->session, &run->outcome.results, state, &e) || tell(&e);
}

static int execute(struct run *run, const struct arguments *a) {
    struct error e = {0};
    int code = EXIT_FAILED;
    if (!begin(run, a, &e)) {
        tell(&e);
        goto done;
    }
    tell_json(run, "running");
    bool ok = run_trials(run, a->quiet, &e);
    const bool saved = ok; // a run that was stopped is well, unless its store is not
    if (!saved || !run->signal_seen) tell(&e);
    const bool any = outcome_count(&run->outcome) > 0;
    if (any || (ok && !run->signal_seen)) ok &= hand_over(run, a);
    if (run->signal_seen && saved) tell_stopped(run);
    ok &= end(run, ok);
    code = ok || run->signal_seen ? exit_code(run) : EXIT_FAILED;
done:
    session_close(&run->session);
    outcome_done(&run->outcome);
    return code;
}

static const char *expected_time(double seconds, struct arena *a) {
    char text[32];
    progress_time(seconds, text);
    return isfinite(seconds) ? arena_text(a, text) : "unknown";
}

static const char *with_rows(struct arena *a, size_t n, const char *by) {
    return n ? arena_printf(a, "%s %zu model%s", by, n, n == 1 ? "" : "s") : "";
}

// "foreseen  by the plugins of 3 models, by earlier trials of 2 models; unknown of 1 model"
static void print_memory(const struct runner_forecast *f, struct arena *a) {
    if (f->said + f->stored + f->untold == 0) return;
    printf("\nforeseen  %s%s%s%s%s", with_rows(a, f->said, "by the plugins of"),
        f->said && f->stored ? ", " : "", with_rows(a, f->stored, "by earlier trials of"),
        (f->said || f->stored) && f->untold ? "; " : "",
        with_rows(a, f->untold, "not foreseen of"));
}

static void print_forecast(const struct runner_forecast *f, struct arena *a) {
    printf("in store  %zu of %zu trials", f->cached, f->trials);
    if (f->inner) printf(" (%zu of them on inner folds)", f->inner);
    printf("\nexpected  %s, %s of memory", expected_time(f->seconds, a),
        wording_bytes(a, (double)f->memory));
    if (f->unknown)
        printf("; beside the time of %zu model%s, which no run in this folder tells", f->unknown,
            f->unknown == 1 ? "" : "s");
    print_memory(f, a);
    putchar('\n');
}

// What the store of earlier runs tells of this one.
static bool forecast(struct run *run, const struct arguments *a, struct error *e) {
    const struct plan *plan = &run->experiment.plan;
    struct arena arena = {0};
    struct runner_forecast f;
    struct store *store = NULL;
    const char *folder = arena_printf(&arena, "%s/%s", a->out ? a->out : "results", plan->name);
    const char *file = arena_printf(&arena, "%s/reckon.db", folder);
    bool ok = access(file, F_OK) != 0 || store_open(&store, folder, STORE_READ, e);
    const struct runner_events hooks = {.arg = run, .data = data_read};
    run->session.store = store;
    ok = ok && runner_forecast(plan, store, &hooks, &f, e);
    run->session.store = NULL;
    if (ok) {
        print_forecast(&f, &arena);
        room_check_forecast(&f);
    }
    store_close(store);
    arena_done(&arena);
    return ok;
}

static int dry_run(struct run *run, const struct arguments *a) {
    struct error e = {0};
    experiment_describe(&run->experiment, stdout);
    const bool ok = forecast(run, a, &e);
    putchar('\n');
    experiment_print(&run->experiment, stdout);
    if (!ok) tell(&e);
    return ok ? EXIT_DONE : EXIT_FAILED;
}

// "2/3"
static bool read_shard(const char *text, struct shard *shard) {
    unsigned at, of;
    char more;
    if (!text) return true;
    if (sscanf(text, "%u/%u%c", &at, &of, &more) != 2 || at < 1 || of < 1 || at > of ||
        of > 10000) {
        log_error("--shard: a part of so many is expected, as in 2/3, not \"%s\"", text);
        return false;
    }
    *shard = (struct shard){at - 1, of};
    return true;
}

int run_experiment(struct experiment *x, const struct arguments *a, run_teller *tell_more) {
    struct run *run = calloc(1, sizeof *run);
    if (!run) {
        experiment_done(x);
        log_error("out of memory");
        return EXIT_FAILED;
    }
    run->experiment = *x;
    run->tell = tell_more;
    outcome_formats(&run->outcome, &run->experiment);
    const int code = a->dry_run ? dry_run(run, a) : execute(run, a);
    experiment_done(&run->experiment);
    free(run);
    return code;
}

static int run_main(const struct arguments *a) {
    if (!setup_check_format(a, "table csv json md") || !setup_log(a)) return EXIT_USAGE;
    struct shard shard = {0, 1};
    if (!read_shard(a->shard, &shard)) return EXIT_USAGE;
    if (a->keep_going && a->fail_fast) {
        log_error("--keep-going and --fail-fast exclude each other");
        return EXIT_USAGE;
    }
    struct experiment x;
    if (!setup_experiment(a, false, &x)) return EXIT_USAGE;
    for (size_t k = 0; k < x.plan.n_models; k++)
        if (x.plan.models[k].is_hidden)
            log_info("%s is left out, and runs without a row for blends that it is a member of",
                x.plan.models[k].label);
    x.plan.fail_fast = a->fail_fast;
    x.plan.fresh = a->fresh;
    x.plan.retry_failed = a->retry_failed;
    x.plan.shard = shard;
    return run_experiment(&x, a, NULL);
}

static const struct option option_blend = {"blend", 0, OPTION_TEXTS, "MODEL,MODEL",
    "a further row, the mean of those; models.blend.weights=fitted weighs; may be repeated",
    "plugin", .offset = offsetof(struct arguments, blends)};
static const struct option *const options[] = {&option_jobs, &option_threads, &option_only,
    &option_blend, &option_out, &option_format, &option_dry_run, &option_fresh,
    &option_retry_failed, &option_shard, &option_keep_going, &option_fail_fast, &option_log_format,
    &option_plugin_path};

REGISTRY_ADD(command, run) = {
    .id = "run",
    .usage = "FILE [key=value ...]",
    .doc = "Run an experiment and print its table",
    .help = "FILE says what to do: data, split, models, metrics. Values after it override its own, "
            "by their path:\nsplit.folds=3, models.als.rank=[8,16], data.movielens=ml-1m.zip. "
            "Results go to results/NAME. Each trial\nthat has ended is kept there in a store, "
            "reckon.db, and is not run again as long as nothing has changed\nthat decides its "
            "result. So a run that was stopped or killed goes on when the same command is given\n"
            "again. Ctrl-C has running trials stop, and saves what had ended; a second one stops "
            "at once.\n\n"
            "Exit codes: 0 done; 1 failed; 2 usage or configuration; 3 finished, but some trials "
            "failed; 129, 130,\n143 stopped by SIGHUP, SIGINT, SIGTERM.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .min_rest = 1,
    .max_rest = SIZE_MAX,
    .completion = "file",
    .main = run_main,
};
