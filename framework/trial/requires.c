#include "trial/requires.h"

#include <string.h>

static bool has_feature(const rk_data *d, const char *name) {
    const bool of_users = strncmp(name, "user.", 5) == 0;
    const uint32_t n = of_users ? d->n_user_features : d->n_item_features;
    const rk_features *first = of_users ? d->user_features : d->item_features;
    for (uint32_t k = 0; k < n; k++) {
        const rk_features *f = RK_NTH(first, d->features_stride, k);
        if (strcmp(f->name, name + 5) == 0) return true;
    }
    return false;
}

const char *requires_missing(const struct schema *schema, const rk_data *data) {
    for (uint32_t k = 0; k < schema->n_requires; k++)
        if (!has_feature(data, schema->requires_features[k])) return schema->requires_features[k];
    return NULL;
}
