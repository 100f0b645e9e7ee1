// Where plugins are looked for.
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/suggest.h"
#include "model/loader.h"

static bool is_folder(const char *path) {
    DIR *d = opendir(path);
    if (d) closedir(d);
    return d;
}

static bool glob_folder(const char *prefix, const char *pattern, char *out, size_t size) {
    char whole[PATH_MAX + 64];
    snprintf(whole, sizeof whole, "%s%s", prefix, pattern);
    glob_t found = {0};
    bool fine = false;
    if (glob(whole, 0, NULL, &found) == 0)
        for (size_t k = 0; !fine && k < found.gl_pathc; k++)
            if (is_folder(found.gl_pathv[k]))
                fine = snprintf(out, size, "%s", found.gl_pathv[k]) < (int)size;
    globfree(&found);
    return fine;
}

bool loader_own_folder(char *out, size_t size, struct error *e) {
    char at[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", at, sizeof at - 1);
    if (n < 0) return error_set(e, "/proc/self/exe: cannot be read: %s", strerror(errno));
    at[n] = '\0';
    for (int up = 0; up < 2; up++) { // the program's name, then its folder
        char *slash = strrchr(at, '/');
        if (!slash) return error_set(e, "/proc/self/exe: \"%s\" is no whole path", at);
        *slash = '\0';
    }
    if (glob_folder(at, "/lib*/reckon/plugins", out, size) ||
        glob_folder(at, "/lib*/*/reckon/plugins", out, size))
        return true;
    const int length = snprintf(out, size, "%s/plugins", at);
    if (length > 0 && length < (int)size && is_folder(out)) return true;
    return error_set(e, "no plugin folder: neither %s/plugins nor %s/lib/reckon/plugins", at, at);
}

static size_t count_colons(const char *text) {
    size_t n = 0;
    for (; *text; text++) n += *text == ':';
    return n;
}

const char *const *loader_folders(const struct plugin_path *path, struct arena *a) {
    const size_t n_path = path ? path->n : 0;
    const char *from_env = getenv("RECKON_PLUGIN_PATH");
    if (!from_env) from_env = "";
    const char **folders = arena_alloc(a, (n_path + count_colons(from_env) + 3) * sizeof *folders);
    if (!folders) return NULL;
    size_t n = 0;
    for (size_t k = 0; k < n_path; k++) folders[n++] = path->folders[k];
    while (*from_env) {
        const size_t length = strcspn(from_env, ":");
        if (length) folders[n++] = arena_printf(a, "%.*s", (int)length, from_env);
        from_env += length + (from_env[length] == ':');
    }
    char own[PATH_MAX];
    if (loader_own_folder(own, sizeof own, NULL)) folders[n++] = arena_text(a, own);
    return folders;
}

// ---- Lists -------------------------------------------------------------------------------------

struct ids {
    const char **at; // [n]; owned
    size_t n, room;
    struct arena *arena;
};

static bool ids_add(struct ids *ids, const char *name, size_t length) {
    if (ids->n == ids->room) {
        const size_t room = ids->room * 2 + 16;
        const char **at = realloc(ids->at, room * sizeof *at);
        if (!at) return false;
        ids->at = at;
        ids->room = room;
    }
    ids->at[ids->n++] = arena_printf(ids->arena, "%.*s", (int)length, name);
    return true;
}

static void list_folder(const char *folder, struct ids *ids) {
    DIR *d = opendir(folder);
    if (!d) return;
    for (const struct dirent *entry; (entry = readdir(d));) {
        const size_t n = strlen(entry->d_name);
        if (n > 3 && strcmp(entry->d_name + n - 3, ".so") == 0 && strncmp(entry->d_name, "lib", 3))
            if (!ids_add(ids, entry->d_name, n - 3)) break;
    }
    closedir(d);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *const *loader_list(const struct plugin_path *path, struct arena *a) {
    const char *const *folders = loader_folders(path, a);
    struct ids ids = {.arena = a};
    for (size_t k = 0; folders && folders[k]; k++) list_folder(folders[k], &ids);
    if (ids.n) qsort(ids.at, ids.n, sizeof *ids.at, by_text);
    const char **list = arena_alloc(a, (ids.n + 1) * sizeof *list);
    size_t n = 0;
    for (size_t k = 0; list && k < ids.n; k++)
        if (n == 0 || strcmp(list[n - 1], ids.at[k]) != 0) list[n++] = ids.at[k];
    free(ids.at);
    return list;
}

// ---- One ---------------------------------------------------------------------------------------

static bool is_path(const char *name) {
    const size_t n = strlen(name);
    return strchr(name, '/') || (n > 3 && strcmp(name + n - 3, ".so") == 0);
}

static bool find_path(const char *name, char *out, size_t size, struct error *e) {
    const int n = snprintf(out, size, "%s%s", strchr(name, '/') ? "" : "./", name);
    if (n < 0 || n >= (int)size) return error_set(e, "%s: the path is too long", name);
    return access(out, F_OK) == 0 || error_set(e, "%s: no such file", name);
}

// Text of the message: the folders looked in, and the nearest id.
static bool refuse(const struct plugin_path *path, const char *name, const char *const *folders,
    struct arena *a, struct error *e) {
    const char *where = folders[0] ? "" : "no folder at all";
    for (size_t k = 0; folders[k]; k++)
        where = arena_printf(a, "%s%s%s", where, k ? ", " : "", folders[k]);
    const char *const *ids = loader_list(path, a);
    size_t n = 0;
    while (ids && ids[n]) n++;
    const char *near = ids ? suggest_nearest(name, ids, n) : NULL;
    if (near)
        return error_set(e, "no plugin \"%s\"; looked for %s.so in %s; did you mean \"%s\"?", name,
            name, where, near);
    return error_set(e, "no plugin \"%s\"; looked for %s.so in %s", name, name, where);
}

bool loader_find(
    const struct plugin_path *path, const char *name, char *out, size_t size, struct error *e) {
    if (is_path(name)) return find_path(name, out, size, e);
    struct arena a = {0};
    const char *const *folders = loader_folders(path, &a);
    bool found = false;
    for (size_t k = 0; folders && !found && folders[k]; k++) {
        const char *slash = strchr(folders[k], '/') ? "" : "./";
        const int n = snprintf(out, size, "%s%s/%s.so", slash, folders[k], name);
        found = n > 0 && n < (int)size && access(out, F_OK) == 0;
    }
    if (!folders)
        error_memory(e, 0, "plugin folders");
    else if (!found)
        refuse(path, name, folders, &a, e);
    arena_done(&a);
    return found;
}
