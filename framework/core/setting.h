// setting.h - the keys of a group in an experiment file, declared once by the code that uses them.
//
// A data format, split method or metric declares a table of settings next to the struct that they
// fill in. experiment/ checks names, types and ranges against the table with file:line, fills the
// struct in, and prints help and the resolved configuration from it.
#ifndef RECKON_CORE_SETTING_H
#define RECKON_CORE_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_type {
    SETTING_BOOL,   // bool
    SETTING_INT,    // int64_t
    SETTING_REAL,   // double; whole numbers are taken too
    SETTING_CHOICE, // int, an index into `choices`; written as text
    SETTING_TEXT,   // const char *; NULL if absent
    SETTING_PATH,   // struct path; looked for as experience.md says
    SETTING_PATHS,  // struct paths; one path alone is taken as a list of one
    SETTING_COLUMN, // struct column; a header name, or a number from 1
    SETTING_INTS,   // struct ints; one number alone is taken as a list of one
    SETTING_REALS,  // struct reals
    SETTING_TEXTS   // struct texts; "a..c5" stays as written
};

// The pointers in these belong to the experiment's arena and live as long as it.
struct path {
    const char *written; // as in the experiment file; NULL: absent
    const char *found;   // where it is
};
struct paths {
    const struct path *at; // [n]
    size_t n;
};
struct column {
    const char *name; // NULL: by number
    uint32_t number;  // from 1; 0 with a NULL name: absent
};
struct ints {
    const int64_t *at; // [n]
    size_t n;
};
struct reals {
    const double *at; // [n]
    size_t n;
};
struct texts {
    const char *const *at; // [n]
    size_t n;
};

struct setting {
    const char *name;
    const char *doc; // one line
    enum setting_type type;
    size_t offset;        // of the field in the struct that is filled in
    bool required;        // must be written; else `def` holds, or absent/empty for lists and text
    double def, min, max; // INT and REAL; elements of INTS and REALS: the range; BOOL, CHOICE: def.
                          // An INT or REAL whose def is outside of the range may be absent.
    const char *def_text; // TEXT
    const char *const *choices; // CHOICE: NULL-terminated
};

// A table and the struct it fills in.
struct settings {
    const struct setting *at; // [n]
    size_t n;
    size_t size; // of the struct
};
#define SETTINGS(table, type) \
    { (table), sizeof(table) / sizeof *(table), sizeof(type) }

#endif
