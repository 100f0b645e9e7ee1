// reckon score [LABEL=]FILE[,FILE...] ...
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/run.h"
#include "cli/score.h"
#include "cli/setup.h"
#include "cli/sources.h"
#include "core/log.h"
#include "experiment/sources.h"

// What is asked for, as an experiment without models and the files in their place.
struct scored {
    struct arena arena;     // owned; all texts lie in it
    const char *file;       // the experiment's; the options' text alone if there is none
    const char *out;        // of --into: the folder that the run's is in
    const char **overrides; // [n_overrides]; owned
    size_t n_overrides;
    struct given_file *given;     // [a->rest.n]; owned
    struct given_column *columns; // [n_columns]; owned
    size_t n_columns;
};

// ---- Overrides ---------------------------------------------------------------------------------

static bool add_overrides(struct scored *s, const char *const *texts, size_t n, struct error *e) {
    const char **more = realloc(s->overrides, (s->n_overrides + n + 1) * sizeof *more);
    if (!more) return error_memory(e, (s->n_overrides + n + 1) * sizeof *more, "arguments");
    s->overrides = more;
    for (size_t k = 0; k < n; k++) more[s->n_overrides++] = texts[k];
    return true;
}

// A file or folder of the whole name is that one, blanks and all.
static bool add_data(struct scored *s, const char *text, struct error *e) {
    const char *words[SOURCES_WORDS], *out[SOURCES_WORDS] = {text};
    size_t n = 1;
    if (access(text, F_OK) == 0)
        words[0] = text;
    else
        n = sources_words(&s->arena, text, words, SOURCES_WORDS - 2);
    n = sources_data(&s->arena, words, n, out, SOURCES_WORDS);
    return add_overrides(s, out, n, e);
}

static bool add_split(struct scored *s, const char *text, struct error *e) {
    const char *out[SOURCES_WORDS];
    return add_overrides(s, out, sources_split(&s->arena, text, out, SOURCES_WORDS), e);
}

// ---- Files -------------------------------------------------------------------------------------

// "user=uid,item=iid"
static bool read_columns(struct scored *s, const char *text, struct error *e) {
    static const char *const keys[] = {"user", "item", "prediction", "fold", "rating", "delimiter"};
    for (const char *at = text; at && *at;) {
        const size_t n = strcspn(at, ","), key = strcspn(at, "=");
        bool known = false;
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            known |= strlen(keys[k]) == key && strncmp(at, keys[k], key) == 0;
        if (!known || key + 1 >= n)
            return error_set(e,
                "--columns: user=COLUMN,item=COLUMN,prediction=COLUMN and the like are expected, "
                "also of fold, rating and delimiter, not \"%s\"",
                text);
        struct given_column *more = realloc(s->columns, (s->n_columns + 1) * sizeof *more);
        if (!more) return error_memory(e, (s->n_columns + 1) * sizeof *more, "columns");
        s->columns = more;
        s->columns[s->n_columns++] =
            (struct given_column){arena_printf(&s->arena, "%.*s", (int)key, at),
                arena_printf(&s->arena, "%.*s", (int)(n - key - 1), at + key + 1)};
        at += n + (at[n] == ',');
    }
    return true;
}

// A file of the whole name is that file.
static bool read_file(struct scored *s, const char *text, struct given_file *out, struct error *e) {
    const char *equals = strchr(text, '=');
    *out = (struct given_file){.columns = s->columns, .n_columns = s->n_columns};
    if (access(text, F_OK) != 0 && equals) {
        out->label = arena_printf(&s->arena, "%.*s", (int)(equals - text), text);
        text = equals + 1;
    }
    size_t n = 1;
    for (const char *c = text; *c; c++) n += *c == ',';
    const char **files = arena_alloc(&s->arena, n * sizeof *files);
    if (!files) return error_memory(e, n * sizeof *files, "files");
    if (access(text, F_OK) == 0) n = 1;
    const char *at = text;
    for (size_t k = 0; k < n; k++) {
        const size_t length = n == 1 ? strlen(at) : strcspn(at, ",");
        files[k] = arena_printf(&s->arena, "%.*s", (int)length, at);
        at += length + (at[length] == ',');
    }
    out->at = files;
    out->n = n;
    return true;
}

// ---- The experiment ----------------------------------------------------------------------------

// An experiment file, or that of a run.
static bool find_like(struct scored *s, const struct arguments *a, struct error *e) {
    struct stat st;
    if (stat(a->like, &st) == 0 && S_ISREG(st.st_mode)) {
        s->file = a->like;
        return true;
    }
    struct arguments results = *a; // --out is where this one's go; what is meant may be there, too
    results.out = NULL;
    struct error other = {0};
    const char *folder = a->out ? setup_store_folder(a, a->like, &s->arena, &other) : NULL;
    if (!folder) folder = setup_store_folder(&results, a->like, &s->arena, e);
    if (folder) s->file = arena_printf(&s->arena, "%s/experiment.cfg", folder);
    return folder;
}

// The run's experiment under the name of its folder, wherever that lies now.
static bool find_into(struct scored *s, const struct arguments *a, struct error *e) {
    if (a->like || a->data || a->split || a->set.n || a->out)
        return error_set(e,
            "--into takes all from the run; --like, --data, --split, --set and --out "
            "do not go with it");
    char *folder = arena_text(&s->arena, a->into);
    for (size_t n = strlen(folder); n > 1 && folder[n - 1] == '/'; n--) folder[n - 1] = '\0';
    const char *found = setup_store_folder(a, folder, &s->arena, e);
    if (!found) return false;
    const char *slash = strrchr(found, '/');
    s->file = arena_printf(&s->arena, "%s/experiment.cfg", found);
    s->out = slash
                 ? arena_printf(&s->arena, "%.*s", slash == found ? 1 : (int)(slash - found), found)
                 : ".";
    const char *name = arena_printf(&s->arena, "name=\"%s\"", slash ? slash + 1 : found);
    return add_overrides(s, &name, 1, e);
}

