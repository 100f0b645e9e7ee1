// A list of features without its NULL.
#include "base.h"

static const struct {
    const char *list[2];
    uintptr_t next; // what happens to lie behind
} features = {{"item.genre", "item.year"}, 8};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, .requires_features = features.list)
