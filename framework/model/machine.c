#include "model/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/pool.h"

// Measured on Debian 12's library, under an emulator that names itself as each of these CPUs.
// Models that it does not know by name it judges by what they can do, with these exceptions, which
// it takes for a Prescott or a Nehalem.
static bool is_misjudged(const char *vendor, unsigned family, unsigned model) {
    if (strcmp(vendor, "GenuineIntel") == 0)
        return family == 6 ? model >= 0xB0 : family > 15; // Raptor Lake, Emerald Rapids and later
    return strcmp(vendor, "AuthenticAMD") != 0 && strcmp(vendor, "HygonGenuine") != 0;
}

const char *machine_choose_core(
    const char *vendor, unsigned family, unsigned model, const char *isa) {
    if (!is_misjudged(vendor, family, model)) return NULL;
    if (strcmp(isa, "x86-64-v4") == 0) return "SKYLAKEX";
    return strcmp(isa, "x86-64-v3") == 0 ? "HASWELL" : NULL;
}

#if defined(__x86_64__)
#include <cpuid.h>

static bool has_v2(void) {
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("ssse3") &&
           __builtin_cpu_supports("popcnt");
}

static bool has_v3(void) {
    return has_v2() && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

static bool has_v4(void) {
    return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}

const char *machine_isa(void) {
    __builtin_cpu_init();
    return has_v4() ? "x86-64-v4" : has_v3() ? "x86-64-v3" : has_v2() ? "x86-64-v2" : "x86-64";
}

// Family and model as the makers count them: the extended fields added in.
static bool cpu_model(char vendor[13], unsigned *family, unsigned *model) {
    unsigned a, b, c, d;
    if (!__get_cpuid(0, &a, &b, &c, &d)) return false;
    memcpy(vendor, &b, 4);
    memcpy(vendor + 4, &d, 4);
    memcpy(vendor + 8, &c, 4);
    vendor[12] = '\0';
    if (!__get_cpuid(1, &a, &b, &c, &d)) return false;
    *family = (a >> 8 & 15) + ((a >> 8 & 15) == 15 ? a >> 20 & 255 : 0);
    *model = (a >> 4 & 15) + (a >> 16 & 15) * 16;
    return true;
}

const char *machine_blas_core(void) {
    char vendor[13];
    unsigned family, model;
    if (!cpu_model(vendor, &family, &model)) return NULL;
    return machine_choose_core(vendor, family, model, machine_isa());
}

#else

const char *machine_isa(void) {
#if defined(__aarch64__)
    return "aarch64";
#else
    return "unknown";
#endif
}

const char *machine_blas_core(void) {
    return NULL;
}

#endif

static void read_cpu(char *out, size_t size) {
    snprintf(out, size, "unknown");
    FILE *f = fopen("/proc/cpuinfo", "re");
    if (!f) return;
    char line[512];
    while (fgets(line, sizeof line, f)) {
        const char *colon = strncmp(line, "model name", 10) == 0 ? strchr(line, ':') : NULL;
        if (!colon) continue;
        snprintf(out, size, "%s", colon + 1 + strspn(colon + 1, " \t"));
        out[strcspn(out, "\n")] = '\0';
        break;
    }
    fclose(f);
}

static uint64_t read_number(const char *path) {
    FILE *f = fopen(path, "re");
    if (!f) return 0;
    unsigned long long v = 0;
    const bool got = fscanf(f, "%llu", &v) == 1; // "max" is no number
    fclose(f);
    return got ? v : 0;
}

static uint64_t read_memory(void) {
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGE_SIZE);
    uint64_t bytes = pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 0;
    static const char *const limits[] = {
        "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
    for (size_t k = 0; k < sizeof limits / sizeof *limits; k++) {
        const uint64_t limit = read_number(limits[k]);
        if (limit && limit < bytes) bytes = limit;
    }
    return bytes;
}

void machine_read(struct machine *m) {
    *m = (struct machine){.isa = machine_isa(),
        .cpus = pool_cpus(),
        .memory = read_memory(),
        .core = machine_blas_core()};
    read_cpu(m->cpu, sizeof m->cpu);
}
