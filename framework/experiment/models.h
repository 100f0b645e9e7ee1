// models.h - the entries of `models`, between reading them (models.c) and making rows (rows.c).
#ifndef RECKON_EXPERIMENT_MODELS_H
#define RECKON_EXPERIMENT_MODELS_H

#include "experiment/range.h"
#include "experiment/reading.h"

// The values of one parameter in one entry.
struct sweep {
    const struct schema_param *param;
    struct param_value *values; // [n]
    size_t n;
    bool is_list; // written as a list of values: they are part of the label
    size_t order; // among the keys of the entry
    // With a search alone:
    bool is_range; // in place of values
    struct range range;
    struct node *when; // a group of conditions, or NULL
};

struct row {
    struct plan_model model;
    const struct node *entry;
    bool kept;
};

struct rows {
    struct row *at; // [n]; owned
    size_t n, room;
};

// One value or a list of them into s->values, s->n and s->is_list; s->param is there.
void models_read_values(struct reading *r, struct node *node, struct sweep *s);

bool models_same_value(const struct param_value *a, const struct param_value *b);

// A list is values to go through, unless the parameter is a list itself and it holds no lists.
bool models_is_sweep(const struct node *node, const struct schema_param *p);

// One row for each combination of the entry's lists, in the order in which they are written, the
// last one fastest. `sweeps`: [schema->n_params]; `tuning` is NULL or what is searched.
void rows_add(struct reading *r, struct rows *rows, struct node *entry, const struct schema *schema,
    const struct sweep *sweeps, const struct tuning *tuning);

// One entry with `predictions` in place of a plugin (given.c).
void given_read_entry(struct reading *r, struct rows *rows, struct node *entry);

// Makes labels distinct, leaves out what `only` does not name, and checks the baseline;
// only the first unless the rows are complete.
void rows_finish(struct reading *r, struct rows *rows, bool complete);

#endif
