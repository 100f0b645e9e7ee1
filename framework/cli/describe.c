// reckon describe DATA [key=value ...]
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/setup.h"
#include "cli/sources.h"
#include "core/log.h"
#include "core/pool.h"
#include "core/replace.h"
#include "report/describe_files.h"
#include "report/describe_text.h"

static bool load(
    const struct experiment *x, uint32_t threads, struct dataset *out, struct error *e) {
    const int fd = image_create("data", e);
    if (fd < 0) return false;
    const bool ok = data_load(x->plan.data, threads, fd, e) && dataset_map(out, fd, e);
    close(fd);
    return ok;
}

// "genre,year": two features each time.
static bool read_pairs(
    const struct option_texts *by, struct describe_pair *pairs, struct arena *arena) {
    for (size_t k = 0; k < by->n; k++) {
        const char *comma = strchr(by->at[k], ',');
        if (!comma || comma == by->at[k] || !comma[1] || strchr(comma + 1, ',')) {
            log_error(
                "--by: two features are expected, as in --by genre,year, not \"%s\"", by->at[k]);
            return false;
        }
        pairs[k].rows = arena_printf(arena, "%.*s", (int)(comma - by->at[k]), by->at[k]);
        pairs[k].columns = arena_text(arena, comma + 1);
    }
    return true;
}

// What the locale says of letters beyond ASCII; where it says nothing, they are taken as known.
static bool is_ascii(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *term = getenv("TERM");
    if (term && strcmp(term, "dumb") == 0) return true;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const char *value = getenv(names[k]);
        if (value && *value) return !strcasestr(value, "utf-8") && !strcasestr(value, "utf8");
    }
    return false;
}

// "reckon describe ml-1m.zip --by genre,age", to be told on the page.
static const char *command_of(const struct arguments *a, struct arena *arena) {
    const char *text = "reckon describe";
    for (size_t k = 0; k < a->rest.n; k++) {
        const bool plain =
            a->rest.at[k][strcspn(a->rest.at[k], " \t'\"\\$&|;<>()*?[]{}~#")] == '\0';
        text = arena_printf(arena, plain ? "%s %s" : "%s '%s'", text, a->rest.at[k]);
    }
    if (a->split) text = arena_printf(arena, "%s --split '%s'", text, a->split);
    for (size_t k = 0; k < a->by.n; k++)
        text = arena_printf(arena, "%s --by %s", text, a->by.at[k]);
    return text;
}

static bool put(const struct describe *d, const struct arguments *a, FILE *out, struct error *e) {
    const char *format = a->format ? a->format : "table";
    const bool on_terminal = out == stdout;
    if (strcmp(format, "table") == 0)
        return describe_text_write(d,
            &(struct describe_style){.colour = on_terminal && setup_colour(out),
                .ascii = is_ascii(),
                .slices = a->by.n > 0,
                .width = on_terminal ? setup_width(out) : 0},
            out, e);
    if (strcmp(format, "json") == 0) return describe_json_write(d, out, e);
    if (strcmp(format, "csv") == 0) {
        describe_csv_write(d, out);
    } else {
        struct arena arena = {0};
        describe_page_write(d, command_of(a, &arena), out);
        arena_done(&arena);
    }
    return true;
}

// To a file, whole or not at all.
static bool put_file(const struct describe *d, const struct arguments *a, const char *path,
    bool one_hot, struct error *e) {
    struct replace file = {0};
    bool ok = replace_begin(&file, path, e);
    if (ok && one_hot)
        describe_csv_one_hot(d, file.file);
    else if (ok)
        ok = put(d, a, file.file, e);
    ok = ok && replace_commit(&file, e);
    if (!ok) replace_abandon(&file);
    return ok;
}

static bool has_classes(const struct dataset *data) {
    for (uint32_t k = 0; k < data->n_item_features; k++)
        if (data->item_features[k].kind != RK_FEATURE_REAL) return true;
    return false;
}

static bool describe(const struct arguments *a, const struct experiment *x,
    const struct describe_pair *by, struct error *e) {
    const uint32_t threads = a->threads ? (uint32_t)a->threads : pool_cpus();
    struct dataset data = {0};
    struct describe d = {0};
    bool ok = load(x, threads, &data, e);
    if (!ok) goto done;
    if (a->one_hot && !has_classes(&data)) {
        ok = error_set(e, "--one-hot: the items of %s have no genres or other classes", data.name);
        goto done;
    }
    ok = describe_make(&d,
        &(struct describe_job){.data = &data,
            .source = x->plan.data,
            .split = x->plan.split,
            .seed = x->plan.seed,
            .by = by,
            .n_by = a->by.n,
            .n_threads = threads},
        e);
    if (ok && a->one_hot) ok = put_file(&d, a, a->one_hot, true, e);
    if (ok && a->out)
        ok = put_file(&d, a, a->out, false, e);
    else if (ok)
        ok = put(&d, a, stdout, e);
done:
    describe_done(&d);
    dataset_done(&data);
    return ok;
}

static int describe_main(const struct arguments *a) {
    struct experiment x = {0};
    struct arena arena = {0};
    struct error e = {0};
    int code = EXIT_USAGE;
    struct describe_pair *by = arena_alloc(&arena, (a->by.n + 1) * sizeof *by);
    if (!by || !setup_check_format(a, "table csv json html") || !read_pairs(&a->by, by, &arena))
        goto done;
    if (!sources_open(a, a->rest.at, a->rest.n, a->split, &x)) goto done;
    code = EXIT_DONE;
    if (!describe(a, &x, by, &e)) {
        log_error("%s", e.text);
        code = EXIT_FAILED;
    }
done:
    experiment_done(&x);
    arena_done(&arena);
    return code;
}

static const struct option option_by = {"by", 0, OPTION_TEXTS, "ROWS,COLUMNS",
    "mean ratings by these two features (genre, year, age, ...); may be repeated",
    .offset = offsetof(struct arguments, by)};
static const struct option option_one_hot = {"one-hot", 0, OPTION_TEXT, "FILE",
    "write the items with a column of 0 and 1 for each genre, as csv", "file",
    .offset = offsetof(struct arguments, one_hot)};
static const struct option out = {"out", 'o', OPTION_TEXT, "FILE",
    "write to a file instead of stdout", "file", .offset = offsetof(struct arguments, out)};
static const struct option format = {"format", 0, OPTION_TEXT, "FORMAT",
    "table (for people), csv, json, html", "table csv json html",
    .offset = offsetof(struct arguments, format)};
static const struct option *const options[] = {&option_split, &option_by, &format, &out,
    &option_one_hot, &option_threads, &option_plugin_path};

REGISTRY_ADD(command, describe) = {
    .id = "describe",
    .usage = "DATA [key=value ...]",
    .doc = "Say what is in a data set",
    .help =
        "DATA is a MovieLens folder or archive, looked for as those of experiments are, or a "
        "source "
        "and its keys:\ndelimited=ratings.csv user=1 item=2 rating=3, or synthetic users=60 "
        "items=50 "
        "ratings=900; filter.min_user=5 thins\nit. Or it is an experiment FILE.cfg, whose data and "
        "split are taken. With a split, it is told what its test rows\nknow of their users and "
        "items. "
        "csv is in long form: section, row, column, measure, value; html is\none page that needs "
        "nothing else. Exit codes: 0 done; 1 failed; "
        "2 usage or configuration.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .min_rest = 1,
    .max_rest = SIZE_MAX,
    .completion = "file",
    .main = describe_main,
};
