// reckon doctor
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#include "cli/setup.h"
#include "core/library.h"
#include "model/loader.h"
#include "model/machine.h"
#include "trial/apart.h"
#include "trial/limits.h"
#include "trial/sandbox.h"
#include "trial/worker.h"

static void print_machine(void) {
    struct machine m;
    struct utsname u;
    machine_read(&m);
    printf("cpu        %s, %s\n", m.cpu, m.isa);
    printf("threads    %u may be used\n", m.cpus);
    if (m.memory)
        printf("memory     %.1f GB\n", (double)m.memory / 1e9);
    else
        printf("memory     not known\n");
    if (uname(&u) == 0) printf("system     %s %s, %s\n", u.sysname, u.release, u.machine);
}

static void print_versions(void) {
    printf("versions   reckon %s, ABI %d.%d", RECKON_VERSION, RK_ABI_MAJOR, RK_ABI_MINOR);
    for (size_t k = 0; k < library_count(); k++) {
        const struct library *l = library_nth(k);
        printf("%s%s %s", k ? ", " : "\n           ", l->name, l->version());
    }
    putchar('\n');
}

// What is in the folders, and OpenBLAS's core as the first plugin that loads it has it. Gives the
// number of plugins that cannot be loaded.
static int print_plugins(const struct plugin_path *path, char core[64]) {
    struct arena arena = {0};
    const char *const *folders = loader_folders(path, &arena);
    int failed = 0;
    *core = '\0';
    for (size_t k = 0; folders && folders[k]; k++)
        printf("%s %s\n", k ? "          " : "plugins in", folders[k]);
    const char *const *ids = loader_list(path, &arena);
    for (size_t k = 0; ids && ids[k]; k++) {
        char file[4096], its_core[64] = "";
        struct error e = {0};
        struct schema s = {0};
        if (!loader_find(path, ids[k], file, sizeof file, &e) ||
            !worker_schema(file, &s, its_core, &e)) {
            printf("           %s: %s\n", ids[k], e.text);
            failed++;
        } else {
            printf("           %s %s\n", s.id, s.version);
            if (!*core) memcpy(core, its_core, sizeof its_core);
        }
        schema_done(&s);
    }
    if (!ids || !ids[0]) printf("           there are none\n");
    failed += !ids || !ids[0];
    arena_done(&arena);
    return failed;
}

// In a process of its own, as workers load it.
static bool load_blas(void *arg, struct error *e) {
    (void)e;
    loader_prepare_blas();
    const char *core = loader_load_blas();
    snprintf(arg, 64, "%s", core ? core : "");
    return true;
}

// The core that a plugin would find, where none of those here loads OpenBLAS.
static void ask_blas(char core[64]) {
    char *told = mmap(NULL, 64, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (told == MAP_FAILED) return;
    if (apart_run("loading OpenBLAS", load_blas, told, NULL, NULL)) memcpy(core, told, 64);
    munmap(told, 64);
}

// What guards trials, and what they get where an experiment does not say.
static void print_guards(void) {
    struct error e = {0};
    printf("limits     %.0f MiB of memory for the one trial at a time, %.0f MiB for each of two\n",
        limits_share(1), limits_share(2));
    printf("sandbox    %s\n", sandbox_check(&e) ? "works" : e.text);
}

static int doctor_main(const struct arguments *a) {
    char core[64];
    const struct plugin_path path = {a->plugin_path.at, a->plugin_path.n};
    const char *wanted = getenv("OPENBLAS_CORETYPE"), *chosen = machine_blas_core();
    print_machine();
    print_versions();
    print_guards();
    const int failed = print_plugins(&path, core);
    const bool is_used = *core;
    if (!is_used) ask_blas(core);
    printf("BLAS core  %s", *core ? core : "none: there is no OpenBLAS here");
    if (*core && wanted)
        printf(", as OPENBLAS_CORETYPE=%s asks for", wanted);
    else if (*core && chosen)
        printf(", chosen for this CPU, since OpenBLAS's own detection is poor here");
    puts(is_used || !*core ? "" : "; no plugin here uses it");
    const bool slow = strcasecmp(core, "prescott") == 0;
    if (slow)
        printf("warning: OpenBLAS runs its kernels for a CPU of 2004; set OPENBLAS_CORETYPE, for "
               "example to HASWELL\n");
    return failed || slow ? EXIT_FAILED : EXIT_DONE;
}

static const struct option *const options[] = {&option_plugin_path};

REGISTRY_ADD(command, doctor) = {
    .id = "doctor",
    .usage = "",
    .doc = "Say what this machine and installation are like",
    .help = "CPU, threads, memory, versions, limits, whether trials can be sandboxed, plugin "
            "folders with what is in them, and the core that "
            "OpenBLAS runs with.\nExit code 1 if something is wrong.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .main = doctor_main,
};
