#include "model/loader.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/hash.h"
#include "model/machine.h"

// The size of rk_plugin in version 1.0 of the interface.
enum { PLUGIN_SIZE_1_0 = offsetof(rk_plugin, extension) + sizeof(void (*)(void)) };

#if defined(__x86_64__)
enum { MACHINE = EM_X86_64 };
#elif defined(__aarch64__)
enum { MACHINE = EM_AARCH64 };
#else
enum { MACHINE = EM_NONE };
#endif

// ---- The file ----------------------------------------------------------------------------------

static bool read_start(const char *path, void *out, size_t want, size_t *got, struct error *e) {
    struct stat st;
    if (stat(path, &st) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return error_set(e, "%s: no such file", path);
        return error_set(e, "%s: cannot be looked at: %s", path, strerror(errno));
    }
    if (!S_ISREG(st.st_mode))
        return error_set(e, "%s: not a shared object: expected a file, found %s", path,
            S_ISDIR(st.st_mode) ? "a folder" : "something else");
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? -1 : read(fd, out, want);
    const int cause = errno;
    if (fd >= 0) close(fd);
    if (n < 0) return error_set(e, "%s: cannot be read: %s", path, strerror(cause));
    *got = (size_t)n;
    return true;
}

static bool judge_file(const char *path, struct error *e) {
    ElfW(Ehdr) h;
    size_t got = 0;
    if (!read_start(path, &h, sizeof h, &got, e)) return false;
    if (got == 0)
        return error_set(e, "%s: not a shared object: expected an ELF file, found no bytes", path);
    if (got < SELFMAG || memcmp(h.e_ident, ELFMAG, SELFMAG) != 0) {
        const unsigned char *b = h.e_ident;
        return error_set(e,
            "%s: not a shared object: expected an ELF file, which begins with 7f 45 4c 46, found "
            "%02x %02x %02x %02x",
            path, b[0], got > 1 ? b[1] : 0, got > 2 ? b[2] : 0, got > 3 ? b[3] : 0);
    }
    if (got < sizeof h)
        return error_set(e, "%s: not a shared object: cut off after %zu bytes", path, got);
    if (h.e_type != ET_DYN)
        return error_set(e,
            "%s: not a shared object: expected ELF type %d (made by cc -shared), found type %d",
            path, ET_DYN, h.e_type);
    if (MACHINE != EM_NONE && h.e_machine != MACHINE)
        return error_set(e, "%s: made for another machine: expected ELF machine %d, found %d", path,
            MACHINE, h.e_machine);
    return true;
}

// ---- dlopen ------------------------------------------------------------------------------------

// "<path>: undefined symbol: foo" and its kin, said in our way.
static bool explain_dlerror(const char *path, const char *text, struct error *e) {
    static const char undefined[] = "undefined symbol: ";
    const char *symbol = strstr(text, undefined);
    if (symbol) {
        symbol += sizeof undefined - 1;
        return error_set(e,
            "%s: missing symbol: it needs \"%.*s\", which neither it nor a library that it names "
            "has; link it with what defines that",
            path, (int)strcspn(symbol, " ,\t"), symbol);
    }
    static const char cannot[] = ": cannot open shared object file";
    const char *end = strstr(text, cannot);
    if (end)
        return error_set(e,
            "%s: missing library: it needs \"%.*s\", which the system does not find", path,
            (int)(end - text), text);
    return error_set(e, "%s: cannot be loaded: %s", path, text);
}

static rk_plugin_entry_fn *open_entry(const char *path, struct error *e) {
    void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!so) {
        const char *text = dlerror();
        explain_dlerror(path, text ? text : "for an unknown reason", e);
        return NULL;
    }
    rk_plugin_entry_fn *entry;
    void *symbol = dlsym(so, "rk_plugin_entry");
    if (!symbol) {
        error_set(e,
            "%s: not a plugin: expected the exported function rk_plugin_entry, found no such "
            "symbol",
            path);
        return NULL;
    }
    memcpy(&entry, &symbol, sizeof entry); // POSIX has them alike, ISO C has no cast for it
    return entry;
}

// ---- The handshake -----------------------------------------------------------------------------

static bool judge_version(const rk_plugin *p, const char *path, struct error *e) {
    if (p->abi_major != RK_ABI_MAJOR)
        return error_set(e,
            "%s: made for another interface: expected major version %d, found %u.%u; compile it "
            "against this program's reckon.h",
            path, RK_ABI_MAJOR, p->abi_major, p->abi_minor);
    if (p->size < PLUGIN_SIZE_1_0)
        return error_set(e,
            "%s: its rk_plugin is too small: expected at least %d bytes (version 1.0), found size "
            "%u; set .size = sizeof(rk_plugin)",
            path, PLUGIN_SIZE_1_0, p->size);
    return true;
}

static bool judge_functions(const rk_plugin *p, const char *path, struct error *e) {
    const char *missing = !p->create    ? "create"
                          : !p->destroy ? "destroy"
                          : !p->fit     ? "fit"
                          : !p->predict ? "predict"
                                        : NULL;
    if (!missing) return true;
    return error_set(e,
        "%s: missing function: expected create, destroy, fit and predict, found %s to be NULL",
        path, missing);
}

