// Nothing is wrong with this one, and it uses OpenBLAS: sums of squares by dsyrk.
#include <cblas.h>

#include "sound.h"

enum { SIDE = 96 };

static rk_status fit(rk_model *m, const rk_data *d) {
    double *a = malloc(SIDE * SIDE * sizeof *a), *c = calloc(SIDE * SIDE, sizeof *c);
    if (!a || !c) {
        free(a);
        free(c);
        return RK_E_MEMORY;
    }
    const uint64_t n = d->by_user.start[d->n_users];
    for (uint64_t k = 0; k < SIDE * SIDE; k++) a[k] = (double)d->by_user.value[k % n];
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasNoTrans, SIDE, SIDE, 1, a, SIDE, 0, c, SIDE);
    const double square = c[0] / SIDE;
    free(a);
    free(c);
    const rk_status status = sound_fit(m, d);
    m->mu += square * 1e-6;
    return status;
}
static uint64_t bytes(const rk_params *params, const rk_shape *shape) {
    return sound_bytes(params, shape) + 2 * SIDE * SIDE * sizeof(double);
}
static const void *extension(const char *id) {
    static const rk_ext_memory memory = {.bytes = bytes};
    return strcmp(id, RK_EXT_MEMORY) == 0 ? &memory : sound_extension(id);
}
SOUND_ENTRY(sound_create, sound_destroy, fit, sound_predict, .extension = extension)
