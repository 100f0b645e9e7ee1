#include "trial/given.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "trial/given_own.h"

static const char *file_at(const struct given *g, uint64_t place) {
    return g->spec->files[place >> 40];
}

static unsigned long long line_at(uint64_t place) {
    return (unsigned long long)(place & (((uint64_t)1 << 40) - 1));
}

static int compare_pairs(const struct given_row *x, const struct given_row *y) {
    if (x->user != y->user) return x->user < y->user ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

static int compare(const void *a, const void *b) {
    const struct given_row *x = a, *y = b;
    const int pairs = compare_pairs(x, y);
    if (pairs) return pairs;
    if (x->unit != y->unit) return x->unit < y->unit ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

// The first row, in the order of the files, whose pair was there before.
static bool check_distinct(const struct given *g, struct error *e) {
    const struct given_row *again = NULL, *before = NULL;
    for (size_t k = 1; k < g->n; k++) {
        const struct given_row *x = &g->rows[k - 1], *y = &g->rows[k];
        if (compare_pairs(x, y) != 0 || x->unit != y->unit) continue;
        if (again && again->place < y->place) continue;
        again = y;
        before = x;
    }
    if (!again) return true;
    const bool apart = before->place >> 40 != again->place >> 40;
    return error_set(e,
        "%s:%llu: a second prediction for user %s, item %s, after that of %s%sline %llu; one for "
        "each pair is expected, and of several folds a column \"fold\" or a file for each",
        file_at(g, again->place), line_at(again->place),
        texts_packed_get(&g->data->users, again->user),
        texts_packed_get(&g->data->items, again->item), apart ? file_at(g, before->place) : "",
        apart ? " " : "", line_at(before->place));
}

bool given_read(struct given *g, const struct given_spec *spec, const struct dataset *data,
    const struct given_folds *folds, struct error *e) {
    *g = (struct given){.spec = spec, .data = data, .folds = *folds};
    bool ok = given_read_files(g, e);
    if (ok && g->n) qsort(g->rows, g->n, sizeof *g->rows, compare);
    if (ok && !(g->used = calloc(g->n + 1, sizeof *g->used)))
        ok = error_memory(e, g->n, "predictions");
    ok = ok && check_distinct(g, e);
    if (!ok) given_done(g);
    return ok;
}

void given_done(struct given *g) {
    free(g->rows);
    free(g->used);
    *g = (struct given){0};
}

// The row of that pair which is of the unit, or of any; SIZE_MAX: there is none.
static size_t find(const struct given *g, uint32_t user, uint32_t item, uint32_t unit) {
    const struct given_row sought = {.user = user, .item = item};
    size_t low = 0, high = g->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_pairs(&g->rows[middle], &sought) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < g->n && compare_pairs(&g->rows[low], &sought) == 0; low++)
        if (g->rows[low].unit == 0 || g->rows[low].unit == unit) return low;
    return SIZE_MAX;
}

bool given_answer(struct given *g, uint32_t repeat, uint32_t fold, const struct test *test,
    float *answers, struct error *e) {
    uint32_t at = 0;
    while (at < g->folds.n && g->folds.at[at] != fold) at++;
    const uint32_t unit = repeat * g->folds.n + at + 1;
    uint64_t n = 0;
    for (size_t k = 0; k < test->n; k++) {
        const size_t row = find(g, test->users[k], test->items[k], unit);
        answers[k] = row == SIZE_MAX ? NAN : g->rows[row].answer;
        if (row != SIZE_MAX) g->used[row] = true;
        n += !isnan(answers[k]);
    }
    g->n_tested += test->n;
    g->n_answered += n;
    const char *file = g->spec->files[g->spec->n_files > 1 ? unit - 1 : 0];
    return n > 0 ||
           error_set(e,
               "none of the %zu test rows of fold %u has a prediction in %s; are they of the same "
               "data, split and seed, and files in the order of the folds?",
               test->n, fold, file);
}

// ---- What is told ------------------------------------------------------------------------------

static void tell_unused(const struct given *g, const char *label) {
    uint64_t n = g->n_strangers, first = g->n_strangers ? g->first_stranger : UINT64_MAX;
    for (size_t k = 0; k < g->n; k++) {
        if (g->used[k]) continue;
        n++;
        if (g->rows[k].place < first) first = g->rows[k].place;
    }
    if (n)
        log_warning("%s: %llu of %llu predictions are for pairs that no fold tests, the first at "
                    "%s:%llu; they are left out",
            label, (unsigned long long)n, (unsigned long long)g->n_rows, file_at(g, first),
            line_at(first));
}

void given_tell(const struct given *g, const char *label) {
    if (g->n_open)
        log_warning("%s: %llu of %llu predictions are empty or no number (NaN), the first at "
                    "%s:%llu; they count as none",
            label, (unsigned long long)g->n_open, (unsigned long long)g->n_rows,
            file_at(g, g->first_open), line_at(g->first_open));
    if (g->partly) return;
    if (g->n_answered < g->n_tested)
        log_warning("%s: %llu of %llu test rows have no prediction; the fallback answers them",
            label, (unsigned long long)(g->n_tested - g->n_answered),
            (unsigned long long)g->n_tested);
    tell_unused(g, label);
}
