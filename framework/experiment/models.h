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

struct blend_entry; // blend.c

struct row {
    struct plan_model model;
    struct node *entry;
    struct blend_entry *blend; // borrowed; NULL: an own model
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

// One entry with `blend` in place of a plugin: a row, or several, without its members, which other
// entries make (blend.c).
void blend_read_entry(struct reading *r, struct rows *rows, struct node *entry);

// " als+svd weights=fitted": what tells a blend's row from others without labels.
const char *blend_described(const struct blend_entry *blend, struct arena *arena);

// Once labels are distinct: finds the members of all blends, as numbers of rows.
void blend_find_members(struct reading *r, struct rows *rows);

// Once it is known which rows are kept: members of those are marked, and run though they are left
// out (is_hidden). `number` [rows->n]: of the row in the plan. Fills in model.blend.
void blend_mark_members(struct rows *rows);
void blend_number_members(struct reading *r, struct rows *rows, const uint32_t *number);

// A row is meant by its label, its entry's label or its plugin.
bool rows_is_meant(const struct row *row, const char *name);

// Complains if a metric counts rows trained on, of which there are no `answers` ("predictions").
void given_check_metrics(struct reading *r, struct node *entry, const char *answers);

// Makes labels distinct, finds members of blends, leaves out what `only` does not name, and checks
// the baseline; only the first unless the rows are complete.
void rows_finish(struct reading *r, struct rows *rows, bool complete);

#endif
