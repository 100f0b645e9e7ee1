// A feature of nobody's.
#include "base.h"

static const char *const features[] = {"genre", NULL};
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS, .uses_features = features)
