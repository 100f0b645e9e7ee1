// reckon predict MODEL.rkm PAIRS.csv
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/setup.h"
#include "core/log.h"
#include "core/pool.h"
#include "core/replace.h"
#include "data/grow.h"
#include "data/pairs.h"
#include "model/loader.h"
#include "report/wording.h"
#include "trial/fitting.h"
#include "trial/worker.h"

// A row with an id that the model's catalogue doesn't have.
struct stranger {
    size_t row;
    const char *user, *item; // in the arena
};

// The rows of the file. Those of the catalogue alone are asked of the model.
struct asked {
    const struct saved *model; // borrowed
    struct arena arena;
    size_t n, room_users, room_items, room_times;
    uint32_t *users, *items;    // [n]; owned; UINT32_MAX: not in the catalogue
    int64_t *times;             // [n]; owned
    struct stranger *strangers; // [n_strangers], by rows; owned
    size_t n_strangers, room_strangers;
    bool has_time; // some time is given
};

static void asked_done(struct asked *a) {
    free(a->users);
    free(a->items);
    free(a->times);
    free(a->strangers);
    arena_done(&a->arena);
}

static bool add_row(void *arg, const struct pairs_row *row, struct error *e) {
    struct asked *a = arg;
    const size_t need = a->n + 1;
    if (!grow_to(&a->users, &a->room_users, need, sizeof *a->users, "pairs", e) ||
        !grow_to(&a->items, &a->room_items, need, sizeof *a->items, "pairs", e) ||
        !grow_to(&a->times, &a->room_times, need, sizeof *a->times, "pairs", e))
        return false;
    const uint32_t user = texts_packed_find(&a->model->users, row->user);
    const uint32_t item = texts_packed_find(&a->model->items, row->item);
    a->users[a->n] = user;
    a->items[a->n] = item;
    a->times[a->n] = row->time;
    a->has_time |= row->time != RK_NO_TIME;
    if (user == UINT32_MAX || item == UINT32_MAX) {
        if (!grow_to(&a->strangers, &a->room_strangers, a->n_strangers + 1, sizeof *a->strangers,
                "pairs", e))
            return false;
        a->strangers[a->n_strangers++] = (struct stranger){
            a->n, arena_text(&a->arena, row->user), arena_text(&a->arena, row->item)};
    }
    a->n++;
    return true;
}

// Asks the model about the rows of its catalogue; answers [a->n], NAN for the others.
static bool answer(const struct asked *a, const struct schema *schema, uint32_t threads,
    float *answers, struct error *e) {
    const size_t n = a->n - a->n_strangers;
    uint32_t *users = malloc((n + 1) * sizeof *users), *items = malloc((n + 1) * sizeof *items);
    int64_t *times = malloc((n + 1) * sizeof *times);
    float *given = malloc((n + 1) * sizeof *given);
    bool ok = users && items && times && given;
    if (!ok) error_memory(e, n * sizeof *users, "pairs");
    for (size_t k = 0, s = 0, to = 0; ok && k < a->n; k++) {
        if (s < a->n_strangers && a->strangers[s].row == k) {
            s++;
            continue;
        }
        users[to] = a->users[k];
        items[to] = a->items[k];
        times[to++] = a->times[k];
    }
    const rk_pairs pairs = {.size = sizeof pairs,
        .n = n,
        .users = users,
        .items = items,
        .time = a->model->has_time ? times : NULL};
    if (ok && n > 0) ok = fitting_answer(a->model, schema, &pairs, threads, given, e);
    for (size_t k = 0, s = 0, from = 0; ok && k < a->n; k++) {
        const bool strange = s < a->n_strangers && a->strangers[s].row == k;
        answers[k] = strange ? NAN : given[from++];
        s += strange;
    }
    free(users);
    free(items);
    free(times);
    free(given);
    return ok;
}

// Fills in what the model has no opinion of, and keeps within the scale, as runs do.
static size_t settle(const struct asked *a, float *answers) {
    const struct saved *m = a->model;
    size_t n_filled = 0;
    for (size_t k = 0; k < a->n; k++) {
        if (isnan(answers[k])) {
            answers[k] = saved_fallback(m, a->users[k], a->items[k]);
            n_filled++;
        }
        if (m->clip && answers[k] < m->rating_min) answers[k] = m->rating_min;
        if (m->clip && answers[k] > m->rating_max) answers[k] = m->rating_max;
    }
    return n_filled;
}

