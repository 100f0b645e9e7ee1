// reckon show [RUN]
#include "cli/show.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "cli/grid.h"
#include "cli/setup.h"
#include "core/log.h"
#include "report/wording.h"

static int refuse(const struct error *e) {
    log_error("%s", e->text);
    return EXIT_FAILED;
}

const char *show_state(const struct store_run *run, bool writing) {
    return strcmp(run->state, "running") == 0 && !writing ? "interrupted" : run->state;
}

// ---- Runs --------------------------------------------------------------------------------------

enum run_column {
    RUN_NAME,
    RUN_NUMBER,
    RUN_STATE,
    RUN_SHARE,
    RUN_TRIALS,
    RUN_INNER,
    RUN_FORESEEN,
    RUN_FAILED,
    RUN_WARNINGS,
    RUN_WHEN,
    RUN_STARTED,
    RUN_ENDED,
    RUN_SECONDS,
    RUN_VERSION,
    RUN_HOST,
    RUN_FOLDER,
    RUN_COLUMNS
};
static const struct grid_column run_columns[RUN_COLUMNS] = {
    [RUN_NAME] = {"name", "name", false},
    [RUN_NUMBER] = {"run", "run", true},
    [RUN_STATE] = {"state", "state", false},
    [RUN_SHARE] = {"share", "trials", true},
    [RUN_TRIALS] = {"trials", NULL, true},
    [RUN_INNER] = {"inner", NULL, true},
    [RUN_FORESEEN] = {"foreseen", NULL, true},
    [RUN_FAILED] = {"failed", "failed", true},
    [RUN_WARNINGS] = {"warnings", "warnings", true},
    [RUN_WHEN] = {"when", "begun", false},
    [RUN_STARTED] = {"started", NULL, true},
    [RUN_ENDED] = {"ended", NULL, true},
    [RUN_SECONDS] = {"seconds", "seconds", true},
    [RUN_VERSION] = {"version", "version", false},
    [RUN_HOST] = {"host", NULL, false},
    [RUN_FOLDER] = {"folder", NULL, false},
};

static const char *format_when(int64_t seconds, struct arena *a) {
    const time_t t = (time_t)seconds;
    struct tm local;
    char text[32] = "";
    if (localtime_r(&t, &local)) strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local);
    return arena_text(a, text);
}

static bool add_run(
    struct grid *g, const struct store_run_row *row, bool writing, const char *folder) {
    const struct store_run *run = &row->run;
    const size_t done = row->outer + row->inner;
    struct arena *a = g->arena;
    const char **cells = grid_add(g);
    if (!cells) return false;
    cells[RUN_NAME] = run->name;
    cells[RUN_NUMBER] = arena_printf(a, "%lld", (long long)run->id);
    cells[RUN_STATE] = show_state(run, writing);
    cells[RUN_SHARE] = run->foreseen ? arena_printf(a, "%zu/%zu", done, run->foreseen)
                                     : arena_printf(a, "%zu", done);
    cells[RUN_TRIALS] = arena_printf(a, "%zu", done);
    cells[RUN_INNER] = arena_printf(a, "%zu", row->inner);
    cells[RUN_FORESEEN] = run->foreseen ? arena_printf(a, "%zu", run->foreseen) : NULL;
    cells[RUN_FAILED] = arena_printf(a, "%zu", row->failed);
    cells[RUN_WARNINGS] = arena_printf(a, "%zu", row->n_warnings);
    cells[RUN_WHEN] = format_when(run->started, a);
    cells[RUN_STARTED] = arena_printf(a, "%lld", (long long)run->started);
    cells[RUN_ENDED] = run->ended ? arena_printf(a, "%lld", (long long)run->ended) : NULL;
    cells[RUN_SECONDS] = arena_printf(a, "%.1f", run->seconds);
    cells[RUN_VERSION] = run->version;
    cells[RUN_HOST] = run->host;
    cells[RUN_FOLDER] = folder;
    return true;
}

