// sources.h - data and split as a command line names them, without an experiment file.
#ifndef RECKON_EXPERIMENT_SOURCES_H
#define RECKON_EXPERIMENT_SOURCES_H

#include "experiment/experiment.h"

// `data` [n_data], the words that name a data set:
//     ml-latest-small.zip                             a MovieLens folder or archive, looked for as
//                                                     an experiment's data is
//     delimited=r.csv user=1 item=2 rating=3          keys of the group `data`
//     synthetic users=60 items=50 ratings=900         a format whose keys are a group of their own
// and after the first word, keys of the data or of its format, or filter.KEY=VALUE. `split` is "",
// or a method and its keys in one text: "kfold folds=5"; seed=N among them is the experiment's
// seed (1). Fills in x->plan.data, split and seed, and nothing else; without a split, the method is
// NULL.
bool sources_read(struct experiment *x, const char *const *data, size_t n_data, const char *split,
    struct problems *p);

// The words of one text, parted at spaces that are in neither brackets nor quotes, in the arena.
// Gives how many, at most `room`.
enum { SOURCES_WORDS = 64 };
size_t sources_words(struct arena *arena, const char *text, const char **out, size_t room);

// The overrides of an experiment that such words of data stand for, in the arena: "data={}",
// "data.movielens=\"ml-1m.zip\"", ... Gives how many, at most `room` (2 or more).
size_t sources_data(
    struct arena *arena, const char *const *data, size_t n_data, const char **out, size_t room);

// The overrides of an experiment that such a split stands for, in the arena: "split={}",
// "split.method=kfold", "split.folds=5", "seed=42". Gives how many, at most `room` (1 or more).
size_t sources_split(struct arena *arena, const char *split, const char **out, size_t room);

// Whether a word names an experiment file: it ends in .cfg.
bool sources_is_experiment(const char *word);

#endif
