// check.h - the conformance suite: proves that a plugin keeps the contract of reckon.h.
//
// Each check runs in a child process of its own, which loads the plugin, with limits on time and
// memory; a crash is a failed check. The calling process loads nothing, and must be free of
// threads.
#ifndef RECKON_CHECK_CHECK_H
#define RECKON_CHECK_CHECK_H

#include <stddef.h>

#include "core/error.h"

struct check_options {
    const char *const *only; // [n_only]: names of the checks to run; none: all
    size_t n_only;
    bool verbose;   // what each check is for, too
    unsigned limit; // seconds that a check may take; 0: 120, and with sanitizers 600
    // One line, without a newline:  "pass  threads", "pass  cancel: stopped ...",
    // "FAIL  batches: predict(...): ...", "skip  state: ...".
    void (*print)(void *arg, const char *line);
    void *arg;
};

struct check_summary {
    size_t passed, failed, skipped;
};

// Runs the suite over the plugin at `path`. False and an error only if that is impossible: an
// unknown name in `only`, no processes. A plugin that cannot be loaded is one failed check.
bool check_run(
    const char *path, const struct check_options *o, struct check_summary *out, struct error *e);

// Names and purposes of all checks, in the order in which they run; NULL past the end.
const char *check_name(size_t k);
const char *check_doc(size_t k);

#endif
