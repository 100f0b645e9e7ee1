#include <sqlite3.h>

#include "core/library.h"

REGISTRY_ADD(library, sqlite) = {"sqlite", "SQLite", sqlite3_libversion};
