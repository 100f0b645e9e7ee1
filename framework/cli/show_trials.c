// The trials of a run, and one of them whole.
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/grid.h"
#include "cli/setup.h"
#include "cli/show.h"
#include "core/log.h"
#include "report/wording.h"

static int refuse(const struct error *e) {
    log_error("%s", e->text);
    return EXIT_FAILED;
}

// ---- A run's -----------------------------------------------------------------------------------

enum { MOST_METRICS = 24 };
enum trial_column {
    TRIAL_NUMBER,
    TRIAL_KEY,
    TRIAL_DATA,
    TRIAL_LABEL,
    TRIAL_SEED,
    TRIAL_REPEAT,
    TRIAL_FOLD,
    TRIAL_INNER,
    TRIAL_CANDIDATE,
    TRIAL_SHARE,
    TRIAL_PARAMETERS,
    TRIAL_SECONDS,
    TRIAL_MEMORY,
    TRIAL_FAILURE,
    TRIAL_CAUSE,
    TRIAL_COLUMNS // then the metrics
};

struct listing {
    struct grid grid;
    struct grid_column columns[TRIAL_COLUMNS + MOST_METRICS];
    bool inner, failed, no_memory;
    bool has_data, has_seeds, has_repeats; // more than one
    const char *data;
};

static bool is_main(const struct score *score) {
    return score->slice == SLICE_ALL && !strchr(score->name, '.') && strcmp(score->name, "rows");
}

// What columns there are is known when all trials have been seen.
static bool note_trial(void *arg, const struct store_trial *t) {
    struct listing *l = arg;
    struct grid *g = &l->grid;
    if (!l->data) l->data = arena_text(g->arena, t->data);
    l->has_data |= strcmp(l->data, t->data) != 0;
    l->has_seeds |= t->record.seed > 0;
    l->has_repeats |= t->record.repeat > 0;
    l->failed |= t->record.failed;
    for (size_t k = 0; k < t->record.scores.n; k++) {
        const struct score *score = &t->record.scores.at[k];
        size_t c = TRIAL_COLUMNS;
        while (c < g->n_columns && strcmp(l->columns[c].key, score->name) != 0) c++;
        if (!is_main(score) || c < g->n_columns || c == TRIAL_COLUMNS + MOST_METRICS) continue;
        const char *name = arena_text(g->arena, score->name);
        l->columns[g->n_columns++] = (struct grid_column){name, name, true};
    }
    return true;
}

static void set_columns(struct listing *l) {
    const struct grid_column columns[TRIAL_COLUMNS] = {
        [TRIAL_NUMBER] = {"trial", l->inner ? NULL : "trial", true},
        [TRIAL_KEY] = {"key", "key", false},
        [TRIAL_DATA] = {"data", l->has_data ? "data" : NULL, false},
        [TRIAL_LABEL] = {"model", "model", false},
        [TRIAL_SEED] = {"seed", l->has_seeds ? "seed" : NULL, true},
        [TRIAL_REPEAT] = {"repeat", l->has_repeats ? "repeat" : NULL, true},
        [TRIAL_FOLD] = {"fold", "fold", true},
        [TRIAL_INNER] = {"inner", l->inner ? "inner" : NULL, true},
        [TRIAL_CANDIDATE] = {"candidate", l->inner ? "candidate" : NULL, true},
        [TRIAL_SHARE] = {"share", NULL, true},
        [TRIAL_PARAMETERS] = {"parameters", NULL, false},
        [TRIAL_SECONDS] = {"seconds", "seconds", true},
        [TRIAL_MEMORY] = {"memory_bytes", NULL, true},
        [TRIAL_FAILURE] = {"failure", l->failed ? "failure" : NULL, false},
        [TRIAL_CAUSE] = {"cause", l->failed ? "cause" : NULL, false},
    };
    memcpy(l->columns, columns, sizeof columns);
}

static const char *exact(double value, struct arena *a) {
    char text[32];
    wording_exact(text, value);
    return arena_text(a, text);
}

