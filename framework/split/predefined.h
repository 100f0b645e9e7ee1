// predefined.h - the settings of predefined folds; for predefined*.c alone.
#ifndef RECKON_SPLIT_PREDEFINED_H
#define RECKON_SPLIT_PREDEFINED_H

#include "split/split.h"

// One of column, lines, folds, train with test, and users is given.
struct predefined {
    struct column column;
    struct path lines;
    struct texts folds;
    struct paths train, test;
    struct path users;
    struct ints only;
};

// Pairs of train and test files, from `folds` or from `train` and `test`: how many there are.
bool predefined_pairs_count(const struct predefined *s, uint32_t *n, struct error *e);

// Gives the rows that pair `job->fold` names their roles.
bool predefined_pairs_assign(const struct split_job *job, uint8_t *role, struct error *e);

// Calls `each` for the files that `folds` names; for struct split_method.
bool predefined_pairs_members(const void *settings,
    bool (*each)(void *arg, const char *name, struct error *e), void *arg, struct error *e);

// Rows that the experiment thinned or the reader set aside may be named by files all the same.
bool predefined_may_miss(const struct dataset *data);

// Warns of `n` of them in the file, if there are any: "row is" or "rows are" not in the data.
void predefined_say_missed(const char *path, uint64_t n, const char *one, const char *more);

#endif
