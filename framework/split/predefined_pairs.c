// Folds that come as pairs of files: u1.base and u1.test, or lists of both.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "split/predefined.h"

enum { NAME_MAX_BYTES = 256, PAIRS_MAX = 1000 };

struct pair_of_files {
    char train[NAME_MAX_BYTES + 8], test[NAME_MAX_BYTES + 8];
};

// A part of `folds`, "ua" or "u1..u5": a stem, and the numbers that go after it.
struct range {
    char stem[NAME_MAX_BYTES];
    unsigned first, last;
    int width; // digits, with leading zeros; 0: the stem alone
};

static size_t trailing_digits(const char *text, size_t n) {
    size_t digits = 0;
    while (digits < n && isdigit((unsigned char)text[n - 1 - digits])) digits++;
    return digits;
}

static bool bad_range(const char *text, size_t n, struct error *e) {
    return error_set(e,
        "folds: \"%.*s\" is neither a name nor a range; write \"u1..u5\", or \"ua, ub\"", (int)n,
        text);
}

static bool parse_range(const char *text, size_t n, struct range *out, struct error *e) {
    *out = (struct range){0};
    const char *dots = memmem(text, n, "..", 2);
    const size_t left = dots ? (size_t)(dots - text) : n;
    if (left == 0 || left >= sizeof out->stem) return bad_range(text, n, e);
    const size_t digits = dots ? trailing_digits(text, left) : 0;
    memcpy(out->stem, text, left - digits);
    if (!dots) return true;
    const char *right = dots + 2;
    size_t n_right = n - left - 2;
    if (n_right > left - digits && memcmp(right, out->stem, left - digits) == 0) {
        right += left - digits;
        n_right -= left - digits;
    }
    if (digits == 0 || digits > 6 || n_right == 0 || n_right > 6 ||
        trailing_digits(right, n_right) != n_right)
        return bad_range(text, n, e);
    out->first = (unsigned)strtoul(text + left - digits, NULL, 10);
    out->last = (unsigned)strtoul(right, NULL, 10);
    out->width = (int)digits;
    if (out->last < out->first) return bad_range(text, n, e);
    return true;
}

static void name_files(const struct range *r, unsigned number, struct pair_of_files *out) {
    char digits[16] = "";
    if (r->width) snprintf(digits, sizeof digits, "%0*u", r->width, number);
    snprintf(out->train, sizeof out->train, "%.240s%s.base", r->stem, digits);
    snprintf(out->test, sizeof out->test, "%.240s%s.test", r->stem, digits);
}

// Counts the pairs that one text names, from *n on; files of pair `wanted` (from 0) go to `out`.
static bool walk_text(
    const char *text, uint32_t wanted, struct pair_of_files *out, uint32_t *n, struct error *e) {
    while (*text) {
        text += strspn(text, " \t,");
        size_t length = strcspn(text, ",");
        const char *next = text + length;
        while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t')) length--;
        if (length > 0) {
            struct range range;
            if (!parse_range(text, length, &range, e)) return false;
            for (unsigned k = range.first; k <= range.last; k++) {
                if ((*n)++ == wanted) name_files(&range, k, out);
                if (*n > PAIRS_MAX)
                    return error_set(e, "folds: over %d folds; name fewer", PAIRS_MAX);
            }
        }
        text = next;
    }
    return true;
}

static bool walk(const struct predefined *s, uint32_t wanted, struct pair_of_files *out,
    uint32_t *n, struct error *e) {
    *n = 0;
    for (size_t k = 0; k < s->folds.n; k++)
        if (!walk_text(s->folds.at[k], wanted, out, n, e)) return false;
    return true;
}

bool predefined_pairs_count(const struct predefined *s, uint32_t *n, struct error *e) {
    if (s->train.n != s->test.n)
        return error_set(e,
            "%zu files in train and %zu in test; a fold takes one of each, in order", s->train.n,
            s->test.n);
    *n = (uint32_t)s->train.n;
    struct pair_of_files unused;
    return *n > 0 || walk(s, UINT32_MAX, &unused, n, e);
}

bool predefined_may_miss(const struct dataset *data) {
    for (int k = COUNT_SHORT_ROW; k < COUNT_N; k++)
        if (data->count[k] && k != COUNT_DUPLICATE && k != COUNT_TAGS_SET_ASIDE) return true;
    return false;
}

struct reading {
    const struct dataset *data;
    uint8_t *role;
    uint8_t as;
    bool may_miss;
    uint64_t n_missed;
};

void predefined_say_missed(const char *path, uint64_t n, const char *one, const char *more) {
    if (n > 0)
        log_warning("%s: %llu %s not in the data, which was thinned or had rows set aside", path,
            (unsigned long long)n, n == 1 ? one : more);
}

static bool take_pair(
    void *arg, const char *user, const char *item, const char *place, struct error *e) {
    struct reading *r = arg;
    const uint32_t u = dataset_find_user(r->data, user), i = dataset_find_item(r->data, item);
    uint64_t x = UINT64_MAX;
    if (u != UINT32_MAX && i != UINT32_MAX) x = dataset_find_entry(r->data, u, i);
    if (x == UINT64_MAX && r->may_miss) {
        r->n_missed++;
        return true;
    }
    if (x == UINT64_MAX)
        return error_set(e,
            "%s: the data has no rating of item \"%s\" by user \"%s\"; the "
            "folds' files must "
            "belong to the data",
            place, item, user);
    if (r->role[x] != SPLIT_OUT && r->role[x] != r->as)
        return error_set(e,
            "%s: item \"%s\" by user \"%s\" is in the train file of this fold too; a row can't be "
            "both trained on and tested",
            place, item, user);
    r->role[x] = r->as;
    return true;
}

static const char *path_of(const struct path *p) {
    return p->found ? p->found : p->written;
}

static bool read_file(
    const struct split_job *job, const char *path, uint8_t as, struct reading *r, struct error *e) {
    r->as = as;
    r->n_missed = 0;
    const struct data_spec *source = job->source;
    if (!source->format->read_pairs(source->settings, path, take_pair, r, e)) return false;
    predefined_say_missed(path, r->n_missed, "row is", "rows are");
    return true;
}

bool predefined_pairs_assign(const struct split_job *job, uint8_t *role, struct error *e) {
    const struct predefined *s = job->settings;
    const struct data_spec *source = job->source;
    if (!source || !source->format->read_pairs)
        return error_set(e,
            "split: data from \"%s\" has no further files; pairs of train and test files need "
            "another kind of data",
            source ? source->format->id : "memory");
    struct pair_of_files named = {"", ""};
    uint32_t n;
    if (!walk(s, job->fold - 1, &named, &n, e)) return false;
    const char *train = s->train.n ? path_of(&s->train.at[job->fold - 1]) : named.train;
    const char *test = s->train.n ? path_of(&s->test.at[job->fold - 1]) : named.test;
    struct reading r = {.data = job->data, .may_miss = predefined_may_miss(job->data)};
    r.role = role;
    return read_file(job, train, SPLIT_TRAIN, &r, e) && read_file(job, test, SPLIT_TEST, &r, e);
}

bool predefined_pairs_members(const void *settings,
    bool (*each)(void *arg, const char *name, struct error *e), void *arg, struct error *e) {
    const struct predefined *s = settings;
    struct pair_of_files named = {"", ""};
    uint32_t n = 0;
    if (!walk(s, UINT32_MAX, &named, &n, e)) return false;
    for (uint32_t k = 0, unused; k < n; k++)
        if (!walk(s, k, &named, &unused, e) || !each(arg, named.train, e) ||
            !each(arg, named.test, e))
            return false;
    return true;
}