static bool add_trial(void *arg, const struct store_trial *t) {
    struct listing *l = arg;
    struct grid *g = &l->grid;
    struct arena *a = g->arena;
    const struct trial_record *r = &t->record;
    const char **cells = grid_add(g);
    l->no_memory = !cells;
    if (!cells) return false;
    cells[TRIAL_NUMBER] = arena_printf(a, "%u", r->number);
    cells[TRIAL_KEY] = arena_text(a, t->key.hex);
    cells[TRIAL_DATA] = arena_text(a, t->data);
    cells[TRIAL_LABEL] = arena_text(a, t->label);
    cells[TRIAL_SEED] = arena_printf(a, "%u", r->seed + 1);
    cells[TRIAL_REPEAT] = arena_printf(a, "%u", r->repeat + 1);
    cells[TRIAL_FOLD] = arena_printf(a, "%u", r->fold);
    cells[TRIAL_INNER] = arena_printf(a, "%u", r->inner);
    const bool searched = r->inner && r->candidate != CANDIDATE_NONE;
    cells[TRIAL_CANDIDATE] = searched ? arena_printf(a, "%u", r->candidate) : NULL;
    cells[TRIAL_SHARE] = exact(t->share, a);
    cells[TRIAL_PARAMETERS] = t->parameters ? arena_text(a, t->parameters) : NULL;
    cells[TRIAL_SECONDS] = arena_printf(a, "%.3f", r->cost.fit_seconds + r->cost.predict_seconds);
    cells[TRIAL_MEMORY] = arena_printf(a, "%llu", (unsigned long long)r->cost.memory);
    if (r->failed) {
        cells[TRIAL_FAILURE] = failure_name[r->failure];
        cells[TRIAL_CAUSE] = r->cause ? arena_text(a, r->cause) : NULL;
    }
    for (size_t c = TRIAL_COLUMNS; c < g->n_columns; c++) {
        const double value = scores_get(&r->scores, SLICE_ALL, l->columns[c].key);
        if (!isnan(value)) cells[c] = exact(value, a);
    }
    return true;
}

// For people, scores have as many places as tables, and the key is cut.
static void shorten(struct listing *l) {
    struct grid *g = &l->grid;
    for (size_t row = 0; row < g->n_rows; row++) {
        const char **cells = &g->cells[row * g->n_columns];
        cells[TRIAL_KEY] = arena_printf(g->arena, "%.10s", cells[TRIAL_KEY]);
        for (size_t c = TRIAL_COLUMNS; c < g->n_columns; c++)
            if (cells[c]) cells[c] = arena_printf(g->arena, "%.4f", strtod(cells[c], NULL));
    }
}

static struct store_filter filter_of(const struct arguments *a) {
    return (struct store_filter){.data = a->data,
        .label = a->model,
        .key = a->key,
        .fold = (uint32_t)a->fold,
        .which = a->key     ? STORE_BOTH
                 : a->inner ? STORE_INNER
                            : STORE_OUTER,
        .failed = a->failed,
        .own_rows = true,
        .scores = true};
}

// What the latest run warned of, below its trials.
static bool print_warnings(struct store *s, struct arena *a, struct error *e) {
    const char *const *texts;
    size_t n;
    if (!store_warnings(s, 0, a, &texts, &n, e)) return false;
    for (size_t k = 0; k < n; k++)
        printf("%swarning: %s\n", k ? "" : "\n", wording_clean(a, texts[k]));
    return true;
}

int show_trials(struct store *s, const struct arguments *a) {
    struct arena arena = {0};
    struct error e = {0};
    struct listing l = {.inner = a->inner, .grid = {.arena = &arena, .n_columns = TRIAL_COLUMNS}};
    l.grid.columns = l.columns;
    set_columns(&l); // keys, which those of metrics are told from
    const struct store_filter filter = filter_of(a);
    bool ok = store_trials(s, &filter, note_trial, &l, &e);
    set_columns(&l);
    ok = ok && store_trials(s, &filter, add_trial, &l, &e);
    if (ok && l.no_memory) ok = error_memory(&e, sizeof l, "trials");
    const bool people = !a->format || strcmp(a->format, "table") == 0;
    if (people) shorten(&l);
    if (ok && people && l.grid.n_rows == 0)
        log_info("there are no such trials");
    else
        ok = ok && grid_print(&l.grid, a->format, stdout, &e) &&
             (!people || print_warnings(s, &arena, &e));
    grid_done(&l.grid);
    arena_done(&arena);
    return ok ? EXIT_DONE : refuse(&e);
}

// ---- One trial ---------------------------------------------------------------------------------

struct wanted {
    const struct arguments *arguments;
    char key[33]; // of the one that was found
    bool ambiguous;
    json_t *json; // NULL: print it
    size_t n;
};

static void print_text(const char *title, const char *text) {
    if (text && *text) printf("%-11s%s\n", title, text);
}

// The log's lines, indented; they are printable already.
static void print_log(const char *log) {
    if (!log || !*log) return;
    puts("printed");
    while (*log) {
        const size_t n = strcspn(log, "\n");
        printf("    %.*s\n", (int)n, log);
        log += n + (log[n] == '\n');
    }
}

static void print_scores(const struct scores *s) {
    for (size_t k = 0; k < s->n; k++) {
        char value[32];
        wording_exact(value, s->at[k].value);
        if (k == 0 || s->at[k].slice != s->at[k - 1].slice)
            printf("scores     %s rows\n", slice_name[s->at[k].slice]);
        printf("    %-24s %s\n", s->at[k].name, *value ? value : "-");
    }
}

