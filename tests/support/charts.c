#include "support/charts.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "report/chart.h"

static const char *const names[] = {
    "(fallback)", "item_mean", "bias", "als", "svd", "autoencoder", "kmeans", "hybrid"};
static const char hostile[] =
    "<script>alert('x')</script> & \"als\" with a very long label, \xF0\x9F"
    "\x98\x80 \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D \xE2\x80\xAE reversed \x1b[31m \xff";
static const struct chart_head head = {
    .id = "a", .title = "A title", .alt = "What it shows, in a sentence."};
static const struct chart_axis rmse = {.title = "RMSE (lower is better)"};
static const struct chart_axis cost = {.title = "fit, seconds a fold", .is_log = true, .unit = "s"};

static void intervals(FILE *out) {
    static const double at[] = {4.074, 4.074, 4.074, 4.208, 4.198, 4.209, 4.092, 4.206};
    struct chart_interval rows[8];
    for (int k = 0; k < 8; k++)
        rows[k] = (struct chart_interval){.label = names[k],
            .value = at[k],
            .low = at[k] - .055,
            .high = at[k] + .055,
            .strong = at[k] > 4.2,
            .faint = k == 0};
    const struct chart_line lines[] = {
        {"random", 3.539}, {"item mean", 4.079}, {"oracle", 4.812}, {"none", NAN}};
    chart_intervals(
        out, &head, &(struct chart_axis){.title = "top 5 % (higher is better)"}, rows, 8, lines, 4);
}

static void intervals_narrow(FILE *out) {
    static const double at[] = {.8688, .9606, .8688, .8278, .8209, .8124, .8624, .8121};
    struct chart_interval rows[8];
    for (int k = 0; k < 8; k++)
        rows[k] = (struct chart_interval){.label = names[k],
            .value = at[k],
            .low = at[k] - .006,
            .high = at[k] + .006,
            .strong = at[k] < .813};
    chart_intervals(out, &head, &rmse, rows, 8, NULL, 0);
}

static void intervals_hostile(FILE *out) {
    struct chart_interval rows[] = {{hostile, .8, .7, .9, true, false}, {"", NAN, NAN, NAN, 0, 0},
        {"x", INFINITY, 0, 1, 0, 0}, {"no interval", .85, NAN, NAN, 0, true}};
    const struct chart_line lines[] = {{hostile, .81}, {hostile, .82}, {hostile, .83}};
    chart_intervals(out, &(struct chart_head){.title = hostile, .alt = hostile},
        &(struct chart_axis){.title = hostile}, rows, 4, lines, 3);
}

static void intervals_one(FILE *out) {
    const struct chart_interval row = {"als", 1e15, 1e15, 1e15, false, false};
    chart_intervals(out, &head, &rmse, &row, 1, NULL, 0);
}

static void intervals_none(FILE *out) {
    chart_intervals(out, &head, &rmse, NULL, 0, NULL, 0);
}

enum { MANY = 1000 };
static char many_names[MANY][24];

static void name_many(void) {
    for (int k = 0; k < MANY; k++)
        snprintf(many_names[k], sizeof many_names[k], "svd rank=%d", k + 1);
}

static void intervals_many(FILE *out) {
    static struct chart_interval rows[MANY];
    name_many();
    for (int k = 0; k < MANY; k++)
        rows[k] = (struct chart_interval){many_names[k], .8 + k * 1e-4, .79, .81 + k * 2e-4, !k, 0};
    chart_intervals(out, &head, &rmse, rows, MANY, NULL, 0);
}

static void dots(FILE *out) {
    static const char *const folds[] = {"fold 1", "fold 2", "fold 3", "fold 4", "fold 5"};
    static double values[8][5];
    struct chart_dots_row rows[8];
    for (int k = 0; k < 8; k++) {
        for (int f = 0; f < 5; f++)
            values[k][f] = .86 - .006 * k + .004 * (f * 7 % 5) + .001 * (k * f % 3);
        rows[k] = (struct chart_dots_row){names[k], values[k]};
    }
    values[3][2] = NAN;
    chart_dots(out, &head, &rmse, rows, 8, folds, 5);
}

static void dots_many(FILE *out) {
    static const char *folds[MANY];
    static double values[2][MANY];
    struct chart_dots_row rows[2] = {{"als", values[0]}, {hostile, values[1]}};
    name_many();
    for (int f = 0; f < MANY; f++) {
        folds[f] = many_names[f];
        values[0][f] = .8 + .001 * (f % 17);
        values[1][f] = .81 + .001 * (f % 13);
    }
    chart_dots(out, &head, &rmse, rows, 2, folds, MANY);
}