// The runs of one store; only the latest can be being written.
static bool add_runs(struct grid *g, const char *folder, struct error *e) {
    struct store *s = NULL;
    const struct store_run_row *rows;
    struct store_live live;
    size_t n;
    bool found;
    bool ok = store_open(&s, folder, STORE_READ, e) && store_runs(s, g->arena, &rows, &n, e) &&
              store_live(s, g->arena, &live, &found, e);
    for (size_t k = 0; ok && k < n; k++)
        if (!add_run(g, &rows[k], live.writing && k + 1 == n, folder))
            ok = error_memory(e, sizeof rows[k], "runs");
    store_close(s);
    return ok;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int show_runs(const struct arguments *a) {
    const char *parent = a->out ? a->out : "results";
    struct arena arena = {0};
    struct grid g = {.arena = &arena, .columns = run_columns, .n_columns = RUN_COLUMNS};
    struct dirent **names = NULL;
    struct error e = {0};
    int code = EXIT_DONE;
    const int n = scandir(parent, &names, NULL, by_name);
    if (n < 0 && errno != ENOENT) error_set(&e, "%s: %s", parent, strerror(errno));
    if (*e.text) code = refuse(&e);
    for (int k = 0; k < n; k++) {
        const char *folder = arena_printf(&arena, "%s/%s", parent, names[k]->d_name);
        const bool has = access(arena_printf(&arena, "%s/reckon.db", folder), F_OK) == 0;
        if (has && *names[k]->d_name != '.' && !add_runs(&g, folder, &e)) code = refuse(&e);
        free(names[k]);
    }
    free(names);
    if (code == EXIT_DONE && g.n_rows == 0 && (!a->format || strcmp(a->format, "table") == 0))
        log_info("there are no runs in %s", parent);
    else if (!grid_print(&g, a->format, stdout, &e))
        code = refuse(&e);
    grid_done(&g);
    arena_done(&arena);
    return code;
}

// ---- Predictions -------------------------------------------------------------------------------

static bool take_predictions(void *arg, const struct store_trial *t) {
    char *file = arg;
    snprintf(file, 4096, "%s", t->predictions ? t->predictions : "");
    return false; // the first seed and repeat
}

static bool copy_unpacked(const char *path, FILE *out, struct error *e) {
    char bytes[65536];
    int n = 0;
    gzFile in = gzopen(path, "rb");
    while (in && (n = gzread(in, bytes, sizeof bytes)) > 0) fwrite(bytes, 1, (size_t)n, out);
    const bool ok = in && n == 0;
    if (in) gzclose(in);
    return ok || error_set(e, "%s: cannot be read", path);
}

int show_predictions(struct store *s, const char *folder, const struct arguments *a) {
    char file[4096] = "", path[8192];
    struct error e = {0};
    const struct store_filter filter = {.label = a->predictions,
        .data = a->data,
        .fold = (uint32_t)a->fold,
        .which = STORE_OUTER,
        .own_rows = true};
    if (!store_trials(s, &filter, take_predictions, file, &e)) return refuse(&e);
    if (!*file) {
        error_set(&e,
            "%s: no predictions of %s are kept there; fold is chosen by --fold, and they are kept "
            "by predictions = true",
            folder, a->predictions);
        return refuse(&e);
    }
    snprintf(path, sizeof path, "%s/%s", folder, file);
    return copy_unpacked(path, stdout, &e) ? EXIT_DONE : refuse(&e);
}

// ---- The command -------------------------------------------------------------------------------

static int show_store(const struct arguments *a) {
    struct arena arena = {0};
    struct store *s = NULL;
    struct error e = {0};
    int code;
    const char *folder = setup_store_folder(a, a->rest.at[0], &arena, &e);
    if (!folder || !store_open(&s, folder, STORE_READ, &e))
        code = refuse(&e);
    else if (a->live)
        code = show_live(s, a);
    else if (a->predictions)
        code = show_predictions(s, folder, a);
    else if (a->trial || a->key)
        code = show_trial(s, a);
    else
        code = show_trials(s, a);
    store_close(s);
    arena_done(&arena);
    return code;
}

static int show_main(const struct arguments *a) {
    if (!setup_check_format(a, "table csv json")) return EXIT_USAGE;
    return a->rest.n ? show_store(a) : show_runs(a);
}

#define AT(field) .offset = offsetof(struct arguments, field)
static const struct option option_model = {
    "model", 0, OPTION_TEXT, "LABEL", "trials of this row of the table alone", AT(model)};
static const struct option option_data = {
    "data", 0, OPTION_TEXT, "NAME", "trials on this data set alone", AT(data)};
static const struct option option_fold = {"fold", 0, OPTION_INT, "N",
    "trials of this outer fold alone", AT(fold), .min = 0, .max = UINT32_MAX};
static const struct option option_failed = {
    "failed", 0, OPTION_FLAG, .doc = "failed trials alone, with their causes", AT(failed)};
static const struct option option_inner = {
    "inner", 0, OPTION_FLAG, .doc = "trials on inner folds, in place of outer ones", AT(inner)};
static const struct option option_trial = {"trial", 0, OPTION_INT, "N",
    "all about the trial of that number: parameters, scores, costs, cause, what it printed",
    AT(trial), .min = 1, .max = UINT32_MAX};
static const struct option option_key = {
    "key", 0, OPTION_TEXT, "KEY", "the same of the trial whose key begins so", AT(key)};
static const struct option option_predictions = {"predictions", 0, OPTION_TEXT, "LABEL",
    "the answers of that row of the table, as CSV; with --fold", AT(predictions)};
static const struct option option_live = {
    "live", 0, OPTION_FLAG, .doc = "watch a run of another process until it ends", AT(live)};
static const struct option format = {"format", 0, OPTION_TEXT, "FORMAT",
    "table (for people), csv or json", "table csv json", AT(format)};
static const struct option *const options[] = {&option_model, &option_data, &option_fold,
    &option_failed, &option_inner, &option_trial, &option_key, &option_predictions, &option_live,
    &format, &option_out};

REGISTRY_ADD(command, show) = {
    .id = "show",
    .usage = "[RUN]",
    .doc = "List runs, or the trials of one",
    .help =
        "RUN is a folder of results, or the name of one in results/ (--out). Without it, all runs "
        "there are listed;\nwith it, the trials of its latest run. Nothing is written, and a "
        "run that goes on is not disturbed. The store,\nRUN/reckon.db, can be asked more by "
        "sqlite3.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .max_rest = 1,
    .completion = "dir",
    .main = show_main,
};
