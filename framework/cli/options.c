#include "cli/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/suggest.h"

REGISTRY(command)

#define AT(field) .offset = offsetof(struct arguments, field)

const struct option option_help = {"help", 'h', OPTION_FLAG, .doc = "print this help", AT(help)};
const struct option option_version = {
    "version", 0, OPTION_FLAG, .doc = "print the version", AT(version)};
const struct option option_quiet = {
    "quiet", 'q', OPTION_FLAG, .doc = "warnings and errors alone on stderr", AT(quiet)};
const struct option option_verbose = {
    "verbose", 'v', OPTION_FLAG, .doc = "more on stderr", AT(verbose)};
const struct option option_jobs = {
    "jobs", 'j', OPTION_INT, "N", "trials at a time", AT(jobs), .min = 1, .max = 4096};
const struct option option_threads = {"threads", 0, OPTION_INT, "N",
    "threads of all trials together", AT(threads), .min = 1, .max = 4096};
const struct option option_out = {
    "out", 'o', OPTION_TEXT, "DIR", "folder for results instead of ./results", "dir", AT(out)};
const struct option option_format = {"format", 0, OPTION_TEXT, "FORMAT",
    "form of what is printed to stdout: table (for people), csv, json, md", "table csv json md",
    AT(format)};
const struct option option_dry_run = {"dry-run", 'n', OPTION_FLAG,
    .doc = "print the resolved plan, the number of trials and a memory estimate, and stop",
    AT(dry_run)};
const struct option option_keep_going = {"keep-going", 'k', OPTION_FLAG,
    .doc = "run the other trials when one fails (the default)", AT(keep_going)};
const struct option option_fail_fast = {
    "fail-fast", 0, OPTION_FLAG, .doc = "stop when a trial fails", AT(fail_fast)};
const struct option option_only = {"only", 0, OPTION_TEXTS, "MODEL",
    "run this plugin or label alone; may be repeated", "plugin", AT(only)};
const struct option option_plugin_path = {"plugin-path", 0, OPTION_TEXTS, "DIR",
    "look for plugins here first; may be repeated", "dir", AT(plugin_path)};
const struct option option_log_format = {"log-format", 0, OPTION_TEXT, "FORMAT",
    "form of what is said on stderr: text, or json with one object a line", "text json",
    AT(log_format)};
const struct option option_fresh = {
    "fresh", 0, OPTION_FLAG, .doc = "run every trial, whatever the store has", AT(fresh)};
const struct option option_retry_failed = {"retry-failed", 0, OPTION_FLAG,
    .doc = "run trials again that the store has as failed", AT(retry_failed)};
const struct option option_shard = {"shard", 0, OPTION_TEXT, "I/N",
    "do part I of N alone; reckon merge puts the parts together", AT(shard)};
const struct option *const options_common[] = {
    &option_quiet, &option_verbose, &option_version, &option_help};
const size_t options_n_common = sizeof options_common / sizeof *options_common;

const struct option *options_nth(const struct command *command, size_t k) {
    if (k < command->n_options) return command->options[k];
    k -= command->n_options;
    return k < options_n_common ? options_common[k] : NULL;
}

// ---- Parsing -----------------------------------------------------------------------------------

static const struct option *find_long(const struct command *c, const char *name, size_t n) {
    const struct option *o;
    for (size_t k = 0; (o = options_nth(c, k)); k++)
        if (strlen(o->name) == n && strncmp(o->name, name, n) == 0) return o;
    return NULL;
}

static const struct option *find_letter(const struct command *c, char letter) {
    const struct option *o;
    for (size_t k = 0; (o = options_nth(c, k)); k++)
        if (o->letter == letter) return o;
    return NULL;
}

static bool add_text(struct option_texts *list, const char *text, struct error *e) {
    const char **more = realloc(list->at, (list->n + 1) * sizeof *more);
    if (!more) return error_memory(e, (list->n + 1) * sizeof *more, "arguments");
    list->at = more;
    list->at[list->n++] = text;
    return true;
}

// `value` is NULL for flags alone.
static bool store(
    const struct option *o, const char *value, struct arguments *out, struct error *e) {
    void *field = (char *)out + o->offset;
    if (o->kind == OPTION_FLAG || !value) {
        *(bool *)field = true;
    } else if (o->kind == OPTION_TEXT) {
        *(const char **)field = value;
    } else if (o->kind == OPTION_TEXTS) {
        return add_text(field, value, e);
    } else {
        char *end;
        errno = 0;
        const long long number = strtoll(value, &end, 10);
        if (end == value || *end || errno || (double)number < o->min || (double)number > o->max)
            return error_set(e, "--%s: a whole number from %.0f to %.0f is expected, not \"%s\"",
                o->name, o->min, o->max, value);
        *(int64_t *)field = number;
    }
    return true;
}