static void scatter(FILE *out) {
    static const double x[] = {NAN, .002, .01, 2.1, 14, 190, .8, 420};
    static const double y[] = {.8688, .9606, .8688, .8278, .8209, .8124, .8624, .8121};
    struct chart_point at[8];
    for (int k = 0; k < 8; k++) at[k] = (struct chart_point){names[k], x[k], y[k], k && k != 6};
    chart_scatter(out, &head, &cost, &rmse, at, 8);
}

static void scatter_crowded(FILE *out) {
    static struct chart_point at[MANY];
    name_many();
    for (int k = 0; k < MANY; k++)
        at[k] = (struct chart_point){many_names[k], 1 + .1 * (k % 31), .8 + .001 * (k % 37), k < 5};
    at[7].x = 0;
    at[8].x = -1;
    at[9].label = hostile;
    chart_scatter(out, &head, &cost, &rmse, at, MANY);
}

static void scatter_same(FILE *out) {
    struct chart_point at[12];
    for (int k = 0; k < 12; k++) at[k] = (struct chart_point){names[k % 8], 3, .8, k == 0};
    chart_scatter(out, &head, &cost, &rmse, at, 12);
}

static void curves(FILE *out) {
    enum { N = 40 };
    static double x[N], y[3][N], low[N], high[N];
    for (int k = 0; k < N; k++) {
        x[k] = k + 1;
        for (int s = 0; s < 3; s++) y[s][k] = .82 + .02 * s + .2 * exp(-.1 * (s + 1) * k);
        low[k] = y[0][k] - .01;
        high[k] = y[0][k] + .01;
    }
    const struct chart_series at[] = {{"svd", x, y[0], low, high, N, false, false},
        {"autoencoder", x, y[1], NULL, NULL, N, false, false},
        {"hybrid", x, y[2], NULL, NULL, N, false, false}};
    chart_curves(out, &head, &(struct chart_axis){.title = "epoch"}, &rmse, at, 3);
}

static void curves_sweep(FILE *out) {
    static const double x[] = {1e-3, 1e-2, .1, 1, 10}, y[] = {.86, .83, .81, .84, .9},
                        low[] = {.85, .82, .80, .83, .88}, high[] = {.87, .84, .82, .85, .92};
    const struct chart_series at[] = {{"svd", x, y, low, high, 5, true, false}};
    chart_curves(out, &head, &(struct chart_axis){.title = "l2", .is_log = true}, &rmse, at, 1);
}

static void curves_legend(FILE *out) {
    static const double x[] = {1, 2, 3, 4}, y[] = {1e6, 2e6, NAN, 4e6};
    struct chart_series at[30];
    for (int k = 0; k < 30; k++)
        at[k] = (struct chart_series){
            k == 2 ? hostile : names[k % 8], x, y, NULL, NULL, 4, k % 2 == 0, false};
    chart_curves(out, &head, &(struct chart_axis){.title = "x"},
        &(struct chart_axis){.title = "memory", .unit = "bytes"}, at, 30);
}

static void curves_log(FILE *out) {
    enum { N = 100000 };
    static double x[N], y[N];
    for (int k = 0; k < N; k++) {
        x[k] = k;
        y[k] = k % 7 == 0 ? 0 : 1e-200 * pow(10, 400. * k / N);
    }
    const struct chart_series at[] = {
        {"a", x, y, NULL, NULL, N, true, false}, {"b", x, y, NULL, NULL, 10, true, true}};
    chart_curves(out, &head, &(struct chart_axis){.title = "rank", .is_log = true},
        &(struct chart_axis){.title = "ratings", .is_log = true}, at, 2);
}

static void curves_point(FILE *out) {
    static const double x[] = {5}, y[] = {0};
    const struct chart_series at[] = {{"a", x, y, NULL, NULL, 1, false, false}};
    chart_curves(out, &head, &(struct chart_axis){.title = "share", .unit = "share"}, &rmse, at, 1);
}

static const char *const stars[] = {"0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4", "4.5", "5"};
static const char *const genres[] = {"(no genres listed)", "Action", "Adventure", "Animation",
    "Children", "Comedy", "Crime", "Documentary", "Drama", "Fantasy", "Film-Noir", "Horror"};

static void bars(FILE *out) {
    static const double n[] = {1370, 2811, 1791, 7551, 5550, 20047, 13136, 26818, 8551, 13211};
    const struct chart_bars_series at = {"ratings", n, false};
    chart_bars(out, &head, "rating", stars, 10, &(struct chart_axis){.title = "ratings"}, &at, 1);
}