// Whatever is not taken from a run as it is.
static bool gather_words(struct scored *s, const struct arguments *a, struct error *e) {
    if (!a->like && (!a->data || !a->split))
        return error_set(e,
            "what was predicted has to be said: --data and --split, --like with an experiment or a "
            "run, or --into with a run; see reckon score --help");
    if (a->like && !find_like(s, a, e)) return false;
    const char *name = "name=score";
    return add_overrides(s, &name, 1, e) && (!a->data || add_data(s, a->data, e)) &&
           (!a->split || add_split(s, a->split, e)) && add_overrides(s, a->set.at, a->set.n, e);
}

static bool gather(struct scored *s, const struct arguments *a, struct error *e) {
    if (!(a->into ? find_into(s, a, e) : gather_words(s, a, e))) return false;
    s->given = calloc(a->rest.n + 1, sizeof *s->given);
    if (!s->given) return error_memory(e, a->rest.n * sizeof *s->given, "files");
    if (!read_columns(s, a->columns, e)) return false;
    for (size_t k = 0; k < a->rest.n; k++)
        if (!read_file(s, a->rest.at[k], &s->given[k], e)) return false;
    return true;
}

static bool read_experiment(
    const struct scored *s, const struct arguments *a, struct experiment *x) {
    const char *formats[32];
    const struct experiment_options options = {.text = s->file ? NULL : "",
        .overrides = s->overrides,
        .n_overrides = s->n_overrides,
        .formats = formats,
        .n_formats = setup_formats(formats, 32),
        .plugin_folders = a->plugin_path.at,
        .n_plugin_folders = a->plugin_path.n,
        .given = s->given,
        .n_given = a->rest.n,
        .given_beside = a->into != NULL};
    struct problems problems = {0};
    const bool ok = experiment_read(x, s->file ? s->file : "score", &options, &problems);
    for (size_t k = 0; k < problems.n; k++) log_error("%s", problems.text[k]);
    problems_done(&problems);
    return ok;
}

static int score_main(const struct arguments *a) {
    if (!setup_check_format(a, "table csv json md")) return EXIT_USAGE;
    struct scored s = {0};
    struct experiment x = {0};
    struct error e = {0};
    int code = EXIT_USAGE;
    if (!gather(&s, a, &e)) {
        log_error("%s", e.text);
    } else if (read_experiment(&s, a, &x)) {
        struct arguments changed = *a;
        if (a->into) changed.out = s.out;
        // Files are looked at anew, and what is wrong in them is told again; models are not run
        // anew.
        x.plan.fresh = !a->into;
        code = run_experiment(&x, &changed, score_tell);
    }
    free(s.overrides);
    free(s.given);
    free(s.columns);
    arena_done(&s.arena);
    return code;
}

#define AT(field) .offset = offsetof(struct arguments, field)
static const struct option option_data = {"data", 0, OPTION_TEXT, "DATA",
    "data in words: ml-100k.zip, or \"delimited=r.csv user=1 item=2 rating=3 scale=[1,5]\"",
    AT(data)};
static const struct option option_like = {"like", 0, OPTION_TEXT, "CFG|RUN",
    "data, split, seed, metrics and clip of an experiment file, or of a run", "file", AT(like)};
static const struct option option_into = {"into", 0, OPTION_TEXT, "RUN",
    "put the rows into that run's own tables, beside its models", "dir", AT(into)};
static const struct option option_columns = {"columns", 0, OPTION_TEXT, "KEY=COLUMN,...",
    "columns by name or number: user, item, prediction; fold, rating (and delimiter)", AT(columns)};
static const struct option option_set = {"set", 0, OPTION_TEXTS, "KEY=VALUE",
    "any other key of an experiment: clip=false, name=peers; may be repeated", AT(set)};
static const struct option *const options[] = {&option_data, &option_split, &option_like,
    &option_into, &option_columns, &option_set, &option_out, &option_format, &option_dry_run,
    &option_plugin_path};

REGISTRY_ADD(command, score) = {
    .id = "score",
    .usage = "[LABEL=]FILE[,FILE...] ...",
    .doc = "Score what another tool predicted",
    .help =
        "Each FILE is a row of the table: predictions as CSV or TSV (compressed or not), with "
        "columns for user, item\nand prediction, which are found by the names that tools give "
        "them. One file is of all folds, by a column\n\"fold\" if it has one; several files "
        "between commas are of one fold each, in the split's order. What is\ntested is said by "
        "--data and --split, or taken by --like from an experiment or a run; results go to\n"
        "results/score, as those of a run. --into RUN puts the rows into that run's tables and "
        "comparisons, whose\nstored trials are not run again; an entry { predictions = "
        "\"FILE\"; label = \"LABEL\"; } among an experiment's\nmodels does so from the start. "
        "Test rows without a prediction are answered by the fallback, and counted;\nrows that no "
        "fold tests are counted and left out; a \"rating\" column has to agree with the data.\n\n"
        "Below the table stands what the same predictions score as other tools define RMSE and "
        "MAE, each with\nits definition (also in scores.csv: surprise.rmse, ...).\n\nExit codes as "
        "of reckon run.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .min_rest = 1,
    .max_rest = SIZE_MAX,
    .completion = "file",
    .main = score_main,
};
