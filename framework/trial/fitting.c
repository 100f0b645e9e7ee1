#include "trial/fitting.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "core/random.h"
#include "trial/apart.h"
#include "trial/requires.h"
#include "trial/running.h"
#include "trial/sandbox.h"
#include "trial/stage.h"

// ---- A process of the worker's -----------------------------------------------------------------

// Until it has ended. False: it was lost, and *again says whether to begin anew.
static bool wait_for(
    struct running *r, const struct limits *limits, struct results *texts, bool *again) {
    for (;;) {
        struct pollfd p[] = {
            {.fd = r->socket, .events = POLLIN}, {.fd = r->worker.control, .events = POLLIN}};
        const int ready = poll(p, 2, 100);
        running_watch(r, limits);
        if (ready <= 0) continue;
        if (p[0].revents) running_hear(r, texts);
        if (p[1].revents) return running_end(r, texts, again);
    }
}

// One job from its start to its end. `answers` (NULL allowed) gets what it answered.
static bool run_job(const struct running_start *start, struct results *texts,
    struct trial_record *record, float *answers, struct error *e) {
    struct running r = {0};
    bool ok = false, again;
    do {
        again = false;
        if (!running_begin(&r, start, record, e)) break;
        ok = wait_for(&r, &start->plan->limits, texts, &again);
        if (!again) break;
        running_release(&r, NULL);
    } while (again);
    if (ok && record->failed)
        ok = error_set(e, "%s: %s", start->model->label, record->cause ? record->cause : "failed");
    else if (!ok && !e->text[0])
        error_set(e, "%s: its process was lost", start->model->label);
    const float *given = ok && answers ? running_answers(&r, e) : NULL;
    if (given) memcpy(answers, given, asked_floats(&r.room) * sizeof *answers);
    if (answers && !given) ok = false;
    if (r.record) running_release(&r, given);
    running_kill(&r);
    free(record->curve);
    record->curve = NULL;
    return ok;
}

// ---- Training ----------------------------------------------------------------------------------

// All ratings, as the model is given them, and less a validation slice if it wants one.
struct all {
    struct stage_fold fold;
    struct fold_plan plan;
    uint32_t threads;
};

static bool build_apart(void *arg, struct error *e) {
    const struct all *a = arg;
    return fold_build(&a->plan, a->fold.full, a->fold.sliced, -1, a->threads, e);
}

static bool all_open(struct all *a, const struct plan *plan, const struct dataset *data,
    const struct schema *schema, struct error *e) {
    *a = (struct all){.fold = {.full = -1, .sliced = -1, .pairs = -1},
        .plan = {.data = data,
            .source = plan->data,
            .split = plan->split,
            .seed = plan->seed,
            .validation = plan->validation},
        .threads = plan->threads};
    const bool sliced = (schema->flags & RK_WANTS_VALID) && plan->validation > 0;
    struct stage_fold *f = &a->fold;
    if ((f->full = image_create("train", e)) < 0) return false;
    if (sliced && (f->sliced = image_create("train", e)) < 0) return false;
    return apart_run("laying out all ratings", build_apart, a, NULL, e) && image_seal(f->full, e) &&
           (!sliced || image_seal(f->sliced, e)) && train_map(&f->train, f->full, e) &&
           fallback_init(&f->fallback, &f->train.data, e);
}

// The names of the parameters, packed.
static bool pack_names(
    const struct schema *schema, struct arena *a, struct texts_packed *out, struct error *e) {
    uint64_t *start = arena_alloc(a, (schema->n_params + 1) * sizeof *start);
    size_t n = 0;
    for (uint32_t k = 0; k < schema->n_params; k++) n += strlen(schema->params[k].name) + 1;
    char *bytes = arena_alloc(a, n + 1), *to = bytes;
    if (!start || !bytes) return error_memory(e, n, "names of parameters");
    for (uint32_t k = 0; k < schema->n_params; k++) {
        to = stpcpy(to, schema->params[k].name) + 1;
        start[k + 1] = (uint64_t)(to - bytes);
    }
    *out = (struct texts_packed){schema->n_params, start, bytes};
    return true;
}

