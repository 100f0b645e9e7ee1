#include "data/source.h"

REGISTRY(data_format)

static const char *const flaw_choices[] = {"error", "skip", NULL};
static const char *const duplicate_choices[] = {"last", "error", NULL};

static const struct setting common_table[] = {
    {.name = "name",
        .doc = "the data set's name in tables; otherwise that of its file",
        .type = SETTING_TEXT,
        .offset = offsetof(struct data_common, name)},
    {.name = "flaws",
        .doc = "rows that are not as they should be: an error, or skipped and counted",
        .type = SETTING_CHOICE,
        .offset = offsetof(struct data_common, flaws),
        .choices = flaw_choices,
        .def = FLAW_ERROR},
    {.name = "duplicates",
        .doc = "a pair rated twice: the last by time counts, or an error",
        .type = SETTING_CHOICE,
        .offset = offsetof(struct data_common, duplicates),
        .choices = duplicate_choices,
        .def = DUPLICATE_LAST},
    {.name = "min_count",
        .doc = "tags set less often than this in a training fold are left out",
        .type = SETTING_INT,
        .offset = offsetof(struct data_common, min_count),
        .def = 5,
        .min = 1,
        .max = 1000000000},
};
const struct settings data_common_settings = SETTINGS(common_table, struct data_common);

static const struct setting filter_table[] = {
    {.name = "min_user",
        .doc = "users with fewer ratings go, until both bounds hold",
        .type = SETTING_INT,
        .offset = offsetof(struct data_filter, min_user),
        .def = 0,
        .min = 0,
        .max = 1000000000},
    {.name = "min_item",
        .doc = "items with fewer ratings go, until both bounds hold",
        .type = SETTING_INT,
        .offset = offsetof(struct data_filter, min_item),
        .def = 0,
        .min = 0,
        .max = 1000000000},
    {.name = "sample",
        .doc = "share of the users that is kept, before the bounds apply",
        .type = SETTING_REAL,
        .offset = offsetof(struct data_filter, sample),
        .def = 1,
        .min = 1e-9,
        .max = 1},
    {.name = "seed",
        .doc = "of the sample",
        .type = SETTING_INT,
        .offset = offsetof(struct data_filter, seed),
        .def = 0,
        .min = 0,
        .max = 9007199254740992},
};
const struct settings data_filter_settings = SETTINGS(filter_table, struct data_filter);

bool data_load(const struct data_spec *spec, uint32_t n_threads, int fd, struct error *e) {
    struct builder *b = builder_new(&spec->common, n_threads, e);
    if (!b) return false;
    builder_set_filter(b, &spec->filter);
    builder_set_folds(b, spec->fold_lines, spec->fold_column);
    bool ok = spec->format->read(spec->settings, b, e);
    if (ok && (spec->fold_lines || spec->fold_column) && !builder_has_folds(b))
        ok = error_set(
            e, "%s: data of this kind cannot have fold numbers beside it", spec->format->id);
    ok = ok && builder_finish(b, fd, e);
    builder_free(b);
    return ok;
}
