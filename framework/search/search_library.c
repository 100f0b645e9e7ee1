#include <gsl/gsl_version.h>

#include "core/library.h"

static const char *version(void) {
    return gsl_version;
}
REGISTRY_ADD(library, gsl) = {"gsl", "GSL", version};
