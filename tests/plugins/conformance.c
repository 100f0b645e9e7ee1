// The conformance suite over one plugin: `conformance PLUGIN.so`.
#include <stdio.h>

#include "check/check.h"

static void print(void *arg, const char *line) {
    (void)arg;
    puts(line);
}

int main(int argc, char **argv) {
    struct error e = {0};
    struct check_summary sum;
    const struct check_options options = {.print = print};
    if (argc != 2) return 2;
    if (!check_run(argv[1], &options, &sum, &e)) {
        fprintf(stderr, "%s\n", e.text);
        return 2;
    }
    printf("%zu passed, %zu failed, %zu skipped\n", sum.passed, sum.failed, sum.skipped);
    return sum.failed != 0;
}
