#include "cli/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "cli/setup.h"
#include "core/log.h"

void outcome_formats(struct outcome *o, const struct experiment *x) {
    const size_t room = sizeof o->formats / sizeof *o->formats;
    for (size_t k = 0; k < x->n_report && o->n_formats < room; k++)
        o->formats[o->n_formats++] = report_format_find(x->report[k]);
}

bool outcome_write(struct outcome *o, const char *experiment, struct error *e) {
    FILE *resolved = folder_open(&o->folder, "experiment.cfg", e);
    if (!resolved) return false;
    fputs(experiment, resolved);
    return folder_close(&o->folder, resolved, "experiment.cfg", e) &&
           folder_write_results(&o->folder, &o->report, o->formats, o->n_formats, e) &&
           folder_commit(&o->folder, e);
}

bool outcome_print(const struct outcome *o, const char *format, struct error *e) {
    if (format && strcmp(format, "table"))
        return report_format_find(format)->write(&o->report, stdout, e);
    const struct table_style style = {.colour = setup_colour(stdout),
        .slices = log_verbosity() == LOG_VERBOSE,
        .width = setup_width(stdout)};
    report_print(&o->report, &style, stdout);
    return true;
}

size_t outcome_count(const struct outcome *o) {
    size_t n = 0;
    for (size_t k = 0; k < o->results.n; k++) n += o->results.records[k].model >= 0;
    return n;
}

void outcome_done(struct outcome *o) {
    folder_abandon(&o->folder);
    report_done(&o->report);
    candidates_done(&o->candidates);
    results_done(&o->results);
}

char *outcome_text(const struct experiment *x) {
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    experiment_print(x, out);
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}
