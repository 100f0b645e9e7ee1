// Has an extension that foresees memory, and no function in it.
#include "base.h"

#include <string.h>

static const void *extension(const char *id) {
    static const rk_ext_memory memory = {.bytes = NULL};
    return strcmp(id, RK_EXT_MEMORY) == 0 ? &memory : NULL;
}
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, .extension = extension)
