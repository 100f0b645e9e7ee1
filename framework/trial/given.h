// given.h - answers that some other tool has given, from files, in place of those of a trial.
#ifndef RECKON_TRIAL_GIVEN_H
#define RECKON_TRIAL_GIVEN_H

#include "core/setting.h"
#include "data/dataset.h"
#include "split/fold.h"

// Text files with columns. A column that is not named is found by the names that tools give it.
struct given_spec {
    const char *const *files; // [n_files]
    size_t n_files;
    struct column user, item, prediction;
    struct column fold;    // optional in a file: the fold of which the row is, as the split has it
    struct column rating;  // optional in a file: has to be the rating that the data has
    const char *delimiter; // NULL: tab, comma or semicolon, whichever the first line has
};

// The folds of a split, as it has them, in each repeat.
struct given_folds {
    const uint32_t *at; // [n]
    uint32_t n, n_repeats;
};

struct given_row {
    uint32_t user, item; // as the data set numbers them
    uint32_t unit;       // repeat * folds.n + index of its fold + 1; 0: of any
    float answer;        // NAN: none
    uint64_t place;      // file in the upper 24 bits, line in the others
};

// All rows of the files.
struct given {
    const struct given_spec *spec; // borrowed
    const struct dataset *data;    // borrowed
    struct given_folds folds;      // borrowed
    struct given_row *rows;        // [n]; owned; by user, item, unit
    bool *used;                    // [n]; owned
    size_t n, room;
    uint64_t n_rows;                     // in the files
    uint64_t n_open, n_strangers;        // rows without a number; of ids that the data lacks
    uint64_t first_open, first_stranger; // their places
    uint64_t n_tested, n_answered;       // test rows asked for, and those with an answer
    bool partly;                         // some fold was not asked for
};

// One file is of all folds; with several, the k-th is of the k-th fold; but where there is a column
// of folds, that says it. A row that can't be read, an infinite number, a pair that is there twice,
// or a rating that is not the data's is an error with file and line.
bool given_read(struct given *g, const struct given_spec *spec, const struct dataset *data,
    const struct given_folds *folds, struct error *e);
void given_done(struct given *g); // accepts a zeroed struct

// answers [test->n] of folds.at[fold] in `repeat`, NAN where there is none. An error if there is
// none at all.
bool given_answer(struct given *g, uint32_t repeat, uint32_t fold, const struct test *test,
    float *answers, struct error *e);

// Warns of test rows without an answer, and of rows that no fold has asked for.
void given_tell(const struct given *g, const char *label);

#endif
