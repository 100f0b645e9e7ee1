// override.h - `key=value` of the command line into the tree.
#ifndef RECKON_EXPERIMENT_OVERRIDE_H
#define RECKON_EXPERIMENT_OVERRIDE_H

#include "experiment/bind.h"

// "split.folds=3", "models.1.rank=8" (entries of lists count from 0), "models.als.rank=[8, 16]" (or
// are found by label, name, plugin or metric). What is not there yet is added: whether a key exists
// at all is found out when the tree is bound.
void override_apply(struct binder *b, struct node *root, const char *text);

// The same for a value that is there already, in the place of the key's node or as a new one.
void override_set(struct node *group, const char *name, struct node *value);

#endif
