#include "cli/sources.h"

#include <string.h>

#include "cli/setup.h"
#include "core/log.h"
#include "experiment/sources.h"

const struct option option_split = {"split", 0, OPTION_TEXT, "SPLIT",
    "a split as an experiment has it, in words: 'kfold folds=5 seed=42'",
    .offset = offsetof(struct arguments, split)};

// The experiment's data; its split unless another is given.
static bool open_experiment(const struct arguments *a, const char *const *data, size_t n,
    const char *split, struct experiment *x) {
    struct arena arena = {0};
    struct arguments changed = *a;
    const char **words = arena_alloc(&arena, (n + SOURCES_WORDS) * sizeof *words);
    bool ok = words != NULL;
    if (ok) {
        memcpy(words, data, n * sizeof *words);
        changed.rest = (struct option_texts){words, n};
        if (split) changed.rest.n += sources_split(&arena, split, words + n, SOURCES_WORDS);
        ok = setup_experiment(&changed, false, x);
    }
    if (ok && x->plan.n_data != 1) {
        log_error("%s has %zu data sets, and one is meant here; name it: data.movielens=ml-1m.zip",
            x->file, x->plan.n_data);
        experiment_done(x);
        ok = false;
    }
    arena_done(&arena);
    return ok;
}

bool sources_open(const struct arguments *a, const char *const *data, size_t n, const char *split,
    struct experiment *x) {
    if (n && sources_is_experiment(data[0])) return open_experiment(a, data, n, split, x);
    struct problems problems = {0};
    const bool ok = sources_read(x, data, n, split ? split : "", &problems);
    for (size_t k = 0; k < problems.n; k++) log_error("%s", problems.text[k]);
    problems_done(&problems);
    return ok;
}