// Of a blend, whose members the configuration names.
static void print_weights(const struct trial_record *t) {
    fputs("weights    ", stdout);
    for (size_t k = 0; !isnan(blend_weight(t, k)); k++)
        printf("%s%.6g", k ? ", " : "", blend_weight(t, k));
    puts(" of its members, in the order of their rows");
}

static void print_trial(const struct store_trial *t) {
    struct arena a = {0};
    const struct trial_record *r = &t->record;
    printf("trial      %u of run %lld\n", r->number, (long long)t->run);
    print_text("model", wording_clean(&a, t->label));
    print_text("data", wording_clean(&a, t->data));
    printf("place      seed %u, repeat %u, fold %u", r->seed + 1, r->repeat + 1, r->fold);
    if (r->inner) printf(", inner fold %u", r->inner);
    if (r->inner && r->candidate != CANDIDATE_NONE) printf(", candidate %u", r->candidate);
    puts(t->winner ? "; by parameters chosen on inner folds" : "");
    if (t->share < 1) printf("trained on %.4g of the training rows\n", t->share);
    print_text("key", t->key.hex);
    print_text("plugin", t->plugin);
    print_text("parameters", t->parameters);
    printf("costs      fit %s, predict %s, %s of memory\n",
        wording_seconds(&a, r->cost.fit_seconds), wording_seconds(&a, r->cost.predict_seconds),
        wording_bytes(&a, (double)r->cost.memory));
    print_text("answers", t->predictions);
    if (r->failed) {
        print_text("failure", failure_name[r->failure]);
        print_text("cause", r->cause ? wording_clean(&a, r->cause) : NULL);
    }
    if (!isnan(blend_weight(r, 0)))
        print_weights(r);
    else if (r->n_curve)
        printf("curves     %zu points, in curves.csv and the store\n", r->n_curve);
    print_scores(&r->scores);
    print_log(r->log);
    arena_done(&a);
}

static json_t *scores_json(const struct scores *s) {
    json_t *out = json_object();
    for (size_t k = 0; k < s->n; k++) {
        const char *slice = slice_name[s->at[k].slice];
        const double value = s->at[k].value;
        if (!json_object_get(out, slice)) json_object_set_new(out, slice, json_object());
        json_object_set_new(json_object_get(out, slice), s->at[k].name,
            isfinite(value) ? json_real(value) : json_null());
    }
    return out;
}

static json_t *trial_json(const struct store_trial *t) {
    const struct trial_record *r = &t->record;
    json_t *parameters = t->parameters ? json_loads(t->parameters, 0, NULL) : NULL;
    return json_pack("{s:i, s:I, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:f, s:b, s:s?, s:o?, "
                     "s:f, s:f, s:I, s:b, s:s?, s:s?, s:s?, s:s?, s:o}",
        "trial", (int)r->number, "run", (json_int_t)t->run, "key", t->key.hex, "data", t->data,
        "model", t->label, "seed", (int)r->seed + 1, "repeat", (int)r->repeat + 1, "fold",
        (int)r->fold, "inner", (int)r->inner, "candidate", (int)r->candidate, "share", t->share,
        "winner", t->winner, "plugin", t->plugin, "parameters", parameters, "fit_seconds",
        r->cost.fit_seconds, "predict_seconds", r->cost.predict_seconds, "memory_bytes",
        (json_int_t)r->cost.memory, "failed", r->failed, "failure",
        r->failed ? failure_name[r->failure] : NULL, "cause", r->failed ? r->cause : NULL, "log",
        r->log, "predictions", t->predictions, "scores", scores_json(&r->scores));
}

static bool take_trial(void *arg, const struct store_trial *t) {
    struct wanted *w = arg;
    const struct arguments *a = w->arguments;
    if (a->trial && (int64_t)t->record.number != a->trial) return true;
    if (w->n++ > 0) {
        w->ambiguous |= strcmp(w->key, t->key.hex) != 0;
        return !w->ambiguous; // the same trial at other places of the run
    }
    memcpy(w->key, t->key.hex, sizeof w->key);
    if (a->format && strcmp(a->format, "json") == 0)
        w->json = trial_json(t);
    else
        print_trial(t);
    return true;
}

int show_trial(struct store *s, const struct arguments *a) {
    struct error e = {0};
    struct wanted w = {.arguments = a};
    const struct store_filter filter = filter_of(a);
    bool ok = store_trials(s, &filter, take_trial, &w, &e);
    if (ok && w.n == 0)
        ok = a->key
                 ? error_set(&e, "no trial of the latest run has a key that begins with %s", a->key)
                 : error_set(&e, "the latest run has no trial %lld%s", (long long)a->trial,
                       a->inner ? " on inner folds" : "; those on inner folds: --inner");
    if (w.json) {
        json_dumpf(w.json, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
        putchar('\n');
    }
    json_decref(w.json);
    if (!ok) return refuse(&e);
    if (w.ambiguous) log_warning("other trials have keys that begin with %s, too", a->key);
    return EXIT_DONE;
}
