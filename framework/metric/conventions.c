#include "metric/conventions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const struct convention conventions[CONVENTION_N] = {
    {.id = "surprise",
        .title = "Surprise 1.1.5",
        .doc =
            "Over all test rows, one weight each; answers are clipped to the declared scale, and "
            "rows without one get the mean training rating (surprise.accuracy, AlgoBase.predict "
            "and its default_prediction).",
        .clip = CLIP_SCALE,
        .open = OPEN_MEAN},
    {.id = "cornac",
        .title = "Cornac 3.0.1",
        .doc =
            "Mean over users of each user's RMSE or MAE (Experiment, user_based = True); test rows "
            "of users or items without training ratings are left out (exclude_unknowns = True); "
            "answers are clipped to the lowest and highest training rating, and rows without one "
            "get the mean training rating (rating_eval, Recommender.rate).",
        .per_user = true,
        .drops_cold = true,
        .clip = CLIP_SEEN,
        .open = OPEN_MEAN},
    {.id = "lenskit",
        .title = "LensKit 2025.8.1",
        .doc =
            "Mean over users of each user's RMSE or MAE (RunAnalysis, list_summary), not clipped. "
            "Rows without an answer are refused by default; they are left out, as here, with "
            "missing_scores = 'ignore' (PredictMetric.align_scores).",
        .per_user = true,
        .open = OPEN_LEFT_OUT},
    {.id = "recbole",
        .title = "RecBole 1.2.1",
        .doc =
            "Over all test rows, one weight each, not clipped (evaluator.metrics, by scikit-learn, "
            "then rounded to 4 decimals); rows without an answer are refused.",
        .open = OPEN_REFUSED},
};

// What of a training fold the conventions look at.
struct seen {
    double mean, min, max;
};

static struct seen look(const rk_data *train) {
    const rk_csr *m = &train->by_user;
    const uint64_t n = m->start[m->n_rows];
    struct seen s = {.mean = 0, .min = INFINITY, .max = -INFINITY};
    for (uint64_t k = 0; k < n; k++) {
        const double rating = (double)m->value[k];
        s.mean += rating;
        if (rating < s.min) s.min = rating;
        if (rating > s.max) s.max = rating;
    }
    if (n) s.mean /= (double)n;
    return s;
}

static double clip(double value, double min, double max) {
    return value < min ? min : value > max ? max : value;
}

// The error of an answer; NAN for one that is refused.
static double error_of(const struct convention *c, const struct seen *seen, const rk_data *train,
    double answer, double truth) {
    if (isnan(answer) && c->open == OPEN_MEAN) answer = seen->mean;
    if (isnan(answer)) return NAN;
    if (c->clip == CLIP_SCALE)
        answer = clip(answer, (double)train->rating_min, (double)train->rating_max);
    if (c->clip == CLIP_SEEN) answer = clip(answer, seen->min, seen->max);
    return answer - truth;
}

// Sums over the rows of one user, or over all of them.
struct sums {
    double square, absolute;
    uint64_t n;
};

static void add_error(struct sums *s, double error) {
    s->square += error * error;
    s->absolute += fabs(error);
    s->n++;
}

// [n_users], or 1 where all rows are one; the caller's to free. In the order of the rows.
static struct sums *add_up(const struct convention *c, const struct seen *seen,
    const struct test *test, const rk_data *train, const float *answers) {
    struct sums *all = calloc((size_t)train->n_users + 1, sizeof *all);
    for (size_t k = 0; all && k < test->n; k++) {
        if (c->drops_cold && test->cold[k]) continue;
        if (c->open == OPEN_LEFT_OUT && isnan(answers[k])) continue;
        const double error = error_of(c, seen, train, (double)answers[k], (double)test->truth[k]);
        add_error(&all[c->per_user ? test->users[k] : 0], error);
    }
    return all;
}

static bool emit(const struct convention *c, const struct sums *all, size_t n, struct scores *out,
    struct error *e) {
    double rmse = 0, mae = 0;
    uint64_t count = 0;
    for (size_t k = 0; k < n; k++) {
        if (all[k].n == 0) continue;
        rmse += sqrt(all[k].square / (double)all[k].n);
        mae += all[k].absolute / (double)all[k].n;
        count++;
    }
    char name[64];
    snprintf(name, sizeof name, "%s.rmse", c->id);
    if (!scores_add(out, SLICE_ALL, name, count ? rmse / (double)count : NAN, e)) return false;
    snprintf(name, sizeof name, "%s.mae", c->id);
    return scores_add(out, SLICE_ALL, name, count ? mae / (double)count : NAN, e);
}

bool conventions_score(const struct test *test, const rk_data *train, const float *answers,
    struct scores *out, struct error *e) {
    const struct seen seen = look(train);
    bool ok = true;
    for (size_t k = 0; ok && k < CONVENTION_N; k++) {
        const struct convention *c = &conventions[k];
        struct sums *all = add_up(c, &seen, test, train, answers);
        ok = all ? emit(c, all, c->per_user ? train->n_users : 1, out, e)
                 : error_memory(e, train->n_users * sizeof *all, "sums by user");
        free(all);
    }
    return ok;
}