static bool unknown(const struct command *c, const char *word, struct error *e) {
    const char *names[64];
    size_t n = 0;
    const struct option *o;
    for (size_t k = 0; n < 64 && (o = options_nth(c, k)); k++) names[n++] = o->name;
    char name[64];
    const size_t length = strcspn(word + 2, "=");
    snprintf(name, sizeof name, "%.*s", (int)(length < 60 ? length : 60), word + 2);
    const char *near = word[1] == '-' ? suggest_nearest(name, names, n) : NULL;
    return error_set(e, "%s has no option %.*s%s%s%s; see reckon %s --help", c->id,
        (int)(word[1] == '-' ? length + 2 : 2), word, near ? "; did you mean --" : "",
        near ? near : "", near ? "?" : "", c->id);
}

struct words {
    int argc;
    char **argv;
    int at;
};

static bool take_value(
    struct words *w, const struct option *o, const char **value, struct error *e) {
    if (w->at + 1 >= w->argc) return error_set(e, "--%s needs %s", o->name, o->value);
    *value = w->argv[++w->at];
    return true;
}

static bool parse_long(
    const struct command *c, struct words *w, struct arguments *out, struct error *e) {
    const char *word = w->argv[w->at], *equals = strchr(word, '=');
    const size_t n = equals ? (size_t)(equals - word) - 2 : strlen(word) - 2;
    const struct option *o = find_long(c, word + 2, n);
    if (!o) return unknown(c, word, e);
    const char *value = equals ? equals + 1 : NULL;
    if (o->kind == OPTION_FLAG && value) return error_set(e, "--%s takes no value", o->name);
    if (o->kind != OPTION_FLAG && !value && !take_value(w, o, &value, e)) return false;
    return store(o, value, out, e);
}

// -j4, -j 4, -qk
static bool parse_letters(
    const struct command *c, struct words *w, struct arguments *out, struct error *e) {
    for (const char *letter = w->argv[w->at] + 1; *letter; letter++) {
        const struct option *o = find_letter(c, *letter);
        if (!o) return unknown(c, (const char[]){'-', *letter, '\0'}, e);
        if (o->kind == OPTION_FLAG) {
            store(o, NULL, out, e);
            continue;
        }
        const char *value = letter + 1;
        if (!*value && !take_value(w, o, &value, e)) return false;
        return store(o, value, out, e);
    }
    return true;
}

bool options_parse(const struct command *command, int argc, char **argv, int from,
    struct arguments *out, struct error *e) {
    struct words w = {argc, argv, from};
    bool ended = false;
    for (; w.at < argc; w.at++) {
        const char *word = argv[w.at];
        bool ok;
        if (ended || word[0] != '-' || !word[1])
            ok = add_text(&out->rest, word, e);
        else if (strcmp(word, "--") == 0)
            ok = ended = true;
        else
            ok = word[1] == '-' ? parse_long(command, &w, out, e)
                                : parse_letters(command, &w, out, e);
        if (!ok) return false;
    }
    if (out->help || out->version) return true;
    if (out->rest.n < command->min_rest)
        return error_set(
            e, "%s needs %s; see reckon %s --help", command->id, command->usage, command->id);
    if (out->rest.n > command->max_rest)
        return error_set(e, "%s takes %s, and \"%s\" is too much", command->id,
            *command->usage ? command->usage : "no arguments", out->rest.at[command->max_rest]);
    return true;
}

void options_done(struct arguments *a) {
    free(a->only.at);
    free(a->blends.at);
    free(a->set.at);
    free(a->fail_if.at);
    free(a->models.at);
    free(a->plugin_path.at);
    free(a->by.at);
    free(a->rest.at);
    *a = (struct arguments){0};
}

// ---- Help --------------------------------------------------------------------------------------

void options_print_usage(FILE *out) {
    fputs("usage: reckon COMMAND ...\n\n", out);
    for (size_t k = 0; k < command_count(); k++)
        fprintf(out, "  %-10s %s\n", command_nth(k)->id, command_nth(k)->doc);
    fputs("\nreckon COMMAND --help says more; reckon --version prints the version.\n", out);
}

static void print_option(const struct option *o, FILE *out) {
    char left[64];
    snprintf(left, sizeof left, "%s%s%s%s%s", o->letter ? (const char[]){'-', o->letter, 0} : "  ",
        o->letter ? ", --" : "  --", o->name, o->value ? " " : "", o->value ? o->value : "");
    fprintf(out, "  %-22s %s\n", left, o->doc);
}

void options_print_help(const struct command *command, FILE *out) {
    fprintf(out, "usage: reckon %s [options]%s%s\n\n%s.\n", command->id, *command->usage ? " " : "",
        command->usage, command->doc);
    if (command->help) fprintf(out, "\n%s\n", command->help);
    fputs("\noptions:\n", out);
    const struct option *o;
    for (size_t k = 0; (o = options_nth(command, k)); k++) print_option(o, out);
}
