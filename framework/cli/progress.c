#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/setup.h"
#include "core/log.h"

static struct progress *on_screen; // what log lines have to clear and draw again

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// "8 s", "3:05 min", "2:10:00 h"
static void format_time(double seconds, char out[32]) {
    const long s = seconds < 1e8 ? (long)(seconds + 0.5) : 99999999;
    if (s < 60)
        snprintf(out, 32, "%ld s", s);
    else if (s < 3600)
        snprintf(out, 32, "%ld:%02ld min", s / 60, s % 60);
    else
        snprintf(out, 32, "%ld:%02ld:%02ld h", s / 3600, s / 60 % 60, s % 60);
}

// The model that is best so far by the mean over its trials, or -1.
static int find_best(const struct progress *p) {
    int best = -1;
    double best_mean = 0;
    for (size_t k = 0; p->sum && k < p->plan->n_models; k++) {
        if (p->count[k] == 0) continue;
        const double mean = p->sum[k] / (double)p->count[k];
        if (best < 0 || (p->lower_is_better ? mean < best_mean : mean > best_mean)) {
            best = (int)k;
            best_mean = mean;
        }
    }
    return best;
}

// "12/60 trials, 0.8/s, 1:02 min left; best als rank=16 0.8512"
static void format_state(const struct progress *p, char *out, size_t size) {
    const double passed = now() - p->began;
    const double rate = passed > 0 ? (double)p->done / passed : 0;
    size_t n = (size_t)snprintf(out, size, "%zu/%zu trials", p->done, p->total);
    if (p->done > 0 && p->done < p->total && n < size) {
        char left[32];
        format_time((double)(p->total - p->done) / rate, left);
        n += (size_t)snprintf(out + n, size - n, ", %.3g/s, %s left", rate, left);
    }
    const int best = find_best(p);
    if (best >= 0 && n < size)
        snprintf(out + n, size - n, "; best %s %s %.*f", p->plan->models[best].label,
            p->best_metric, p->decimals, p->sum[best] / (double)p->count[best]);
}

// ---- The bar -----------------------------------------------------------------------------------

static void clear(void) {
    if (!on_screen || !on_screen->shown) return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    on_screen->shown = false;
}

// Bytes of the first `columns` characters of `text`.
static int cut(const char *text, unsigned columns) {
    int n = 0;
    for (unsigned k = 0; text[n]; n++)
        if ((text[n] & 0xc0) != 0x80 && k++ == columns) break;
    return n;
}

static void draw(struct progress *p) {
    enum { WIDTH = 20 };
    char state[512], line[768], bar[4 * WIDTH + 1] = "";
    format_state(p, state, sizeof state);
    const size_t full = p->total ? p->done * WIDTH / p->total : 0;
    for (size_t k = 0; k < WIDTH; k++) strcat(bar, k < full ? "\xe2\x94\x81" : "\xe2\x94\x80");
    snprintf(line, sizeof line, "%s  %s%s%s", state, *p->doing ? "(" : "", p->doing,
        *p->doing ? ")" : "");
    const unsigned known = setup_width(stderr), width = known ? known : 80;
    // A line that wraps could not be drawn again: on a narrow terminal the words go without the
    // bar.
    if (width < 2 * WIDTH)
        fprintf(stderr, "\r%.*s\033[K", cut(line, width - 1), line);
    else
        fprintf(stderr, "\r%s%s%s  %.*s\033[K", p->colour ? "\033[32m" : "", bar,
            p->colour ? "\033[0m" : "", cut(line, width - WIDTH - 3), line);
    fflush(stderr);
    p->shown = true;
    p->drawn = now();
}

static void redraw(void) {
    if (on_screen && !on_screen->shown) draw(on_screen);
}

// ---- Events ------------------------------------------------------------------------------------

void progress_init(struct progress *p, const struct plan *plan, bool quiet) {
    const char *term = getenv("TERM");
    *p = (struct progress){.plan = plan,
        .quiet = quiet,
        .bar = !quiet && isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb"),
        .colour = setup_colour(stderr),
        .began = now(),
        .sum = calloc(plan->n_models + 1, sizeof *p->sum),
        .count = calloc(plan->n_models + 1, sizeof *p->count)};
    if (!p->sum || !p->count || plan->n_metrics == 0) {
        free(p->sum);
        p->sum = NULL; // no best is shown then
    } else {
        p->best_metric = plan->metrics[0].label;
        p->lower_is_better = plan->metrics[0].metric->lower_is_better;
        p->decimals = plan->metrics[0].metric->decimals;
    }
    if (!p->bar) return;
    on_screen = p;
    log_set_hooks(clear, redraw);
}

static void count_best(struct progress *p, const struct trial_record *t) {
    if (!p->sum || t->failed || t->model < 0 || (size_t)t->model >= p->plan->n_models) return;
    if (t->data != p->data) {
        memset(p->sum, 0, p->plan->n_models * sizeof *p->sum);
        memset(p->count, 0, p->plan->n_models * sizeof *p->count);
        p->data = t->data;
    }
    const double value = scores_get(&t->scores, SLICE_ALL, p->best_metric);
    if (!isfinite(value)) return;
    p->sum[t->model] += value;
    p->count[t->model]++;
}

// "[1:05 min] 12/60 trials, ...: als fold 3"
static void print_line(struct progress *p, const struct trial_record *ended) {
    char state[512], time[32];
    format_state(p, state, sizeof state);
    format_time(now() - p->began, time);
    log_info("[%s] %s fold %u: %s", time, p->plan->models[ended->model].label, ended->fold, state);
    p->drawn = now();
}

void progress_tick(
    void *arg, size_t done, size_t total, const struct trial_record *ended, const char *doing) {
    struct progress *p = arg;
    const bool news = doing && strcmp(doing, p->doing) != 0 && !ended;
    p->done = done;
    p->total = total;
    snprintf(p->doing, sizeof p->doing, "%s", doing ? doing : "");
    if (ended) count_best(p, ended);
    if (p->quiet) return;
    if (p->bar) {
        if (ended || now() - p->drawn > 0.1) draw(p);
    } else if (ended && ended->model >= 0 && !ended->failed &&
               (done == total || now() - p->drawn > 1)) {
        print_line(p, ended);
    } else if (news && strncmp(doing, "reading", 7) == 0) {
        log_info("%s", doing);
    }
}

void progress_done(struct progress *p) {
    if (on_screen == p) {
        clear();
        log_set_hooks(NULL, NULL);
        on_screen = NULL;
    }
    free(p->sum);
    free(p->count);
    p->sum = NULL;
    p->count = NULL;
}
