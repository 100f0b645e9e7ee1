// Believes any index: the item whose bias is the greatest is saved, and looked up without judging.
#include "sound.h"

static uint32_t greatest(const rk_model *m) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < m->n_items; i++)
        if (m->bi[i] > m->bi[best]) best = i;
    return best;
}
static rk_status save(const rk_model *m, const rk_stream *out) {
    const uint32_t best = greatest(m);
    const rk_status status = sound_save(m, out);
    return status == RK_OK ? out->write(out, &best, sizeof best) : status;
}
static rk_status load(rk_model *m, const rk_stream *in) {
    uint32_t best;
    rk_status status = sound_load(m, in);
    if (status == RK_OK) status = in->read(in, &best, sizeof best);
    if (status == RK_OK && m->bi[best] > 100) status = RK_E_IO;
    return status;
}
SOUND_STATE(save, load)
