// lines.h - an input by lines, and lines by fields.
#ifndef RECKON_DATA_LINES_H
#define RECKON_DATA_LINES_H

#include <csv.h>

#include "data/builder.h"
#include "data/input.h"

// No line may be longer, so that a file that is no text is an error and not a heap of memory.
#define LINES_LONGEST ((size_t)1 << 20)

struct lines {
    struct input *in; // owned
    char *buffer;     // [room]; owned
    size_t room;
    size_t begin, end; // bytes that wait
    uint64_t line;     // number of the line given last
    bool ended;
};

// LF or CRLF; a byte order mark at the start is skipped; the last line may lack its end.
bool lines_open(struct lines *l, const char *path, const char *member, struct error *e);
void lines_close(struct lines *l); // accepts a zeroed struct

// Without its end; *text is NULL after the last line. Valid until the next call.
bool lines_next(struct lines *l, const char **text, size_t *length, struct error *e);
struct place lines_place(const struct lines *l);

// Reads on until at least `want` bytes wait (of at most `room`), or the input ends.
bool lines_fill(struct lines *l, size_t want, struct error *e);

struct field {
    const char *text;
    size_t length;
};

// Cuts rows into fields. With quotes: CSV (RFC 4180) with a delimiter of one byte.
struct splitter {
    struct csv_parser csv;
    bool has_csv;
    char delimiter[8];
    size_t delimiter_length;
    struct field *field; // [n]; owned
    size_t n, room;
    char *bytes; // owned: fields that quotes surround; others point into the line
    size_t n_bytes, bytes_room;
    bool complete, failed;
};
bool splitter_init(struct splitter *s, const char *delimiter, bool quoted, struct error *e);
void splitter_done(struct splitter *s); // accepts a zeroed struct

// One whole row. False: the quotes in it are not CSV's, or are not closed.
bool splitter_split(struct splitter *s, const char *line, size_t length);

// Rows of a file, each of one line or, where quotes say so, of several.
struct rows {
    struct lines lines;
    struct splitter splitter;
    char *joined; // owned: a row of several lines
    size_t joined_room;
    const char *text; // the row whole, for messages
    size_t length;
    uint64_t line;  // at which the row began
    bool malformed; // its quotes are wrong; it has no fields
};
bool rows_open(struct rows *r, const char *path, const char *member, const char *delimiter,
    bool quoted, struct error *e);
void rows_close(struct rows *r); // accepts a zeroed struct

// The next row that is not blank is in `splitter.field` until the next call; *more: there is one.
bool rows_next(struct rows *r, bool *more, struct error *e);
struct place rows_place(const struct rows *r);

#endif