static bool save(const struct running_start *start, const struct dataset *data,
    const struct results *texts, const char *path, struct fitted *out, struct error *e) {
    const struct schema *schema = start->model->schema;
    const struct fallback *fallback = &start->fold->fallback;
    struct stat s;
    struct saved saved = {.plugin = schema->id,
        .version = schema->version,
        .hash = schema->hash,
        .reckon = RECKON_VERSION,
        .label = start->model->label,
        .data = data->name,
        .data_hash = data->hash,
        .isa = texts->isa ? texts->isa : "",
        .blas_core = texts->blas_core ? texts->blas_core : "",
        .key = start->key,
        .n_ratings = data->n_ratings,
        .rating_min = data->rating_min,
        .rating_max = data->rating_max,
        .clip = start->plan->clip,
        .has_time = data->time != NULL,
        .n_params = schema->n_params,
        .values = start->values,
        .users = data->users,
        .items = data->items,
        .mean = fallback->mean,
        .user_bias = fallback->user,
        .item_bias = fallback->item};
    if (fstat(start->state, &s) != 0) return error_set(e, "the model's state: %s", strerror(errno));
    saved.n_state = out->n_state = (size_t)s.st_size;
    void *state = NULL;
    if (saved.n_state) state = mmap(NULL, saved.n_state, PROT_READ, MAP_SHARED, start->state, 0);
    if (state == MAP_FAILED) return error_set(e, "the model's state: %s", strerror(errno));
    saved.state = state;
    const bool ok =
        pack_names(schema, &saved.arena, &saved.names, e) && saved_write(&saved, path, e);
    if (state) munmap(state, saved.n_state);
    arena_done(&saved.arena);
    return ok;
}

static bool has_state(const struct schema *schema) {
    for (uint32_t k = 0; k < schema->n_extensions; k++)
        if (strcmp(schema->extensions[k], RK_EXT_STATE) == 0) return true;
    return false;
}

static bool fit(const struct plan *plan, const struct plan_model *model,
    const struct param_value *values, const struct dataset *data, const char *path,
    struct fitted *out, struct error *e) {
    if (plan->sandbox && !sandbox_check(e)) return false;
    struct all all;
    struct results texts = {.plan = plan};
    struct trial_record record = {.model = (int)(model - plan->models)};
    struct running_start start = {.plan = plan,
        .model = model,
        .values = values,
        .fold = &all.fold,
        .key = random_mix(random_key(plan->seed, RANDOM_TRIAL, 0), 0),
        .threads = plan->threads,
        .task = JOB_SAVE,
        .state = image_create("state", e)};
    bool ok = start.state >= 0 && all_open(&all, plan, data, model->schema, e);
    const char *missing = ok ? requires_missing(model->schema, &all.fold.train.data) : NULL;
    if (missing)
        ok = error_set(
            e, "%s needs the feature %s, which %s lacks", model->schema->id, missing, data->name);
    ok =
        ok && run_job(&start, &texts, &record, NULL, e) && save(&start, data, &texts, path, out, e);
    out->cost = record.cost;
    out->n_ratings = data->n_ratings;
    if (start.state >= 0) {
        close(start.state);
        stage_fold_done(&all.fold);
    }
    results_done(&texts);
    return ok;
}

bool fitting_save(const struct plan *plan, uint32_t model, const struct runner_events *events,
    const char *path, struct fitted *out, struct error *e) {
    const struct plan_model *of = &plan->models[model];
    struct dataset data = {0};
    *out = (struct fitted){0};
    signal(SIGPIPE, SIG_IGN);
    if (!has_state(of->schema))
        return error_set(e,
            "%s cannot save its models: it has no extension \"%s\"; a plugin that is to be saved "
            "needs it (see reckon.h)",
            of->schema->id, RK_EXT_STATE);
    if (!stage_data(plan->data, plan->threads, NULL, &data, e)) return false;
    bool ok = true;
    if (of->tuning)
        ok =
            runner_tune(plan, model, &data, events, &out->arena, &out->tuned, &out->signal_seen, e);
    const struct param_value *values = out->tuned ? out->tuned->values : of->values;
    if (ok && !out->signal_seen) ok = fit(plan, of, values, &data, path, out, e);
    dataset_done(&data);
    return ok;
}

