// loader.h - a shared object becomes a plugin, or one message says why not.
#ifndef RECKON_MODEL_LOADER_H
#define RECKON_MODEL_LOADER_H

#include "core/arena.h"
#include "core/error.h"
#include "model/schema.h"
#include "reckon.h"

// Folders to search before all others, as --plugin-path and the experiment's plugin_path give them.
struct plugin_path {
    const char *const *folders; // [n]; borrowed
    size_t n;
};

// All folders that are searched, in order: those of `path` (NULL: none), RECKON_PLUGIN_PATH (colons
// between), the program's own. NULL-terminated, in the arena; NULL if memory ran out.
const char *const *loader_folders(const struct plugin_path *path, struct arena *a);

// Ids of the plugins there, sorted, each once. NULL-terminated, in the arena.
const char *const *loader_list(const struct plugin_path *path, struct arena *a);

// Finds `name`: a path if it has a '/' or ends with ".so", else <folder>/<name>.so. Writes at most
// `size` bytes to `out`, with a '/' in it. The message names every folder looked in, and the
// nearest id that is there.
bool loader_find(
    const struct plugin_path *path, const char *name, char *out, size_t size, struct error *e);

// The program's own plugin folder, found from /proc/self/exe, so that a moved tree works: beside
// the program's folder in a build, <prefix>/lib*/reckon/plugins where it is installed. [size]
bool loader_own_folder(char *out, size_t size, struct error *e);

// dlopen(RTLD_NOW | RTLD_LOCAL) and the handshake, schema_judge() included; never dlclosed. Only in
// processes that may crash. The message names the path, what was expected and what was found.
const rk_plugin *loader_open(const char *path, struct error *e);

// Name of OpenBLAS's core in this process, NULL if no OpenBLAS is loaded.
const char *loader_blas_core(void);

// The shared objects that this process has loaded, the program itself left out, as struct schema
// has them; in the arena. NULL: out of memory.
const char *loader_libraries(struct arena *a);

// loader_blas_core() after loading the system's OpenBLAS, for a process that has no plugin to load
// it; NULL: there is no OpenBLAS here.
const char *loader_load_blas(void);

// In the environment of this process, before any plugin is loaded: OPENBLAS_NUM_THREADS=1 whatever
// the user has set, as bits would depend on it; and where OpenBLAS's own detection is poor,
// OPENBLAS_CORETYPE, unless the user has set that.
void loader_prepare_blas(void);

#endif
