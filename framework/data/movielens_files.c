// movielens_files: items, users, tags and links of all forms.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "data/columns.h"
#include "data/grow.h"
#include "data/movielens.h"
#include "data/number.h"
#include "data/text.h"

static const char no_genres[] = "(no genres listed)";

bool movielens_is_utf8(struct movielens *m, const char *member, bool *yes, struct error *e) {
    struct lines lines;
    if (!lines_open(&lines, m->path, member, e)) return false;
    const char *text;
    size_t length;
    bool ok;
    *yes = true;
    while ((ok = lines_next(&lines, &text, &length, e)) && text && *yes)
        *yes = text_is_utf8(text, length);
    lines_close(&lines);
    return ok;
}

int movielens_year(const char *title, size_t length) {
    for (size_t k = length; k-- > 0;) {
        if (title[k] != '(' || length - k < 6) continue;
        int year = 0, n = 0;
        while (n < 4 && (unsigned)(title[k + 1 + (size_t)n] - '0') < 10)
            year = 10 * year + (title[k + 1 + (size_t)n++] - '0');
        const char next = title[k + 5];
        const bool ends = next == ')' || next == '-' || (unsigned char)next == 0xE2; // a dash
        if (n == 4 && ends && year >= 1850 && year <= 2150) return year;
    }
    return 0;
}

// ---- One file of the set -----------------------------------------------------------------------

struct file {
    struct movielens *m;
    struct rows rows;
    bool latin1; // to be turned into UTF-8
    char *utf8;  // owned: the field last turned
    size_t room;
    struct error *e;
};

static bool file_open(struct file *f, struct movielens *m, const struct member *member,
    const char *delimiter, struct error *e) {
    *f = (struct file){.m = m, .e = e};
    const bool csv = m->form == FORM_CSV;
    bool utf8 = true;
    if (!csv && !movielens_is_utf8(m, member->path, &utf8, e)) return false;
    f->latin1 = !utf8;
    return rows_open(&f->rows, m->path, member->path, delimiter, csv, e);
}

static void file_done(struct file *f) {
    rows_close(&f->rows);
    free(f->utf8);
}

static bool file_flaw(struct file *f, enum dataset_count kind, const char *what) {
    return builder_flaw(
        f->m->b, kind, rows_place(&f->rows), f->rows.text, f->rows.length, f->e, "%s", what);
}

// The next row with at least `least` good fields; flawed ones go by the policy.
static bool file_next(struct file *f, size_t least, bool *more) {
    for (;;) {
        if (!rows_next(&f->rows, more, f->e)) return false;
        if (!*more) return true;
        if (f->rows.malformed) {
            if (!file_flaw(f, COUNT_SHORT_ROW, "the quotes are not those of CSV")) return false;
        } else if (f->rows.splitter.n < least) {
            char what[64];
            snprintf(what, sizeof what, "the row is short: %zu field%s", f->rows.splitter.n,
                f->rows.splitter.n == 1 ? "" : "s");
            if (!file_flaw(f, COUNT_SHORT_ROW, what)) return false;
        } else if (!f->latin1 && !text_is_utf8(f->rows.text, f->rows.length)) {
            if (!file_flaw(f, COUNT_BAD_ENCODING, "the row is not UTF-8")) return false;
        } else {
            return true;
        }
    }
}

static bool file_field(struct file *f, size_t k, struct field *out) {
    *out = f->rows.splitter.field[k];
    if (!f->latin1) return true;
    if (!grow_to(&f->utf8, &f->room, 2 * out->length + 1, 1, "text", f->e)) return false;
    out->length = text_from_latin1(out->text, out->length, f->utf8);
    out->text = f->utf8;
    return true;
}

// The column of that name in the header that has just been read.
static bool file_column(struct file *f, const char *name, int *out) {
    struct header header = {0};
    const bool ok = header_take(&header, &f->rows.splitter, f->e) &&
                    header_find(&header, &(struct column){.name = name}, "header",
                        input_name(f->rows.lines.in), out, f->e);
    header_done(&header);
    return ok;
}

