#include "cli/progress.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/jsonlog.h"
#include "cli/live.h"
#include "core/log.h"
#include "report/wording.h"

enum { MOST_RUNNING = 60, STATE_BYTES = 768 };

void progress_time(double seconds, char out[32]) {
    const long s = seconds < 1e8 ? (long)(seconds + 0.5) : 99999999;
    if (s < 60)
        snprintf(out, 32, "%ld s", s);
    else if (s < 3600)
        snprintf(out, 32, "%ld:%02ld min", s / 60, s % 60);
    else
        snprintf(out, 32, "%ld:%02ld:%02ld h", s / 3600, s / 60 % 60, s % 60);
}

size_t progress_bar(size_t done, size_t total, char out[PROGRESS_BAR_BYTES]) {
    const size_t full = total ? done * PROGRESS_BAR / total : 0;
    *out = '\0';
    for (size_t k = 0; k < PROGRESS_BAR; k++)
        strcat(out, k < full ? "\xe2\x94\x81" : "\xe2\x94\x80");
    return strlen(out);
}

// ---- Best so far -------------------------------------------------------------------------------

static const struct metric_spec *first_metric(const struct progress *p) {
    return p->plan->n_metrics ? &p->plan->metrics[0] : NULL;
}

static bool is_better(const struct progress *p, double a, double b) {
    return first_metric(p)->metric->lower_is_better ? a < b : a > b;
}

static void forget_best(struct progress *p) {
    memset(p->best, 0, p->plan->n_models * sizeof *p->best);
    p->inner_model = -1;
}

static void count_best(struct progress *p, const struct trial_record *t) {
    if (!p->best || !first_metric(p) || t->failed || t->model < 0) return;
    if (t->data != p->data) forget_best(p);
    p->data = t->data;
    const double value = scores_get(&t->scores, SLICE_ALL, first_metric(p)->label);
    if (!isfinite(value)) return;
    if (t->inner == 0) {
        p->best[t->model].sum += value;
        p->best[t->model].n++;
    } else if (p->inner_model < 0 || is_better(p, value, p->inner)) {
        p->inner_model = t->model;
        p->inner = value;
    }
}

// The model that is best by the mean over its outer trials, or -1.
static int find_best(const struct progress *p, double *mean) {
    int best = -1;
    for (size_t k = 0; p->best && k < p->plan->n_models; k++) {
        if (p->best[k].n == 0) continue;
        const double its = p->best[k].sum / (double)p->best[k].n;
        if (best >= 0 && !is_better(p, its, *mean)) continue;
        best = (int)k;
        *mean = its;
    }
    return best;
}

// ---- Words -------------------------------------------------------------------------------------

// Adds to a text of `size` bytes, as far as there is room.
static RK_PRINTF(3, 4) void add(char *text, size_t size, const char *fmt, ...) {
    const size_t n = strlen(text);
    va_list args;
    va_start(args, fmt);
    vsnprintf(text + n, size - n, fmt, args);
    va_end(args);
}

static void add_best(const struct progress *p, char *out, size_t size, struct arena *a) {
    double value = p->inner;
    const int best = find_best(p, &value);
    if (best < 0 && p->inner_model < 0) return;
    const struct metric_spec *metric = first_metric(p);
    const char *label = p->plan->models[best >= 0 ? best : p->inner_model].label;
    add(out, size, "; best %s %s %.*f%s", wording_clean(a, label), wording_clean(a, metric->label),
        metric->metric->decimals, best >= 0 ? value : p->inner,
        best >= 0 ? "" : " on an inner fold");
}

// "12/60 trials, 0.8/s, 1:02 min left, 3 cached, 1 failed; best als rank=16 rmse 0.8512"
static void format_state(const struct progress *p, const struct runner_view *view, char *out,
    size_t size, struct arena *a) {
    const double rate = pace_rate(&p->pace), left = pace_left(&p->pace, view);
    snprintf(out, size, "%zu/%zu trials", view->done, view->total);
    if (isfinite(rate)) add(out, size, ", %.3g/s", rate);
    if (isfinite(left)) {
        char time[32];
        progress_time(left, time);
        add(out, size, ", %s left", time);
    }
    if (view->cached) add(out, size, ", %zu cached", view->cached);
    if (view->failed) add(out, size, ", %zu failed", view->failed);
    add_best(p, out, size, a);
}