void fitted_done(struct fitted *f) {
    arena_done(&f->arena);
    *f = (struct fitted){0};
}

// ---- Answering ---------------------------------------------------------------------------------

bool fitting_check_plugin(
    const struct saved *saved, const struct schema *schema, const char *path, struct error *e) {
    if (strcmp(saved->hash, schema->hash) == 0) return true;
    return error_set(e,
        "%s was saved by %s %s (hash %s), and %s is another build, %s %s (hash %s); name the "
        "folder "
        "of the one that saved it (--plugin-path), or save the model again with reckon fit",
        path, saved->plugin, saved->version, saved->hash, schema->path, schema->id, schema->version,
        schema->hash);
}

static bool add_copy(
    struct image *im, const char *name, const void *from, size_t bytes, struct error *e) {
    void *to = image_add(im, name, bytes, e);
    if (to && bytes) memcpy(to, from, bytes);
    return to != NULL;
}

// A sealed image of the pairs, as trials take them; -1 and an error.
static int make_pairs(const rk_pairs *p, struct error *e) {
    struct image im;
    const int fd = image_create("pairs", e);
    if (fd < 0) return -1;
    bool ok = image_begin(&im, fd, e);
    if (ok) {
        ok = add_copy(&im, "users", p->users, p->n * sizeof *p->users, e) &&
             add_copy(&im, "items", p->items, p->n * sizeof *p->items, e) &&
             (!p->time || add_copy(&im, "time", p->time, p->n * sizeof *p->time, e));
        image_done(&im);
    }
    if (ok && image_seal(fd, e)) return fd;
    close(fd);
    return -1;
}

static int make_state(const struct saved *saved, struct error *e) {
    const int fd = image_create("state", e);
    const unsigned char *at = saved->state;
    size_t left = saved->n_state;
    while (fd >= 0 && left > 0) {
        const ssize_t n = write(fd, at, left);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        at += n;
        left -= (size_t)n;
    }
    if (fd < 0 || (left == 0 && image_seal(fd, e))) return fd;
    if (left > 0) error_set(e, "no room for the model's state: %s", strerror(errno));
    close(fd);
    return -1;
}

// Bits are the same on the same kind of machine.
static void compare_machines(const struct saved *saved, const struct results *now) {
    const char *isa = now->isa ? now->isa : "", *core = now->blas_core ? now->blas_core : "";
    if (strcmp(saved->isa, isa) != 0 || strcmp(saved->blas_core, core) != 0)
        log_warning("the model was trained on %s%s%s, and this is %s%s%s: the last digits of "
                    "predictions may differ",
            saved->isa, *saved->blas_core ? " with BLAS for " : "", saved->blas_core, isa,
            *core ? " with BLAS for " : "", core);
}

bool fitting_answer(const struct saved *saved, const struct schema *schema, const rk_pairs *pairs,
    uint32_t threads, float *out, struct error *e) {
    struct param_value *values = calloc(schema->n_params + 1, sizeof *values);
    if (!values) return error_memory(e, schema->n_params * sizeof *values, "parameters");
    const struct plan_model model = {.label = saved->label, .schema = schema, .values = values};
    const struct plan plan = {.models = &model, .n_models = 1, .threads = threads, .jobs = 1};
    struct results texts = {.plan = &plan};
    struct trial_record record = {0};
    struct stage_fold fold = {
        .full = -1, .sliced = -1, .pairs = make_pairs(pairs, e), .test = {.n = pairs->n}};
    struct running_start start = {.plan = &plan,
        .model = &model,
        .values = values,
        .fold = &fold,
        .key = saved->key,
        .threads = threads,
        .task = JOB_LOAD,
        .state = fold.pairs < 0 ? -1 : make_state(saved, e)};
    signal(SIGPIPE, SIG_IGN);
    const bool ok = start.state >= 0 && saved_values(saved, schema, values, e) &&
                    run_job(&start, &texts, &record, out, e);
    if (ok) compare_machines(saved, &texts);
    if (start.state >= 0) close(start.state);
    if (fold.pairs >= 0) close(fold.pairs);
    results_done(&texts);
    free(values);
    return ok;
}
