// variants.h - a plugin's parameters otherwise than by default: resources kept small, and each
// choice that it offers.
#ifndef RECKON_CHECK_VARIANTS_H
#define RECKON_CHECK_VARIANTS_H

#include "check/run.h"

struct variant {
    struct param_value *values; // [n_params]; owned by the process
    char text[200];             // "defaults", "solver = \"cg\""
};

// Parameter `k` set to `value`; of the others those that are resources at most `resource`, so that
// the fit comes to its end soon, and the rest as by default.
struct variant variant_of(
    const struct subject *s, uint32_t k, struct param_value value, double resource);

// One for each choice and each switch that is not the default's; resources are kept small.
// `*n` of them, owned by the process.
struct variant *variants_choices(const struct subject *s, size_t *n);

// Takes the resources among values [n_params] down to `resource`, if they are above. Whether one
// was.
bool variant_be_brief(const struct schema *s, struct param_value *values, double resource);

// Makes the run, which is not yet created, one of the variant's. It must outlive the run.
void variant_apply(struct run *r, const struct variant *v);

#endif
