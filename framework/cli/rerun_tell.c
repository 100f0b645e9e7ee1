#include "cli/rerun_tell.h"

#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/grid.h"
#include "experiment/scan.h"
#include "report/wording.h"

static const char SCORES[] = "scores.csv";

bool rerun_wants(const char *name) {
    return strcmp(name, "experiment.cfg") == 0 || strcmp(name, "provenance.json") == 0 ||
           strcmp(name, SCORES) == 0;
}

enum told_column { WHAT, THEN, NOW, IS, COLUMNS_TOLD };
static const struct grid_column columns[COLUMNS_TOLD] = {[WHAT] = {"what", "what", false},
    [THEN] = {"then", "in the bundle", false},
    [NOW] = {"now", "run again", false},
    [IS] = {"is", "", false}};

struct telling {
    struct arena arena;
    struct grid grid;
    const struct bundle *bundle;
    const char *folder;
    json_t *then, *now; // provenance
    bool same;          // data and results, so far
    bool failed;        // out of memory
};

// `counts`: whether a difference is one of data or results.
static void tell(
    struct telling *t, const char *what, const char *then, const char *now, bool counts) {
    const char **cells = grid_add(&t->grid);
    if (!cells) {
        t->failed = true;
        return;
    }
    const bool same = then && now && strcmp(then, now) == 0;
    cells[WHAT] = arena_text(&t->arena, what);
    cells[THEN] = then ? arena_printf(&t->arena, "%.16s", then) : "none";
    cells[NOW] = now ? arena_printf(&t->arena, "%.16s", now) : "none";
    cells[IS] = same ? "equal" : "differs";
    if (!same && counts) t->same = false;
}

// ---- What it rests on --------------------------------------------------------------------------

static const char *text_at(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

// The element of a list whose `key` has that value.
static const json_t *find(const json_t *list, const char *key, const char *value) {
    const json_t *one;
    size_t k;
    json_array_foreach((json_t *)list, k, one) {
        const char *own = text_at(one, key);
        if (own && value && strcmp(own, value) == 0) return one;
    }
    return NULL;
}

static void tell_data(struct telling *t) {
    const json_t *one;
    size_t k;
    json_array_foreach(json_object_get(t->then, "data"), k, one) {
        const char *name = text_at(one, "name");
        const json_t *now = find(json_object_get(t->now, "data"), "name", name);
        tell(t, arena_printf(&t->arena, "data %s", name ? name : ""), text_at(one, "hash"),
            text_at(now, "hash"), true);
    }
}

static bool is_told(const struct telling *t, const char *what) {
    for (size_t k = 0; k < t->grid.n_rows; k++)
        if (strcmp(t->grid.cells[k * COLUMNS_TOLD + WHAT], what) == 0) return true;
    return false;
}

static void tell_plugins(struct telling *t) {
    const json_t *one;
    size_t k;
    json_array_foreach(json_object_get(t->then, "models"), k, one) {
        const json_t *now = find(json_object_get(t->now, "models"), "label", text_at(one, "label"));
        const char *id = text_at(one, "plugin"), *version = text_at(one, "version");
        const char *what = arena_printf(&t->arena, "plugin %s", id ? id : "");
        if (is_told(t, what)) continue;
        const char *other = text_at(now, "version");
        tell(t, what, text_at(one, "hash"), text_at(now, "hash"), false);
        if (version && other && strcmp(version, other) != 0)
            tell(t, arena_printf(&t->arena, "%s's version", what), version, other, false);
    }
}

static void tell_versions(struct telling *t) {
    static const char *const keys[][2] = {
        {"version", "reckon"}, {"isa", "instruction set"}, {"blas_core", "BLAS core"}};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        const char *then = text_at(t->then, keys[k][0]), *now = text_at(t->now, keys[k][0]);
        if (then || now) tell(t, keys[k][1], then, now, false);
    }
    const char *name;
    json_t *then;
    json_object_foreach(json_object_get(t->then, "libraries"), name, then) {
        const char *now = text_at(json_object_get(t->now, "libraries"), name);
        tell(t, arena_printf(&t->arena, "library %s", name), json_string_value(then), now, false);
    }
}

// ---- Results -----------------------------------------------------------------------------------