// Fields that a row needs for these columns.
static size_t columns_need(const int *column, size_t n) {
    size_t need = 0;
    for (size_t k = 0; k < n; k++)
        if ((size_t)column[k] >= need) need = (size_t)column[k] + 1;
    return need;
}

static bool set(struct file *f, uint32_t group, uint32_t key, const char *column, size_t length) {
    return builder_set_feature(f->m->b, group, key, column, length, 1, f->e);
}

// ---- Items -------------------------------------------------------------------------------------

struct items {
    struct file file;
    uint32_t genre, year;    // feature groups
    char genre_name[32][40]; // of 100K, by u.genre
    size_t n_genres;
};

static bool set_genres(struct items *t, uint32_t key, struct field genres) {
    if (genres.length == sizeof no_genres - 1 && memcmp(genres.text, no_genres, genres.length) == 0)
        return true;
    const char *at = genres.text, *end = at + genres.length;
    for (bool more = genres.length > 0; more;) {
        const char *bar = memchr(at, '|', (size_t)(end - at));
        const size_t length = (size_t)((bar ? bar : end) - at);
        if (length > 0 && !set(&t->file, t->genre, key, at, length)) return false;
        more = bar != NULL;
        at = bar ? bar + 1 : end;
    }
    return true;
}

// One flag a genre, from the sixth field on; the first genre is "unknown".
static bool set_flags(struct items *t, uint32_t key) {
    const struct splitter *s = &t->file.rows.splitter;
    for (size_t k = 0; k < t->n_genres && 5 + k < s->n; k++) {
        const struct field flag = s->field[5 + k];
        if (flag.length != 1 || flag.text[0] != '1' || strcmp(t->genre_name[k], "unknown") == 0)
            continue;
        if (!set(&t->file, t->genre, key, t->genre_name[k], strlen(t->genre_name[k]))) return false;
    }
    return true;
}

static bool set_year(struct items *t, uint32_t key, struct field title, struct field date) {
    int year = movielens_year(title.text, title.length);
    int64_t written;
    if (!year && date.length >= 4 &&
        number_int(date.text + date.length - 4, 4, &written) == NUMBER_GOOD && written >= 1850)
        year = (int)written;
    return !year ||
           builder_set_feature(t->file.m->b, t->year, key, NULL, 0, (float)year, t->file.e);
}

static bool take_item(struct items *t, const int column[3]) {
    struct file *f = &t->file;
    struct builder *b = f->m->b;
    struct field id = f->rows.splitter.field[column[0]], title;
    if (builder_find(b, SIDE_ITEM, id.text, id.length) != BUILDER_NO_KEY)
        return file_flaw(f, COUNT_DUPLICATE, "the item is there already");
    const uint32_t key = builder_add(b, SIDE_ITEM, id.text, id.length, f->e);
    if (key == BUILDER_NO_KEY) return file_flaw(f, COUNT_BAD_ENCODING, "the item's id cannot be");
    const bool flags = f->m->form == FORM_100K;
    const struct field date = flags ? f->rows.splitter.field[2] : (struct field){0};
    return file_field(f, (size_t)column[1], &title) &&
           builder_set_title(b, key, title.text, title.length, f->e) &&
           set_year(t, key, title, date) &&
           (flags ? set_flags(t, key) : set_genres(t, key, f->rows.splitter.field[column[2]]));
}

// u.genre: "Action|1".
static bool read_genres(struct items *t, struct movielens *m, struct error *e) {
    const struct member *member = members_find(&m->members, "u.genre");
    if (!member) {
        log_warning("%s: there is no u.genre, so genres are not known", m->path);
        return true;
    }
    if (!file_open(&t->file, m, member, "|", e)) return false;
    bool ok, more;
    while ((ok = file_next(&t->file, 2, &more)) && more) {
        const struct field *field = t->file.rows.splitter.field;
        int64_t number;
        if (number_int(field[1].text, field[1].length, &number) == NUMBER_GOOD && number >= 0 &&
            number < 32 && field[0].length < sizeof t->genre_name[0]) {
            memcpy(t->genre_name[number], field[0].text, field[0].length);
            if ((size_t)number >= t->n_genres) t->n_genres = (size_t)number + 1;
        } else if (!(ok = file_flaw(&t->file, COUNT_BAD_NUMBER, "no genre and its number"))) {
            break;
        }
    }
    file_done(&t->file);
    return ok;
}

