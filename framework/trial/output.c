#include "trial/output.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "data/text.h"

static size_t size_of(int output) {
    struct stat s;
    return fstat(output, &s) == 0 && s.st_size > 0 ? (size_t)s.st_size : 0;
}

void output_clean(char *text) {
    const bool valid = text_is_utf8(text, strlen(text));
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f || (!valid && (unsigned char)*c >= 0x80))
            *c = '?';
}

void output_add(int output, const char *line) {
    if (size_of(output) >= OUTPUT_MOST) return;
    char end[] = "\n";
    const struct iovec parts[] = {
        {.iov_base = (char *)(uintptr_t)line, .iov_len = strlen(line)},
        {.iov_base = end, .iov_len = 1},
    };
    if (writev(output, parts, 2) < 0) return; // the log lacks a line then
}

// Reads `n` bytes at `from` and makes them printable; what cannot be read is '?'.
static void read_part(int output, char *out, size_t n, size_t from) {
    memset(out, '?', n);
    size_t got = 0;
    while (got < n) {
        const ssize_t part = pread(output, out + got, n - got, (off_t)(from + got));
        if (part <= 0) break;
        got += (size_t)part;
    }
    for (size_t k = 0; k < n; k++) {
        const unsigned char c = (unsigned char)out[k];
        if ((c < ' ' && c != '\n' && c != '\t') || c >= 0x7f) out[k] = '?';
    }
}

const char *output_text(int output, struct arena *a) {
    const size_t size = size_of(output);
    if (size == 0) return NULL;
    if (size <= OUTPUT_KEPT) {
        char *out = arena_alloc(a, size + 1);
        if (out) read_part(output, out, size, 0);
        return out;
    }
    char gap[64];
    const size_t half = (OUTPUT_KEPT - sizeof gap) / 2;
    const int n =
        snprintf(gap, sizeof gap, "\n[... %zu bytes are left out ...]\n", size - 2 * half);
    char *out = arena_alloc(a, OUTPUT_KEPT + 1);
    if (!out) return NULL;
    read_part(output, out, half, 0);
    memcpy(out + half, gap, (size_t)n);
    read_part(output, out + half + n, half, size - half);
    return out;
}
