// grid: every combination of the lists' values and of the steps of ranges, the last parameter
// fastest; the default comes first, and once.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search/searching.h"
#include "search/space.h"

enum { MESSAGE = 512 };

struct grid {
    struct search base;
    struct space_walk walk;
};

// "rank 5 x lambda 12"
static void write_sizes(const struct space_walk *w, char *text, size_t size) {
    size_t used = 0;
    for (size_t d = 0; d < w->space->n && used < size; d++)
        used += (size_t)snprintf(text + used, size - used, "%s%s %u", d ? " x " : "",
            w->space->dims[d].name, (unsigned)w->n[d]);
}

static bool has_steps(const struct search_job *job, struct error *e) {
    for (size_t d = 0; d < job->space->n; d++) {
        const struct search_dim *dim = &job->space->dims[d];
        if (dim->n > 0 || dim->steps > 0 || space_count(dim) == 1) continue;
        return error_set(e,
            "a grid needs to know how many points to take of %s's range: write \"%.10g..%.10g%s "
            "7\"",
            dim->name, dim->min, dim->max, dim->log ? " log" : "");
    }
    return true;
}

static bool judge(const struct search_job *job, struct error *e) {
    if (!search_sound(job, e) || !has_steps(job, e)) return false;
    struct space_walk w;
    if (!space_walk_init(&w, job->space, true, e)) return false;
    double *def = calloc(job->space->n, sizeof *def);
    if (def) space_default(job->space, def);
    uint32_t n = 0;
    bool has_default = false;
    while (def && n <= SEARCH_TRIALS_MAX && space_walk_next(&w)) {
        n++;
        bool same = true;
        for (size_t d = 0; same && d < job->space->n; d++)
            same = w.at[d] == def[d] || (isnan(w.at[d]) && isnan(def[d]));
        has_default = has_default || same;
    }
    char sizes[MESSAGE];
    write_sizes(&w, sizes, sizeof sizes);
    bool ok = def != NULL;
    if (!def) {
        error_memory(e, job->space->n * sizeof *def, "the default");
    } else if (n + !has_default > job->trials) {
        ok = error_set(e,
            "a grid of %s%u configurations (%s)%s is more than trials = %u; raise trials, or "
            "search = { method = \"random\"; ... }",
            n > SEARCH_TRIALS_MAX ? "more than " : "",
            (unsigned)(n > SEARCH_TRIALS_MAX ? SEARCH_TRIALS_MAX : n), sizes,
            has_default ? "" : " and the default", (unsigned)job->trials);
    }
    free(def);
    space_walk_done(&w);
    return ok;
}

static void propose(struct search *s) {
    struct grid *g = (struct grid *)s;
    if (!s->told[0]) search_again(s, 0, 1);
    while (s->n_batch < search_batch(&s->job) && s->n < s->capacity && space_walk_next(&g->walk))
        search_add(s, g->walk.at, 1);
}

static void done(struct search *s) {
    space_walk_done(&((struct grid *)s)->walk);
}

static struct search *begin(const struct search_job *job, struct error *e) {
    struct grid *g = calloc(1, sizeof *g);
    if (!g) {
        error_memory(e, sizeof *g, "a search");
        return NULL;
    }
    if (search_init(&g->base, job, job->trials, propose, done, e) &&
        space_walk_init(&g->walk, job->space, true, e))
        return &g->base;
    search_end(&g->base);
    return NULL;
}

REGISTRY_ADD(search_method, grid) = {
    .id = "grid",
    .doc = "every combination of the listed values and of the steps of ranges",
    .has_steps = true,
    .judge = judge,
    .begin = begin,
};
