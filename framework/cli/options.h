// options.h - the one table of commands and options: parsing, --help, the man page and the shells'
// completions all come from it.
#ifndef RECKON_CLI_OPTIONS_H
#define RECKON_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

// Exit codes of the program.
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_SOME_FAILED = 3 };

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
    const char **at; // [n]; owned
    size_t n;
};

// All options of all commands, and what is left.
struct arguments {
    bool help, version, quiet, verbose;
    bool dry_run, keep_going, fail_fast, force;
    int64_t jobs, threads, seed, users, items, ratings;
    const char *out, *format;
    struct option_texts only, plugin_path, set;
    struct option_texts rest; // positional
};

struct command {
    const char *id;                      // "run"
    const char *usage;                   // "FILE [key=value ...]"
    const char *doc;                     // one line
    const char *help;                    // paragraphs for --help and the man page
    const struct option *const *options; // [n_options]
    size_t n_options;
    size_t min_rest, max_rest;
    const char *completion;                 // of its positional arguments
    int (*main)(const struct arguments *a); // gives the exit code
};

#endif
