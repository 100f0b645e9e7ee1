// space.h - what is searched of an entry of `models`: lists, ranges, and conditions on them.
#ifndef RECKON_EXPERIMENT_SPACE_H
#define RECKON_EXPERIMENT_SPACE_H

#include "experiment/models.h"

// Reads one parameter of an entry with a search: one value, a list of values, a range as text,
// "any", or a group { values = ...; when = { ... }; } of these with a condition.
void space_read(struct reading *r, struct node *node, struct sweep *s);

// "any" for a truth value or a choice, where that is no choice of the plugin's own: all of them.
bool space_is_any(const struct node *node, const struct schema_param *p);

// Decides conditions, and fills in t->space and t->dims; false with mistakes. What turns out not to
// be searched keeps its one value in `sweeps` [schema->n_params], and what is searched is left
// there with the default of the plugin alone. No dimensions: nothing is searched.
bool space_build(
    struct reading *r, const struct schema *schema, struct sweep *sweeps, struct tuning *t);

// Values as the conditions of dimension `d` say: "solver = \"cg\"". "": it always holds.
const char *space_condition(
    const struct tuning *t, const struct schema *schema, size_t d, struct arena *arena);

// "8, 16, 32" or "0.001..1 (log)".
const char *space_values(
    const struct tuning *t, const struct schema *schema, size_t d, struct arena *arena);

#endif
