#include "cli/setup.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/jsonlog.h"
#include "core/log.h"
#include "report/report.h"

enum { MOST_FORMATS = 32 };

size_t setup_formats(const char **ids, size_t room) {
    size_t n = 0;
    for (; n < report_format_count() && n < room; n++) ids[n] = report_format_nth(n)->id;
    return n;
}

// Lines that begin with the file's name and line, as compilers have them.
static void tell_problem(const char *text) {
    if (jsonlog_is_on())
        log_error("%s", text);
    else
        fprintf(stderr, "%s\n", text);
}

bool setup_experiment(const struct arguments *a, bool skip_data, struct experiment *x) {
    const char *formats[MOST_FORMATS];
    const struct experiment_options options = {.overrides = a->rest.at + 1,
        .n_overrides = a->rest.n - 1,
        .only = a->only.at,
        .n_only = a->only.n,
        .blends = a->blends.at,
        .n_blends = a->blends.n,
        .plugin_folders = a->plugin_path.at,
        .n_plugin_folders = a->plugin_path.n,
        .formats = formats,
        .n_formats = setup_formats(formats, MOST_FORMATS),
        .jobs = a->jobs,
        .threads = a->threads,
        .skip_data = skip_data};
    struct problems problems = {0};
    const bool ok = experiment_read(x, a->rest.at[0], &options, &problems);
    for (size_t k = 0; k < problems.n; k++) tell_problem(problems.text[k]);
    if (problems.n > 1) log_error("%zu mistakes in the configuration", problems.n);
    problems_done(&problems);
    return ok;
}

bool setup_colour(FILE *out) {
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    if (no_color && *no_color) return false;
    return isatty(fileno(out)) && term && *term && strcmp(term, "dumb");
}

unsigned setup_width(FILE *out) {
    struct winsize size;
    if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size)) return 0;
    return size.ws_col;
}

// One of the space-separated words.
static bool is_word_of(const char *text, const char *words) {
    const size_t n = strlen(text);
    for (const char *word = words; word; word = strchr(word, ' ')) {
        word += *word == ' ';
        if (strcspn(word, " ") == n && strncmp(word, text, n) == 0) return true;
    }
    return false;
}

static bool check_word(const char *option, const char *given, const char *allowed) {
    if (!given || is_word_of(given, allowed)) return true;
    log_error("--%s: one of %s is expected, not \"%s\"", option, allowed, given);
    return false;
}

bool setup_check_format(const struct arguments *a, const char *allowed) {
    return check_word("format", a->format, allowed);
}

bool setup_log(const struct arguments *a) {
    if (!check_word("log-format", a->log_format, "text json")) return false;
    if (a->log_format && strcmp(a->log_format, "json") == 0) jsonlog_begin();
    return true;
}

static bool has_store(const char *folder, struct arena *arena) {
    return access(arena_printf(arena, "%s/reckon.db", folder), F_OK) == 0;
}

const char *setup_store_folder(
    const struct arguments *a, const char *run, struct arena *arena, struct error *e) {
    const char *parent = a->out ? a->out : "results";
    const char *below = arena_printf(arena, "%s/%s", parent, run);
    if (has_store(run, arena)) return run;
    if (has_store(below, arena)) return below;
    error_set(e,
        "there are no results %s: neither %s nor %s holds a reckon.db; reckon show lists those in "
        "%s",
        run, run, below, parent);
    return NULL;
}
