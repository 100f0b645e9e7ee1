// Users or items that are held out wholly but for the first ratings that each may reveal.
#include "split/whole.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/random.h"
#include "split/newest.h"

static const char *noun(enum split_by by) {
    return by == SPLIT_BY_USER ? "user" : "item";
}

// How many entries with that role each user or item has, whatever the role if `role` is NULL;
// [*n], the caller's.
static uint64_t *count_rows(const struct dataset *d, enum split_by by, const uint8_t *role,
    uint8_t from, uint32_t *n, struct error *e) {
    const rk_csr *r = &d->by_user;
    *n = by == SPLIT_BY_USER ? d->n_users : d->n_items;
    uint64_t *count = calloc((size_t)*n + 1, sizeof *count);
    if (!count) {
        error_memory(e, *n * sizeof *count, "a split");
        return NULL;
    }
    for (uint32_t u = 0; u < r->n_rows; u++)
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++)
            if (!role || role[x] == from) count[by == SPLIT_BY_USER ? u : r->col[x]]++;
    return count;
}

// ---- Holding out -------------------------------------------------------------------------------

// Which of the users or items that can be held out, in hashed order, are: `share` of them, `least`
// at least, from the first on, or, with parts, from where that part of them begins; or, with a
// share of 0, every parts-th.
struct choice {
    const struct dataset *data;
    enum split_by by;
    uint64_t key;
    uint64_t given; // rows that stay; those without any more cannot be held out
    uint8_t from, to;
    double share;
    uint64_t least;
    uint64_t parts, part; // part from 0
};

struct dealt {
    uint64_t hash;
    uint32_t number;
};