// "als rank=16 fold 3", and where it is on an inner fold, with other seeds or repeated.
static const char *place_of(
    const struct progress *p, const struct trial_record *t, struct arena *a) {
    const char *text =
        arena_printf(a, "%s fold %u", wording_clean(a, p->plan->models[t->model].label), t->fold);
    if (t->repeat) text = arena_printf(a, "%s repeat %u", text, t->repeat + 1);
    if (p->plan->n_seeds > 1) text = arena_printf(a, "%s seed %u", text, t->seed + 1);
    if (t->inner) text = arena_printf(a, "%s inner %u", text, t->inner);
    if (t->inner && t->candidate != CANDIDATE_NONE)
        text = arena_printf(a, "%s candidate %u", text, t->candidate);
    return text;
}

// "  als rank=16 fold 3 inner 1 candidate 7   12/50   objective 0.8123   4 s"
static const char *running_line(
    const struct progress *p, const struct runner_running *r, struct arena *a) {
    char time[32];
    progress_time(r->seconds, time);
    const char *text = arena_printf(a, "  %s", place_of(p, r->record, a));
    if (r->total) text = arena_printf(a, "%s   %u/%u", text, r->done, r->total);
    if (isfinite(r->objective)) text = arena_printf(a, "%s   objective %.5g", text, r->objective);
    return arena_printf(a, "%s   %s", text, time);
}

// ---- Forms -------------------------------------------------------------------------------------

static void draw(const struct progress *p, const struct runner_view *view) {
    struct arena a = {0};
    char state[STATE_BYTES], bar[PROGRESS_BAR_BYTES];
    const size_t green = progress_bar(view->done, view->total, bar);
    const char *lines[1 + MOST_RUNNING];
    size_t n = 0;
    format_state(p, view, state, sizeof state, &a);
    lines[n++] = arena_printf(&a, "%s  %s%s%s%s", bar, state, *p->doing ? "  (" : "",
        wording_clean(&a, p->doing), *p->doing ? ")" : "");
    for (size_t k = 0; k < view->n_running && n < 1 + MOST_RUNNING; k++)
        lines[n++] = running_line(p, &view->running[k], &a);
    live_draw(lines, n, green);
    arena_done(&a);
}

// Every two seconds in the beginning, later once a minute: so few that a log of days can be read.
static bool is_due(const struct progress *p, const struct runner_view *view) {
    const double passed = pace_now() - p->began;
    const double pause = fmin(60, fmax(2, passed / 50));
    return view->done == view->total || pace_now() - p->told >= pause;
}

// "[1:05 min] als fold 3: 12/60 trials, ..."
static void print_line(struct progress *p, const struct runner_view *view) {
    struct arena a = {0};
    char state[STATE_BYTES], time[32];
    format_state(p, view, state, sizeof state, &a);
    progress_time(pace_now() - p->began, time);
    log_info("[%s] %s: %s", time, place_of(p, view->ended, &a), state);
    p->told = pace_now();
    arena_done(&a);
}

static bool begins_reading(const struct progress *p, const char *doing) {
    return strncmp(doing, "reading", 7) == 0 && strcmp(doing, p->doing) != 0;
}

void progress_init(struct progress *p, const struct plan *plan, bool quiet) {
    *p = (struct progress){.plan = plan,
        .quiet = quiet || jsonlog_is_on(),
        .began = pace_now(),
        .best = calloc(plan->n_models + 1, sizeof *p->best),
        .inner_model = -1};
    pace_init(&p->pace, plan); // without memory nothing is said of what is left
    p->live = !p->quiet && live_begin();
}

void progress_tick(void *arg, const struct results *r, const struct runner_view *view) {
    struct progress *p = arg;
    const struct trial_record *ended = view->ended && view->ended->model >= 0 ? view->ended : NULL;
    const char *doing = view->doing ? view->doing : "";
    const bool reads = begins_reading(p, doing);
    snprintf(p->doing, sizeof p->doing, "%s", doing);
    p->done = view->done;
    p->total = view->total;
    p->cached = view->cached;
    p->failed = view->failed;
    pace_watch(&p->pace, view);
    if (ended) count_best(p, ended);
    if (ended && jsonlog_is_on()) jsonlog_trial(r, ended, view->done, view->total);
    if (p->quiet) return;
    if (p->live) {
        if (live_is_due() || (ended && view->done == view->total)) draw(p, view);
    } else if (ended && !ended->failed && is_due(p, view)) {
        print_line(p, view);
    } else if (reads) {
        log_info("%s", doing);
    }
}

void progress_done(struct progress *p) {
    if (p->live) live_end();
    pace_done(&p->pace);
    free(p->best);
    p->best = NULL;
}
