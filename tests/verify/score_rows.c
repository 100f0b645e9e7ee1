// score_rows METRIC [setting=number ...] < rows: scores rows of text, "user item truth answer
// item_mean tie sd" each (sd "nan": none), with one metric and prints "name value" lines:
// metrics.py's way in. A choice is given by its index.
#include <inttypes.h>
#include <stdio.h>

#include "support/metric_settings.h"

struct rows {
    uint32_t *users, *items;
    float *truth, *answer, *item_mean, *sd;
    uint64_t *tie;
    size_t n, room;
};

static void *grown(void *at, size_t n, size_t size) {
    void *more = realloc(at, n * size);
    if (!more) abort();
    return more;
}

static void read_rows(struct rows *r) {
    uint32_t user, item;
    float truth, answer, item_mean, sd;
    uint64_t tie;
    while (scanf("%" SCNu32 " %" SCNu32 " %f %f %f %" SCNu64 " %f", &user, &item, &truth, &answer,
               &item_mean, &tie, &sd) == 7) {
        if (r->n == r->room) {
            r->room = r->room ? 2 * r->room : 1024;
            r->users = grown(r->users, r->room, sizeof *r->users);
            r->items = grown(r->items, r->room, sizeof *r->items);
            r->truth = grown(r->truth, r->room, sizeof *r->truth);
            r->answer = grown(r->answer, r->room, sizeof *r->answer);
            r->item_mean = grown(r->item_mean, r->room, sizeof *r->item_mean);
            r->sd = grown(r->sd, r->room, sizeof *r->sd);
            r->tie = grown(r->tie, r->room, sizeof *r->tie);
        }
        r->users[r->n] = user, r->items[r->n] = item, r->truth[r->n] = truth;
        r->answer[r->n] = answer, r->item_mean[r->n] = item_mean, r->sd[r->n] = sd,
        r->tie[r->n++] = tie;
    }
}

static void print(void *arg, const char *name, double value) {
    (void)arg;
    printf("%s %.17g\n", name, value);
}

int main(int argc, char **argv) {
    const struct metric *metric = argc > 1 ? metric_find(argv[1]) : NULL;
    if (!metric) {
        fprintf(stderr, "usage: score_rows METRIC [setting=number ...] < rows\n");
        return 2;
    }
    void *settings = metric_settings_default(metric);
    for (int k = 2; k < argc; k++) {
        char *equals = strchr(argv[k], '=');
        if (!equals) return 2;
        *equals = '\0';
        metric_settings_set(settings, metric, argv[k], strtod(equals + 1, NULL));
    }
    struct rows r = {0};
    read_rows(&r);
    const struct metric_rows rows = {r.n, r.users, r.items, r.truth, r.answer, r.answer, r.sd, NULL,
        r.item_mean, r.tie, 42, 0, 1, NULL};
    struct error e = {0};
    const bool ok = r.n > 0 && metric->score(settings, &rows, print, NULL, &e);
    if (!ok) fprintf(stderr, "score_rows: %s\n", r.n ? e.text : "no rows");
    free(settings);
    free(r.users);
    free(r.items);
    free(r.truth);
    free(r.answer);
    free(r.item_mean);
    free(r.sd);
    free(r.tie);
    return !ok;
}
