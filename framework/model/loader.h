// loader.h - a shared object becomes a plugin, or one message says why not.
#ifndef RECKON_MODEL_LOADER_H
#define RECKON_MODEL_LOADER_H

#include "core/error.h"
#include "model/schema.h"
#include "reckon.h"

// Folders that are searched for <id>.so, in order: plugin_path of the experiment,
// RECKON_PLUGIN_PATH (colons between), the build's or the installation's own (relative to the
// program, so a moved tree works).
struct plugin_path {
    const char *const *folders; // [n]; borrowed
    size_t n;
};

// Finds `name`: a path if it has a '/', else <folder>/<name>.so. Writes at most `size` bytes to
// `out`. The message names every folder looked in, and the nearest id that is there.
bool loader_find(
    const struct plugin_path *path, const char *name, char *out, size_t size, struct error *e);

// The program's own plugin folder, found from /proc/self/exe. [size]
bool loader_own_folder(char *out, size_t size, struct error *e);

// dlopen(RTLD_NOW | RTLD_LOCAL) and the handshake; never dlclosed. Only in processes that may
// crash.
const rk_plugin *loader_open(const char *path, struct error *e);

// Name of OpenBLAS's core in this process, NULL if no OpenBLAS is loaded.
const char *loader_blas_core(void);

// Sets OPENBLAS_NUM_THREADS=1 and, where OpenBLAS's own detection is poor, OPENBLAS_CORETYPE,
// unless the user has set them. In the environment of this process, before any plugin is loaded.
void loader_prepare_blas(void);

#endif
