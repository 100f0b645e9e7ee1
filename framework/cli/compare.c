// reckon compare A B
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/compare_print.h"
#include "cli/opened.h"
#include "cli/setup.h"
#include "core/log.h"
#include "report/versus_limit.h"

struct compare {
    struct arena arena; // owned
    struct versus_limits limits;
    struct opened a, b;
    struct versus versus;
};

static bool read_limits(struct compare *c, const struct arguments *a) {
    struct error e = {0};
    for (size_t k = 0; k < a->fail_if.n; k++)
        if (!versus_limit_parse(&c->limits, a->fail_if.at[k], &c->arena, &e)) {
            log_error("%s", e.text);
            return false;
        }
    return true;
}

static bool print(const struct versus *v, const char *format, struct error *e) {
    if (!format || strcmp(format, "table") == 0) return compare_print(v, stdout, e);
    if (strcmp(format, "md") == 0) return versus_write_md(v, stdout, e);
    if (strcmp(format, "csv") == 0) return versus_write_csv(v, stdout, e);
    return versus_write_json(v, stdout, e);
}

static bool open_runs(struct compare *c, const struct arguments *a, struct error *e) {
    return opened_read(&c->a, a, a->rest.at[0], e) && opened_read(&c->b, a, a->rest.at[1], e);
}

static int refuse(const struct versus *v, const struct error *e) {
    for (size_t k = 0; k < v->n_refused; k++) log_error("not comparable: %s", v->refused[k]);
    if (v->n_refused == 0) log_error("%s", e->text);
    return EXIT_FAILED;
}

static int compare(struct compare *c, const struct arguments *a) {
    struct versus *v = &c->versus;
    struct error e = {0};
    if (!open_runs(c, a, &e)) {
        log_error("%s", e.text);
        return EXIT_FAILED;
    }
    const struct versus_run x = {&c->a.results, c->a.folder, c->a.provenance};
    const struct versus_run y = {&c->b.results, c->b.folder, c->b.provenance};
    if (!versus_make(v, &x, &y, a->models.at, a->models.n, &e)) return refuse(v, &e);
    if (!versus_limit_check(&c->limits, v, &e)) {
        log_error("%s", e.text);
        return EXIT_USAGE;
    }
    if (!versus_limit_judge(&c->limits, v, a->only_real, &e) || !print(v, a->format, &e)) {
        log_error("%s", e.text);
        return EXIT_FAILED;
    }
    for (size_t k = 0; k < v->n_broken; k++) log_error("regression: %s", v->broken[k]);
    return v->n_broken ? EXIT_REGRESSION : EXIT_DONE;
}

static int compare_main(const struct arguments *a) {
    if (!setup_check_format(a, "table csv json md")) return EXIT_USAGE;
    struct compare *c = calloc(1, sizeof *c);
    int code = EXIT_FAILED;
    if (!c)
        log_error("out of memory");
    else
        code = read_limits(c, a) ? compare(c, a) : EXIT_USAGE;
    if (!c) return code;
    versus_done(&c->versus);
    opened_done(&c->a);
    opened_done(&c->b);
    arena_done(&c->arena);
    free(c);
    return code;
}

#define AT(field) .offset = offsetof(struct arguments, field)
static const struct option option_fail_if = {"fail-if", 0, OPTION_TEXTS, "CONDITION",
    "exit with 4 where a row breaks it: rmse>+0.5%, rmse>+0.002, top5<-0.01, rmse>0.9; may be "
    "repeated",
    AT(fail_if)};
static const struct option option_only_real = {"only-real", 0, OPTION_FLAG,
    .doc = "changes that the noise alone may make break no condition", AT(only_real)};
static const struct option option_models = {"model", 0, OPTION_TEXTS, "LABEL",
    "this row alone, or A's=B's for rows of two labels; may be repeated", AT(models)};
static const struct option *const options[] = {&option_fail_if, &option_only_real, &option_models,
    &option_format, &option_out, &option_plugin_path};

REGISTRY_ADD(command, compare) = {
    .id = "compare",
    .usage = "A B",
    .doc = "Put two runs side by side, and fail on a regression",
    .help =
        "A is the run before, B the one after: folders of results, or names of such in results/ "
        "(--out). Rows of the same label are\ncompared, metric by metric, on the same test rows: "
        "what changed, its 95 % interval, whether it is beyond the noise, and which\nparameters, "
        "plugins and versions differ. Runs on other data, other test rows or by other definitions "
        "are refused. Data is not read.\n\n"
        "A condition is METRIC > LIMIT or METRIC < LIMIT. A limit with a sign is one of the change "
        "from A to B: rmse>+0.5% (relative to A),\nrmse>+0.002 (absolute). Without a sign it is "
        "one of B itself: rmse>0.9. Several stand with commas between them. A row whose\n"
        "trials failed in B alone breaks any; one that B has not at all breaks none. --format md "
        "is fit for a pull request.\n"
        "Exit code 4 if a condition is broken, 1 if the runs can't be compared.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .min_rest = 2,
    .max_rest = 2,
    .completion = "dir",
    .main = compare_main,
};
