// reckon gc RUN
#include <stdio.h>

#include "cli/setup.h"
#include "core/log.h"
#include "report/wording.h"
#include "trial/store_read.h"

static int gc_main(const struct arguments *a) {
    struct arena arena = {0};
    struct error e = {0};
    struct store *s = NULL;
    struct store_cleared cleared;
    const char *folder = setup_store_folder(a, a->rest.at[0], &arena, &e);
    int code = EXIT_FAILED;
    if (!folder || !store_open(&s, folder, STORE_WRITE, &e) || !store_gc(s, &cleared, &e)) {
        log_error("%s", e.text);
        goto done;
    }
    printf("%s: %zu runs, %zu trials and %zu files removed, %s\n", folder, cleared.runs,
        cleared.trials, cleared.files, wording_bytes(&arena, (double)cleared.bytes));
    code = EXIT_DONE;
done:
    store_close(s);
    arena_done(&arena);
    return code;
}

static const struct option *const options[] = {&option_out};

REGISTRY_ADD(command, gc) = {
    .id = "gc",
    .usage = "RUN",
    .doc = "Throw away what no run needs any more",
    .help =
        "RUN is a folder of results, or the name of one in results/ (--out). Kept are its latest "
        "run that was done and\nthose after it, with their trials and predictions; the rest, "
        "which other parameters may have left, goes.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .min_rest = 1,
    .max_rest = 1,
    .completion = "dir",
    .main = gc_main,
};
