// movielens: which form it is, and its ratings.
//
// 100K: u.data (tabs), u.item and u.user (bars), stars 1 to 5. 1M and 10M: "::" between fields,
// with users.dat (1M, stars 1 to 5) or without (10M, half stars). Latest, 20M, 25M, 32M: CSV, half
// stars.
#include "data/movielens.h"

#include <stdlib.h>
#include <string.h>

#include "data/columns.h"
#include "data/source.h"

struct movielens_settings {
    struct path path;
};

static const struct setting table[] = {
    {.name = "movielens",
        .doc = "a MovieLens set as published: its archive, or the folder with its files",
        .type = SETTING_PATH,
        .offset = offsetof(struct movielens_settings, path),
        .required = true},
};

static const char *const ratings_file[] = {"u.data", "ratings.dat", "ratings.csv"};

static bool find_form(struct movielens *m, struct error *e) {
    for (int form = FORM_100K; form <= FORM_CSV; form++)
        if (members_find(&m->members, ratings_file[form])) {
            m->form = (enum movielens_form)form;
            const char *other = members_rival(&m->members, ratings_file[form]);
            return !other ||
                   error_set(e,
                       "%s: there are two %s, %s and %s; which of them is meant cannot be known; "
                       "unpack it and name the folder",
                       m->path, ratings_file[form],
                       members_find(&m->members, ratings_file[form])->path, other);
        }
    return error_set(e,
        "%s: no ratings of MovieLens: neither u.data nor ratings.dat nor ratings.csv is among %zu "
        "file%s%s%s",
        m->path, m->members.n, m->members.n == 1 ? "" : "s",
        m->members.n ? ", the first of them " : "", m->members.n ? m->members.at[0].path : "");
}

static bool open_set(struct movielens *m, const struct movielens_settings *s, struct error *e) {
    m->path = s->path.found ? s->path.found : s->path.written;
    if (!members_list(&m->members, m->path, e)) return false;
    if (find_form(m, e)) return true;
    members_done(&m->members);
    return false;
}

static bool is_1m(const struct movielens *m) {
    return m->form == FORM_DAT && members_find(&m->members, "users.dat");
}

// Reads the header of a CSV form; finds the columns.
static bool lay_out(const struct movielens *m, const char *fold_column, struct lines *lines,
    struct ratings_layout *l, struct error *e) {
    static const char *const delimiter[] = {"\t", "::", ","};
    *l = (struct ratings_layout){.delimiter = delimiter[m->form],
        .quoted = m->form == FORM_CSV,
        .item = 1,
        .rating = 2,
        .time = 3,
        .fold = -1,
        .zero_time_unknown = true};
    struct header header = {0};
    bool ok = true;
    if (m->form == FORM_CSV) {
        struct splitter s;
        const char *text;
        size_t length;
        ok = splitter_init(&s, ",", true, e) && lines_next(lines, &text, &length, e);
        if (ok && !text) ok = error_set(e, "%s is empty", input_name(lines->in));
        if (ok) splitter_split(&s, text, length);
        const char *file = input_name(lines->in);
        ok =
            ok && header_take(&header, &s, e) &&
            header_find(&header, &(struct column){.name = "userId"}, "user", file, &l->user, e) &&
            header_find(&header, &(struct column){.name = "movieId"}, "item", file, &l->item, e) &&
            header_find(&header, &(struct column){.name = "rating"}, "rating", file, &l->rating, e);
        for (size_t k = 0, n = header.n; ok && k < n; k++)
            if (strcmp(header.name[k], "timestamp") == 0)
                break;
            else if (k + 1 == n)
                l->time = -1;
        if (ok && l->time >= 0)
            ok = header_find(
                &header, &(struct column){.name = "timestamp"}, "time", file, &l->time, e);
        splitter_done(&s);
    }
    if (ok && fold_column) {
        const struct column column = column_from_text(fold_column);
        ok = header_find(&header, &column, "fold", input_name(lines->in), &l->fold, e);
    }
    header_done(&header);
    return ok;
}

static bool read_ratings(struct movielens *m, struct error *e) {
    const struct member *member = members_find(&m->members, ratings_file[m->form]);
    struct lines lines;
    if (!lines_open(&lines, m->path, member->path, e)) return false;
    struct ratings_layout layout;
    struct fold_lines folds = {0};
    uint64_t n_rows = 0;
    const char *fold_lines = builder_fold_lines(m->b);
    const bool ok = (!fold_lines || fold_lines_read(&folds, fold_lines, e)) &&
                    lay_out(m, builder_fold_column(m->b), &lines, &layout, e) &&
                    ratings_read(m->b, &layout, &lines, &folds, &n_rows, e) &&
                    fold_lines_check(&folds, n_rows, e);
    fold_lines_done(&folds);
    lines_close(&lines);
    return ok;
}

static bool read_set(const void *settings, struct builder *b, struct error *e) {
    struct movielens m = {.b = b};
    if (!open_set(&m, settings, e)) return false;
    char *stem = input_stem(m.path);
    const bool whole_stars = m.form == FORM_100K || is_1m(&m);
    const bool ok = builder_set_name(b, stem ? stem : "movielens", e) &&
                    builder_set_scale(b, whole_stars ? 1 : 0.5f, 5, e) && movielens_items(&m, e) &&
                    movielens_users(&m, e) && read_ratings(&m, e) && movielens_tags(&m, e) &&
                    movielens_links(&m, e);
    free(stem);
    members_done(&m.members);
    return ok;
}

// ---- Pairs of a further file -------------------------------------------------------------------

static bool give_pairs(const struct movielens *m, struct lines *lines,
    bool (*each)(void *arg, const char *user, const char *item, const char *place, struct error *e),
    void *arg, struct error *e) {
    struct ratings_layout l;
    if (!lay_out(m, NULL, lines, &l, e)) return false;
    return ratings_pairs(&l, lines, each, arg, e);
}

static bool read_pairs(const void *settings, const char *file,
    bool (*each)(void *arg, const char *user, const char *item, const char *place, struct error *e),
    void *arg, struct error *e) {
    struct movielens m = {0};
    if (!open_set(&m, settings, e)) return false;
    const struct member *member = members_find(&m.members, file);
    struct lines lines;
    const bool ok = lines_open(&lines, member ? m.path : file, member ? member->path : NULL, e);
    if (!ok && !member) error_prefix(e, "%s: it is not in %s either", file, m.path);
    const bool given = ok && give_pairs(&m, &lines, each, arg, e);
    if (ok) lines_close(&lines);
    members_done(&m.members);
    return given;
}

static uint64_t estimate_rows(const void *settings) {
    enum { SHORTEST = 16 }; // "1\t1\t3\t874965758\n"
    struct movielens m = {0};
    struct error e;
    if (!open_set(&m, settings, &e)) return 0;
    const uint64_t size = members_find(&m.members, ratings_file[m.form])->size;
    members_done(&m.members);
    return size / SHORTEST;
}

REGISTRY_ADD(data_format, movielens) = {
    .id = "movielens",
    .doc = "MovieLens as published: 100K, 1M, 10M, 20M, 25M, 32M, latest; folder or archive",
    .settings = SETTINGS(table, struct movielens_settings),
    .read = read_set,
    .read_pairs = read_pairs,
    .estimate_rows = estimate_rows,
};
