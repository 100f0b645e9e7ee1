// delimited: ratings in any file of rows and columns, or in several that are one set together.
#include <stdlib.h>
#include <string.h>

#include "data/attributes.h"
#include "data/ratings.h"
#include "data/source.h"

struct delimited {
    struct paths files;
    struct column user, item, rating, time, fold;
    const char *delimiter;
    bool header;
    struct reals scale;
    struct path users, items;
    const char *list_separator;
    struct texts one_hot;
};

#define AT(field) .offset = offsetof(struct delimited, field)
static const struct setting table[] = {
    {.name = "delimited",
        .doc = "a file of ratings (plain, compressed or alone in an archive), or a list of such",
        .type = SETTING_PATHS,
        AT(files),
        .required = true},
    {.name = "user",
        .doc = "the users' column, by its name in the header or by its number from 1",
        .type = SETTING_COLUMN,
        AT(user),
        .required = true},
    {.name = "item",
        .doc = "the items' column",
        .type = SETTING_COLUMN,
        AT(item),
        .required = true},
    {.name = "rating",
        .doc = "the ratings' column",
        .type = SETTING_COLUMN,
        AT(rating),
        .required = true},
    {.name = "time",
        .doc = "the column of times, in seconds since 1970",
        .type = SETTING_COLUMN,
        AT(time)},
    {.name = "fold",
        .doc = "the column of fold numbers, 0 for none",
        .type = SETTING_COLUMN,
        AT(fold)},
    {.name = "delimiter",
        .doc = "what stands between fields: one byte (then quotes are those of CSV) or several",
        .type = SETTING_TEXT,
        AT(delimiter),
        .def_text = ","},
    {.name = "header",
        .doc = "whether the first line names the columns",
        .type = SETTING_BOOL,
        AT(header),
        .def = 1},
    {.name = "scale",
        .doc = "the lowest and the highest rating that there can be",
        .type = SETTING_REALS,
        AT(scale),
        .required = true,
        .min = -1e6,
        .max = 1e6},
    {.name = "users",
        .doc = "a file of all users: the id, then a column for each feature",
        .type = SETTING_PATH,
        AT(users)},
    {.name = "items",
        .doc = "a file of all items, likewise; a column \"title\" is the title",
        .type = SETTING_PATH,
        AT(items)},
    {.name = "list_separator",
        .doc = "what stands between the values of a feature that has several",
        .type = SETTING_TEXT,
        AT(list_separator),
        .def_text = "|"},
    {.name = "one_hot",
        .doc = "columns of numbers in `users` and `items` whose values are names, not sizes",
        .type = SETTING_TEXTS,
        AT(one_hot)},
};

static const char *found(const struct path *p) {
    return p->found ? p->found : p->written;
}

static const char *delimiter_of(const struct delimited *s) {
    return s->delimiter ? s->delimiter : ",";
}

static bool take_header(
    const struct delimited *s, struct lines *lines, struct header *header, struct error *e) {
    if (!s->header) return true;
    struct splitter splitter;
    const char *text;
    size_t length;
    if (!splitter_init(&splitter, delimiter_of(s), true, e)) return false;
    bool ok = lines_next(lines, &text, &length, e);
    if (ok && !text) ok = error_set(e, "%s is empty", input_name(lines->in));
    if (ok && !splitter_split(&splitter, text, length))
        ok = error_set(
            e, "%s:1: the quotes of the header are not those of CSV", input_name(lines->in));
    ok = ok && header_take(header, &splitter, e);
    splitter_done(&splitter);
    return ok;
}

static bool lay_out(const struct delimited *s, const char *fold_column, struct lines *lines,
    struct ratings_layout *l, struct error *e) {
    *l = (struct ratings_layout){
        .delimiter = delimiter_of(s), .quoted = true, .perhaps_header = !s->header};
    struct header h = {0};
    const char *file = input_name(lines->in);
    const struct column fold = fold_column ? column_from_text(fold_column) : s->fold;
    const bool ok = take_header(s, lines, &h, e) &&
                    header_find(&h, &s->user, "user", file, &l->user, e) &&
                    header_find(&h, &s->item, "item", file, &l->item, e) &&
                    header_find(&h, &s->rating, "rating", file, &l->rating, e) &&
                    header_find(&h, &s->time, "time", file, &l->time, e) &&
                    header_find(&h, &fold, "fold", file, &l->fold, e);
    header_done(&h);
    return ok;
}

