// reckon show --live: a run of another process, as far as its store tells.
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/live.h"
#include "cli/progress.h"
#include "cli/show.h"
#include "core/log.h"
#include "report/wording.h"

enum { LATEST = 8, LINE_BYTES = 1024, MOST_LABELS = 128 };

// Rows of the table by the mean of their first metric over outer trials.
struct ranking {
    char metric[96];
    struct {
        char label[128];
        double sum;
        size_t n;
    } at[MOST_LABELS];
    size_t n;
};

struct watching {
    struct store *store;
    bool on_terminal;
    double told;     // when the last line was printed
    size_t at_first; // trials that it had when watching began
    double began;
    int64_t run; // that it is
    char last[LINE_BYTES];
    size_t ranked; // outer trials that `best` is of
    char best[256];
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
    n += (size_t)snprintf(out + n, size - n, "%s", w->best);
    if (live->who && n < size) snprintf(out + n, size - n, "; %s", live->who);
}

// The first metric of a trial on all rows; NULL: it has none.
static const struct score *first_score(const struct trial_record *r) {
    for (size_t k = 0; k < r->scores.n; k++) {
        const struct score *score = &r->scores.at[k];
        if (score->slice == SLICE_ALL && strcmp(score->name, "rows") != 0 &&
            strcmp(score->name, "answered") != 0)
            return score;
    }
    return NULL;
}

static bool rank_trial(void *arg, const struct store_trial *t) {
    struct ranking *ranking = arg;
    const struct score *score = first_score(&t->record);
    size_t k = 0;
    if (t->record.failed || !score || !isfinite(score->value)) return true;
    while (k < ranking->n && strncmp(ranking->at[k].label, t->label, 127) != 0) k++;
    if (k == MOST_LABELS) return true;
    if (k == ranking->n) {
        snprintf(ranking->at[k].label, sizeof ranking->at[k].label, "%s", t->label);
        ranking->n++;
    }
    snprintf(ranking->metric, sizeof ranking->metric, "%s", score->name);
    ranking->at[k].sum += score->value;
    ranking->at[k].n++;
    return true;
}

// Anew only where an outer trial has ended since.
static bool find_best(struct watching *w, size_t outer, struct error *e) {
    if (outer == w->ranked) return true;
    struct ranking *ranking = calloc(1, sizeof *ranking);
    const struct store_filter filter = {.which = STORE_OUTER, .scores = true};
    bool ok = ranking || error_memory(e, sizeof *ranking, "the best so far");
    ok = ok && store_trials(w->store, &filter, rank_trial, ranking, e);
    char id[96] = "";
    if (ok) snprintf(id, sizeof id, "%.*s", (int)strcspn(ranking->metric, " "), ranking->metric);
    const struct metric *metric = metric_find(id);
    size_t best = 0;
    for (size_t k = 1; ok && metric && k < ranking->n; k++) {
        const double a = ranking->at[k].sum / (double)ranking->at[k].n;
        const double b = ranking->at[best].sum / (double)ranking->at[best].n;
        if (metric->lower_is_better ? a < b : a > b) best = k;
    }
    if (ok && metric && ranking->n)
        snprintf(w->best, sizeof w->best, "; best %s %s %.4f",
            wording_clean(w->arena, ranking->at[best].label), ranking->metric,
            ranking->at[best].sum / (double)ranking->at[best].n);
    w->ranked = outer;
    free(ranking);
    return ok;
}

static bool take_latest(void *arg, const struct store_trial *t) {
    struct watching *w = arg;
    const struct trial_record *r = &t->record;
    const char *text =
        arena_printf(w->arena, "  %s fold %u", wording_clean(w->arena, t->label), r->fold);
    if (r->inner) text = arena_printf(w->arena, "%s inner %u", text, r->inner);
    if (r->inner && r->candidate != CANDIDATE_NONE)
        text = arena_printf(w->arena, "%s candidate %u", text, r->candidate);
    const struct score *score = first_score(r);
    if (r->failed)
        text = arena_printf(
            w->arena, "%s   failed: %s", text, wording_clean(w->arena, r->cause ? r->cause : ""));
    else if (score)
        text = arena_printf(w->arena, "%s   %s %.4f", text, score->name, score->value);
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
        if (w->began == 0 || w->run != live.row.run.id) {
            w->run = live.row.run.id;
            w->began = pace_now();
            w->at_first = done;
        }
        ok = find_best(w, live.row.outer, e);
        format_state(w, &live, state, sizeof state);
        const size_t green = progress_bar(done, live.row.run.foreseen, bar);
        w->lines[0] = arena_printf(&arena, "%s  %s", bar, state);
        w->n_lines = 1;
        const struct store_filter filter = {.which = STORE_BOTH, .latest = LATEST, .scores = true};
        if (ok && w->on_terminal) ok = store_trials(w->store, &filter, take_latest, w, e);
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
    while (!stopped && look(&w, &over, &e) && !over)
        nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
    live_end();
    if (*e.text) log_error("%s", e.text);
    return stopped ? 128 + stopped : *e.text ? EXIT_FAILED : EXIT_DONE;
}
