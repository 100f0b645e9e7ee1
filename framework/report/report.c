#include "report/report.h"

REGISTRY(report_format)

bool report_make(struct report *r, const struct results *results, const char *experiment,
    const char *plan_hash, struct error *e) {
    *r = (struct report){.results = results, .experiment = experiment, .plan_hash = plan_hash};
    if (tables_make(&r->tables, results, e)) return true;
    report_done(r);
    return false;
}

void report_done(struct report *r) {
    tables_done(&r->tables);
    arena_done(&r->arena);
    *r = (struct report){0};
}
