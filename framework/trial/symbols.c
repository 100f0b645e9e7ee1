#include "trial/symbols.h"

#include <dwarf.h>
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

// The innermost function there, inlined ones included; NULL without debug information.
static const char *function_at(Dwfl_Module *module, uint64_t offset) {
    Dwarf_Addr bias = 0;
    Dwarf_Die *unit = dwfl_module_addrdie(module, offset, &bias), *scopes = NULL;
    const int n = unit ? dwarf_getscopes(unit, offset - bias, &scopes) : 0;
    for (int k = 0; k < n; k++) {
        const int tag = dwarf_tag(&scopes[k]);
        if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine)
            return dwarf_diename(&scopes[k]);
    }
    return NULL;
}

static void describe(Dwfl_Module *module, const struct question *q) {
    const char *name = function_at(module, q->offset);
    if (!name) name = dwfl_module_addrname(module, q->offset);
    if (!name) return;
    const int n = (int)strcspn(name, "."); // without the compiler's ".cold" and ".part.0"
    Dwfl_Line *line = dwfl_module_getsrc(module, q->offset);
    int number = 0;
    const char *file = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
    if (file)
        snprintf(q->out, TEXT_BYTES, "%.*s (%s:%d)", n, name, file_part(file), number);
    else
        snprintf(q->out, TEXT_BYTES, "%.*s", n, name);
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
