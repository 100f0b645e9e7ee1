// predefined: folds that others chose. Four forms: fold numbers, in a column of the data or in a
// file of their own; pairs of train and test files; a list of users whose rows are tested.
#include "split/predefined.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/lines.h"
#include "data/text.h"

enum { FOLD_NUMBER_MAX = 65535, FOLDS_MAX = 1000 };

static const struct setting table[] = {
    {.name = "column",
        .doc = "column of the data's file with fold numbers; fold 0 always trains",
        .type = SETTING_COLUMN,
        .offset = offsetof(struct predefined, column)},
    {.name = "lines",
        .doc = "file with one fold number for each rating row; fold 0 always trains",
        .type = SETTING_PATH,
        .offset = offsetof(struct predefined, lines)},
    {.name = "folds",
        .doc = "\"u1..u5\" or \"ua, ub\": files u1.base and u1.test beside the ratings, ...",
        .type = SETTING_TEXTS,
        .offset = offsetof(struct predefined, folds)},
    {.name = "train",
        .doc = "files of training rows, one a fold",
        .type = SETTING_PATHS,
        .offset = offsetof(struct predefined, train)},
    {.name = "test",
        .doc = "files of test rows, one a fold",
        .type = SETTING_PATHS,
        .offset = offsetof(struct predefined, test)},
    {.name = "users",
        .doc = "file with one user on each line; all their rows are tested",
        .type = SETTING_PATH,
        .offset = offsetof(struct predefined, users)},
    {.name = "only",
        .doc = "numbers of the folds to run; all of them without it",
        .type = SETTING_INTS,
        .offset = offsetof(struct predefined, only),
        .min = 1,
        .max = FOLD_NUMBER_MAX},
};

enum form { FORM_NUMBERS, FORM_PAIRS, FORM_USERS };

static bool find_form(const struct predefined *s, enum form *out, struct error *e) {
    const bool column = s->column.name || s->column.number, lines = s->lines.written != NULL;
    const bool files = s->train.n || s->test.n, users = s->users.written != NULL;
    const int given = column + lines + (s->folds.n > 0) + files + users;
    if (given != 1)
        return error_set(e,
            "predefined folds come from one of column, lines, folds, train with test, and "
            "users; %s",
            given ? "more than one is given" : "none is given");
    *out = users ? FORM_USERS : column || lines ? FORM_NUMBERS : FORM_PAIRS;
    return true;
}

// Marks the numbers found in the data; 0 is no fold.
static bool mark_numbers(
    const struct predefined *s, const struct dataset *data, bool *found, struct error *e) {
    if (!data->fold)
        return error_set(e, "%s: this kind of data has no fold numbers; choose another split",
            s->lines.written ? "lines" : "column");
    for (uint64_t x = 0; x < data->n_ratings; x++) {
        if (data->fold[x] > FOLD_NUMBER_MAX)
            return error_set(e, "fold number %u; they go up to %d", data->fold[x], FOLD_NUMBER_MAX);
        found[data->fold[x]] = true;
    }
    return true;
}

static bool is_listed(const struct ints *list, uint32_t number) {
    for (size_t k = 0; k < list->n; k++)
        if (list->at[k] == number) return true;
    return list->n == 0;
}

// Every number that `only` lists must be there.
static bool check_only(const struct ints *only, const bool *found, struct error *e) {
    for (size_t k = 0; k < only->n; k++) {
        if (found[only->at[k]]) continue;
        char known[200] = "";
        size_t n = 0;
        for (int f = 1; f <= FOLD_NUMBER_MAX && n + 8 < sizeof known; f++)
            if (found[f]) n += (size_t)snprintf(known + n, 8, "%s%d", n ? ", " : "", f);
        return error_set(e, "only: there is no fold %lld; there are %s", (long long)only->at[k],
            n ? known : "none");
    }
    return true;
}

