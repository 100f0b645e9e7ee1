// mistakes.h - what is wrong in an experiment file: collected, sorted by place, each once.
#ifndef RECKON_EXPERIMENT_MISTAKES_H
#define RECKON_EXPERIMENT_MISTAKES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

enum origin { ORIGIN_FILE, ORIGIN_COMMAND_LINE, ORIGIN_DEFAULT };

struct position {
    enum origin origin;
    const char *file; // borrowed; NULL unless ORIGIN_FILE
    int line;         // from 1; 0: the file as a whole
    int column;       // from 1, in characters; 0: not known
};

struct mistake {
    struct position place;
    char *text; // owned; "key: what is wrong; what is allowed"
};

struct mistakes {
    struct mistake *at; // [n]; owned
    size_t n, room;
    bool no_memory; // some are missing for want of memory
};

// `key` may be NULL, for what concerns no key.
void mistakes_add(struct mistakes *m, struct position place, const char *key, const char *fmt, ...)
    RK_PRINTF(4, 5);

// Moves all of them to `p` as "file:line: key: ..." or "command line: key: ...", sorted by file and
// line (the command line last), equal ones once. `m` is empty afterwards.
void mistakes_report(struct mistakes *m, struct problems *p);
void mistakes_done(struct mistakes *m);

#endif
