// process.h - what has become of another process.
#ifndef RECKON_TESTS_PROCESS_H
#define RECKON_TESTS_PROCESS_H

#include <stdbool.h>
#include <stdio.h>

// False once it has ended, waited for or not.
static inline bool process_is_running(int pid) {
    char path[64], state = 'Z';
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (!f) return false;
    if (fscanf(f, "%*d %*s %c", &state) != 1) state = 'Z';
    fclose(f);
    return state != 'Z';
}

#endif
