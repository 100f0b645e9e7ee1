// Ends the process while it is loaded, but not the one that it has started.
#include <unistd.h>

#include "base.h"

__attribute__((constructor)) static void leave(void) {
    if (fork() > 0) _exit(3);
    sleep(600);
    _exit(0);
}

BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS)