static void bars_rows(FILE *out) {
    static const double n[] = {.02, .29, .24, .07, .09, .39, .16, .04, .42, .12, NAN, .07};
    const struct chart_bars_series at = {"share", n, false};
    chart_bars(out, &head, "genre", genres, 12,
        &(struct chart_axis){.title = "share of all ratings", .unit = "share"}, &at, 1);
}

static void bars_groups(FILE *out) {
    static double values[3][12];
    struct chart_bars_series at[3];
    for (int s = 0; s < 3; s++) {
        for (int k = 0; k < 12; k++) values[s][k] = .2 * sin(k + s * .3);
        at[s] = (struct chart_bars_series){names[s], values[s], false};
    }
    chart_bars(out, &head, "genre", genres, 12, &(struct chart_axis){.title = "bias"}, at, 3);
}

static void bars_many(FILE *out) {
    static const char *classes[MANY];
    static double values[MANY];
    name_many();
    for (int k = 0; k < MANY; k++) {
        classes[k] = many_names[k] + 4;
        values[k] = k % 100;
    }
    const struct chart_bars_series at = {hostile, values, false};
    chart_bars(out, &head, hostile, classes, MANY, &(struct chart_axis){.title = "n"}, &at, 1);
}

static void bars_none(FILE *out) {
    static const double none[] = {NAN, NAN};
    const struct chart_bars_series at = {"x", none, false};
    chart_bars(out, &head, "rating", stars, 2, &rmse, &at, 1);
    chart_bars(out, &head, "rating", stars, 0, &rmse, NULL, 0);
}

static void profile(FILE *out) {
    static double values[3][10];
    struct chart_bars_series at[3];
    for (int s = 0; s < 3; s++) {
        for (int k = 0; k < 10; k++) values[s][k] = .7 + .05 * (k - 6) * (k - 6) + .1 * s;
        at[s] = (struct chart_bars_series){names[s + 3], values[s], false};
    }
    chart_profile(out, &head, "rating", stars, 10, &rmse, at, 3);
}

static void profile_rows(FILE *out) {
    static double values[3][12];
    struct chart_bars_series at[3];
    for (int s = 0; s < 3; s++) {
        for (int k = 0; k < 12; k++) values[s][k] = .8 + .1 * sin(k) + .03 * s;
        at[s] = (struct chart_bars_series){s == 1 ? hostile : names[s + 3], values[s], true};
    }
    values[1][4] = NAN;
    chart_profile(out, &head, "genre", genres, 12, &rmse, at, 3);
}

static void heat(FILE *out) {
    static const char *const ranks[] = {"8", "16", "32", "64"};
    static const char *const l2[] = {"0.001", "0.01", "0.1", "1"};
    static double values[16];
    for (int k = 0; k < 16; k++) values[k] = .81 + .01 * abs(k % 4 - 2) + .007 * abs(k / 4 - 1);
    values[15] = NAN;
    chart_heat(out, &head, "rank", ranks, 4, "l2", l2, 4, values, 4, 6);
}

static void heat_wide(FILE *out) {
    static double values[12 * 12];
    for (int k = 0; k < 144; k++) values[k] = 3 + sin(k);
    chart_heat(out, &head, "genre", genres, 12, "genre", genres, 12, values, 2, SIZE_MAX);
}

static void heat_many(FILE *out) {
    static const char *classes[MANY];
    static double values[MANY * 50];
    name_many();
    for (int k = 0; k < MANY; k++) classes[k] = k ? many_names[k] : hostile;
    for (int k = 0; k < MANY * 50; k++) values[k] = k % 3 ? 1e12 * k : INFINITY;
    chart_heat(out, &head, hostile, classes, MANY, hostile, classes, 50, values, 1, 51);
}

const struct chart_case chart_cases[] = {{"intervals", intervals},
    {"intervals-narrow", intervals_narrow}, {"intervals-hostile", intervals_hostile},
    {"intervals-one", intervals_one}, {"intervals-none", intervals_none},
    {"intervals-many", intervals_many}, {"dots", dots}, {"dots-many", dots_many},
    {"scatter", scatter}, {"scatter-crowded", scatter_crowded}, {"scatter-same", scatter_same},
    {"curves", curves}, {"curves-sweep", curves_sweep}, {"curves-legend", curves_legend},
    {"curves-log", curves_log}, {"curves-point", curves_point}, {"bars", bars},
    {"bars-rows", bars_rows}, {"bars-groups", bars_groups}, {"bars-many", bars_many},
    {"bars-none", bars_none}, {"profile", profile}, {"profile-rows", profile_rows}, {"heat", heat},
    {"heat-wide", heat_wide}, {"heat-many", heat_many}};
const size_t n_chart_cases = sizeof chart_cases / sizeof *chart_cases;