static bool read_catalogue(const struct delimited *s, struct builder *b, enum builder_side side,
    const struct path *path, struct error *e) {
    if (!path->written && !path->found) return true;
    const struct attributes a = {.b = b,
        .side = side,
        .path = found(path),
        .delimiter = delimiter_of(s),
        .header = s->header,
        .list_separator = s->list_separator ? s->list_separator : "|",
        .one_hot = s->one_hot};
    return attributes_read(&a, e);
}

static bool read_file(const struct delimited *s, const char *path, struct builder *b,
    const struct fold_lines *folds, uint64_t *n_rows, struct error *e) {
    struct lines lines;
    struct ratings_layout layout;
    if (!lines_open(&lines, path, NULL, e)) return false;
    const bool ok = lay_out(s, builder_fold_column(b), &lines, &layout, e) &&
                    ratings_read(b, &layout, &lines, folds, n_rows, e);
    lines_close(&lines);
    return ok;
}

static bool read_ratings(const struct delimited *s, struct builder *b, struct error *e) {
    struct fold_lines folds = {0};
    const char *fold_lines = builder_fold_lines(b);
    bool ok = !fold_lines || fold_lines_read(&folds, fold_lines, e);
    uint64_t n_rows = 0;
    for (size_t k = 0; ok && k < s->files.n; k++)
        ok = read_file(s, found(&s->files.at[k]), b, &folds, &n_rows, e);
    ok = ok && fold_lines_check(&folds, n_rows, e);
    fold_lines_done(&folds);
    return ok;
}

static bool check(const void *settings, struct error *e) {
    const struct delimited *s = settings;
    const struct column *named[] = {&s->user, &s->item, &s->rating, &s->time, &s->fold};
    struct splitter splitter;
    if (s->scale.n != 2 || !(s->scale.at[0] < s->scale.at[1]))
        return error_set(e, "scale: the lowest and the highest rating are needed, such as [1, 5]");
    for (size_t k = 0; !s->header && k < sizeof named / sizeof *named; k++)
        if (named[k]->name)
            return error_set(e,
                "header = false: column \"%s\" goes by a name; give its number, from 1",
                named[k]->name);
    if (!splitter_init(&splitter, delimiter_of(s), true, e)) return false;
    splitter_done(&splitter);
    return true;
}

static bool read_set(const void *settings, struct builder *b, struct error *e) {
    const struct delimited *s = settings;
    if (!check(s, e)) return false;
    if (s->files.n == 0) return error_set(e, "delimited: the list of files is empty");
    char *stem = input_stem(found(&s->files.at[0]));
    const bool ok = builder_set_name(b, stem ? stem : "delimited", e) &&
                    builder_set_scale(b, (float)s->scale.at[0], (float)s->scale.at[1], e) &&
                    read_catalogue(s, b, SIDE_USER, &s->users, e) &&
                    read_catalogue(s, b, SIDE_ITEM, &s->items, e) && read_ratings(s, b, e);
    free(stem);
    return ok;
}

static bool read_pairs(const void *settings, const char *file,
    bool (*each)(void *arg, const char *user, const char *item, const char *place, struct error *e),
    void *arg, struct error *e) {
    const struct delimited *s = settings;
    struct lines lines;
    struct ratings_layout l = {.delimiter = delimiter_of(s), .quoted = true};
    struct header h = {0};
    if (!lines_open(&lines, file, NULL, e)) return false;
    const bool ok = take_header(s, &lines, &h, e) &&
                    header_find(&h, &s->user, "user", file, &l.user, e) &&
                    header_find(&h, &s->item, "item", file, &l.item, e) &&
                    ratings_pairs(&l, &lines, each, arg, e);
    header_done(&h);
    lines_close(&lines);
    return ok;
}

static uint64_t estimate_rows(const void *settings) {
    enum { SHORTEST = 6 }; // "1,1,5\n"
    const struct delimited *s = settings;
    uint64_t size = 0;
    for (size_t k = 0; k < s->files.n; k++) {
        struct members m;
        struct error e;
        if (!members_list(&m, found(&s->files.at[k]), &e)) return 0;
        for (size_t at = 0; at < m.n; at++) size += m.at[at].size;
        members_done(&m);
    }
    return size / SHORTEST;
}

REGISTRY_ADD(data_format, delimited) = {
    .id = "delimited",
    .doc = "ratings in the rows of any text file with columns",
    .settings = SETTINGS(table, struct delimited),
    .check = check,
    .read = read_set,
    .read_pairs = read_pairs,
    .estimate_rows = estimate_rows,
};
