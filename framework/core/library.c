#include "core/library.h"

#include <archive.h>
#include <elfutils/libdwfl.h>
#include <gnu/libc-version.h>
#include <jansson.h>
#include <stdio.h>
#include <xxhash.h>

REGISTRY(library)

static const char *archive(void) {
    return archive_version_string() + sizeof "libarchive";
}

static const char *compiler(void) {
    return __VERSION__;
}

static const char *dw(void) {
    return dwfl_version(NULL);
}

static const char *xxhash(void) {
    static char text[32];
    const unsigned n = XXH_versionNumber();
    snprintf(text, sizeof text, "%u.%u.%u", n / 10000, n / 100 % 100, n % 100);
    return text;
}

REGISTRY_ADD(library, archive) = {"libarchive", "libarchive", archive};
REGISTRY_ADD(library, compiler) = {"compiler", "compiler", compiler};
REGISTRY_ADD(library, dw) = {"libdw", "libdw", dw};
REGISTRY_ADD(library, glibc) = {"glibc", "glibc", gnu_get_libc_version};
REGISTRY_ADD(library, jansson) = {"jansson", "jansson", jansson_version_str};
REGISTRY_ADD(library, xxhash) = {"xxhash", "xxHash", xxhash};
