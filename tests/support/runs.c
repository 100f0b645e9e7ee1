#include "support/runs.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "trial/worker.h"

static char folder[] = "/tmp/reckon-runs-XXXXXX";

const char *runs_build(void) {
    return getenv("RECKON_BUILD");
}

void runs_begin(void) {
    static char program[4200], plugins[4200];
    if (!mkdtemp(folder)) abort();
    snprintf(program, sizeof program, "%s/framework/reckon", runs_build());
    snprintf(plugins, sizeof plugins, "%s/plugins", runs_build());
    setenv("RECKON_PLUGIN_PATH", plugins, 1);
    worker_set_program(program);
    // Of trials: a crash is to look like one.
    setenv("ASAN_OPTIONS",
        "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0", 1);
}

void runs_end(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command) != 0) abort();
}

const char *runs_write(const char *name, const char *text) {
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    remove(path); // it may be another user's
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
    return path;
}

void runs_text(const char *text, struct finished *out) {
    const char *path = runs_write("run.cfg", text);
    *out = (struct finished){0};
    struct problems problems = {0};
    const struct experiment_options options = {0};
    const bool read = experiment_read(&out->experiment, path, &options, &problems);
    ck_assert_msg(read, "%s", problems.n ? problems.text[0] : "no message");
    problems_done(&problems);
    struct error e = {0};
    const bool ok =
        runner_run(&out->experiment.plan, NULL, NULL, &out->results, &out->signal_seen, &e);
    ck_assert_msg(ok, "%s", e.text);
}

void runs_done(struct finished *f) {
    results_done(&f->results);
    experiment_done(&f->experiment);
}

const struct trial_record *runs_find(const struct finished *f, int model, uint32_t fold) {
    for (size_t k = 0; k < f->results.n; k++)
        if (f->results.records[k].model == model && f->results.records[k].fold == fold)
            return &f->results.records[k];
    return NULL;
}