static void print_rows(const struct asked *a, const float *answers, FILE *out) {
    fputs("user,item,prediction\n", out);
    for (size_t k = 0, s = 0; k < a->n; k++) {
        const bool strange = s < a->n_strangers && a->strangers[s].row == k;
        char number[32];
        wording_exact_float(number, answers[k]);
        wording_csv(
            out, strange ? a->strangers[s].user : texts_packed_get(&a->model->users, a->users[k]));
        fputc(',', out);
        wording_csv(
            out, strange ? a->strangers[s].item : texts_packed_get(&a->model->items, a->items[k]));
        fprintf(out, ",%s\n", number);
        s += strange;
    }
}

static bool write_rows(
    const struct asked *a, const float *answers, const char *path, struct error *e) {
    struct replace file;
    if (!path) {
        print_rows(a, answers, stdout);
        return true; // main() sees to it that stdout can be written
    }
    if (!replace_begin(&file, path, e)) return false;
    print_rows(a, answers, file.file);
    return replace_commit(&file, e);
}

static bool predict(const struct arguments *a, const struct saved *model,
    const struct schema *schema, struct error *e) {
    struct asked asked = {.model = model};
    const uint32_t threads = a->threads ? (uint32_t)a->threads : pool_cpus();
    float *answers = NULL;
    bool ok = pairs_read(a->rest.at[1], add_row, &asked, e);
    if (ok) answers = malloc((asked.n + 1) * sizeof *answers);
    if (ok && !answers) ok = error_memory(e, asked.n * sizeof *answers, "predictions");
    if (ok && asked.has_time && !model->has_time)
        log_warning("%s has times, which the model has not learned to use", a->rest.at[1]);
    ok = ok && answer(&asked, schema, threads, answers, e);
    if (ok) {
        const size_t n_filled = settle(&asked, answers) - asked.n_strangers;
        ok = write_rows(&asked, answers, a->out, e);
        if (ok)
            log_info("%zu pairs: %zu of users or items that %s has never seen, %zu more without "
                     "an opinion of the model's; these are answered by damped means",
                asked.n, asked.n_strangers, a->rest.at[0], n_filled);
    }
    free(answers);
    asked_done(&asked);
    return ok;
}

static int predict_main(const struct arguments *a) {
    struct saved model = {0};
    struct schema schema = {0};
    struct error e = {0};
    char path[4096];
    const struct plugin_path folders = {a->plugin_path.at, a->plugin_path.n};
    if (!setup_log(a)) return EXIT_USAGE;
    const bool ok = saved_open(&model, a->rest.at[0], &e) &&
                    loader_find(&folders, model.plugin, path, sizeof path, &e) &&
                    worker_schema(path, &schema, NULL, &e) &&
                    fitting_check_plugin(&model, &schema, a->rest.at[0], &e) &&
                    predict(a, &model, &schema, &e);
    if (!ok) log_error("%s", e.text);
    schema_done(&schema);
    saved_done(&model);
    return ok ? EXIT_DONE : EXIT_FAILED;
}

static const struct option out = {"out", 'o', OPTION_TEXT, "FILE",
    "where predictions go instead of stdout", "file", .offset = offsetof(struct arguments, out)};
static const struct option *const options[] = {
    &out, &option_threads, &option_log_format, &option_plugin_path};

REGISTRY_ADD(command, predict) = {
    .id = "predict",
    .usage = "MODEL.rkm PAIRS.csv",
    .doc = "Answer pairs of users and items by a saved model",
    .help =
        "MODEL is what reckon fit wrote. PAIRS has a header with the columns user and item, and "
        "perhaps time (seconds\nsince 1970); ids are those of the data that the model learned "
        "from. The answers, user,item,prediction in the\norder of PAIRS, are the same bits as "
        "before the model was saved. The plugin must be the very build that saved\nit. Exit codes: "
        "0 done; 1 failed; 2 usage.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .min_rest = 2,
    .max_rest = 2,
    .completion = "file",
    .main = predict_main,
};
