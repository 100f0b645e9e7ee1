// Saves, but does not load.
#include "base.h"

#include <string.h>

static rk_status save(const rk_model *m, const rk_stream *out) {
    (void)m, (void)out;
    return RK_OK;
}
static const void *extension(const char *id) {
    static const rk_ext_state state = {.save = save};
    return strcmp(id, RK_EXT_STATE) == 0 ? &state : NULL;
}
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, .extension = extension)
