#include "metric/accuracy.h"

const struct setting accuracy_table[ACCURACY_N] = {
    {.name = "clip",
        .doc = "false: answers before clipping, whatever the run's own clip says",
        .type = SETTING_BOOL,
        .offset = offsetof(struct accuracy, clip),
        .def = 1},
    {.name = "width",
        .doc = "errors as shares of the scale's width, as if ratings ran from 0 to 1",
        .type = SETTING_BOOL,
        .offset = offsetof(struct accuracy, width)},
    {.name = "training",
        .doc = "the rows trained on count, too: what is sometimes published as a model's error",
        .type = SETTING_BOOL,
        .offset = offsetof(struct accuracy, training)},
};

static struct accuracy or_default(const struct accuracy *settings) {
    return settings ? *settings : (struct accuracy){.clip = true};
}

static double unit_of(const struct accuracy *s, const struct metric_rows *rows) {
    return s->width ? 1 / ((double)rows->scale_max - rows->scale_min) : 1;
}

static double loss_of(const struct accuracy *s, const struct metric_rows *rows, size_t k,
    double unit, double (*loss)(double error)) {
    const float *answer = s->clip ? rows->answer : rows->raw;
    return loss(((double)answer[k] - (double)rows->truth[k]) * unit);
}

static double sum_of(const struct accuracy *s, const struct metric_rows *rows, double unit,
    double (*loss)(double error)) {
    double sum = 0; // in the order of the rows
    for (size_t k = 0; k < rows->n; k++) sum += loss_of(s, rows, k, unit, loss);
    return sum;
}

double accuracy_mean(
    const struct accuracy *settings, const struct metric_rows *rows, double (*loss)(double error)) {
    const struct accuracy s = or_default(settings);
    const double unit = unit_of(&s, rows);
    const struct metric_rows *more = s.training ? rows->training : NULL;
    double sum = sum_of(&s, rows, unit, loss);
    if (more) sum += sum_of(&s, more, unit, loss);
    return sum / (double)(rows->n + (more ? more->n : 0));
}

bool accuracy_rows(const struct accuracy *settings, const struct metric_rows *rows,
    double (*loss)(double error), double *part, double *weight) {
    const struct accuracy s = or_default(settings);
    const double unit = unit_of(&s, rows);
    if (s.training) return false;
    for (size_t k = 0; k < rows->n; k++) {
        part[k] = loss_of(&s, rows, k, unit, loss);
        weight[k] = 1;
    }
    return true;
}

const char *accuracy_caution(const void *settings) {
    const struct accuracy *s = settings;
    if (!s) return NULL;
    if (s->training && s->width)
        return "counts the rows trained on, and is a share of the scale's width: no measure of "
               "ratings not seen, and not in ratings.";
    if (s->training) return "counts the rows trained on: no measure of ratings not seen.";
    if (s->width) return "a share of the scale's width, not in ratings.";
    return NULL;
}

bool accuracy_sees_training(const void *settings) {
    const struct accuracy *s = settings;
    return s && s->training;
}
