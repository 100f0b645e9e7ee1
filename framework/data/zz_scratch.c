#include "data/dataset.h"
#include <string.h>
const char *texts_packed_get(const struct texts_packed *t, uint32_t k) { return t->bytes + t->start[k]; }
uint64_t dataset_find_entry(const struct dataset *d, uint32_t user, uint32_t item) {
    for (uint64_t x = d->by_user.start[user]; x < d->by_user.start[user+1]; x++) if (d->by_user.col[x]==item) return x;
    return UINT64_MAX;
}
static uint32_t find(const struct texts_packed *t, const char *id) { for (uint32_t k=0;k<t->n;k++) if (!strcmp(texts_packed_get(t,k),id)) return k; return UINT32_MAX; }
uint32_t dataset_find_user(const struct dataset *d, const char *id) { return find(&d->users,id); }
uint32_t dataset_find_item(const struct dataset *d, const char *id) { return find(&d->items,id); }
