// Foresees its memory well, by rank and ratings, or as no plugin should.
#include "base.h"

#include <string.h>

struct rk_params {
    int rank;
    int times;
    int how;
};
enum { WELL, CRASH, HANG, WRAP };

static uint64_t bytes(const rk_params *p, const rk_shape *shape) {
    static volatile int *nowhere;
    if (p->how == CRASH) *nowhere = 1;
    for (volatile int on = p->how == HANG; on;) continue;
    if (p->how == WRAP) return (uint64_t) - (int64_t)shape->n_ratings;
    return (uint64_t)p->rank * (uint64_t)p->times * 1000000 + shape->n_ratings * 1000 +
           shape->n_valid * 10 + shape->n_threads;
}

static const void *extension(const char *id) {
    static const rk_ext_memory memory = {.bytes = bytes};
    return strcmp(id, RK_EXT_MEMORY) == 0 ? &memory : NULL;
}
static const char *const hows[] = {"well", "crash", "hang", "wrap", NULL};
static const rk_param schema[] = {
    RK_INT(rank, 10, 1, 10000, RK_LOG, "factors that it has not"),
    RK_INT(times, 1, 1, 10, RK_LOG, "that it has them"),
    RK_CHOICE(how, WELL, hows, "what becomes of the question"),
};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, .flags = RK_WANTS_VALID, RK_PARAMS(schema),
    .extension = extension)
