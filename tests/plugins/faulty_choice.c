// Right by default, and wrong in one thing by each other choice.
#include "sound.h"

enum fault { NONE, THREADS, DEAF, MEMORY, LEAK, STATE };
static const char *const faults[] = {"none", "threads", "deaf", "memory", "leak", "state", NULL};

static rk_status fit(rk_model *m, const rk_data *d) {
    const enum fault fault = (enum fault)m->params->fault;
    void *volatile scratch = malloc(64); // not to be optimized away
    if (!scratch) return fault == MEMORY ? RK_E_DATA : RK_E_MEMORY;
    rk_status status = sound_fit(m, d);
    if (fault == THREADS) m->mu += 1e-3 * (double)m->host->n_threads;
    if (fault == DEAF && status == RK_CANCELLED) status = RK_OK;
    if (fault != LEAK) free(scratch);
    return status;
}

static rk_status load(rk_model *m, const rk_stream *in) {
    const rk_status status = sound_load(m, in);
    if (m->params->fault == STATE) m->mu += 1;
    return status;
}
static const void *extension(const char *id) {
    static const rk_ext_state state = {.save = sound_save, .load = load};
    return strcmp(id, RK_EXT_STATE) == 0 ? &state : NULL;
}

static const rk_param schema[] = {
    RK_REAL(shrinkage, 5, 0.001, 1e6, RK_LOG, "ratings at 0 that every bias starts with"),
    RK_INT(epochs, 6, 1, 1000000, RK_RESOURCE, "rounds"),
    RK_CHOICE(fault, 0, faults, "what is wrong"),
};
RK_PLUGIN(.id = ID, .summary = "Biases of users and items", .version = "1.0.0", RK_PARAMS(schema),
    .create = sound_create, .destroy = sound_destroy, .fit = fit, .predict = sound_predict,
    .extension = extension)
