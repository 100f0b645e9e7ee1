// library.h - the libraries that the program stands on, with their versions: for `reckon doctor`
// and provenance.json. Each is named by the file that may use it, with a REGISTRY_ADD(library,
// ...).
#ifndef RECKON_CORE_LIBRARY_H
#define RECKON_CORE_LIBRARY_H

#include "core/registry.h"

struct library {
    const char *id;               // "sqlite"
    const char *name;             // "SQLite"
    const char *(*version)(void); // "3.40.1", of what is loaded; borrowed
};
REGISTRY_DECLARE(library)

#endif