// Those without costs in them.
static bool is_compared(const char *name) {
    static const char *const names[] = {SCORES, "curves.csv", "tuning.csv", "failures.csv"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (strcmp(name, names[k]) == 0) return true;
    const size_t n = strlen(name);
    const bool html = n > 5 && strcmp(name + n - 5, ".html") == 0;
    return strncmp(name, "table.", 6) == 0 && !html;
}

static const char *hash_here(struct telling *t, const char *name) {
    char hash[HASH_SIZE];
    const char *path = arena_printf(&t->arena, "%s/%s", t->folder, name);
    return access(path, R_OK) == 0 && hash_file(path, hash, NULL) ? arena_text(&t->arena, hash)
                                                                  : NULL;
}

static int by_text(const void *a, const void *b) {
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

// One hash of all, in whatever order; names are keys of trials, which plugins and machines are part
// of.
static const char *hash_all(struct telling *t, const char **hashes, size_t n) {
    char hash[HASH_SIZE];
    const char *all = "";
    qsort(hashes, n, sizeof *hashes, by_text);
    for (size_t k = 0; k < n; k++) all = arena_printf(&t->arena, "%s%s", all, hashes[k]);
    hash_bytes(all, strlen(all), hash);
    return n ? arena_text(&t->arena, hash) : NULL;
}

static size_t list_predictions(struct telling *t, const char ***names) {
    DIR *folder = opendir(arena_printf(&t->arena, "%s/predictions", t->folder));
    size_t n = 0, room = 0;
    *names = NULL;
    for (const struct dirent *d; folder && (d = readdir(folder));) {
        if (*d->d_name == '.') continue;
        if (n == room) {
            room = room ? 2 * room : 64;
            const char **more = arena_alloc(&t->arena, room * sizeof *more);
            if (!more) break;
            if (n) memcpy(more, *names, n * sizeof *more);
            *names = more;
        }
        (*names)[n++] = arena_printf(&t->arena, "predictions/%s", d->d_name);
    }
    if (folder) closedir(folder);
    return n;
}

static void tell_predictions(struct telling *t) {
    const struct bundle *b = t->bundle;
    const char **now, **then = arena_alloc(&t->arena, (b->n + 1) * sizeof *then);
    const size_t n_now = list_predictions(t, &now);
    size_t n_then = 0;
    for (size_t k = 0; then && k < b->n; k++)
        if (strncmp(b->files[k].name, "predictions/", 12) == 0) then[n_then++] = b->files[k].hash;
    if (n_then + n_now == 0) return;
    for (size_t k = 0; k < n_now; k++) {
        const char *hash = hash_here(t, now[k]);
        now[k] = hash ? hash : "";
    }
    tell(t, arena_printf(&t->arena, "predictions, %zu files", n_then), hash_all(t, then, n_then),
        hash_all(t, now, n_now), true);
}

static void tell_results(struct telling *t) {
    static const char *const may_be[] = {"curves.csv", "tuning.csv", "failures.csv"};
    for (size_t k = 0; k < t->bundle->n; k++) {
        const struct bundle_file *f = &t->bundle->files[k];
        if (is_compared(f->name)) tell(t, f->name, f->hash, hash_here(t, f->name), true);
    }
    for (size_t k = 0; k < sizeof may_be / sizeof *may_be; k++) {
        const char *now = bundle_find(t->bundle, may_be[k]) ? NULL : hash_here(t, may_be[k]);
        if (now) tell(t, may_be[k], NULL, now, true);
    }
    tell_predictions(t);
}

// ---- How far scores differ ---------------------------------------------------------------------

// A line of scores.csv: all but the last field, which is the value.
struct score_line {
    const char *key, *metric;
    double value;
};

static int by_key(const void *a, const void *b) {
    const struct score_line *x = a, *y = b;
    return strcmp(x->key, y->key);
}

// Cuts the text into its lines, sorted; in the arena. NULL: out of memory.
static struct score_line *cut(struct arena *a, const char *text, size_t *n) {
    char *copy = arena_text(a, text);
    size_t room = 1;
    for (const char *c = copy; *c; c++) room += *c == '\n';
    struct score_line *lines = arena_alloc(a, room * sizeof *lines);
    *n = 0;
    char *rest = copy;
    for (char *line; lines && (line = strsep(&rest, "\n"));) {
        char *comma = strrchr(line, ',');
        if (!comma) continue;
        *comma = '\0';
        const char *metric = strrchr(line, ',');
        lines[(*n)++] = (struct score_line){
            line, metric ? metric + 1 : line, comma[1] ? strtod(comma + 1, NULL) : NAN};
    }
    if (lines && *n) qsort(lines, *n, sizeof *lines, by_key);
    return lines;
}

static double distance(double a, double b) {
    if (isnan(a) && isnan(b)) return 0;
    return isnan(a) || isnan(b) ? INFINITY : fabs(a - b);
}

// "rmse by at most 0.0012"; one line for each metric that differs.
static void print_worst(
    const struct score_line *then, const double *far, size_t n, struct arena *a, FILE *out) {
    for (size_t k = 0; k < n; k++) {
        bool first = true;
        double most = 0;
        for (size_t j = 0; j < n; j++) {
            if (strcmp(then[j].metric, then[k].metric) != 0) continue;
            if (j < k) first = false;
            if (far[j] > most) most = far[j];
        }
        if (first && most > 0)
            fprintf(out, "%s: %s differs by at most %.3g\n", SCORES,
                wording_clean(a, then[k].metric), most);
    }
}

static bool tell_scores(struct telling *t, FILE *out, struct error *e) {
    struct arena *a = &t->arena;
    const struct bundle_file *old = bundle_find(t->bundle, SCORES);
    char *text;
    size_t size, n_then, n_now, differ = 0, alone = 0;
    const char *path = arena_printf(a, "%s/%s", t->folder, SCORES);
    if (!old || !old->bytes || !scan_read_file(a, path, &text, &size, e)) return old == NULL;
    if (strcmp(text, old->bytes) == 0) return true;
    const struct score_line *then = cut(a, old->bytes, &n_then), *now = cut(a, text, &n_now);
    double *far = arena_alloc(a, (n_then + 1) * sizeof *far);
    if (!then || !now || !far) return error_memory(e, n_then * sizeof *far, SCORES);
    for (size_t k = 0; k < n_then; k++) {
        const struct score_line *same =
            n_now ? bsearch(&then[k], now, n_now, sizeof *now, by_key) : NULL;
        alone += !same;
        far[k] = same ? distance(then[k].value, same->value) : 0;
        differ += far[k] > 0;
    }
    alone += n_now - (n_then - alone); // of either
    fprintf(out, "%s: %zu of %zu numbers differ\n", SCORES, differ, n_then ? n_then - 1 : 0);
    if (alone) fprintf(out, "%s: %zu lines are in one of them alone\n", SCORES, alone);
    print_worst(then, far, n_then, a, out);
    return true;
}

// ---- All of it ---------------------------------------------------------------------------------

static bool load(struct telling *t, struct error *e) {
    char *text;
    size_t n;
    const struct bundle_file *then = bundle_find(t->bundle, "provenance.json");
    const char *path = arena_printf(&t->arena, "%s/provenance.json", t->folder);
    if (!scan_read_file(&t->arena, path, &text, &n, e)) return false;
    t->then = then && then->bytes ? json_loads(then->bytes, 0, NULL) : NULL;
    t->now = json_loads(text, 0, NULL);
    return (t->then && t->now) || error_set(e, "provenance.json: is no JSON");
}

bool rerun_tell(const struct bundle *b, const char *folder, const char *plan_hash, bool *same,
    FILE *out, struct error *e) {
    struct telling t = {.bundle = b, .folder = folder, .same = true};
    t.grid = (struct grid){.arena = &t.arena, .columns = columns, .n_columns = COLUMNS_TOLD};
    bool ok = load(&t, e);
    if (ok) {
        tell(&t, "experiment", b->plan_hash, plan_hash, false);
        tell_data(&t);
        tell_plugins(&t);
        tell_versions(&t);
        tell_results(&t);
        ok = !t.failed || error_memory(e, sizeof t, "a table");
    }
    if (ok) fputc('\n', out);
    ok = ok && grid_print(&t.grid, "table", out, e);
    if (ok) fputc('\n', out);
    ok = ok && tell_scores(&t, out, e);
    *same = t.same;
    json_decref(t.then);
    json_decref(t.now);
    grid_done(&t.grid);
    arena_done(&t.arena);
    return ok;
}
