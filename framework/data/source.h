// source.h - the ways in which an experiment file gives a data set:  data = { <format> = ...; ... }
//
// To add a format, add one file with a REGISTRY_ADD(data_format, ...).
#ifndef RECKON_DATA_SOURCE_H
#define RECKON_DATA_SOURCE_H

#include "core/registry.h"
#include "core/setting.h"
#include "data/builder.h"
#include "data/filter.h"

struct data_format {
    const char *id;           // the key that chooses it: "movielens", "delimited", "synthetic"
    const char *doc;          // one line
    struct settings settings; // as in the experiment file
    // True: data = { synthetic = { <settings> }; }. False: data = { movielens = <path>; <settings>
    // }, and the table has a setting of the same name as `id`.
    bool grouped;
    // Optional. Whether the settings fit together, asked before any data is read.
    bool (*check)(const void *settings, struct error *e);
    // Reads everything into the builder. `settings` is the struct that was filled in.
    bool (*read)(const void *settings, struct builder *b, struct error *e);
    // Optional. Calls `each` for every (user, item) pair of `file`, a further file of the same form
    // (a member of the same archive or folder, or a path): for splits that come as pairs of files.
    bool (*read_pairs)(const void *settings, const char *file,
        bool (*each)(
            void *arg, const char *user, const char *item, const char *place, struct error *e),
        void *arg, struct error *e);
    // An estimate for --dry-run: rating rows (upper bound from file sizes, or exact).
    uint64_t (*estimate_rows)(const void *settings);
};
REGISTRY_DECLARE(data_format)

extern const struct settings
    data_common_settings; // name, flaws, duplicates, min_count, all formats
extern const struct settings data_filter_settings; // the group `filter`

struct data_spec {
    const struct data_format *format;
    const void *settings; // of format->settings; borrowed from the experiment
    struct data_common common;
    struct data_filter filter;
    // Where predefined folds come from, if not NULL: a file with one number for each rating row in
    // the order of the data's own file (header and blank lines not counted, rows set aside
    // counted), or a column of the data's file by its name or number.
    const char *fold_lines;
    const char *fold_column;
};

// Reads, filters, finishes into the image `fd`. Warnings go to the log.
bool data_load(const struct data_spec *spec, uint32_t n_threads, int fd, struct error *e);

#endif
