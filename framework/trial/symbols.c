#include "trial/symbols.h"

#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trial/apart.h"

enum { MOST_SECONDS = 5, TEXT_BYTES = 512 };

struct question {
    const char *path;
    uint64_t offset;
    char *out; // [TEXT_BYTES]; shared with the harness
};

static const char *file_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void describe(Dwfl_Module *module, const struct question *q) {
    const char *name = dwfl_module_addrname(module, q->offset);
    Dwfl_Line *line = dwfl_module_getsrc(module, q->offset);
    int number = 0;
    const char *file = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
    if (name && file)
        snprintf(q->out, TEXT_BYTES, "%s (%s:%d)", name, file_part(file), number);
    else if (name)
        snprintf(q->out, TEXT_BYTES, "%s", name);
}

static bool look_up(void *arg, struct error *e) {
    (void)e;
    const struct question *q = arg;
    alarm(MOST_SECONDS);
    unsetenv("DEBUGINFOD_URLS"); // no look into the network
    static const Dwfl_Callbacks callbacks = {
        .find_elf = dwfl_build_id_find_elf, .find_debuginfo = dwfl_standard_find_debuginfo};
    Dwfl *dwfl = dwfl_begin(&callbacks);
    if (!dwfl) return true;
    dwfl_report_begin(dwfl);
    Dwfl_Module *module = dwfl_report_elf(dwfl, "plugin", q->path, -1, 0, false);
    dwfl_report_end(dwfl, NULL, NULL);
    if (module) describe(module, q);
    return true; // the process ends; nothing is freed
}

bool symbols_describe(const char *path, uint64_t offset, char *out, size_t size) {
    char *shared =
        mmap(NULL, TEXT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return false;
    struct question q = {.path = path, .offset = offset, .out = shared};
    snprintf(shared, TEXT_BYTES, "%.200s+0x%llx", file_part(path), (unsigned long long)offset);
    apart_run("looking for symbols", look_up, &q, NULL, NULL);
    shared[TEXT_BYTES - 1] = '\0';
    snprintf(out, size, "%s", shared);
    munmap(shared, TEXT_BYTES);
    return true;
}