static bool plan(const void *settings, const struct dataset *data, uint32_t *n_repeats,
    uint32_t **folds, uint32_t *n_folds, struct error *e) {
    const struct predefined *s = settings;
    enum form form = FORM_NUMBERS;
    uint32_t n = 1;
    if (!find_form(s, &form, e)) return false;
    if (form == FORM_PAIRS && !predefined_pairs_count(s, &n, e)) return false;
    bool *found = calloc(FOLD_NUMBER_MAX + 1, sizeof *found);
    *folds = calloc(FOLDS_MAX, sizeof **folds);
    bool ok = found && *folds;
    if (!ok) error_memory(e, FOLDS_MAX * sizeof **folds, "the folds");
    if (ok && form == FORM_NUMBERS && data) ok = mark_numbers(s, data, found, e);
    if (ok && form == FORM_NUMBERS && !data)
        for (size_t k = 0; k < s->only.n; k++) found[s->only.at[k]] = true;
    if (ok && form != FORM_NUMBERS)
        for (uint32_t f = 1; f <= n; f++) found[f] = true;
    ok = ok && check_only(&s->only, found, e);
    *n_folds = 0;
    *n_repeats = 1;
    for (uint32_t f = 1; ok && f <= FOLD_NUMBER_MAX; f++) {
        if (!found[f] || !is_listed(&s->only, f)) continue;
        if (*n_folds == FOLDS_MAX)
            ok = error_set(e, "over %d folds; choose some with `only`", FOLDS_MAX);
        else
            (*folds)[(*n_folds)++] = f;
    }
    if (ok && data && *n_folds == 0)
        ok = error_set(e, "every fold number is 0, which always trains; nothing is tested");
    if (!ok) {
        free(*folds);
        *folds = NULL;
    }
    free(found);
    return ok;
}

static bool assign_users(const struct split_job *job, uint8_t *role, struct error *e) {
    const struct predefined *s = job->settings;
    const char *path = s->users.found ? s->users.found : s->users.written;
    const rk_csr *r = &job->data->by_user;
    const bool may_miss = predefined_may_miss(job->data);
    struct lines lines;
    if (!lines_open(&lines, path, NULL, e)) return false;
    memset(role, SPLIT_TRAIN, job->data->n_ratings);
    uint64_t n_missed = 0;
    const char *text;
    size_t length;
    bool ok;
    while ((ok = lines_next(&lines, &text, &length, e)) && text) {
        char id[256], shown[TEXT_SHOWN];
        length = text_trim(&text, length);
        if (length == 0) continue;
        const bool fits = length < sizeof id && !memchr(text, '\0', length);
        snprintf(id, sizeof id, "%.*s", fits ? (int)length : 0, text);
        const uint32_t u = fits ? dataset_find_user(job->data, id) : UINT32_MAX;
        if (u != UINT32_MAX) {
            memset(role + r->start[u], SPLIT_TEST, r->start[u + 1] - r->start[u]);
        } else if (may_miss) {
            n_missed++;
        } else {
            ok = error_set(e, "%s:%llu: the data has no user %s; the file must belong to the data",
                path, (unsigned long long)lines.line, text_show(text, length, shown));
            break;
        }
    }
    lines_close(&lines);
    if (ok) predefined_say_missed(path, n_missed, "user is", "users are");
    return ok;
}

static bool assign(const struct split_job *job, uint8_t *role, struct error *e) {
    enum form form = FORM_NUMBERS;
    if (!find_form(job->settings, &form, e)) return false;
    if (form == FORM_USERS) return assign_users(job, role, e);
    if (form == FORM_PAIRS) return predefined_pairs_assign(job, role, e);
    for (uint64_t x = 0; x < job->data->n_ratings; x++)
        role[x] = job->data->fold[x] == job->fold ? SPLIT_TEST : SPLIT_TRAIN;
    return true;
}

static bool validate(const struct split_job *job, double share, uint8_t *role, struct error *e) {
    enum form form = FORM_NUMBERS;
    if (!find_form(job->settings, &form, e)) return false;
    return form == FORM_USERS ? split_validate_whole(job, SPLIT_BY_USER, 0, share, role, e)
                              : split_validate_rows(job, share, role, e);
}

static bool inner(const struct split_job *job, uint8_t *role, struct error *e) {
    const struct predefined *s = job->settings;
    return s->users.written ? split_inner_whole(job, SPLIT_BY_USER, 0, 0, role, e)
                            : split_inner_rows(job, role, e);
}

static enum split_tags tags(const void *settings) {
    const struct predefined *s = settings;
    return s->users.written ? SPLIT_TAGS_USERS : SPLIT_TAGS_PAIRS;
}

static const char *fold_lines(const void *settings) {
    const struct predefined *s = settings;
    return s->lines.found ? s->lines.found : s->lines.written;
}

static struct column fold_column(const void *settings) {
    return ((const struct predefined *)settings)->column;
}

REGISTRY_ADD(split_method, predefined) = {
    .id = "predefined",
    .doc = "folds that others chose: a column, a file of numbers, pairs of files, a list of users",
    .settings = SETTINGS(table, struct predefined),
    .plan = plan,
    .assign = assign,
    .validate = validate,
    .inner = inner,
    .fold_lines = fold_lines,
    .fold_column = fold_column,
    .members = predefined_pairs_members,
    .tags = tags,
};
