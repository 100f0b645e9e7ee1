// versus_own.h - what the files of versus share.
#ifndef RECKON_REPORT_VERSUS_OWN_H
#define RECKON_REPORT_VERSUS_OWN_H

#include "report/versus.h"

// One data set that both runs have.
struct versus_pair_of_data {
    struct values a, b;
};

struct versus_pair {
    const struct values_row *a, *b;
};

// Fills in v->metrics, and v->refused where the runs can't be compared.
bool versus_check(struct versus *v, struct error *e);
// The same of what is in the trials of one data set: folds, rows, fallback.
bool versus_check_data(struct versus *v, const struct versus_pair_of_data *d, struct error *e);
bool versus_refuse(struct versus *v, struct error *e, const char *fmt, ...) RK_PRINTF(3, 4);

// Fills in rows, values and users of v->data[at].
bool versus_rows(struct versus *v, size_t at, const struct versus_pair_of_data *d,
    const char *const *rows, size_t n_rows, struct error *e);

// One metric of all pairs [out->n] of a data set; the users of one pair.
bool versus_judge_metric(struct versus *v, struct versus_data *out,
    const struct versus_pair_of_data *d, const struct versus_pair *pairs, size_t metric,
    struct error *e);
bool versus_judge_users(struct versus_row *row, const struct versus_pair_of_data *d,
    const struct versus_pair *pair, struct error *e);

// Whether no trial before row->trial[k] is of its fold.
bool versus_is_first_of_fold(const struct values_row *row, size_t k);

// What differs between the runs as wholes; between two rows.
bool versus_changes_of_runs(struct versus *v, struct error *e);
bool versus_changes_of_row(struct versus *v, const struct versus_pair_of_data *d,
    const struct versus_pair *pair, struct versus_row *row, struct error *e);

// "ml-1m" of both runs; UINT32_MAX: it has none of that name.
uint32_t versus_find_data(const struct results *r, const char *name);

const char *versus_tell(struct versus *v); // v->story

#endif
