#include "core/cgroup.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static uint64_t read_folder(
    const char *folder, const char *file, uint64_t (*read)(const char *line)) {
    char path[4300], line[128] = "";
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/%s", folder, file);
    FILE *f = fopen(path, "re");
    if (!f) return 0;
    const bool got = fgets(line, sizeof line, f) != NULL;
    fclose(f);
    return got ? read(line) : 0;
}

// The folder of this process in the cgroup-2 hierarchy: the line "0::/a/b" of /proc/self/cgroup.
static void own_folder(char *folder, size_t size) {
    folder[0] = '\0';
    FILE *f = fopen("/proc/self/cgroup", "re");
    if (!f) return;
    char line[4096];
    while (fgets(line, sizeof line, f))
        if (strncmp(line, "0::", 3) == 0) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(folder, size, "%s", line + 3);
        }
    fclose(f);
}

uint64_t cgroup_least(const char *file, uint64_t (*read)(const char *line)) {
    uint64_t least = 0;
    char folder[4096];
    own_folder(folder, sizeof folder);
    for (;;) { // a bound of any folder above holds too
        const uint64_t bound = read_folder(folder, file, read);
        if (bound > 0 && (least == 0 || bound < least)) least = bound;
        char *slash = strrchr(folder, '/');
        if (!slash) return least;
        *slash = '\0';
    }
}