static int compare_dealt(const void *a, const void *b) {
    const struct dealt *x = a, *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static bool is_held(const struct choice *c, uint64_t at, uint64_t n) {
    if (c->share <= 0) return at % c->parts == c->part;
    const uint64_t first = n * c->part / c->parts, n_held = split_share_of(c->share, n);
    return (at + n - first) % n < (n_held < c->least ? c->least : n_held);
}

// hidden[k], at first the rows that k has, becomes those that it loses; *n_can of n can lose some.
static bool choose(
    const struct choice *c, uint64_t *hidden, uint32_t n, uint64_t *n_can, struct error *e) {
    const uint64_t *hash = c->by == SPLIT_BY_USER ? c->data->user_hash : c->data->item_hash;
    struct dealt *dealt = malloc(((size_t)n + 1) * sizeof *dealt);
    if (!dealt) return error_memory(e, n * sizeof *dealt, "a split");
    uint64_t n_dealt = 0;
    for (uint32_t k = 0; k < n; k++) {
        const bool can = hidden[k] > c->given;
        if (can) dealt[n_dealt++] = (struct dealt){random_mix(c->key, hash[k]), k};
        hidden[k] = can ? hidden[k] - c->given : 0;
    }
    qsort(dealt, n_dealt, sizeof *dealt, compare_dealt);
    for (uint64_t k = 0; k < n_dealt; k++)
        if (!is_held(c, k, n_dealt)) hidden[dealt[k].number] = 0;
    free(dealt);
    *n_can = n_dealt;
    return true;
}

static uint64_t count_hidden(const void *arg, uint32_t number, uint64_t n) {
    (void)n;
    return ((const uint64_t *)arg)[number];
}

// *n_can (NULL allowed): how many could have been held out.
static bool hold_out(const struct choice *c, uint8_t *role, uint64_t *n_can, struct error *e) {
    uint64_t unused;
    uint32_t n = 0;
    uint64_t *hidden = count_rows(c->data, c->by, role, c->from, &n, e);
    const struct newest take = {.data = c->data,
        .by = c->by,
        .key = c->key,
        .from = c->from,
        .to = c->to,
        .count = count_hidden,
        .arg = hidden};
    const bool ok =
        hidden && choose(c, hidden, n, n_can ? n_can : &unused, e) && newest_take(&take, role, e);
    free(hidden);
    return ok;
}

bool split_validate_whole(const struct split_job *job, enum split_by by, uint64_t given,
    double share, uint8_t *role, struct error *e) {
    const struct choice choice = {.data = job->data,
        .by = by,
        .key = split_validation_key(job),
        .given = given,
        .from = SPLIT_TRAIN,
        .to = SPLIT_VALID,
        .share = share,
        .parts = 1};
    return share <= 0 || hold_out(&choice, role, NULL, e);
}

bool split_inner_whole(const struct split_job *job, enum split_by by, uint64_t given, double share,
    uint8_t *role, struct error *e) {
    const struct choice choice = {.data = job->data,
        .by = by,
        .key = split_inner_key(job),
        .given = given,
        .from = SPLIT_TRAIN,
        .to = SPLIT_TEST,
        .share = share,
        .least = 1,
        .parts = job->n_inner,
        .part = job->inner - 1};
    const uint64_t needed = job->n_inner < 2 ? 2 : job->n_inner;
    uint64_t n = 0;
    if (!hold_out(&choice, role, &n, e)) return false;
    if (n >= needed) return true;
    char with[64] = "";
    if (given)
        snprintf(with, sizeof with, " with more than %llu ratings", (unsigned long long)given);
    return split_inner_error(job, e,
        "%llu training %s%s%s cannot make %llu parts; choose fewer inner folds%s",
        (unsigned long long)n, noun(by), n == 1 ? "" : "s", with, (unsigned long long)needed,
        given ? " or lower given" : "");
}

// ---- The methods -------------------------------------------------------------------------------

static bool check_data(
    const struct whole *s, enum split_by by, const struct dataset *data, struct error *e) {
    uint32_t n;
    uint64_t *count = count_rows(data, by, NULL, 0, &n, e);
    if (!count) return false;
    uint64_t most = 0, n_held = 0;
    for (uint32_t k = 0; k < n; k++) {
        if (count[k] > most) most = count[k];
        n_held += count[k] > (uint64_t)s->given;
    }
    free(count);
    const uint64_t needed = s->folds ? (uint64_t)s->folds : 2;
    if (n_held >= needed) return true;
    if (s->given && most <= (uint64_t)s->given)
        return error_set(e,
            "given: no %s has more than %llu ratings, so none would be left to test; lower it",
            noun(by), (unsigned long long)most);
    char with[64] = "";
    if (s->given)
        snprintf(with, sizeof with, " with more than %lld rating%s", (long long)s->given,
            s->given == 1 ? "" : "s");
    return error_set(e, "%s: %llu %s%s%s cannot make %llu parts%s%s", s->folds ? "folds" : "share",
        (unsigned long long)n_held, noun(by), n_held == 1 ? "" : "s", with,
        (unsigned long long)needed, s->folds && n_held > 1 ? "; choose fewer folds" : "",
        s->given ? (s->folds && n_held > 1 ? " or lower given" : "; lower given") : "");
}

bool whole_plan(const struct whole *s, enum split_by by, const struct dataset *data,
    uint32_t *n_repeats, uint32_t **folds, uint32_t *n_folds, struct error *e) {
    if ((s->share > 0) == (s->folds > 0))
        return error_set(e,
            "one of share and folds is needed: share = 0.2 holds out a fifth of the %ss, folds = 5 "
            "each %s once; %s given",
            noun(by), noun(by), s->folds ? "both are" : "none is");
    if (data && !check_data(s, by, data, e)) return false;
    *n_folds = s->folds ? (uint32_t)s->folds : 1;
    *folds = malloc(*n_folds * sizeof **folds);
    if (!*folds) return error_memory(e, *n_folds * sizeof **folds, "the folds");
    for (uint32_t k = 0; k < *n_folds; k++) (*folds)[k] = k + 1;
    *n_repeats = (uint32_t)s->repeats;
    return true;
}

bool whole_assign(const struct split_job *job, enum split_by by, uint8_t *role, struct error *e) {
    const struct whole *s = job->settings;
    for (uint64_t x = 0; x < job->data->n_ratings; x++) role[x] = SPLIT_TRAIN;
    const struct choice choice = {.data = job->data,
        .by = by,
        .key = random_key(job->seed, RANDOM_FOLD, job->repeat),
        .given = (uint64_t)s->given,
        .from = SPLIT_TRAIN,
        .to = SPLIT_TEST,
        .share = s->share,
        .least = 1,
        .parts = s->folds ? (uint64_t)s->folds : 1,
        .part = job->fold - 1};
    return hold_out(&choice, role, NULL, e);
}

void whole_describe(const struct whole *s, char *text, size_t size) {
    char share[32] = "";
    if (s->share > 0) snprintf(share, sizeof share, "%.6g %%", 100 * s->share);
    if (s->given)
        snprintf(text, size, "%s%s%lld given", share, *share ? ", " : "", (long long)s->given);
    else
        snprintf(text, size, "%s", share);
}
