#include "trial/asked.h"

size_t asked_floats(const struct asked_room *r) {
    return r->n_test + (r->asked.train ? r->n_train : 0) + (r->asked.spread ? r->n_test : 0);
}

size_t asked_words(const struct asked_room *r) {
    return asked_floats(r) + (r->asked.ranks ? r->n_test : 0);
}

struct answers asked_at(const struct asked_room *r, const void *base) {
    const float *at = base;
    struct answers out = {.rating = at};
    at += r->n_test;
    if (r->asked.train) {
        out.train = at;
        at += r->n_train;
    }
    if (r->asked.spread) {
        out.sd = at;
        at += r->n_test;
    }
    if (r->asked.ranks) out.rank = (const uint32_t *)(const void *)at;
    return out;
}
