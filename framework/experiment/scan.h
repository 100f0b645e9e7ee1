// scan.h - the words of an experiment file with their places, @include followed.
//
// libconfig 1.5 gives no columns, cuts integers to 32 bits without a word and turns 1e999 into inf
// (and a line in an included file is hard to tell from one in the file that includes it). So the
// words are found here first, and libconfig is asked about the grammar alone: see tree.c.
#ifndef RECKON_EXPERIMENT_SCAN_H
#define RECKON_EXPERIMENT_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "experiment/mistakes.h"

enum token_kind {
    TOKEN_NAME,
    TOKEN_INT,
    TOKEN_REAL,
    TOKEN_BOOL,
    TOKEN_TEXT,
    TOKEN_MARK,
    TOKEN_BAD
};

struct token {
    enum token_kind kind;
    const char *at; // [n]; borrowed from the source; TEXT: with its quotes
    size_t n;
    int64_t integer; // INT
    double real;     // INT, REAL; BOOL: 0 or 1
    struct position place;
    const char *line; // the source line that it begins in; not NUL-terminated
};

struct tokens {
    struct token *at; // [n]; owned
    size_t n, room;
    unsigned n_includes;
    struct position end;  // after the last word
    const char *end_line; // as token.line
};

// Appends the words of the `size` bytes at `text`, which must outlive the tokens and end in a NUL
// that is not counted. `file` is for messages, and included files are looked for in its folder. All
// mistakes (numbers out of range, open strings, files that are not there, bytes that are not UTF-8)
// are in `m`; their tokens are there all the same where that makes sense.
void scan_text(struct tokens *t, struct arena *arena, const char *file, enum origin origin,
    const char *text, size_t size, struct mistakes *m);
void tokens_done(struct tokens *t);

// Reads a whole file into the arena, with a NUL after it.
bool scan_read_file(
    struct arena *arena, const char *file, char **text, size_t *size, struct error *e);

// Two lines to follow a message: the source line, and a caret below its column.
char *scan_caret(struct arena *arena, const char *line, int column);

#endif
