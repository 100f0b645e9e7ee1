// tuning.h - what is searched of one model, and how points of the search become parameter values.
#ifndef RECKON_TRIAL_TUNING_H
#define RECKON_TRIAL_TUNING_H

#include "model/schema.h"
#include "search/search.h"

// One searched parameter; beside space.dims.
struct tuning_dim {
    uint32_t param;                   // into schema->params
    const struct param_value *values; // [dims[].n] of a list; NULL: a range
};

// What halving spends more or less of.
enum { TUNING_NO_RESOURCE = -1, TUNING_SHARE = -2 }; // TUNING_SHARE: of the training rows

// All of it is borrowed from the experiment's arena.
struct tuning {
    const struct search_method *method;
    struct search_space space;
    const struct tuning_dim *dims; // [space.n]
    uint32_t trials;               // budget in each outer fold, the default included
    double seconds;                // > 0: that long instead; not reproducible, and marked as such
    uint32_t folds;                // inner ones: 3
    uint32_t metric;               // into plan->metrics
    int resource;                  // into schema->params, or TUNING_*
};

// values [schema->n_params] of a candidate: `base` (those that hold where nothing is searched, and
// the plugin's defaults for what is), the point's coordinates (NULL: the default) over them, then
// the resource at `effort` of its full value (rounded for whole numbers, never below the
// parameter's least). Lists stay borrowed.
void tuning_values(const struct tuning *t, const struct schema *schema,
    const struct param_value *base, const double *point, double effort, struct param_value *values);

// What the search is told of it: space, budget, and the least effort that means something: a tenth
// of the training rows, or one whole step of the resource. `base` as above.
struct search_job tuning_job(const struct tuning *t, const struct param_value *base, uint64_t key);

// How many candidates will be asked for, those of a halving as often as they are, as far as that is
// known before; 0: only time will tell.
size_t tuning_length(const struct tuning *t, const struct param_value *base);

#endif
