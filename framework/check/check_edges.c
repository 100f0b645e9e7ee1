// Data with next to nothing in it, and answers beyond the data.
#include <math.h>
#include <string.h>

#include "check/checks.h"
#include "model/model.h"

void check_cold(const struct subject *s) {
    struct planted data;
    struct run r;
    run_data(&data, PLANTED_FULL, s);
    run_init(&r, s, &data);
    run_sane(&r, data.ask, run_life(s, &data, 1, RUN_SEED));
}

// It may say that it cannot, with a status that says so; else its answers must have reason.
static void fit_or_refuse(const struct subject *s, enum planted_kind kind) {
    struct planted data;
    struct run r;
    run_data(&data, kind, s);
    run_init(&r, s, &data);
    rk_status status = run_create(&r);
    if (status == RK_OK) status = run_fit(&r);
    if (status == RK_OK) {
        float *out = run_alloc(data.ask->n, sizeof *out);
        run_must_predict(&r, data.ask, out);
        run_sane(&r, data.ask, out);
    } else if (status != RK_E_DATA && status != RK_E_PARAM && status != RK_E_NUMERIC) {
        run_fail(&r,
            "refused by status %d (%s); expected is success, or a status that says why: "
            "RK_E_DATA, RK_E_PARAM, RK_E_NUMERIC",
            status, model_status_text(status));
    }
    run_done(&r);
}

void check_one_rating(const struct subject *s) {
    fit_or_refuse(s, PLANTED_ONE_RATING);
}

void check_one_user(const struct subject *s) {
    fit_or_refuse(s, PLANTED_ONE_USER);
}

void check_one_item(const struct subject *s) {
    fit_or_refuse(s, PLANTED_ONE_ITEM);
}

void check_one_pair(const struct subject *s) {
    fit_or_refuse(s, PLANTED_ONE_PAIR);
}

void check_equal(const struct subject *s) {
    fit_or_refuse(s, PLANTED_EQUAL);
}

void check_no_times(const struct subject *s) {
    fit_or_refuse(s, PLANTED_NO_TIMES);
}

static size_t count_answered(const rk_pairs *pairs, const float *out) {
    size_t n = 0;
    for (size_t k = 0; k < pairs->n; k++) n += !isnan(out[k]);
    return n;
}

// What it must do without: its answers have reason, and are there still.
static void fit_without(const struct subject *s, enum planted_kind kind) {
    struct planted data, whole;
    struct run r;
    run_data(&data, kind, s);
    run_data(&whole, PLANTED_FULL, s);
    run_init(&r, s, &data);
    const float *out = run_life(s, &data, 1, RUN_SEED);
    run_sane(&r, data.ask, out);
    const size_t with = count_answered(whole.ask, run_life(s, &whole, 1, RUN_SEED));
    const size_t without = count_answered(data.ask, out);
    if (without < with / 2)
        run_fail(&r, "answers %zu of %zu pairs, but %zu from the whole data", without, data.ask->n,
            with);
}

void check_no_valid(const struct subject *s) {
    fit_without(s, PLANTED_NO_VALID);
}

void check_no_features(const struct subject *s) {
    if (s->schema.n_requires) child_skip("it requires %s", s->schema.requires_features[0]);
    fit_without(s, PLANTED_NO_FEATURES);
}

// ---- Each pair, and nothing else ---------------------------------------------------------------

enum { FENCE = 64 }; // floats before and after the answers

// NANs of our own: no arithmetic yields these bits.
static float mark(void) {
    const uint32_t bits = 0x7fd5a5a5;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static bool is_mark(const float *f) {
    const float m = mark();
    return memcmp(f, &m, sizeof m) == 0;
}

void check_answers(const struct subject *s) {
    struct planted data;
    struct run r;
    run_data(&data, PLANTED_FULL, s);
    run_init(&r, s, &data);
    run_must_fit(&r);
    rk_pairs some = *data.ask;
    some.size = sizeof some;
    for (size_t n = data.ask->n; n > 0; n /= 2) {
        float *all = run_alloc(n + 2 * FENCE, sizeof *all), *out = all + FENCE;
        for (size_t k = 0; k < n + 2 * FENCE; k++) all[k] = mark();
        some.n = n;
        run_must_predict(&r, &some, out);
        for (size_t k = 0; k < FENCE; k++)
            if (!is_mark(&all[k]) || !is_mark(&out[n + k]))
                run_fail(&r, "predict(%zu pairs) writes outside of out[0 .. %zu]", n, n - 1);
        for (size_t k = 0; k < n; k++) {
            if (is_mark(&out[k]))
                run_fail(&r,
                    "predict(%zu pairs) leaves pair %zu without an answer; NAN says \"no "
                    "opinion\"",
                    n, k);
            if (isinf(out[k]))
                run_fail(&r, "predict(%zu pairs): pair %zu user %u item %u: an infinity", n, k,
                    some.users[k], some.items[k]);
        }
    }
    run_done(&r);
}
