#include "trial/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/random.h"
#include "trial/apart.h"
#include "trial/guard.h"

struct reading {
    const struct data_spec *spec;
    uint32_t threads;
    int fd;
};

static bool read_apart(void *arg, struct error *e) {
    const struct reading *r = arg;
    return data_load(r->spec, r->threads, r->fd, e);
}

bool stage_data(const struct data_spec *spec, uint32_t threads, const volatile int *stop,
    struct dataset *out, struct error *e) {
    guard_hide();
    struct reading r = {.spec = spec, .threads = threads, .fd = image_create("data", e)};
    if (r.fd < 0) return false;
    const bool ok =
        apart_run("reading the data", read_apart, &r, stop, e) && dataset_map(out, r.fd, e);
    close(r.fd);
    return ok;
}

struct building {
    const struct fold_plan *plan;
    uint32_t threads;
    int full, sliced, test;
};

static bool build_apart(void *arg, struct error *e) {
    const struct building *b = arg;
    return fold_build(b->plan, b->full, b->sliced, b->test, b->threads, e);
}

static bool add_copy(
    struct image *im, const char *name, const void *from, size_t bytes, struct error *e) {
    void *to = image_add(im, name, bytes, e);
    if (to && bytes) memcpy(to, from, bytes);
    return to;
}

// The halves of tie hashes (struct ranking), of all users and items, as test rows have theirs.
static bool add_ties(struct image *im, const struct fold_plan *plan, struct error *e) {
    const struct dataset *d = plan->data;
    const uint64_t key = random_key(plan->seed, RANDOM_TIE, 0);
    uint64_t *user = image_add(im, "user_tie", d->n_users * sizeof *user, e);
    if (!user) return false;
    for (uint32_t u = 0; u < d->n_users; u++) user[u] = random_mix(key, d->user_hash[u]);
    return add_copy(im, "item_tie", d->item_hash, d->n_items * sizeof *d->item_hash, e);
}

// The test pairs without their labels, for the trials.
static bool make_pairs(struct stage_fold *s, const struct fold_plan *plan, struct error *e) {
    const struct test *t = &s->test;
    s->pairs = image_create("pairs", e);
    if (s->pairs < 0) return false;
    struct image im;
    if (!image_begin(&im, s->pairs, e)) return false;
    const bool ok = add_copy(&im, "users", t->users, t->n * sizeof *t->users, e) &&
                    add_copy(&im, "items", t->items, t->n * sizeof *t->items, e) &&
                    (!t->time || add_copy(&im, "time", t->time, t->n * sizeof *t->time, e)) &&
                    add_ties(&im, plan, e);
    image_done(&im);
    return ok && image_seal(s->pairs, e);
}

bool stage_fold_open(struct stage_fold *s, const struct fold_plan *plan, bool sliced,
    uint32_t threads, const volatile int *stop, struct error *e) {
    *s = (struct stage_fold){.full = -1, .sliced = -1, .pairs = -1};
    struct building b = {.plan = plan, .threads = threads, .full = -1, .sliced = -1, .test = -1};
    bool ok = false;
    s->full = b.full = image_create("train", e);
    b.test = image_create("test", e);
    if (sliced) s->sliced = b.sliced = image_create("train", e);
    if (b.full < 0 || b.test < 0 || (sliced && b.sliced < 0)) goto done;
    char what[64];
    snprintf(what, sizeof what, "building fold %u", plan->fold);
    if (!apart_run(what, build_apart, &b, stop, e)) goto done;
    if (!image_seal(b.full, e) || (sliced && !image_seal(b.sliced, e))) goto done;
    ok = train_map(&s->train, b.full, e) && test_map(&s->test, b.test, e) &&
         make_pairs(s, plan, e) && fallback_init(&s->fallback, &s->train.data, e);
done:
    if (b.test >= 0) close(b.test);
    if (!ok) stage_fold_done(s);
    return ok;
}

void stage_fold_done(struct stage_fold *s) {
    fallback_done(&s->fallback);
    train_done(&s->train);
    test_done(&s->test);
    // Descriptors are never 0 here; a zeroed struct holds none.
    if (s->full > 0) close(s->full);
    if (s->sliced > 0) close(s->sliced);
    if (s->pairs > 0) close(s->pairs);
    *s = (struct stage_fold){0};
}

bool stage_open(struct stage *s, uint32_t threads, const volatile int *stop, struct error *e) {
    if (!s->open) s->open = stage_fold_open(&s->fold, &s->plan, s->sliced, threads, stop, e);
    return s->open;
}

void stage_close(struct stage *s) {
    if (s->open) stage_fold_done(&s->fold);
    s->open = false;
}

struct stage_node {
    struct stage stage;
    struct stage_node *next;
};

struct stage *stages_get(struct stages *s, const struct fold_plan *plan, bool sliced) {
    for (struct stage_node *node = s->first; node; node = node->next) {
        const struct fold_plan *p = &node->stage.plan;
        if (p->inner == plan->inner && p->n_inner == plan->n_inner && p->share == plan->share)
            return &node->stage;
    }
    struct stage_node *new = calloc(1, sizeof *new);
    if (!new) return NULL;
    new->stage = (struct stage){.plan = *plan, .sliced = sliced};
    new->next = s->first;
    s->first = new;
    return &new->stage;
}

void stages_done(struct stages *s) {
    while (s->first) {
        struct stage_node *node = s->first;
        s->first = node->next;
        stage_close(&node->stage);
        free(node);
    }
}
