#include "experiment/paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_FOLDERS = 32 };

const char *paths_folder(const char *file, struct arena *arena) {
    const char *slash = strrchr(file, '/');
    if (!slash) return ".";
    return slash == file ? "/" : arena_printf(arena, "%.*s", (int)(slash - file), file);
}

// The source tree that the program's build folder lies in, or NULL.
static const char *source_tree(struct arena *arena) {
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0) return NULL;
    path[n] = '\0';
    for (char *slash; (slash = strrchr(path, '/')) && slash != path;) {
        *slash = '\0';
        const char *sign = arena_printf(arena, "%s/framework/api/reckon.h", path);
        if (access(sign, F_OK) == 0) return arena_text(arena, path);
    }
    return NULL;
}

bool paths_init(struct paths_finder *f, const char *experiment_file, struct arena *arena) {
    const char **folders = arena_alloc(arena, MOST_FOLDERS * sizeof *folders);
    if (!folders) return false;
    *f = (struct paths_finder){
        .file_folder = paths_folder(experiment_file, arena), .folders = folders};
    const char *list = getenv("RECKON_DATA");
    while (list && *list && f->n_folders < MOST_FOLDERS - 2) {
        size_t n = strcspn(list, ":");
        if (n) folders[f->n_folders++] = arena_printf(arena, "%.*s", (int)n, list);
        list += n + (list[n] == ':');
    }
    const char *tree = source_tree(arena);
    if (tree) {
        const char *beside = paths_folder(tree, arena);
        folders[f->n_folders++] = arena_printf(arena, "%s/shared/data", beside);
        folders[f->n_folders++] = arena_printf(arena, "%s/shared/reference", beside);
    }
    return true;
}

static const char *find_in(const char *folder, const char *written, struct arena *arena) {
    const char *path = strcmp(folder, ".") == 0 ? arena_text(arena, written)
                                                : arena_printf(arena, "%s/%s", folder, written);
    return access(path, R_OK) == 0 ? path : NULL;
}

const char *paths_find(const struct paths_finder *f, const char *written, enum origin origin,
    struct arena *arena, bool *lasting, struct error *e) {
    *lasting = true;
    if (f->skip) return written;
    if (*written == '/') {
        if (access(written, R_OK) == 0) return written;
        error_set(e, "there is no file or folder \"%s\"", written);
        return NULL;
    }
    const char *path, *first = origin == ORIGIN_COMMAND_LINE ? "." : f->file_folder;
    *lasting = false;
    if ((path = find_in(first, written, arena))) return path;
    if (first != f->file_folder && (path = find_in(f->file_folder, written, arena))) return path;
    *lasting = true;
    const char *looked = arena_text(arena, first);
    if (first != f->file_folder && strcmp(f->file_folder, "."))
        looked = arena_printf(arena, "%s, %s", looked, f->file_folder);
    for (size_t k = 0; k < f->n_folders; k++) {
        if ((path = find_in(f->folders[k], written, arena))) return path;
        looked = arena_printf(arena, "%s, %s", looked, f->folders[k]);
    }
    error_set(e,
        "\"%s\" is in none of %s; name the folder that holds it in RECKON_DATA, or write the whole "
        "path",
        written, looked);
    return NULL;
}
