// Crashes while it is loaded.
#include <signal.h>

#include "base.h"

__attribute__((constructor)) static void crash(void) {
    raise(SIGSEGV);
}
BASE_ENTRY(BASE_HEAD, BASE_TEXTS, BASE_FUNCTIONS)
