// paths.h - where a relative path of an experiment file is looked for.
#ifndef RECKON_EXPERIMENT_PATHS_H
#define RECKON_EXPERIMENT_PATHS_H

#include "core/arena.h"
#include "core/error.h"
#include "experiment/mistakes.h"

struct paths_finder {
    const char *file_folder;    // of the experiment file
    const char *const *folders; // [n_folders]: after that one, in order
    size_t n_folders;
    bool skip; // whatever is written is taken as found
};

// The folders of $RECKON_DATA (colons between) and, for a program that runs from a build folder
// inside its source tree, ../shared/data and ../shared/reference beside that tree. Borrows from the
// arena.
bool paths_init(struct paths_finder *f, const char *experiment_file, struct arena *arena);

// Where `written` is; from the command line, the current folder comes first. NULL and a message
// that names the folders if it is nowhere. `*lasting` says whether `written` alone will be found
// again by an experiment file that lies elsewhere.
const char *paths_find(const struct paths_finder *f, const char *written, enum origin origin,
    struct arena *arena, bool *lasting, struct error *e);

// The folder part of a path: "." if there is none.
const char *paths_folder(const char *file, struct arena *arena);

#endif
