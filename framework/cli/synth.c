// reckon synth DIR [key=value ...]
#include <stdio.h>
#include <string.h>

#include "cli/setup.h"
#include "core/log.h"
#include "data/synthetic.h"

static int find_form(const char *name) {
    for (int k = 0; synthetic_form_name[k]; k++)
        if (!name || strcmp(name, synthetic_form_name[k]) == 0) return k;
    fprintf(stderr, "reckon: --form: one of");
    for (int k = 0; synthetic_form_name[k]; k++)
        fprintf(stderr, "%s %s", k ? "," : "", synthetic_form_name[k]);
    fprintf(stderr, " is expected, not \"%s\"\n", name);
    return -1;
}

static int synth_main(const struct arguments *a) {
    struct arena arena = {0};
    struct problems problems = {0};
    struct error e = {0};
    struct synthetic s = {0};
    int code = EXIT_USAGE;
    const char *dir = a->rest.at[0];
    const int form = find_form(a->form);
    const bool bound = experiment_bind(
        &synthetic_settings, "synthetic", a->rest.at + 1, a->rest.n - 1, &s, &arena, &problems);
    for (size_t k = 0; k < problems.n; k++) fprintf(stderr, "%s\n", problems.text[k]);
    if (form < 0 || !bound) goto done;
    if (!synthetic_check(&s, &e)) goto done;
    code = EXIT_FAILED;
    if (!synthetic_write(&s, dir, (enum synthetic_form)form, &e)) goto done;
    log_info("%s holds a synthetic data set in the form of %s", dir, synthetic_form_name[form]);
    code = EXIT_DONE;
done:
    if (*e.text) fprintf(stderr, "reckon: %s\n", e.text);
    problems_done(&problems);
    arena_done(&arena);
    return code;
}

static const struct option form = {"form", 0, OPTION_TEXT, "FORM",
    "whose files: ml-latest (the default) or ml-1m", "ml-latest ml-1m",
    .offset = offsetof(struct arguments, form)};
static const struct option *const options[] = {&form};

REGISTRY_ADD(command, synth) = {
    .id = "synth",
    .usage = "DIR [key=value ...]",
    .doc = "Write a synthetic data set as MovieLens files",
    .help =
        "DIR is made. The keys are those of data = { synthetic = { ... } } in experiment files: "
        "users=6000 items=4000\nratings=1000000 rank=8 noise=0.8 seed=1 and more; a wrong one "
        "lists them all.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .min_rest = 1,
    .max_rest = SIZE_MAX,
    .completion = "dir",
    .main = synth_main,
};