bool movielens_items(struct movielens *m, struct error *e) {
    static const char *const name[] = {"u.item", "movies.dat", "movies.csv"};
    static const char *const delimiter[] = {"|", "::", ","};
    const struct member *member = members_find(&m->members, name[m->form]);
    if (!member) return true;
    struct items t = {0};
    t.genre = builder_add_feature(m->b, SIDE_ITEM, "genre", RK_FEATURE_BINARY, e);
    t.year = builder_add_feature(m->b, SIDE_ITEM, "year", RK_FEATURE_REAL, e);
    if (m->form == FORM_100K && !read_genres(&t, m, e)) return false;
    if (!file_open(&t.file, m, member, delimiter[m->form], e)) return false;
    int column[3] = {0, 1, 2};
    bool ok = true, more = true;
    if (m->form == FORM_CSV)
        ok = file_next(&t.file, 1, &more) && file_column(&t.file, "movieId", &column[0]) &&
             file_column(&t.file, "title", &column[1]) &&
             file_column(&t.file, "genres", &column[2]);
    const size_t need = m->form == FORM_100K ? 5 : columns_need(column, 3);
    while (ok && (ok = file_next(&t.file, need, &more)) && more) ok = take_item(&t, column);
    file_done(&t.file);
    builder_close(m->b, SIDE_ITEM);
    return ok;
}

// ---- Users -------------------------------------------------------------------------------------

// The bands of 1M, named by their lower ends.
static const char *age_band(int64_t age) {
    static const int from[] = {56, 50, 45, 35, 25, 18};
    static const char *const name[] = {"56", "50", "45", "35", "25", "18"};
    for (size_t k = 0; k < sizeof from / sizeof *from; k++)
        if (age >= from[k]) return name[k];
    return "1";
}

struct users {
    struct file file;
    uint32_t gender, age, occupation, zip; // feature groups
};

static bool take_user(struct users *t, const struct field f[5]) {
    struct file *file = &t->file;
    if (builder_find(file->m->b, SIDE_USER, f[0].text, f[0].length) != BUILDER_NO_KEY)
        return file_flaw(file, COUNT_DUPLICATE, "the user is there already");
    const uint32_t key = builder_add(file->m->b, SIDE_USER, f[0].text, f[0].length, file->e);
    if (key == BUILDER_NO_KEY)
        return file_flaw(file, COUNT_BAD_ENCODING, "the user's id cannot be");
    int64_t age;
    if (f[2].length > 0) {
        if (number_int(f[2].text, f[2].length, &age) != NUMBER_GOOD)
            return file_flaw(file, COUNT_BAD_NUMBER, "the age is not a number");
        const char *band = age_band(age);
        if (!set(file, t->age, key, band, strlen(band))) return false;
    }
    if (f[1].length > 0 && !set(file, t->gender, key, f[1].text, f[1].length)) return false;
    if (f[3].length > 0 && !set(file, t->occupation, key, f[3].text, f[3].length)) return false;
    if (f[4].length == 0) return true;
    const bool digit = (unsigned)(f[4].text[0] - '0') < 10;
    return set(file, t->zip, key, digit ? f[4].text : "other", digit ? 1 : 5);
}

