// What a split's test rows know of their users and items, and whether training knows what came
// later.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe/making.h"

struct folding {
    const struct dataset *data;
    uint8_t *role;         // [n_ratings]
    uint64_t *user, *item; // training rows
    int64_t *newest;       // [n_users]: training rating
};

static void count_training(struct folding *f) {
    const rk_csr *r = &f->data->by_user;
    memset(f->user, 0, f->data->n_users * sizeof *f->user);
    memset(f->item, 0, f->data->n_items * sizeof *f->item);
    for (uint32_t u = 0; u < r->n_rows; u++) {
        f->newest[u] = RK_NO_TIME;
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++) {
            if (f->role[x] != SPLIT_TRAIN) continue;
            f->user[u]++;
            f->item[r->col[x]]++;
            if (f->data->time && f->data->time[x] > f->newest[u]) f->newest[u] = f->data->time[x];
        }
    }
}

static void count_test(const struct folding *f, struct describe_cold *c) {
    const rk_csr *r = &f->data->by_user;
    uint64_t train = 0, test = 0, user = 0, item = 0, both = 0, timed = 0, later = 0;
    for (uint32_t u = 0; u < r->n_rows; u++) {
        train += f->user[u];
        for (uint64_t x = r->start[u]; x < r->start[u + 1]; x++) {
            if (f->role[x] != SPLIT_TEST) continue;
            const bool no_user = f->user[u] == 0, no_item = f->item[r->col[x]] == 0;
            test++;
            user += no_user;
            item += no_item;
            both += no_user && no_item;
            if (!f->data->time || f->data->time[x] == RK_NO_TIME) continue;
            timed++;
            later += f->newest[u] > f->data->time[x];
        }
    }
    const double n = test ? (double)test : 1;
    c->n_folds++;
    c->train += (double)train;
    c->test += (double)test;
    c->cold_user += (double)user / n;
    c->cold_item += (double)item / n;
    c->cold_both += (double)both / n;
    c->later += timed ? (double)later / (double)timed : 0;
    c->n_leaked += later > 0;
}

static bool count_fold(
    struct making *m, struct folding *f, const struct split_job *job, struct error *e) {
    memset(f->role, SPLIT_OUT, m->data->n_ratings);
    if (!m->job->split.method->assign(job, f->role, e)) return false;
    count_training(f);
    count_test(f, &m->d->cold);
    return true;
}

static void describe_split(struct making *m) {
    const struct split_spec *s = &m->job->split;
    struct describe *d = m->d;
    char text[256] = "";
    if (s->method->describe) s->method->describe(s->settings, text, sizeof text);
    d->has_split = true;
    d->split = arena_printf(m->arena, "%s%s%s, %u fold%s, seed %llu", s->method->id,
        *text ? ", " : "", text, d->cold.n_folds, d->cold.n_folds == 1 ? "" : "s",
        (unsigned long long)m->job->seed);
}

bool cold_make(struct making *m, struct error *e) {
    const struct describe_job *job = m->job;
    const struct dataset *data = m->data;
    const struct split_method *method = job->split.method;
    struct describe_cold *c = &m->d->cold;
    uint32_t n_repeats = 0, n_folds = 0, *folds = NULL;
    if (!method) return true;
    struct folding f = {.data = data, .role = malloc(data->n_ratings + 1)};
    f.user = making_take(m, data->n_users, sizeof *f.user, "a fold", e);
    f.item = f.user ? making_take(m, data->n_items, sizeof *f.item, "a fold", e) : NULL;
    f.newest = f.item ? making_take(m, data->n_users, sizeof *f.newest, "a fold", e) : NULL;
    bool ok = f.role && f.newest;
    if (!ok && !f.role) error_memory(e, data->n_ratings, "a fold");
    if (ok && !method->plan(job->split.settings, data, &n_repeats, &folds, &n_folds, e))
        ok = error_prefix(e, "split");
    for (uint32_t k = 0; ok && k < n_repeats; k++)
        for (uint32_t at = 0; ok && at < n_folds; at++)
            ok = count_fold(m, &f,
                &(struct split_job){.data = data,
                    .source = job->source,
                    .settings = job->split.settings,
                    .seed = job->seed,
                    .repeat = k,
                    .fold = folds[at]},
                e);
    free(folds);
    free(f.role);
    if (!ok) return false;
    const double n = c->n_folds ? c->n_folds : 1;
    c->train /= n;
    c->test /= n;
    c->cold_user /= n;
    c->cold_item /= n;
    c->cold_both /= n;
    c->later = data->time ? c->later / n : NAN;
    describe_split(m);
    return true;
}
