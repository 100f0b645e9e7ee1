// options.h - the one table of commands and options: parsing, --help, the man page and the shells'
// completions all come from it.
//
// To add a command, add one file with REGISTRY_ADD(command, ...).
#ifndef RECKON_CLI_OPTIONS_H
#define RECKON_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/error.h"
#include "core/registry.h"

// Exit codes of the program.
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_SOME_FAILED = 3, EXIT_REGRESSION = 4 };

enum option_kind { OPTION_FLAG, OPTION_INT, OPTION_TEXT, OPTION_TEXTS };

struct option {
    const char *name; // "dry-run": written --dry-run
    char letter;      // 'j', or 0
    enum option_kind kind;
    const char *value;      // name of its argument in help: "N", "FILE"; NULL for flags
    const char *doc;        // one line
    const char *completion; // "file", "dir", "plugin", a space-separated list of words, or NULL
    size_t offset;          // in struct arguments
    double min, max;        // INT
};

struct option_texts {
    const char **at; // [n]; owned, the texts are borrowed
    size_t n;
};

// All options of all commands, and what is left.
struct arguments {
    bool help, version, quiet, verbose;
    bool dry_run, keep_going, fail_fast, fresh, retry_failed;
    bool failed, inner, live; // of `show`
    int64_t fold, trial;
    int64_t jobs, threads;
    const char *out, *format, *form, *log_format, *shard;
    const char *model, *data, *key, *predictions; // of `show`
    const char *split;                            // of data, in words
    const char *like, *into, *columns;            // of `score`
    struct option_texts set;                      // of `score`
    const char *one_hot;                          // of `describe`
    struct option_texts by;                       // of `describe`
    bool only_real;                               // of `compare`
    bool with_plugins;                            // of `bundle` and `rerun`
    struct option_texts fail_if, models;          // of `compare`
    struct option_texts only, blends, plugin_path;
    struct option_texts rest; // positional
};

struct command {
    const char *id;                      // "run"
    const char *usage;                   // "FILE [key=value ...]"
    const char *doc;                     // one line
    const char *help;                    // paragraphs for --help and the man page
    const struct option *const *options; // [n_options]; the common ones come by themselves
    size_t n_options;
    size_t min_rest, max_rest;
    const char *completion;                 // of its positional arguments
    int (*main)(const struct arguments *a); // gives the exit code
};
REGISTRY_DECLARE(command)

// Options that several commands have.
extern const struct option option_help, option_version, option_quiet, option_verbose;
extern const struct option option_jobs, option_threads, option_out, option_format, option_dry_run,
    option_keep_going, option_fail_fast, option_only, option_plugin_path, option_log_format,
    option_fresh, option_retry_failed, option_shard;

// Those of every command.
extern const struct option *const options_common[];
extern const size_t options_n_common;

// The option number `k` of a command, common ones last; NULL after the last.
const struct option *options_nth(const struct command *command, size_t k);

// Reads argv[from ...] for `command`; "--" ends the options. The message names the word, what is
// allowed and what may have been meant.
bool options_parse(const struct command *command, int argc, char **argv, int from,
    struct arguments *out, struct error *e);
void options_done(struct arguments *a);

void options_print_usage(FILE *out); // of the program
void options_print_help(const struct command *command, FILE *out);

#endif