bool movielens_users(struct movielens *m, struct error *e) {
    static const char *const name[] = {"u.user", "users.dat", "users.dat"};
    static const int order_100k[] = {0, 2, 1, 3, 4}; // id, age, gender, occupation, zip
    const struct member *member = members_find(&m->members, name[m->form]);
    if (!member) return true;
    struct users t = {0};
    const bool is_100k = m->form == FORM_100K;
    if (!file_open(&t.file, m, member, is_100k ? "|" : "::", e)) return false;
    t.gender = builder_add_feature(m->b, SIDE_USER, "gender", RK_FEATURE_ONE_HOT, e);
    t.age = builder_add_feature(m->b, SIDE_USER, "age", RK_FEATURE_ONE_HOT, e);
    t.occupation = builder_add_feature(m->b, SIDE_USER, "occupation", RK_FEATURE_ONE_HOT, e);
    t.zip = builder_add_feature(m->b, SIDE_USER, "zip", RK_FEATURE_ONE_HOT, e);
    bool ok, more;
    while ((ok = file_next(&t.file, 5, &more)) && more) {
        struct field f[5];
        for (int k = 0; k < 5; k++) f[k] = t.file.rows.splitter.field[is_100k ? order_100k[k] : k];
        if (!(ok = take_user(&t, f))) break;
    }
    file_done(&t.file);
    builder_close(m->b, SIDE_USER);
    return ok;
}

// ---- Tags and links ----------------------------------------------------------------------------

static bool take_tag(struct file *f, const int column[4]) {
    struct builder *b = f->m->b;
    const struct field *field = f->rows.splitter.field;
    const struct field user = field[column[0]], item = field[column[1]], time = field[column[3]];
    const uint32_t key = builder_find(b, SIDE_ITEM, item.text, item.length);
    if (key == BUILDER_NO_KEY) {
        builder_count(b, COUNT_TAGS_SET_ASIDE, 1);
        return true;
    }
    int64_t when;
    if (number_int(time.text, time.length, &when) != NUMBER_GOOD)
        return file_flaw(f, COUNT_BAD_NUMBER, "the time is not a number");
    struct field tag;
    return file_field(f, (size_t)column[2], &tag) &&
           builder_add_tag(b, builder_find(b, SIDE_USER, user.text, user.length), key, tag.text,
               tag.length, when == 0 ? RK_NO_TIME : when, f->e);
}

bool movielens_tags(struct movielens *m, struct error *e) {
    const bool csv = m->form == FORM_CSV;
    const struct member *member = members_find(&m->members, csv ? "tags.csv" : "tags.dat");
    if (!member || m->form == FORM_100K) return true;
    struct file f;
    if (!file_open(&f, m, member, csv ? "," : "::", e)) return false;
    int column[4] = {0, 1, 2, 3};
    bool ok = true, more = true;
    if (csv)
        ok = file_next(&f, 1, &more) && file_column(&f, "userId", &column[0]) &&
             file_column(&f, "movieId", &column[1]) && file_column(&f, "tag", &column[2]) &&
             file_column(&f, "timestamp", &column[3]);
    const size_t need = columns_need(column, 4);
    while (ok && (ok = file_next(&f, need, &more)) && more) ok = take_tag(&f, column);
    file_done(&f);
    return ok;
}

bool movielens_links(struct movielens *m, struct error *e) {
    const struct member *member = members_find(&m->members, "links.csv");
    if (!member || m->form != FORM_CSV) return true;
    struct file f;
    if (!file_open(&f, m, member, ",", e)) return false;
    int column[2] = {0, 1};
    bool more = true;
    bool ok = file_next(&f, 1, &more) && file_column(&f, "movieId", &column[0]) &&
              file_column(&f, "imdbId", &column[1]);
    const size_t need = columns_need(column, 2);
    while (ok && (ok = file_next(&f, need, &more)) && more) {
        const struct field *field = f.rows.splitter.field;
        const uint32_t key =
            builder_find(m->b, SIDE_ITEM, field[column[0]].text, field[column[0]].length);
        int64_t number;
        if (key == BUILDER_NO_KEY || field[column[1]].length == 0) continue;
        if (number_int(field[column[1]].text, field[column[1]].length, &number) != NUMBER_GOOD ||
            number < 0) {
            ok = file_flaw(&f, COUNT_BAD_NUMBER, "the IMDb id is not a number");
            continue;
        }
        char id[32];
        const int n = snprintf(id, sizeof id, "tt%07lld", (long long)number);
        ok = builder_set_imdb(m->b, key, id, (size_t)n, e);
    }
    file_done(&f);
    return ok;
}
