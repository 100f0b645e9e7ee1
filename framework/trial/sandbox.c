#include "trial/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trial/apart.h"
#include "trial/worker.h"

enum { MOST_WORDS = 4096 };

struct command {
    char **words; // [MOST_WORDS]; NULL-terminated; in the arena, as the words
    size_t n;
    struct arena *a;
};

static void add(struct command *c, const char *word) {
    if (c->n + 1 < MOST_WORDS) c->words[c->n++] = arena_text(c->a, word);
}

// To be read where it is; nothing, if it is not there.
static void add_path(struct command *c, const char *path) {
    add(c, "--ro-bind-try");
    add(c, path);
    add(c, path);
}

static void add_base(struct command *c) {
    static const char *const options[] = {"bwrap", "--unshare-all", "--die-with-parent",
        "--new-session", "--as-pid-1", "--chdir", "/", "--proc", "/proc", "--dev", "/dev",
        "--tmpfs", "/tmp"};
    // Debian's BLAS is found through /etc/alternatives; OpenBLAS counts processors in /sys.
    static const char *const paths[] = {"/usr", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache",
        "/etc/alternatives", "/sys/devices/system/cpu"};
    for (size_t k = 0; k < sizeof options / sizeof *options; k++) add(c, options[k]);
    for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) add_path(c, paths[k]);
}

static void add_library_path(struct command *c) {
    const char *set = getenv("LD_LIBRARY_PATH");
    if (!set) return;
    char *folders = arena_text(c->a, set), *rest = folders;
    for (char *folder = strsep(&rest, ":"); folder; folder = strsep(&rest, ":"))
        if (folder[0] == '/') add_path(c, folder);
}

// The plugin and the shared objects beside it, which it may load; nothing else of the folder.
static void add_plugin(struct command *c, const char *path) {
    char *folder = arena_text(c->a, path);
    char *slash = strrchr(folder, '/');
    if (slash) *slash = '\0';
    glob_t found;
    if (slash && glob(arena_printf(c->a, "%s/*.so*", folder), 0, NULL, &found) == 0) {
        for (size_t k = 0; k < found.gl_pathc; k++) add_path(c, found.gl_pathv[k]);
        globfree(&found);
    }
    add_path(c, path);
}

static bool is_beside_earlier(const struct plan *plan, size_t model) {
    const char *path = plan->models[model].schema->path;
    for (size_t k = 0; k < model; k++)
        if (strcmp(plan->models[k].schema->path, path) == 0) return true;
    return false;
}

// `plan` NULL: no plugins.
static char **make_command(
    const char *program, const char *option, const struct plan *plan, struct arena *a) {
    struct command c = {.a = a, .words = arena_alloc(a, MOST_WORDS * sizeof *c.words)};
    char *real = realpath(program, NULL);
    if (c.words && real) {
        add_base(&c);
        add_library_path(&c);
        for (size_t k = 0; plan && k < plan->n_models; k++)
            if (!is_beside_earlier(plan, k)) add_plugin(&c, plan->models[k].schema->path);
        add_path(&c, real);
        add(&c, "--");
        add(&c, real);
        add(&c, option);
    }
    free(real);
    return c.n ? c.words : NULL;
}

char **sandbox_command(const char *program, const struct plan *plan, struct arena *a) {
    return make_command(program, "--worker", plan, a);
}

// Runs the command and waits; what it prints goes to `output`. Errno's number if it can't be run.
static int try_command(char **words, int output, int *status) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    pid_t pid;
    const int failed = posix_spawnp(&pid, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed) return failed;
    while (waitpid(pid, status, 0) < 0 && errno == EINTR) continue;
    return 0;
}

bool sandbox_check(struct error *e) {
    struct arena a = {0};
    char line[256] = "";
    int status = 0, failed = ENOMEM;
    char **words = make_command(worker_program(), "--version", NULL, &a);
    if (!words) {
        arena_done(&a);
        return error_set(e, "sandbox = true: %s is not there, or memory ran out", worker_program());
    }
    const int output = memfd_create("output", MFD_CLOEXEC);
    if (output >= 0) failed = try_command(words, output, &status);
    if (!failed && status != 0) apart_first_line(output, line, sizeof line);
    if (output >= 0) close(output);
    arena_done(&a);
    if (failed == ENOENT)
        return error_set(e,
            "sandbox = true needs bubblewrap, and there is no bwrap on PATH; install "
            "the package bubblewrap, or set sandbox = false");
    if (failed)
        return error_set(e,
            "sandbox = true: bwrap cannot be started: %s; set sandbox = false to "
            "run without it",
            strerror(failed));
    if (status != 0)
        return error_set(e,
            "sandbox = true: bubblewrap cannot make namespaces here (%s); allow "
            "them to this user, or set sandbox = false",
            line[0] ? line : "no message");
    return true;
}