static bool judge_id(const rk_plugin *p, const char *path, struct error *e) {
    const char *slash = strrchr(path, '/');
    const char *file = slash ? slash + 1 : path;
    const size_t n = strlen(file), stem = n > 3 && strcmp(file + n - 3, ".so") == 0 ? n - 3 : n;
    if (strlen(p->id) == stem && memcmp(p->id, file, stem) == 0) return true;
    return error_set(e,
        "%s: id unlike the file's name: expected \"%.*s\", found \"%s\"; rename one of them", path,
        (int)stem, file, p->id);
}

const rk_plugin *loader_open(const char *path, struct error *e) {
    char local[4096]; // a bare name would be looked for among the system's libraries
    if (!strchr(path, '/')) {
        snprintf(local, sizeof local, "./%s", path);
        path = local;
    }
    if (!judge_file(path, e)) return NULL;
    rk_plugin_entry_fn *entry = open_entry(path, e);
    if (!entry) return NULL;
    const rk_plugin *p = entry();
    if (!p) {
        error_set(e, "%s: its rk_plugin_entry gave NULL; expected a rk_plugin", path);
        return NULL;
    }
    if (!judge_version(p, path, e) || !judge_functions(p, path, e)) return NULL;
    if (!schema_judge(p, e)) {
        error_prefix(e, "%s", path);
        return NULL;
    }
    return judge_id(p, path, e) ? p : NULL;
}

// ---- Libraries ---------------------------------------------------------------------------------

enum { MOST_LIBRARIES = 512 };

struct libraries {
    struct arena *arena;
    const char *line[MOST_LIBRARIES];
    size_t n;
};

static size_t padded(size_t n) {
    return (n + 3) & ~(size_t)3;
}

// The build id among a segment's notes, in hex; "" if it is not there.
static void read_build_id(const unsigned char *at, size_t size, char *out, size_t room) {
    while (size >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        memcpy(&note, at, sizeof note);
        const size_t head = sizeof note + padded(note.n_namesz);
        const size_t all = head + padded(note.n_descsz);
        if (note.n_namesz > size || note.n_descsz > size || all > size) return;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
            memcmp(at + sizeof note, "GNU", 4) == 0) {
            for (size_t k = 0; k < note.n_descsz && 2 * k + 3 <= room; k++)
                snprintf(out + 2 * k, 3, "%02x", at[head + k]);
            return;
        }
        at += all;
        size -= all;
    }
}

static int add_library(struct dl_phdr_info *info, size_t size, void *arg) {
    (void)size;
    struct libraries *l = arg;
    const char *slash = strrchr(info->dlpi_name, '/');
    // The program has no name, and the kernel's vdso no path.
    if (!slash || l->n == MOST_LIBRARIES) return 0;
    char id[160] = "";
    for (ElfW(Half) k = 0; k < info->dlpi_phnum && !id[0]; k++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[k];
        if (segment->p_type != PT_NOTE) continue;
        const uintptr_t at = info->dlpi_addr + segment->p_vaddr;
        read_build_id((const unsigned char *)at, segment->p_memsz, id, sizeof id);
    }
    char hash[HASH_SIZE] = "";
    if (!id[0] && !hash_file(info->dlpi_name, hash, NULL)) hash[0] = '\0';
    l->line[l->n++] = arena_printf(l->arena, "%s=%s", slash + 1, id[0] ? id : hash);
    return 0;
}

static int compare_lines(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *loader_libraries(struct arena *a) {
    struct libraries l = {.arena = a};
    dl_iterate_phdr(add_library, &l);
    qsort(l.line, l.n, sizeof *l.line, compare_lines);
    size_t bytes = 1;
    for (size_t k = 0; k < l.n; k++) bytes += strlen(l.line[k]) + 1;
    char *text = arena_alloc(a, bytes), *at = text;
    for (size_t k = 0; text && k < l.n; k++) at += sprintf(at, "%s\n", l.line[k]);
    return text;
}

// ---- OpenBLAS ----------------------------------------------------------------------------------

static int note_openblas(struct dl_phdr_info *info, size_t size, void *arg) {
    (void)size;
    const char **name = arg;
    if (!strstr(info->dlpi_name, "openblas")) return 0;
    *name = info->dlpi_name;
    return 1;
}

const char *loader_blas_core(void) {
    const char *name = NULL;
    dl_iterate_phdr(note_openblas, &name);
    void *so = name ? dlopen(name, RTLD_LAZY | RTLD_NOLOAD) : NULL;
    if (!so) return NULL;
    char *(*corename)(void) = NULL;
    void *symbol = dlsym(so, "openblas_get_corename");
    if (symbol) memcpy(&corename, &symbol, sizeof corename);
    const char *core = corename ? corename() : NULL;
    dlclose(so); // gives back the reference taken above; the plugin keeps its own
    return core;
}

const char *loader_load_blas(void) {
    return dlopen("libopenblas.so.0", RTLD_LAZY | RTLD_LOCAL) ? loader_blas_core() : NULL;
}

void loader_prepare_blas(void) {
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    setenv("OMP_NUM_THREADS", "1", 1); // the OpenMP build of OpenBLAS
    const char *core = machine_blas_core();
    if (core) setenv("OPENBLAS_CORETYPE", core, 0);
}
