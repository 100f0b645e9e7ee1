// reckon show --live: a run of another process, as far as its store tells.
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/live.h"
#include "cli/progress.h"
#include "cli/show.h"
#include "core/log.h"
#include "report/wording.h"

enum { LATEST = 8, LINE_BYTES = 512 };

struct watching {
    struct store *store;
    bool on_terminal;
    double told;     // when the last line was printed
    size_t at_first; // trials that it had when watching began
    double began;
    char last[LINE_BYTES];
    // What was asked of the store.
    struct arena *arena;
    const char *lines[1 + LATEST];
    size_t n_lines;
};

// Trials of the run that have ended, and of how many; the rate is that since watching began.
static void format_state(
    struct watching *w, const struct store_live *live, char *out, size_t size) {
    const struct store_run_row *row = &live->row;
    const size_t done = row->outer + row->inner, total = row->run.foreseen;
    const double passed = pace_now() - w->began;
    const double rate = passed > 1 ? (double)(done - w->at_first) / passed : 0;
    size_t n = (size_t)snprintf(out, size, "%s run %lld: %zu",
        wording_clean(w->arena, row->run.name), (long long)row->run.id, done);
    if (total) n += (size_t)snprintf(out + n, size - n, "/%zu", total);
    n += (size_t)snprintf(out + n, size - n, " trials");
    if (rate > 0) n += (size_t)snprintf(out + n, size - n, ", %.3g/s", rate);
    if (rate > 0 && total > done) {
        char time[32];
        progress_time((double)(total - done) / rate, time);
        n += (size_t)snprintf(out + n, size - n, ", %s left", time);
    }
    if (row->inner) n += (size_t)snprintf(out + n, size - n, ", %zu on inner folds", row->inner);
    if (row->failed) n += (size_t)snprintf(out + n, size - n, ", %zu failed", row->failed);
    if (live->who) snprintf(out + n, size - n, "; %s", live->who);
}

static bool take_latest(void *arg, const struct store_trial *t) {
    struct watching *w = arg;
    const struct trial_record *r = &t->record;
    const char *text =
        arena_printf(w->arena, "  %s fold %u", wording_clean(w->arena, t->label), r->fold);
    if (r->inner)
        text = arena_printf(w->arena, "%s inner %u candidate %u", text, r->inner, r->candidate);
    const char *metric = NULL;
    double value = NAN;
    for (size_t k = 0; k < r->scores.n && !metric; k++) {
        const struct score *score = &r->scores.at[k];
        if (score->slice != SLICE_ALL || !strcmp(score->name, "rows") ||
            !strcmp(score->name, "answered"))
            continue;
        metric = score->name;
        value = score->value;
    }
    if (r->failed)
        text = arena_printf(
            w->arena, "%s   failed: %s", text, wording_clean(w->arena, r->cause ? r->cause : ""));
    else if (metric)
        text = arena_printf(w->arena, "%s   %s %.4f", text, metric, value);
    w->lines[w->n_lines++] = arena_printf(w->arena, "%s   %s", text,
        wording_seconds(w->arena, r->cost.fit_seconds + r->cost.predict_seconds));
    return w->n_lines < 1 + LATEST;
}

static void print_line(struct watching *w, const char *state, bool last) {
    if (!last && (pace_now() - w->told < 2 || strcmp(state, w->last) == 0)) return;
    log_info("%s", state);
    snprintf(w->last, sizeof w->last, "%s", state);
    w->told = pace_now();
}

// One look. *over: the run has ended.
static bool look(struct watching *w, bool *over, struct error *e) {
    struct store_live live;
    struct arena arena = {0};
    char state[LINE_BYTES], bar[PROGRESS_BAR_BYTES];
    bool found;
    w->arena = &arena;
    bool ok = store_live(w->store, &arena, &live, &found, e);
    if (ok && !found) ok = error_set(e, "there is no run yet");
    if (ok) {
        const size_t done = live.row.outer + live.row.inner;
        const char *ended = show_state(&live.row.run, live.writing);
        *over = strcmp(ended, "running") != 0;
        if (w->began == 0) {
            w->began = pace_now();
            w->at_first = done;
        }
        format_state(w, &live, state, sizeof state);
        const size_t green = progress_bar(done, live.row.run.foreseen, bar);
        w->lines[0] = arena_printf(&arena, "%s  %s", bar, state);
        w->n_lines = 1;
        const struct store_filter filter = {.which = STORE_BOTH, .latest = LATEST, .scores = true};
        if (w->on_terminal) ok = store_trials(w->store, &filter, take_latest, w, e);
        if (ok && w->on_terminal) live_draw(w->lines, w->n_lines, green);
        if (ok && !w->on_terminal) print_line(w, state, *over);
        if (ok && *over) {
            live_end();
            log_info("run %lld is %s: %zu trials, %zu failed", (long long)live.row.run.id, ended,
                done, live.row.failed);
        }
    }
    w->arena = NULL;
    arena_done(&arena);
    return ok;
}

static volatile sig_atomic_t stopped; // by that signal

static void on_signal(int number) {
    stopped = number;
}

int show_live(struct store *s, const struct arguments *a) {
    const struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    struct watching w = {.store = s, .on_terminal = !a->quiet && live_begin()};
    struct error e = {0};
    bool over = false;
    while (look(&w, &over, &e) && !over) nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
    live_end();
    if (*e.text) log_error("%s", e.text);
    return stopped ? 128 + stopped : *e.text ? EXIT_FAILED : EXIT_DONE;
}
